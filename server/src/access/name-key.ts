/** What two user names must differ in. */

/** NFKC and lower case: 'Anna' and 'ａnna' are the same person. */
export function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

/** Which of two versions of the agent is the older one; pure. */

/** By major, minor and patch alone. What was built from the same of these is neither older nor newer, and so is what has no such numbers. */
export function isOlder(version: string, than: string): boolean {
  const [own, other] = [numbersOf(version), numbersOf(than)];
  const at = own.findIndex((number, i) => number !== other[i]);
  return own.length === other.length && at !== -1 && (own[at] ?? 0) < (other[at] ?? 0);
}

function numbersOf(version: string): number[] {
  return /^(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? [];
}

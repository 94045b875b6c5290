/** MachinePage. */
export function MachinePage() {
  return null;
}

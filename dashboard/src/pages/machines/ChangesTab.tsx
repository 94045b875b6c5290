/** ChangesTab. */
export function ChangesTab() {
  return null;
}

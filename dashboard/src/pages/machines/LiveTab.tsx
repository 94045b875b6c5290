/** LiveTab. */
export function LiveTab() {
  return null;
}

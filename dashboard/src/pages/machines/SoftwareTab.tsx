/** SoftwareTab. */
export function SoftwareTab() {
  return null;
}

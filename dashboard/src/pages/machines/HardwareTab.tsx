/** HardwareTab. */
export function HardwareTab() {
  return null;
}

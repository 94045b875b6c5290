/** AvailabilityTab. */
export function AvailabilityTab() {
  return null;
}

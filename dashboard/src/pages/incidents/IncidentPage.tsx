/** IncidentPage. */
export function IncidentPage() {
  return null;
}

/** IncidentsPage. */
export function IncidentsPage() {
  return null;
}

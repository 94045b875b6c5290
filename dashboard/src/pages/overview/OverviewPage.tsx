/** OverviewPage. */
export function OverviewPage() {
  return null;
}

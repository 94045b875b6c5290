/** RulesPage. */
export function RulesPage() {
  return null;
}

/** AgentsPage. */
export function AgentsPage() {
  return null;
}

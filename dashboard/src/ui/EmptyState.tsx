/** Nothing to show, and why: one sentence, at most one action, no illustration. */
export function EmptyState({ children, action }: { children: React.ReactNode; action?: React.ReactNode }) {
  return (
    <div className="flex min-h-24 flex-col items-center justify-center gap-3 px-4 py-8 text-center text-text-2">
      <p>{children}</p>
      {action}
    </div>
  );
}

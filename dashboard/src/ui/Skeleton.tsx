/** Place holders with the final geometry; nothing is drawn for the first 200 ms. */
import { useT } from '../i18n/i18n.ts';
import { cx } from './cx.ts';

export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden="true" className={cx('skeleton appear-late block', className)} />;
}

/** Rows of a table or list to come. */
export function SkeletonRows({ rows, className }: { rows: number; className?: string }) {
  const t = useT();
  return (
    <div role="status" aria-label={t('ui.loading')} className={className}>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="flex h-(--row) items-center gap-4 border-t border-line px-4">
          <Skeleton className="h-3 w-16" />
          <Skeleton className={cx('h-3', row % 3 === 0 ? 'w-40' : row % 3 === 1 ? 'w-32' : 'w-48')} />
          <Skeleton className="ml-auto h-3 w-20" />
        </div>
      ))}
    </div>
  );
}

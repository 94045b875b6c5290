/** The page of a machine before it is known which: the boxes that its tab fills, in their size. */
import { useT } from '../../i18n/i18n.ts';
import { Skeleton, SkeletonRows } from '../../ui/Skeleton.tsx';

const CHARTS = 6;
/** Head, drawing and legend. */
const CHART_CARD = 'card h-[254px] p-4';
const RAIL = ['h-[173px]', 'h-[77px]', 'h-[264px]'] as const;

export function TabToCome({ live }: { live: boolean }) {
  const t = useT();
  if (!live) return <SkeletonRows rows={8} className="card appear-late overflow-clip pt-11" />;
  return (
    <div
      role="status"
      aria-label={t('ui.loading')}
      className="appear-late grid items-start gap-4 desk:grid-cols-[minmax(0,1fr)_var(--rail)]"
    >
      <div className="grid min-w-0 gap-4">
        <div className="h-[72px]">
          <Skeleton className="h-(--control) w-[min(640px,100%)]" />
          <Skeleton className="mt-4 h-4 w-64" />
        </div>
        <div className="grid gap-4 tablet:grid-cols-2">
          {Array.from({ length: CHARTS }, (_, index) => (
            <div key={index} className={CHART_CARD}>
              <Skeleton className="h-5 w-32" />
              <Skeleton className="mt-4 h-[176px]" />
            </div>
          ))}
        </div>
      </div>
      <div className="grid min-w-0 gap-4">
        {RAIL.map((height) => (
          <div key={height} className={`card p-4 ${height}`}>
            <Skeleton className="h-5 w-32" />
          </div>
        ))}
      </div>
    </div>
  );
}

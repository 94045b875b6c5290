/** A log that is read page by page: its lines, what stands there while there are none, and the way to older ones. */
import { useLanguage } from '../../i18n/i18n.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { MorePages, type MorePagesProps } from '../../ui/MorePages.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import type { StateLook } from '../../ui/states.ts';
import { useNow } from '../../util/clock.ts';
import { dateTimeText, millis, recordTime } from '../../util/time.ts';

export interface LogListProps<Entry> {
  readonly pages: MorePagesProps['pages'];
  /** undefined: not read yet. */
  readonly entries: readonly Entry[] | undefined;
  readonly empty: string;
  /** Of the button that reads more. */
  readonly older: string;
  readonly children: (entry: Entry) => React.ReactNode;
}

export function LogList<Entry>({ pages, entries, empty, older, children }: LogListProps<Entry>) {
  if (entries === undefined)
    return pages.error ? (
      <div className="px-4">
        <ErrorPanel error={pages.error} retry={() => void pages.refetch()} />
      </div>
    ) : (
      <SkeletonRows rows={4} />
    );
  return (
    <>
      {entries.length === 0 ? <EmptyState>{empty}</EmptyState> : <ul>{entries.map(children)}</ul>}
      <MorePages pages={pages} label={older} />
    </>
  );
}

export interface LogLineProps {
  readonly look: StateLook;
  readonly at: string;
  /** Where it went or came from. */
  readonly aside: React.ReactNode;
  readonly children: React.ReactNode;
}

export function LogLine({ look, at, aside, children }: LogLineProps) {
  const language = useLanguage();
  const now = useNow(10_000);
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-0.5 border-t border-line px-4 py-2 tablet:grid-cols-[112px_120px_minmax(0,1fr)_minmax(0,auto)]">
      <span className="max-tablet:row-start-2 max-tablet:text-12">
        <StatusBadge look={look} />
      </span>
      <time
        dateTime={at}
        title={dateTimeText(millis(at), language)}
        className="whitespace-nowrap text-text-3 max-tablet:col-start-2 max-tablet:row-start-2 max-tablet:text-right max-tablet:text-12"
      >
        {recordTime(millis(at), now, language)}
      </time>
      <span className="min-w-0 max-tablet:col-span-2 max-tablet:row-start-1">{children}</span>
      <span className="min-w-0 text-12 break-words text-text-3 max-tablet:col-span-2 tablet:text-right">
        {aside}
      </span>
    </li>
  );
}

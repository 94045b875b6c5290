/** The machine as it was at the end of a day: what was different; everything else was as it is now. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { HistoryEntry } from '@muster/shared/api/cmdb.ts';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { MINUTE_MS, toIso, type Millis } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { changedClass, changeIcon } from '../../parts/changes.ts';
import { valueText, valueTitle } from '../../parts/valueWords.ts';
import { buttonClass } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { dateTimeText, millis } from '../../util/time.ts';
import { type Difference, differencesSince } from './differences.ts';

/** Pages of changes read to go back in time; more is said to be too much. */
const PAGES_MAX = 20;

/** Every change since `fromMs`, newest first; `whole` is false where there were too many. */
export async function readChanges(
  id: string,
  fromMs: Millis | null,
  signal?: AbortSignal,
): Promise<{ entries: HistoryEntry[]; whole: boolean }> {
  const entries: HistoryEntry[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const query = { limit: LIST_LIMIT_MAX, cursor, ...(fromMs === null ? {} : { from: toIso(fromMs) }) };
    const answer = await call(ENDPOINTS.ciHistory, { params: { id }, query }, signal);
    entries.push(...answer.items);
    if (answer.nextCursor === null) return { entries, whole: true };
    cursor = answer.nextCursor;
  }
  return { entries, whole: false };
}

const changesSinceQuery = (id: string, fromMs: Millis) =>
  queryOptions({
    queryKey: ['ci', id, 'history', 'since', fromMs],
    queryFn: ({ signal }) => readChanges(id, fromMs, signal),
    staleTime: MINUTE_MS,
  });

export interface ThenCardProps {
  readonly ciId: string;
  readonly bornMs: Millis;
  /** The moment looked at; of today, its end. */
  readonly atMs: Millis;
  readonly nowMs: Millis;
}

export function ThenCard({ ciId, bornMs, atMs, nowMs }: ThenCardProps) {
  const t = useT();
  const language = useLanguage();
  const changes = useQuery(changesSinceQuery(ciId, atMs));
  const title = t('machines.then.title', { time: dateTimeText(Math.min(atMs, nowMs), language, false) });
  if (atMs < bornMs) {
    return (
      <Card title={title}>
        <p>{t('machines.then.before', { time: dateTimeText(bornMs, language, false) })}</p>
      </Card>
    );
  }
  if (changes.data === undefined) {
    return (
      <Card title={title} flush>
        {changes.error ? (
          <div className="px-4">
            <ErrorPanel error={changes.error} retry={() => void changes.refetch()} />
          </div>
        ) : (
          <SkeletonRows rows={3} />
        )}
      </Card>
    );
  }
  const differences = differencesSince(changes.data.entries.filter(({ at }) => millis(at) > atMs));
  return (
    <Card
      title={title}
      note={
        changes.data.whole
          ? t('machines.then.count', { count: differences.length })
          : t('machines.then.tooMany', { count: changes.data.entries.length })
      }
      action={
        <Link
          to="/past/$id"
          params={{ id: ciId }}
          search={{ at: toIso(Math.min(atMs, nowMs)) }}
          className={buttonClass('plain', 'small')}
        >
          {t('history.asOf.whole')}
        </Link>
      }
      flush
    >
      {differences.length === 0 ? (
        <p className="px-4 pb-3.5 text-text-2">{t('machines.then.same')}</p>
      ) : (
        <PlainTable
          label={title}
          head={[
            { id: 'what', label: t('machines.then.what') },
            { id: 'then', label: t('machines.then.then') },
            { id: 'now', label: t('machines.then.now') },
          ]}
        >
          {differences.map((difference) => (
            <Row key={difference.id} difference={difference} />
          ))}
        </PlainTable>
      )}
    </Card>
  );
}

function Row({ difference: { entry, kind, before, after } }: { difference: Difference }) {
  const t = useT();
  const language = useLanguage();
  const text = (value: unknown) =>
    value === null || value === undefined || value === ''
      ? t('machines.changes.nothing')
      : valueText(entry.ciClass, entry.attribute ?? '', value, t, language);
  const about =
    kind === 'value' && entry.attribute !== null && entry.ciClass !== 'Software'
      ? valueTitle(entry.ciClass, entry.attribute, t, language)
      : changedClass(entry, t, language);
  const version = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);
  const there = t('machines.then.there');
  const missing = t('machines.then.missing');
  return (
    <tr>
      <td className="py-1.5">
        <span className="flex items-start gap-2">
          <Icon name={changeIcon(entry)} className="mt-0.5 text-text-3" />
          <span className="min-w-0">
            <span className="font-medium break-words">{entry.ciName}</span>{' '}
            <span className="text-12 text-text-3">{about}</span>
          </span>
        </span>
      </td>
      <td className="py-1.5 break-words">
        {kind === 'value' ? text(before) : kind === 'came' ? missing : (version(before) ?? there)}
      </td>
      <td className="py-1.5 break-words text-text-2">
        {kind === 'value' ? text(after) : kind === 'went' ? missing : (version(after) ?? there)}
      </td>
    </tr>
  );
}

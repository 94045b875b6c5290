/** How far what is recorded of this item can be relied on: the score, and each value that takes from it, with its reason. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { AccuracyNote } from '@muster/shared/api/history.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import type { z } from 'zod';
import { call } from '../../api/client.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { valueText, valueTitle } from '../../parts/valueWords.ts';
import { Card } from '../../ui/Card.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { dateTimeText, millis } from '../../util/time.ts';

type Note = z.infer<typeof AccuracyNote>;

const ciAccuracyQuery = (id: string) =>
  queryOptions({
    queryKey: ['history', 'accuracy', 'ci', id],
    queryFn: ({ signal }) => call(ENDPOINTS.ciAccuracy, { params: { id } }, signal),
    staleTime: MINUTE_MS,
  });

export function AccuracyCard({ ci }: { ci: CiDetail }) {
  const t = useT();
  const language = useLanguage();
  const answer = useQuery(ciAccuracyQuery(ci.id));
  const { data, error } = answer;
  return (
    <Card
      title={t('history.accuracy.title')}
      note={data && t('history.accuracy.ofCounted', { score: data.score, count: data.counted })}
    >
      {data === undefined ? (
        error ? (
          <ErrorPanel error={error} retry={() => void answer.refetch()} />
        ) : (
          <SkeletonRows rows={3} />
        )
      ) : (
        <>
          {data.notes.length === 0 ? (
            <p className="text-text-2">{t('history.accuracy.faultless')}</p>
          ) : (
            <ul className="grid gap-1">
              {data.notes.map((note) => (
                <li key={note.attribute} className="[overflow-wrap:anywhere]">
                  <span className="font-medium">{valueTitle(ci.class, note.attribute, t, language)}</span>{' '}
                  <span className="text-text-2">
                    <Reason of={note} ciClass={ci.class} />
                  </span>
                </li>
              ))}
            </ul>
          )}
          <p className="mt-2 text-12 leading-prose text-text-3">{t('history.accuracy.how')}</p>
        </>
      )}
    </Card>
  );
}

function Reason({
  of: { attribute, flaw, value, observed, confirmedAt },
  ciClass,
}: {
  of: Note;
  ciClass: string;
}) {
  const t = useT();
  const language = useLanguage();
  const text = (each: unknown) => valueText(ciClass, attribute, each, t, language);
  switch (flaw) {
    case 'missing':
      return t('history.accuracy.noteMissing');
    case 'stale':
      return t('history.accuracy.noteStale', {
        time: confirmedAt === null ? '' : dateTimeText(millis(confirmedAt), language, false),
      });
    case 'disagrees':
      return t('history.accuracy.noteDisagrees', { value: text(value), observed: text(observed) });
  }
}

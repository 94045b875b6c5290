/** One configuration item as it was at a moment: attributes, parts, software, relations; and the way to bring values back. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { PastAttribute, PastCi } from '@muster/shared/api/history.ts';
import { roleHas } from '@muster/shared/api/rights.ts';
import { CI_CLASSES } from '@muster/shared/cmdb/classes.ts';
import { RELATION_TYPES, type RelationTypeName } from '@muster/shared/cmdb/relation-types.ts';
import { ciQuery } from '../../api/queries.ts';
import { useMe } from '../../app/session.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { isCiClass } from '../../parts/attributes.ts';
import { valueText, valueTitle } from '../../parts/valueWords.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { PrintHeader } from '../../ui/PrintHeader.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { useNow } from '../../util/clock.ts';
import { dateTimeText, millis } from '../../util/time.ts';
import { defaultMoment } from './defaultMoment.ts';
import { MomentField } from './MomentField.tsx';
import { PastBanner } from './PastBanner.tsx';
import { pastCiQuery } from './queries.ts';
import { RestoreDialog } from './RestoreDialog.tsx';

export function PastCiPage() {
  const t = useT();
  const language = useLanguage();
  const { id } = useParams({ from: `/app${'/past/$id'}` });
  const search = useSearch({ from: `/app${'/past/$id'}` });
  const navigate = useNavigate({ from: '/past/$id' });
  const [openedMs] = useState(useNow(60_000));
  const present = useQuery(ciQuery(id));
  const at = search.at ?? defaultMoment(openedMs, present.data?.createdAt);
  // Without a moment of the reader's own, it waits for when the item came.
  const isReady = search.at !== undefined || !present.isPending;
  const past = useQuery({ ...pastCiQuery(id, at), enabled: isReady });
  const [restoring, setRestoring] = useState(false);
  const me = useMe();
  const mayWrite = me !== undefined && roleHas(me.role, 'cis.write');
  const ci = past.data?.ci ?? null;
  const title = ci?.name ?? present.data?.name ?? id;
  usePageTitle(title);
  const time = dateTimeText(millis(at), language, false);
  return (
    <>
      <PrintHeader title={title} purpose={time} source={t('history.print.source')} />
      <h1 className="break-words print:hidden">{title}</h1>
      <PastBanner
        at={at}
        back={
          <Link to="/cis/$id" params={{ id }} className="font-medium underline">
            {t('history.asOf.now')}
          </Link>
        }
      />
      <div className="no-print mt-3 flex flex-wrap items-center gap-2">
        <MomentField
          label={t('history.asOf.at')}
          value={at}
          onChange={(next) => void navigate({ search: { at: next }, replace: true })}
        />
        {mayWrite && ci !== null && (
          <Button className="ml-auto" onClick={() => setRestoring(true)}>
            {t('history.restore.open')}
          </Button>
        )}
      </div>
      {past.data === undefined ? (
        <Card className="mt-3">
          {past.error ? (
            <ErrorPanel error={past.error} retry={() => void past.refetch()} />
          ) : (
            <SkeletonRows rows={10} />
          )}
        </Card>
      ) : ci === null ? (
        <Card className="mt-3">
          <EmptyState>
            {past.data.keptSince !== null && at < past.data.keptSince
              ? t('history.asOf.notKept', {
                  time: dateTimeText(millis(past.data.keptSince), language, false),
                  at: time,
                })
              : t('history.asOf.notThere', { at: time })}
          </EmptyState>
        </Card>
      ) : (
        <State ci={ci} />
      )}
      {restoring && <RestoreDialog id={id} at={at} onClose={() => setRestoring(false)} />}
    </>
  );
}

const FIELDS = [
  'class',
  'lifecycle',
  'criticality',
  'assetNumber',
  'owner',
  'supportGroup',
  'site',
  'tags',
] as const;

function State({ ci }: { ci: PastCi }) {
  const t = useT();
  const words = useWords();
  const classWord = (name: string) => (isCiClass(name) ? words(CI_CLASSES[name].title) : name);
  return (
    <div className="mt-3 grid items-start gap-4 desk:grid-cols-2">
      <Card title={t('history.asOf.attributes')} flush>
        <Attributes ci={ci} />
      </Card>
      <div className="grid gap-4">
        <Card title={t('history.asOf.relations')} flush>
          {ci.relations.length === 0 ? (
            <EmptyState>{t('history.asOf.noRelations')}</EmptyState>
          ) : (
            <ul>
              {ci.relations.map((edge) => (
                <li key={edge.id} className="border-t border-line px-4 py-2 break-words">
                  <span className="font-medium">{edge.fromName}</span>{' '}
                  <span className="text-text-2">{relationWord(edge.type, words)}</span>{' '}
                  <span className="font-medium">{edge.toName}</span>
                </li>
              ))}
            </ul>
          )}
        </Card>
        {ci.parts.length > 0 && (
          <Card title={t('history.asOf.parts')} note={String(ci.parts.length)} flush>
            {ci.parts.map((part) => (
              <details key={part.id} className="border-t border-line">
                <summary className="cursor-pointer px-4 py-2 -outline-offset-2">
                  <span className="font-medium">{part.name}</span>{' '}
                  <span className="text-12 text-text-3">{classWord(part.class)}</span>
                </summary>
                <Values ciClass={part.class} details={part.details} label={part.name} />
              </details>
            ))}
          </Card>
        )}
        {ci.software.length > 0 && (
          <Card title={t('history.asOf.software')} note={String(ci.software.length)} flush>
            <details className="border-t border-line">
              <summary className="cursor-pointer px-4 py-2 -outline-offset-2">
                {t('history.asOf.more')}
              </summary>
              <PlainTable
                label={t('history.asOf.software')}
                head={[
                  { id: 'name', label: t('history.asOf.name') },
                  { id: 'version', label: t('history.asOf.version') },
                ]}
              >
                {ci.software.map((item) => (
                  <tr key={`${item.source} ${item.name} ${item.architecture}`}>
                    <td className="break-words">{item.name}</td>
                    <td className="break-words text-text-2">{item.version}</td>
                  </tr>
                ))}
              </PlainTable>
            </details>
          </Card>
        )}
      </div>
    </div>
  );
}

function relationWord(type: string, words: ReturnType<typeof useWords>): string {
  return Object.hasOwn(RELATION_TYPES, type) ? words(RELATION_TYPES[type as RelationTypeName].title) : type;
}

function Attributes({ ci }: { ci: PastCi }) {
  const t = useT();
  const language = useLanguage();
  return (
    <>
      <PlainTable
        label={t('history.asOf.attributes')}
        head={[
          { id: 'name', label: t('history.asOf.name') },
          { id: 'value', label: t('history.asOf.value') },
        ]}
      >
        {FIELDS.map((name) => (
          <tr key={name}>
            <td className="text-text-2">{valueTitle(ci.class, name, t, language)}</td>
            <td className="[overflow-wrap:anywhere]">{valueText(ci.class, name, ci[name], t, language)}</td>
          </tr>
        ))}
      </PlainTable>
      <Values ciClass={ci.class} details={ci.details} label={ci.name} />
    </>
  );
}

function Values({
  ciClass,
  details,
  label,
}: {
  ciClass: string;
  details: readonly PastAttribute[];
  label: string;
}) {
  const t = useT();
  const language = useLanguage();
  if (details.length === 0) return null;
  return (
    <PlainTable
      label={label}
      head={[
        { id: 'name', label: t('history.asOf.name') },
        { id: 'value', label: t('history.asOf.value') },
        { id: 'source', label: t('history.asOf.source'), className: 'max-tablet:hidden' },
        { id: 'since', label: t('history.asOf.since'), className: 'max-tablet:hidden' },
      ]}
    >
      {details.map(({ name, value, source, observedAt }) => (
        <tr key={name}>
          <td className="text-text-2">{valueTitle(ciClass, name, t, language)}</td>
          <td className="[overflow-wrap:anywhere]">{valueText(ciClass, name, value, t, language)}</td>
          <td className="text-12 text-text-3 max-tablet:hidden">{t(`history.source.${source}`)}</td>
          <td className="text-12 whitespace-nowrap text-text-3 max-tablet:hidden">
            {dateTimeText(millis(observedAt), language, false)}
          </td>
        </tr>
      ))}
    </PlainTable>
  );
}

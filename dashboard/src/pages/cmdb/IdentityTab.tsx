/** Why reports are taken to be of this item: the rule that decided, the keys compared, what was turned down. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { z } from 'zod';
import type { CiDetail, IdentityTrace } from '@muster/shared/api/cmdb.ts';
import { isMachineClass } from '@muster/shared/cmdb/classes.ts';
import type { Key } from '../../i18n/catalogue.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { ForeignSeriesCard } from '../../parts/ForeignSeriesCard.tsx';
import { ReportersCard } from '../../parts/ReportersCard.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import type { GlyphName } from '../../ui/states.ts';
import { dateTimeText, millis } from '../../util/time.ts';
import { partKeyText, rejectedText, ruleKey } from './identityWords.ts';
import { MergesCard, PinsCard, WhoReportsCard } from './IdentityCards.tsx';
import { KeyTable } from './KeyTable.tsx';
import { identityQuery } from './queries.ts';

type Trace = z.infer<typeof IdentityTrace>;

export function IdentityTab({ ci }: { ci: CiDetail }) {
  if (!isMachineClass(ci.class)) return <PartKeys ci={ci} />;
  return (
    <div className="grid gap-4">
      <ReportersCard ciId={ci.id} />
      <ForeignSeriesCard ciId={ci.id} />
      <Traces ci={ci} />
    </div>
  );
}

function Traces({ ci }: { ci: CiDetail }) {
  const t = useT();
  const identity = useQuery(identityQuery(ci.id));
  if (identity.data === undefined) {
    return (
      <Card flush={identity.error === null}>
        {identity.error ? (
          <ErrorPanel error={identity.error} retry={() => void identity.refetch()} />
        ) : (
          <SkeletonRows rows={6} />
        )}
      </Card>
    );
  }
  const { items, reporters, pins, merges, reviewId } = identity.data;
  return (
    <div className="grid gap-4">
      {reviewId !== null && (
        <p
          role="status"
          className="flex flex-wrap gap-x-2 rounded-md bg-planned-weak px-3 py-2 text-planned-fg"
        >
          {t('identity.asked')}
          <Link to="/reviews" hash={reviewId} className="font-medium underline">
            {t('control.toReviews')}
          </Link>
        </p>
      )}
      <WhoReportsCard ci={ci} reporters={reporters} />
      <MergesCard merges={merges} />
      <PinsCard ci={ci} pins={pins} />
      <p className="max-w-[72ch] leading-prose text-text-2">{t('cmdb.identity.about')}</p>
      {items.length === 0 && (
        <Card>
          <EmptyState>{t('cmdb.identity.none')}</EmptyState>
        </Card>
      )}
      {items.map((trace) => (
        <TraceCard key={`${trace.at} ${trace.rule}`} trace={trace} />
      ))}
    </div>
  );
}

const DECISIONS = {
  matched: { word: 'cmdb.identity.decision.matched', glyph: 'tick', tone: 'text-up-fg' },
  created: { word: 'cmdb.identity.decision.created', glyph: 'disc', tone: 'text-text-2' },
  ambiguous: { word: 'cmdb.identity.decision.ambiguous', glyph: 'question', tone: 'text-unknown-fg' },
  contradicted: { word: 'cmdb.identity.decision.contradicted', glyph: 'triangle', tone: 'text-warn-fg' },
} as const satisfies Record<Trace['decision'], { word: Key; glyph: GlyphName; tone: string }>;

function TraceCard({ trace }: { trace: Trace }) {
  const t = useT();
  const language = useLanguage();
  const { word, glyph, tone } = DECISIONS[trace.decision];
  const rule = ruleKey(trace);
  return (
    <Card
      title={
        <span className={cx('flex items-center gap-2', tone)}>
          <Glyph name={glyph} />
          {t(word)}
        </span>
      }
      action={
        <time dateTime={trace.at} className="text-text-3">
          {dateTimeText(millis(trace.at), language)}
        </time>
      }
      flush
    >
      <p className="px-4 pb-3 leading-prose">
        {rule === null ? <span lang="en">{trace.reason}</span> : t(rule)}{' '}
        <span className="text-12 text-text-3">{t('cmdb.identity.rule', { rule: trace.rule })}</span>
      </p>
      {trace.keys.length > 0 && <KeyTable keys={trace.keys} />}
      {trace.rejected.length > 0 && (
        <div className="border-t border-line px-4 py-3">
          <h3 className="text-12 font-medium text-text-2">{t('cmdb.identity.rejected')}</h3>
          <ul className="mt-1 grid gap-1">
            {trace.rejected.map((other) => (
              <li key={other.ciId}>
                <Link to="/cis/$id" params={{ id: other.ciId }} className="font-medium hover:text-accent">
                  {other.ciName}
                </Link>{' '}
                <span className="text-text-2">{rejectedText(other.reason, t, language)}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Card>
  );
}

/** A part is known within its machine by the first of its keys that a report names again. */
function PartKeys({ ci }: { ci: CiDetail }) {
  const t = useT();
  return (
    <Card title={t('cmdb.identity.partTitle', { machine: ci.machine?.name ?? '' })}>
      <ol className="grid gap-1.5">
        {(ci.keys ?? []).map((key, index) => (
          <li key={key} className="flex gap-3">
            <span className="w-4 flex-none text-right text-text-3">{index + 1}</span>
            <span className="min-w-0 break-all">{partKeyText(key, t)}</span>
          </li>
        ))}
      </ol>
    </Card>
  );
}

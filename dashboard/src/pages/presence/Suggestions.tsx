/** Learned hours: what was seen, what would be expected then, and the decision. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { PresenceSuggestion } from '@muster/shared/api/presence.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { AskDialog } from '../../parts/AskDialog.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { TextArea } from '../../ui/Field.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { say } from '../../ui/Toast.tsx';
import { useNow } from '../../util/clock.ts';
import { recordTime } from '../../util/time.ts';
import { Profile } from './Profile.tsx';
import { suggestionsQuery, useDecideSuggestion, useUndoDecision } from './queries.ts';

const REASON_MIN = 3;
const REASON_MAX = 500;
const HOUR_MINUTES = 60;
const NOW_EVERY_MS = 60_000;

type Asked = { readonly suggestion: PresenceSuggestion; readonly what: 'confirm' | 'dismiss' } | null;

export function Suggestions() {
  const t = useT();
  const language = useLanguage();
  const now = useNow(NOW_EVERY_MS);
  const query = useQuery(suggestionsQuery);
  const [asked, setAsked] = useState<Asked>(null);
  const items = query.data?.items ?? [];
  const proposed = items.filter(({ state }) => state === 'proposed');
  const decided = items.filter(({ state }) => state === 'confirmed' || state === 'dismissed');
  const lookedAt = query.data?.lookedAt;
  return (
    <>
      <Card
        title={t('presence.hours.title')}
        note={
          lookedAt
            ? t('presence.hours.lookedAt', { time: recordTime(Date.parse(lookedAt), now, language) })
            : undefined
        }
        flush
      >
        {query.error && !query.data ? (
          <ErrorPanel error={query.error} retry={() => void query.refetch()} />
        ) : !query.data ? (
          <SkeletonRows rows={6} />
        ) : proposed.length === 0 ? (
          <EmptyState>{t(lookedAt ? 'presence.hours.none' : 'presence.hours.notYet')}</EmptyState>
        ) : (
          <ul>
            {proposed.map((one) => (
              <li key={one.id} className="border-t border-line px-4 py-3.5 first:border-t-0">
                <Suggestion suggestion={one} onAsk={(what) => setAsked({ suggestion: one, what })} />
              </li>
            ))}
          </ul>
        )}
      </Card>
      {decided.length > 0 && <Decided items={decided} />}
      {asked?.what === 'confirm' && <Confirm suggestion={asked.suggestion} onClose={() => setAsked(null)} />}
      {asked?.what === 'dismiss' && <Dismiss suggestion={asked.suggestion} onClose={() => setAsked(null)} />}
    </>
  );
}

function Suggestion({
  suggestion,
  onAsk,
}: {
  suggestion: PresenceSuggestion;
  onAsk: (what: 'confirm' | 'dismiss') => void;
}) {
  const t = useT();
  const words = useWords();
  const refusal = useActionRefusal('presence.write');
  const { kind, group, machines, capped, weekMinutesNow, weekMinutesThen } = suggestion;
  const hours = (minutes: number) => Math.round(minutes / HOUR_MINUTES);
  return (
    <div className="grid gap-2.5">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-72">
          <h3 className="text-14 font-semibold">{words(group.title)}</h3>
          <p className="mt-0.5 leading-prose">{words(suggestion.words)}</p>
          {kind !== 'roaming' && (
            <p className="mt-0.5 text-12 text-text-2">
              {t('presence.hours.week', { now: hours(weekMinutesNow), later: hours(weekMinutesThen) })}
            </p>
          )}
          {capped && <p className="mt-0.5 text-12 text-text-2">{t('presence.hours.capped')}</p>}
        </div>
        <div className="flex flex-none gap-2">
          <Button disabledReason={refusal} onClick={() => onAsk('confirm')}>
            {t('presence.hours.confirm')}
          </Button>
          <Button disabledReason={refusal} onClick={() => onAsk('dismiss')}>
            {t('presence.hours.dismiss')}
          </Button>
        </div>
      </div>
      <Profile profile={suggestion.profile} hours={suggestion.hours} label={words(suggestion.words)} />
      <details className="text-12">
        <summary className="w-fit cursor-pointer text-text-2 coarse:min-h-11">
          {t('presence.hours.machines', { count: machines.length })}
        </summary>
        <ul className="mt-1.5 flex max-h-48 flex-wrap gap-x-3 gap-y-1 overflow-y-auto">
          {machines.map(({ id, name }) => (
            <li key={id}>
              <Link to="/machines/$id" params={{ id }} className="link">
                {name}
              </Link>
            </li>
          ))}
        </ul>
      </details>
    </div>
  );
}

function Confirm({ suggestion, onClose }: { suggestion: PresenceSuggestion; onClose: () => void }) {
  const t = useT();
  const decide = useDecideSuggestion();
  const undo = useUndoDecision();
  const { id, kind, group, machines } = suggestion;
  const whole = group.whole && group.locationId === null && kind === 'hours';
  return (
    <AskDialog
      title={t('presence.confirm.title')}
      text={t(`presence.confirm.${whole ? 'wholeClass' : kind}`, { count: machines.length })}
      button={t('presence.hours.confirm')}
      right="presence.write"
      state={decide}
      onClose={onClose}
      onSubmit={() =>
        decide.mutate(
          { id, reason: null },
          {
            onSuccess: () => {
              say(t('presence.confirm.done'), { label: t('ui.undo'), onPress: () => undo.mutate(id) });
              onClose();
            },
          },
        )
      }
    />
  );
}

function Dismiss({ suggestion, onClose }: { suggestion: PresenceSuggestion; onClose: () => void }) {
  const t = useT();
  const decide = useDecideSuggestion();
  const undo = useUndoDecision();
  const [reason, setReason] = useState('');
  return (
    <AskDialog
      title={t('presence.dismiss.title')}
      text={t('presence.dismiss.text')}
      button={t('presence.hours.dismiss')}
      right="presence.write"
      ready={reason.trim().length >= REASON_MIN}
      state={decide}
      onClose={onClose}
      onSubmit={() =>
        decide.mutate(
          { id: suggestion.id, reason: reason.trim() },
          {
            onSuccess: () => {
              say(t('presence.dismiss.done'), {
                label: t('ui.undo'),
                onPress: () => undo.mutate(suggestion.id),
              });
              onClose();
            },
          },
        )
      }
    >
      <TextArea
        label={t('presence.dismiss.reason')}
        value={reason}
        required
        rows={3}
        maxLength={REASON_MAX}
        onChange={(event) => setReason(event.target.value)}
      />
    </AskDialog>
  );
}

function Decided({ items }: { items: readonly PresenceSuggestion[] }) {
  const t = useT();
  const words = useWords();
  const language = useLanguage();
  const now = useNow(NOW_EVERY_MS);
  const refusal = useActionRefusal('presence.write');
  const undo = useUndoDecision();
  return (
    <Card title={t('presence.decided.title')} flush>
      <ul>
        {items.map((one) => (
          <li
            key={one.id}
            className="flex flex-wrap items-start gap-x-4 gap-y-2 border-t border-line px-4 py-2.5 first:border-t-0"
          >
            <div className="min-w-0 flex-1 basis-72">
              <p>
                <span className="font-medium">{words(one.group.title)}</span>
                <span className="text-text-2"> · {words(one.words)}</span>
              </p>
              <p className="mt-0.5 text-12 text-text-2">
                {t(one.state === 'confirmed' ? 'presence.decided.confirmed' : 'presence.decided.dismissed', {
                  by: one.decidedBy ?? '–',
                  time: one.decidedAt === null ? '–' : recordTime(Date.parse(one.decidedAt), now, language),
                })}
                {one.reason !== null && ` ${one.reason}`}
              </p>
            </div>
            {one.undoable && (
              <Button
                size="small"
                disabledReason={refusal}
                disabled={undo.isPending}
                onClick={() => undo.mutate(one.id)}
              >
                {t('presence.decided.undo')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}

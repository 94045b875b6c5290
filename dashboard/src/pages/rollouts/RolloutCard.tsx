/** One rollout: what it does now and waits for, why it stopped, its rings, and what can be done. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Rollout } from '@muster/shared/api/rollouts.ts';
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { actorWord } from '../../parts/changes.ts';
import { Button, type ButtonLook } from '../../ui/Button.tsx';
import { cx } from '../../ui/cx.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { TONE_TEXT, TONE_TINT } from '../../ui/states.ts';
import { useNow } from '../../util/clock.ts';
import { formatNumber } from '../../util/quantity.ts';
import { clockTime, dateTimeText, millis, spanText, zoneText } from '../../util/time.ts';
import { MoveDialog } from './MoveDialog.tsx';
import { isFailed, isMoving, type Move, movesOf } from './progress.ts';
import { latestRolloutQuery } from './queries.ts';
import { RingList } from './RingList.tsx';
import { isLastStep, momentText, rolloutLook, skipWords, standingWords, stepWords } from './words.ts';

const MOVE_LOOKS = {
  paused: 'plain',
  running: 'primary',
  promoted: 'plain',
  stopped: 'plain',
  'rolling-back': 'plain',
} as const satisfies Record<Move, ButtonLook>;
const MOVE_ICONS = { paused: 'pause', running: 'play' } as const;

export interface RolloutCardProps {
  readonly rollout: Rollout;
  /** When the server last answered, if it does not any more. */
  readonly silentSinceMs: Millis | null;
  /** Its title leads to its own page, where the title stands above. */
  readonly linked?: boolean;
}

export function RolloutCard({ rollout, silentSinceMs, linked = false }: RolloutCardProps) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(SECOND_MS);
  const title = t('rollouts.version', { version: rollout.version, serial: rollout.serial });
  return (
    <section aria-label={title} className="card mt-4 overflow-clip">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 pt-3 pb-2.5">
        <h2 className={linked ? 'text-16 leading-6 font-semibold' : 'sr-only'}>
          {linked ? (
            <Link to="/agents/upgrades/$id" params={{ id: rollout.id }} className="hover:text-accent">
              {title}
            </Link>
          ) : (
            title
          )}
        </h2>
        <StatusBadge kind="badge" look={rolloutLook(rollout)} />
        <Moves rollout={rollout} />
      </div>
      {silentSinceMs !== null && isMoving(rollout.state) && <Silence sinceMs={silentSinceMs} />}
      <Reason rollout={rollout} />
      <p role="status" className="px-4 pb-3 text-14 leading-prose">
        {standingWords(rollout, now, { t, language })}
      </p>
      <RingList rollout={rollout} />
      <Plan rollout={rollout} />
    </section>
  );
}

/** On what a person may do now; who may not is told why. */
function Moves({ rollout }: { rollout: Rollout }) {
  const t = useT();
  const refusal = useActionRefusal('rollouts.write');
  const now = useNow(MINUTE_MS);
  const [asked, setAsked] = useState<Move | null>(null);
  // Only the latest one can still be undone: what follows it stands on it.
  const latest = useQuery(latestRolloutQuery).data;
  const moves = latest?.id === rollout.id ? movesOf(rollout, now) : [];
  if (moves.length === 0) return null;
  return (
    <div className="ml-auto flex flex-wrap items-center justify-end gap-2 max-tablet:ml-0 max-tablet:justify-start">
      {moves.map((move) => (
        <Button
          key={move}
          size="small"
          look={MOVE_LOOKS[move]}
          {...(move === 'paused' || move === 'running' ? { icon: MOVE_ICONS[move] } : {})}
          disabledReason={refusal}
          onClick={() => setAsked(move)}
        >
          {t(`rollouts.act.${isLastStep(move, rollout) ? 'promotedLast' : move}`)}
        </Button>
      ))}
      {refusal !== undefined && (
        <p className="no-print w-full text-12 text-text-3 tablet:text-right">{refusal}</p>
      )}
      {asked && <MoveDialog rollout={rollout} move={asked} onClose={() => setAsked(null)} />}
    </div>
  );
}

/** What was so when the server last answered may not be so now. */
function Silence({ sinceMs }: { sinceMs: Millis }) {
  const t = useT();
  return (
    <p
      role="alert"
      className="mx-4 mb-3 flex items-start gap-2 rounded-md bg-warn-weak px-3 py-2 text-warn-fg"
    >
      <Glyph name="triangle" className="mt-1" />
      {t('rollouts.silent', { time: clockTime(sinceMs, true) })}
    </p>
  );
}

/** Of its gate, of the server, or the note of a person. */
function Reason({ rollout }: { rollout: Rollout }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(MINUTE_MS);
  const { reason, state } = rollout;
  if (reason === null) return null;
  const text = reason.step === null ? reason[language] : stepWords(reason.step, now, { t, language });
  if (text === '') return null;
  const tone = isFailed(rollout) ? 'crit' : state === 'paused' ? 'warn' : 'quiet';
  return (
    <p
      role={tone === 'crit' ? 'alert' : undefined}
      className={cx(
        'mx-4 mb-3 flex items-start gap-2 rounded-md px-3 py-2 break-words',
        TONE_TINT[tone],
        TONE_TEXT[tone],
        tone === 'crit' && 'font-medium',
      )}
    >
      {tone !== 'quiet' && <Glyph name={tone === 'crit' ? 'square-x' : 'triangle'} className="mt-1" />}
      <span className="min-w-0">{text}</span>
    </p>
  );
}

/** What was agreed when it was started, in sentences. */
function Plan({ rollout }: { rollout: Rollout }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(MINUTE_MS);
  const { gate, pace, tags, pilotTag, skipped } = rollout;
  const minutes = (count: number) => spanText(count * MINUTE_MS, t);
  const percent = formatNumber(
    gate.failedPercentMax,
    Number.isInteger(gate.failedPercentMax) ? 0 : 1,
    language,
  );
  const createdMs = millis(rollout.createdAt);
  const left = skipped.reduce((sum, { agents }) => sum + agents, 0);
  return (
    <div className="border-t border-line px-4 py-3 text-12 leading-prose text-text-3">
      <p>
        <time dateTime={rollout.createdAt} title={dateTimeText(createdMs, language)}>
          {t('rollouts.started', {
            time: momentText(createdMs, now, language),
            name: actorWord(rollout.createdBy, t),
          })}
        </time>{' '}
        {t('machines.timesIn', { zone: zoneText(now) })}
      </p>
      <p>
        {[
          t(gate.rollBack ? 'rollouts.plan.gateRollBack' : 'rollouts.plan.gateKeep', {
            percent,
            span: minutes(gate.watchMinutes),
          }),
          t('rollouts.plan.pace', {
            atOnce: pace.atOnceMax,
            perSite: pace.perSiteMax,
            trial: minutes(rollout.trialMinutes),
          }),
          ...(tags.length > 0 ? [t('rollouts.plan.tags', { tags: tags.join(t('ui.listSeparator')) })] : []),
          ...(pilotTag === null ? [] : [t('rollouts.plan.pilotTag', { tag: pilotTag })]),
        ].join(language === 'zh' ? '' : ' ')}
      </p>
      {left > 0 && (
        <details className="coarse:py-1">
          <summary className="w-fit cursor-pointer coarse:py-2">
            {t('rollouts.skippedTotal', { count: left })}
          </summary>
          <SkippedList skipped={skipped} />
        </details>
      )}
    </div>
  );
}

export function SkippedList({
  skipped,
}: {
  skipped: readonly { reason: string; agents: number; examples?: readonly string[] }[];
}) {
  const t = useT();
  return (
    <ul className="mt-0.5 pl-4">
      {skipped.map(({ reason, agents, examples = [] }) => (
        <li key={reason}>
          {t('rollouts.skippedOne', { count: agents, reason: skipWords(reason, t) })}
          {examples.length > 0 && (
            <span className="block break-words text-text-3">
              <Examples names={examples} count={agents} />
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Some of `count` machines by name, and how many there are beyond them. */
export function Examples({ names, count }: { names: readonly string[]; count: number }) {
  const t = useT();
  const more = count - names.length;
  return [...names, ...(more > 0 ? [t('rollouts.preview.more', { count: more })] : [])].join(
    t('ui.listSeparator'),
  );
}

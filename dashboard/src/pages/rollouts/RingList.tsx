/** The rings of a rollout in their order: how far each is, how it stands to its gate, what it waits for. */
import type { Rollout, RolloutRing } from '@muster/shared/api/rollouts.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { cx } from '../../ui/cx.ts';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { useNow } from '../../util/clock.ts';
import { formatNumber } from '../../util/quantity.ts';
import { millis } from '../../util/time.ts';
import { gateStanding, stepCounts, STEPS, type StepCounts, takingPart } from './progress.ts';
import { isUndone, momentText, ringLook, STEP_FILLS, stepWord } from './words.ts';

export function RingList({ rollout }: { rollout: Rollout }) {
  const t = useT();
  return (
    <ol
      aria-label={t('rollouts.agents.ringColumn')}
      className="grid border-t border-line tablet:grid-cols-3 max-tablet:[&>li+li]:border-t tablet:[&>li+li]:border-l [&>li+li]:border-line"
    >
      {rollout.rings.map((ring, index) => (
        <Ring key={ring.name} ring={ring} number={index + 1} rollout={rollout} />
      ))}
    </ol>
  );
}

function Ring({ ring, number, rollout }: { ring: RolloutRing; number: number; rollout: Rollout }) {
  const t = useT();
  const counts = stepCounts([ring]);
  const agents = takingPart(ring);
  const isIdle = ring.state === 'waiting';
  return (
    <li className="min-w-0 px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-2">
        <h3 className={cx('text-14 font-semibold', isIdle && 'text-text-2')}>
          <span className="mr-1.5 font-normal text-text-3">{number}</span>
          {t(`rollouts.ring.${ring.name}`)}
        </h3>
        <StatusBadge look={ringLook(ring, rollout.state)} />
        <span className="ml-auto font-semibold tabular-nums">
          {t('rollouts.upgradedOf', { done: counts.done, agents })}
        </span>
      </div>
      <StepBar counts={counts} agents={agents} rollout={rollout.state} />
      {agents === 0 ? (
        <p className="mt-1.5 text-12 text-text-3">{t('rollouts.nobodyInRing')}</p>
      ) : (
        <>
          <Legend counts={counts} rollout={rollout.state} />
          <Gate ring={ring} rollout={rollout} />
        </>
      )}
    </li>
  );
}

interface StepsProps {
  readonly counts: StepCounts;
  readonly rollout: Rollout['state'];
}

function StepBar({ counts, agents, rollout }: StepsProps & { readonly agents: number }) {
  const t = useT();
  const shown = STEPS.filter((step) => counts[step] > 0);
  const sentence = shown
    .map((step) => t('ui.countOf', { word: t(stepWord(step, rollout)), count: counts[step] }))
    .join(t('ui.listSeparator'));
  return (
    <div
      role="img"
      aria-label={sentence || t('rollouts.nobodyInRing')}
      className="mt-2 flex h-2 gap-px overflow-hidden rounded-sm bg-sunken"
    >
      {agents > 0 &&
        shown.map((step) => (
          <span
            key={step}
            style={{ flexGrow: counts[step] }}
            className={cx('basis-0', step !== 'waiting' && 'min-w-1', STEP_FILLS[step])}
          />
        ))}
    </div>
  );
}

function Legend({ counts, rollout }: StepsProps) {
  const t = useT();
  const language = useLanguage();
  return (
    <ul className="mt-1.5 flex flex-wrap gap-x-3 gap-y-0.5 text-12 text-text-2">
      {STEPS.filter((step) => counts[step] > 0).map((step) => (
        <li key={step} className="flex items-center gap-1.5 whitespace-nowrap">
          <span
            aria-hidden="true"
            className={cx(
              'size-2 flex-none rounded-[2px]',
              STEP_FILLS[step],
              step === 'waiting' && 'border border-line-strong',
            )}
          />
          <span className={cx(step === 'trouble' && 'font-medium text-crit-fg')}>
            {formatNumber(counts[step], 0, language)} {t(stepWord(step, rollout))}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Gate({ ring, rollout: { gate, state } }: { ring: RolloutRing; rollout: Rollout }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(MINUTE_MS / 4);
  const { failed, agents, stopsAt } = gateStanding(ring, gate);
  const isOver = isUndone(state) || state === 'stopped';
  const at = (iso: string | null) => (iso === null ? null : momentText(millis(iso), now, language));
  const until = at(ring.watchUntil);
  const ended = at(ring.endedAt);
  const percent = formatNumber(
    gate.failedPercentMax,
    Number.isInteger(gate.failedPercentMax) ? 0 : 1,
    language,
  );
  const standing = t('rollouts.gate.standing', { failed, agents });
  const stops =
    stopsAt === null ? t('rollouts.gate.never') : t('rollouts.gate.stopsAt', { count: stopsAt, percent });
  const parts: Record<RolloutRing['state'], (string | null)[]> = {
    waiting: [isOver ? null : stops],
    running: [standing, isOver ? null : stops],
    watching: [
      standing,
      isOver ? null : stops,
      state === 'running' ? until && t('rollouts.watchedUntil', { time: until }) : null,
    ],
    passed: [standing, isUndone(state) ? null : ended && t('rollouts.passedAt', { time: ended })],
    failed: [standing, stops, ended && t('rollouts.failedAt', { time: ended })],
  };
  return (
    <p className={cx('mt-1 text-12', ring.state === 'failed' ? 'text-crit-fg' : 'text-text-3')}>
      {parts[ring.state].filter((part) => part !== null).join(' · ')}
    </p>
  );
}

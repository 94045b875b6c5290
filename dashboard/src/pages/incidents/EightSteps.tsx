/** Where an incident is in the eight sub-processes: what is behind it, what is next, what is late. */
import type { IncidentDetail } from '@muster/shared/api/incidents.ts';
import { INCIDENT_STEPS, stepsOf, type StepStanding } from '@muster/shared/incidents/life-cycle.ts';
import { useT, useWords } from '../../i18n/i18n.ts';
import { cx } from '../../ui/cx.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { useNow } from '../../util/clock.ts';
import { millis } from '../../util/time.ts';

const DOTS: Readonly<Record<StepStanding, string>> = {
  done: 'border-[1.5px] border-accent bg-accent-weak',
  now: 'bg-accent',
  late: 'bg-crit-solid',
  open: 'border-[1.5px] border-line-strong',
};

export function EightSteps({ incident }: { incident: IncidentDetail }) {
  const t = useT();
  const words = useWords();
  const now = useNow(60_000);
  const late = incident.sla.restoredAt === null && now > millis(incident.sla.restoreBy);
  const steps = stepsOf({ state: incident.state, identified: incident.category !== null, late });
  return (
    <ol
      tabIndex={0}
      aria-label={t('incidents.steps')}
      className="scrollbar-none relative mt-4 flex items-center gap-2 overflow-x-auto text-12"
    >
      {INCIDENT_STEPS.map(({ id, title }, index) => {
        const standing = steps[index]?.standing ?? 'open';
        const here = standing === 'now';
        return (
          <li
            key={id}
            aria-current={here ? 'step' : undefined}
            title={t(`incidents.eight.${standing}`)}
            className="flex flex-none items-center gap-2"
          >
            {index > 0 && (
              <span
                aria-hidden="true"
                className={cx('h-px w-4', standing === 'open' ? 'bg-line-strong' : 'bg-accent')}
              />
            )}
            {standing === 'late' ? (
              <Glyph name="triangle" className="text-crit-fg" />
            ) : (
              <span aria-hidden="true" className={cx('size-2 rounded-full', DOTS[standing])} />
            )}
            <span
              className={cx(
                here ? 'font-semibold' : 'text-text-2',
                standing === 'late' && 'font-medium text-crit-fg',
              )}
            >
              {words(title)}
              <span className="sr-only">{t(`incidents.eight.${standing}`)}</span>
            </span>
          </li>
        );
      })}
    </ol>
  );
}

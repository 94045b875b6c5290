/** The visible mark of a record that later data corrected: when, and what it said before. */
import type { AvailabilityOutage } from '@muster/shared/api/availability.ts';
import type { Millis } from '@muster/shared/time.ts';
import { useLanguage, useT } from '../i18n/i18n.ts';
import { Icon } from '../ui/Icon.tsx';
import { CAUSE_WORDS, PRESENCE_LOOKS } from '../ui/states.ts';
import { recordTime } from '../util/time.ts';

interface RevisedMarkProps {
  /** null: not noted when. */
  readonly revisedMs: Millis | null;
  /** What it said at first; null: not noted. */
  readonly was: AvailabilityOutage['was'];
  readonly nowMs: Millis;
  /** Since this reader looked last. */
  readonly isNew?: boolean;
}

export function RevisedMark({ revisedMs, was, nowMs, isNew = false }: RevisedMarkProps) {
  const t = useT();
  const language = useLanguage();
  const when =
    revisedMs === null
      ? t('agreed.revised')
      : t('agreed.revisedAt', { time: recordTime(revisedMs, nowMs, language) });
  const before =
    was === null
      ? null
      : was.cause === null
        ? t('agreed.was', { state: stateText(was.presence, t) })
        : t('agreed.wasWith', { state: stateText(was.presence, t), cause: t(CAUSE_WORDS[was.cause]) });
  return (
    <span className="flex flex-wrap items-center gap-x-1.5 text-12 text-text-2">
      <Icon name="change" size={12} />
      {isNew && <strong className="text-warn-fg">{t('agreed.revisedNew')}</strong>}
      <span>{when}</span>
      {before !== null && <span>{before}</span>}
    </span>
  );
}

type Presence = NonNullable<AvailabilityOutage['was']>['presence'];

function stateText(presence: Presence, t: ReturnType<typeof useT>): string {
  return t(presence === 'down' ? 'availability.legend.down' : PRESENCE_LOOKS[presence].word);
}

/** Where a value comes from and when it was last confirmed: a glyph, the rest on hover, focus or tap. */
import { Tooltip } from '@base-ui/react/tooltip';
import { useState } from 'react';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import type { Translate } from '../../i18n/catalogue.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { actorWord } from '../../parts/changes.ts';
import { cx } from '../../ui/cx.ts';
import { Icon, type IconName } from '../../ui/Icon.tsx';
import { useNow } from '../../util/clock.ts';
import { agoText, dateTimeText, millis } from '../../util/time.ts';

export type Attribute = CiDetail['details'][number];

const SOURCE_ICONS = {
  human: 'user',
  agent: 'agent',
  'third-party': 'agent',
  'network-scan': 'network',
  import: 'external',
} as const satisfies Record<Attribute['source'], IconName>;

export interface SourceMarkProps {
  /** Name of the value in words. */
  readonly name: string;
  /** One value, or all values of a part: the oldest confirmation and the newest change count. Empty: not known. */
  readonly attributes: readonly Attribute[];
}

export function SourceMark({ name, attributes }: SourceMarkProps) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(60_000);
  const [open, setOpen] = useState(false);
  const [first] = attributes;
  if (first === undefined) return null;
  const confirmedMs = Math.min(...attributes.map(({ confirmedAt }) => millis(confirmedAt)));
  const observedMs = Math.max(...attributes.map(({ observedAt }) => millis(observedAt)));
  const source = t(`machines.source.${first.source}`);
  const facts: readonly (readonly [string, string])[] = [
    [t('machines.hardware.aboutSource'), source],
    ...(first.lockedBy === null
      ? []
      : [[t('machines.hardware.aboutLocked'), actorWord(first.lockedBy, t)] as const]),
    [t('machines.hardware.aboutConfirmed'), agoText(confirmedMs, now, t)],
    [t('machines.hardware.aboutObserved'), dateTimeText(observedMs, language, false)],
  ];
  return (
    <Tooltip.Root open={open} onOpenChange={setOpen}>
      <Tooltip.Trigger
        delay={120}
        closeOnClick={false}
        onClick={() => setOpen(true)}
        aria-label={t('machines.hardware.about', {
          name,
          source,
          confirmed: agoText(confirmedMs, now, t),
          observed: dateTimeText(observedMs, language, false),
        })}
        className={cx(
          'grid size-6 flex-none place-items-center rounded-sm hover:bg-hover hover:text-text coarse:size-(--control) coarse:-my-2',
          first.lockedBy === null ? 'text-text-3' : 'text-accent',
        )}
      >
        <Icon name={first.lockedBy === null ? SOURCE_ICONS[first.source] : 'lock'} size={14} />
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Positioner side="left" align="center" sideOffset={6} className="z-30">
          <Tooltip.Popup
            aria-hidden="true"
            className="fade-in max-w-80 rounded-md border border-line bg-raised px-3 py-2 text-12 shadow-2"
          >
            <dl className="grid grid-cols-[auto_auto] gap-x-4 gap-y-0.5">
              {facts.map(([word, value]) => (
                <div key={word} className="contents">
                  <dt className="text-text-3">{word}</dt>
                  <dd className="text-right font-medium">{value}</dd>
                </div>
              ))}
            </dl>
          </Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}

/** One line for values of one source: `agent, confirmed 20 min ago`; undefined where sources differ or nothing is known. */
export function useSourceLine(): (attributes: readonly Attribute[]) => string | undefined {
  const t = useT();
  const now = useNow(60_000);
  return (attributes) => sourceLine(attributes, now, t);
}

function sourceLine(attributes: readonly Attribute[], nowMs: number, t: Translate): string | undefined {
  const observed = attributes.filter(({ lockedBy }) => lockedBy === null);
  const [first] = observed;
  if (first === undefined || observed.some(({ source }) => source !== first.source)) return undefined;
  const confirmedMs = Math.min(...observed.map(({ confirmedAt }) => millis(confirmedAt)));
  return t('machines.hardware.confirmed', {
    source: t(`machines.source.${first.source}`),
    age: agoText(confirmedMs, nowMs, t),
  });
}

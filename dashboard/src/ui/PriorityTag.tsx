/** P1 to P4, its weight falling with the priority so that it reads without colour. */
import { useT } from '../i18n/i18n.ts';
import { cx } from './cx.ts';

const LOOKS: Readonly<Record<number, string>> = {
  1: 'border-transparent bg-crit-solid text-on-solid',
  2: 'border-crit-solid bg-crit-weak text-crit-fg',
  3: 'border-warn-solid text-warn-fg',
  4: 'border-dotted border-line-strong text-text-2',
};

export function PriorityTag({ priority, large = false }: { priority: number; large?: boolean }) {
  const t = useT();
  return (
    <span
      className={cx(
        'inline-grid flex-none place-items-center rounded-[5px] border-[1.5px] font-title',
        large ? 'h-9 min-w-13 text-20' : 'h-5 min-w-7 text-12',
        LOOKS[priority],
      )}
    >
      {t('ui.priority', { priority })}
    </span>
  );
}

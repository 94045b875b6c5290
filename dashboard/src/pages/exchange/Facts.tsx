/** Figures: one a line, or side by side where there is room. */
import { cx } from '../../ui/cx.ts';

export function Facts({ children }: { children: React.ReactNode }) {
  return <dl className="border-t border-line">{children}</dl>;
}

interface FactProps {
  readonly word: string;
  readonly value: string;
  readonly note?: string;
  readonly warn?: boolean;
}

export function Fact({ word, value, note, warn = false }: FactProps) {
  return (
    <div className="flex items-baseline gap-3 px-4 py-1.5 [&+&]:border-t [&+&]:border-line">
      <dt className="min-w-0 flex-1">
        {word}
        {note && <span className="block text-12 text-text-3">{note}</span>}
      </dt>
      <dd className={cx('text-right break-words', warn && 'font-medium text-warn-fg')}>{value}</dd>
    </div>
  );
}

export function Tiles({ children }: { children: React.ReactNode }) {
  return (
    <dl className="grid border-t border-line tablet:grid-cols-3 wide:grid-cols-5 [&>div]:border-line max-tablet:[&>div+div]:border-t">
      {children}
    </dl>
  );
}

export function Tile({ word, value, note, warn = false }: FactProps) {
  return (
    <div className="px-4 py-2 max-tablet:flex max-tablet:flex-wrap max-tablet:items-baseline max-tablet:gap-x-3">
      <dt className="text-12 text-text-3 max-tablet:mr-auto">{word}</dt>
      <dd className={cx('break-words tablet:text-16 tablet:leading-6', warn && 'font-medium text-warn-fg')}>
        {value}
      </dd>
      {note && <dd className="text-12 text-text-3 max-tablet:w-full">{note}</dd>}
    </div>
  );
}

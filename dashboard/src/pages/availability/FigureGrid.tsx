/** Figures side by side, each with what it rests on. */
import { cx } from '../../ui/cx.ts';

export interface Figure {
  readonly id: string;
  readonly name: React.ReactNode;
  readonly value: string;
  readonly note: string;
  readonly large?: boolean;
}

export function FigureGrid({ figures }: { figures: readonly Figure[] }) {
  return (
    <div className="@container">
      <dl className="grid grid-cols-2 gap-px overflow-hidden border-t border-line bg-line last:rounded-b-lg @2xl:grid-cols-3 @5xl:grid-cols-[1.4fr_1.3fr_1fr_1fr_1fr_1fr]">
        {figures.map(({ id, name, value, note, large = false }) => (
          <div key={id} className="min-w-0 bg-surface px-4 py-3">
            <dt className="text-12 text-text-3">{name}</dt>
            <dd>
              <span className={cx('block font-semibold', large ? 'text-20' : 'text-16 leading-[30px]')}>
                {value}
              </span>
              <span className="block text-12 text-text-3">{note}</span>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

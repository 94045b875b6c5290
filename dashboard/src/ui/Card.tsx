/** A card with a heading; what fails inside it fails alone. */
import { Component, useId } from 'react';
import { cx } from './cx.ts';
import { ErrorPanel } from './ErrorPanel.tsx';

export interface CardProps {
  readonly title?: React.ReactNode;
  /** Small text beside the title. */
  readonly note?: React.ReactNode;
  /** At the right of the heading. */
  readonly action?: React.ReactNode;
  readonly children: React.ReactNode;
  readonly className?: string;
  /** Rows reach the edges of the card. */
  readonly flush?: boolean;
  readonly tone?: 'crit';
}

export function Card({ title, note, action, children, className, flush = false, tone }: CardProps) {
  const id = useId();
  return (
    <section
      aria-labelledby={title ? id : undefined}
      className={cx('card', tone === 'crit' && 'border-crit-solid', className)}
    >
      {title && (
        <div className="flex min-h-11 flex-wrap items-center gap-x-2.5 gap-y-1 px-4 pt-3 pb-2.5">
          <h2 id={id} className="text-14 leading-5 font-semibold">
            {title}
          </h2>
          {note && <span className="text-12 text-text-3">{note}</span>}
          {action && <span className="ml-auto flex items-center gap-2 text-12">{action}</span>}
        </div>
      )}
      <div className={cx(!flush && (title ? 'px-4 pb-3.5' : 'p-4'))}>
        <CardBoundary>{children}</CardBoundary>
      </div>
    </section>
  );
}

/** Keeps a fault in one part from taking the page with it. */
export class CardBoundary extends Component<{ children: React.ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override render(): React.ReactNode {
    if (this.state.error === null) return this.props.children;
    return <ErrorPanel error={this.state.error} retry={() => this.setState({ error: null })} />;
  }
}

/** A short table whose rows are all there. */
import { cx } from './cx.ts';

export function PlainTable({
  label,
  head,
  wide = false,
  children,
}: {
  label: string;
  head: readonly {
    readonly id: string;
    readonly label: string;
    readonly align?: 'right';
    readonly className?: string;
  }[];
  /** Wider than a phone with nothing in it to move to: the table itself takes the focus, so that keys scroll it. */
  wide?: boolean;
  children: React.ReactNode;
}) {
  return (
    <div className="overflow-x-auto" {...(wide ? { tabIndex: 0 } : {})}>
      <table aria-label={label} className="w-full border-collapse">
        <thead>
          <tr className="border-b border-line">
            {head.map((column) => (
              <th
                key={column.id}
                scope="col"
                className={cx(
                  'h-8 px-3 text-12 font-medium whitespace-nowrap text-text-3 first:pl-4 last:pr-4',
                  column.align === 'right' ? 'text-right' : 'text-left',
                  column.className,
                )}
              >
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="[&>tr]:h-(--row) [&>tr+tr]:border-t [&>tr+tr]:border-line [&>tr>td]:px-3 [&>tr>td:first-child]:pl-4 [&>tr>td:last-child]:pr-4">
          {children}
        </tbody>
      </table>
    </div>
  );
}

/** Parts of one kind as a table; on a phone two lines each. */
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { useT } from '../../i18n/i18n.ts';
import { Card } from '../../ui/Card.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { SourceMark, useSourceLine } from './SourceMark.tsx';

export type Part = CiDetail['parts'][number];

export interface PartColumn {
  readonly id: string;
  readonly label: string;
  readonly cell: (part: Part) => React.ReactNode;
  readonly align?: 'right';
  readonly className?: string;
}

export interface PartsTableProps {
  readonly title: string;
  readonly parts: readonly Part[];
  /** The first column names the part. */
  readonly columns: readonly PartColumn[];
  /** Second line and right end of a row on a phone. */
  readonly narrow: (part: Part) => { readonly line: React.ReactNode; readonly end: React.ReactNode };
  readonly empty: string;
  readonly action?: React.ReactNode;
}

export function PartsTable({ title, parts, columns, narrow, empty, action }: PartsTableProps) {
  const t = useT();
  const line = useSourceLine();
  const sources = line(parts.flatMap(({ details }) => details));
  return (
    <Card title={title} note={sources} action={action} flush>
      {parts.length === 0 ? (
        <p className="px-4 pb-3.5 text-text-2">{empty}</p>
      ) : (
        <>
          <div className="max-tablet:hidden">
            <PlainTable
              label={title}
              head={[
                ...columns.map(({ id, label, align, className }) => ({
                  id,
                  label,
                  ...(align ? { align } : {}),
                  ...(className ? { className } : {}),
                })),
                { id: 'source', label: t('machines.hardware.aboutSource'), align: 'right' as const },
              ]}
            >
              {parts.map((part) => (
                <tr key={part.id}>
                  {columns.map(({ id, cell, align, className }) => (
                    <td
                      key={id}
                      className={`py-1.5 ${align === 'right' ? 'text-right' : ''} ${className ?? ''}`}
                    >
                      {cell(part)}
                    </td>
                  ))}
                  <td className="w-12">
                    <span className="flex justify-end">
                      <SourceMark name={part.name} attributes={part.details} />
                    </span>
                  </td>
                </tr>
              ))}
            </PlainTable>
          </div>
          <ul aria-label={title} className="tablet:hidden">
            {parts.map((part) => {
              const { line: second, end } = narrow(part);
              return (
                <li
                  key={part.id}
                  className="grid grid-cols-[minmax(0,1fr)_auto_auto] items-center gap-x-2 border-t border-line py-2 pr-2 pl-4"
                >
                  <span className="min-w-0">
                    {columns[0]?.cell(part)}
                    <span className="block text-12 break-words text-text-2">{second}</span>
                  </span>
                  <span className="text-right text-12">{end}</span>
                  <SourceMark name={part.name} attributes={part.details} />
                </li>
              );
            })}
          </ul>
        </>
      )}
    </Card>
  );
}

/** The value of a part's attribute; null where it is not known. */
export function partValue(part: Part, name: string): unknown {
  return part.details.find((each) => each.name === name)?.value ?? null;
}

/** The same where it is text. */
export function partTerm(part: Part, name: string): string | null {
  const value = partValue(part, name);
  return typeof value === 'string' ? value : null;
}

/** Processes as a table, in the order given. */
import type { TopProcess } from '@muster/shared/wire/top-process.ts';
import { useT } from '../i18n/i18n.ts';
import { PlainTable } from '../ui/PlainTable.tsx';
import { Quantity } from '../ui/Quantity.tsx';

/** CPU is of one core, as the system's own tools show it. */
export function ProcessTable({ label, items }: { label: string; items: readonly TopProcess[] }) {
  const t = useT();
  return (
    <PlainTable
      label={label}
      head={[
        { id: 'process', label: t('machines.process') },
        { id: 'user', label: t('machines.column.user'), className: 'max-tablet:hidden' },
        { id: 'pid', label: t('machines.pid'), align: 'right', className: 'max-tablet:hidden' },
        { id: 'cpu', label: t('machines.cpuOneCore'), align: 'right' },
        { id: 'memory', label: t('machines.chart.memory'), align: 'right' },
        { id: 'write', label: t('machines.written'), align: 'right', className: 'max-tablet:hidden' },
      ]}
    >
      {items.map((process) => (
        <tr key={process.pid}>
          <td className="max-w-40 truncate font-mono text-12">{process.name}</td>
          <td className="max-tablet:hidden">{process.user}</td>
          <td className="text-right max-tablet:hidden">{process.pid}</td>
          <td className="text-right">
            <Quantity value={process.cpuPercent} unit="%" />
          </td>
          <td className="text-right">
            <Quantity value={process.residentBytes} unit="B" />
          </td>
          <td className="text-right max-tablet:hidden">
            <Quantity value={process.writtenBytesPerSecond} unit="B/s" />
          </td>
        </tr>
      ))}
    </PlainTable>
  );
}

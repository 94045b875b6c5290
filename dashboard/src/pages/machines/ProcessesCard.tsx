/** What runs: the first processes by CPU, memory or writing. */
import { useState } from 'react';
import type { Millis } from '@muster/shared/time.ts';
import type { TopProcess } from '@muster/shared/wire/top-process.ts';
import { useT } from '../../i18n/i18n.ts';
import { ProcessTable } from '../../parts/ProcessTable.tsx';
import { AgeLabel } from '../../ui/AgeLabel.tsx';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Segmented } from '../../ui/Segmented.tsx';

const ORDERS = ['cpu', 'memory', 'write'] as const;
type Order = (typeof ORDERS)[number];

const VALUE = {
  cpu: (process: TopProcess) => process.cpuPercent,
  memory: (process: TopProcess) => process.residentBytes,
  write: (process: TopProcess) => process.writtenBytesPerSecond ?? -1,
} as const satisfies Record<Order, (process: TopProcess) => number>;

export interface ProcessesCardProps {
  readonly processes: { readonly atMs: Millis; readonly items: readonly TopProcess[] } | null;
  readonly watching: boolean;
}

export function ProcessesCard({ processes, watching }: ProcessesCardProps) {
  const t = useT();
  const [order, setOrder] = useState<Order>('cpu');
  return (
    <Card
      title={t('machines.processes')}
      note={processes && <AgeLabel atMs={processes.atMs} />}
      action={
        <Segmented
          label={t('machines.processOrder')}
          value={order}
          options={ORDERS.map((value) => ({ value, label: t(`machines.processBy.${value}`) }))}
          onChange={setOrder}
        />
      }
      flush
    >
      {processes === null || processes.items.length === 0 ? (
        <EmptyState>{t(watching ? 'machines.processesComing' : 'machines.processesNone')}</EmptyState>
      ) : (
        <ProcessTable
          label={t('machines.processes')}
          items={[...processes.items].sort((a, b) => VALUE[order](b) - VALUE[order](a))}
        />
      )}
    </Card>
  );
}

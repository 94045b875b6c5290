/** What the agent of this machine probes, how each does, and why one says nothing. */
import { useQuery } from '@tanstack/react-query';
import type { LatestValue } from '@muster/shared/api/metrics.ts';
import { checkTarget } from '@muster/shared/checks/check.ts';
import { DAY_MS, SECOND_MS } from '@muster/shared/time.ts';
import { useT } from '../../i18n/i18n.ts';
import { machineConfigQuery } from '../../parts/machineConfig.ts';
import { AgeLabel } from '../../ui/AgeLabel.tsx';
import { Card } from '../../ui/Card.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { Quantity } from '../../ui/Quantity.tsx';
import type { StateLook } from '../../ui/states.ts';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { millis, spanText } from '../../util/time.ts';
import { checkRows, type CheckRow } from './checkRows.ts';

const LOOKS = {
  well: { word: 'machines.checks.well', glyph: 'disc', tone: 'up' },
  failing: { word: 'machines.checks.failing', glyph: 'triangle', tone: 'warn' },
  failed: { word: 'machines.checks.failing', glyph: 'square-x', tone: 'crit' },
  none: { word: 'machines.checks.none', glyph: 'question', tone: 'unknown' },
  unable: { word: 'machines.checks.unable', glyph: 'question', tone: 'unknown' },
  forbidden: { word: 'machines.checks.forbidden', glyph: 'ring', tone: 'idle' },
} as const satisfies Record<CheckRow['state'], StateLook>;

export interface ChecksCardProps {
  readonly ciId: string;
  readonly latest: readonly LatestValue[] | undefined;
  /** Of what comes with each tick; a check adds its own interval. */
  readonly staleAfterMs: number;
}

export function ChecksCard({ ciId, latest, staleAfterMs }: ChecksCardProps) {
  const t = useT();
  const { data } = useQuery(machineConfigQuery(ciId));
  if (data === undefined || latest === undefined) return null;
  const rows = checkRows(data.checks, data.standing?.checks ?? null, latest);
  if (rows.length === 0) return null;
  const newest = latest.find(({ metric }) => metric === 'check.success');
  return (
    <Card
      title={t('machines.checks.title')}
      note={newest && <AgeLabel atMs={millis(newest.at)} staleAfterMs={staleAfterMs} />}
      flush
    >
      <PlainTable
        label={t('machines.checks.title')}
        wide
        head={[
          { id: 'name', label: t('machines.checks.name') },
          { id: 'state', label: t('machines.checks.state') },
          { id: 'duration', label: t('machines.checks.duration'), align: 'right' },
          {
            id: 'certificate',
            label: t('machines.checks.certificate'),
            align: 'right',
            className: 'max-tablet:hidden',
          },
        ]}
      >
        {rows.map((row) => (
          <tr key={row.name}>
            <td className="max-w-40 py-1.5 tablet:max-w-60">
              <span className="block truncate font-medium">{row.name}</span>
              <span className="block truncate text-12 text-text-3">
                {row.check.kind} {checkTarget(row.check)}
              </span>
            </td>
            <td className="py-1.5">
              <StatusBadge look={LOOKS[row.state]}>{t(LOOKS[row.state].word)}</StatusBadge>
              <Failures row={row} />
            </td>
            <td className="text-right">
              <Quantity value={row.durationS} unit="s" />
            </td>
            <td className="text-right max-tablet:hidden">
              {row.certificateS !== null && <Certificate leftMs={row.certificateS * SECOND_MS} />}
            </td>
          </tr>
        ))}
      </PlainTable>
    </Card>
  );
}

function Failures({ row: { failures, failingMs, httpStatus } }: { row: CheckRow }) {
  const t = useT();
  const parts = [
    failures > 0 && t('machines.checks.inARow', { count: failures }),
    failingMs !== null && t('machines.checks.since', { span: spanText(failingMs, t) }),
    failures > 0 && httpStatus !== null && t('machines.checks.status', { status: httpStatus }),
  ].filter((part) => part !== false);
  return parts.length === 0 ? null : (
    <span className="block text-12 text-text-3">{parts.join(t('ui.listSeparator'))}</span>
  );
}

function Certificate({ leftMs }: { leftMs: number }) {
  const t = useT();
  if (leftMs <= 0) return <span className="font-medium text-crit-fg">{t('machines.checks.ended')}</span>;
  return (
    <span className={leftMs < 14 * DAY_MS ? 'font-medium text-warn-fg' : undefined}>
      {t('machines.checks.days', { count: Math.floor(leftMs / DAY_MS) })}
    </span>
  );
}

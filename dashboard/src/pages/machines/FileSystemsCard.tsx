/** File systems with what is used, the level in force as a tick. */
import type { LatestValue } from '@muster/shared/api/metrics.ts';
import { useT } from '../../i18n/i18n.ts';
import { AgeLabel } from '../../ui/AgeLabel.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { Meter } from '../../ui/Meter.tsx';
import { Quantity } from '../../ui/Quantity.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { SEVERITY_LOOKS, TONE_TEXT } from '../../ui/states.ts';
import { millis } from '../../util/time.ts';
import { breachTone, type LevelsOf } from '../../parts/levels.ts';

export interface FileSystemsCardProps {
  readonly levelsOf: LevelsOf;
  readonly latest: readonly LatestValue[] | undefined;
  readonly staleAfterMs: number;
  readonly error: Error | null;
  readonly retry: () => void;
}

export function FileSystemsCard({ levelsOf, latest, staleAfterMs, error, retry }: FileSystemsCardProps) {
  const t = useT();
  const rows = fileSystems(latest ?? []);
  const newestMs = rows[0]?.atMs;
  return (
    <Card
      title={t('machines.fileSystems')}
      note={newestMs !== undefined && <AgeLabel atMs={newestMs} staleAfterMs={staleAfterMs} />}
      flush
    >
      {latest === undefined ? (
        error === null ? (
          <SkeletonRows rows={3} />
        ) : (
          <div className="px-4">
            <ErrorPanel error={error} retry={retry} />
          </div>
        )
      ) : rows.length === 0 ? (
        <EmptyState>{t('machines.noFileSystems')}</EmptyState>
      ) : (
        <PlainTable
          label={t('machines.fileSystems')}
          head={[
            { id: 'mount', label: t('machines.mount') },
            { id: 'used', label: t('machines.used'), align: 'right' },
            { id: 'size', label: t('machines.size'), align: 'right', className: 'max-tablet:hidden' },
            { id: 'share', label: t('machines.full'), className: 'w-2/5' },
          ]}
        >
          {rows.map((row) => {
            const levels = levelsOf('filesystem.utilisation', row.mount);
            const tone = breachTone(levels, row.share ?? undefined);
            const look = tone && SEVERITY_LOOKS[tone === 'crit' ? 'critical' : 'warning'];
            return (
              <tr key={row.mount}>
                <td className="max-w-60 truncate font-mono text-12">{row.mount}</td>
                <td className="text-right">
                  <Quantity value={row.used} unit="B" />
                </td>
                <td className="text-right max-tablet:hidden">
                  <Quantity value={row.total} unit="B" />
                </td>
                <td>
                  <span className="flex items-center gap-2">
                    <span
                      className={cx(
                        'flex w-[72px] flex-none items-center justify-end gap-1',
                        look && cx('font-medium', TONE_TEXT[look.tone]),
                      )}
                    >
                      {look && <Glyph name={look.glyph} />}
                      {look && <span className="sr-only">{t(look.word)}</span>}
                      <Quantity value={row.share} unit="%" />
                    </span>
                    <Meter
                      percent={row.share}
                      tone={tone}
                      tick={levels[0]?.level}
                      className="min-w-10 flex-1"
                    />
                  </span>
                </td>
              </tr>
            );
          })}
        </PlainTable>
      )}
    </Card>
  );
}

interface FileSystem {
  readonly mount: string;
  readonly atMs: number;
  readonly used: number | null;
  readonly total: number | null;
  readonly share: number | null;
}

/** Fullest first. */
function fileSystems(latest: readonly LatestValue[]): FileSystem[] {
  const of = (metric: string, mount: string) =>
    latest.find((each) => each.metric === metric && each.instance === mount)?.value ?? null;
  return latest
    .filter((each) => each.metric === 'filesystem.utilisation')
    .map(({ instance, at, value }) => ({
      mount: instance,
      atMs: millis(at),
      used: of('filesystem.used', instance),
      total: of('filesystem.total', instance),
      share: value,
    }))
    .sort((a, b) => b.share - a.share);
}

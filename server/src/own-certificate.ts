/** How long the certificate that this server shows is still valid, as samples of its own machine, for the rules to read. */
import { MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import type { CiDirectory } from './cmdb/directory.ts';
import type { MetricStore, StoredTick } from './metrics/store.ts';

/** Well within the time after which a series counts as gone. */
export const CERTIFICATE_LOOK_MS = MINUTE_MS;

interface CertificateWatchDeps {
  /** End of the certificate's validity (X.509 notAfter). */
  readonly expiresMs: Millis;
  /** Host name of this machine. */
  readonly hostname: string;
  readonly directory: CiDirectory;
  readonly metrics: Pick<MetricStore, 'append' | 'resolve'>;
  readonly onSamples: (ciId: string, ticks: readonly StoredTick[], nowMs: Millis) => void;
  /** Names this run of the server: 16 hex digits. */
  readonly epoch: string;
}

export interface CertificateWatch {
  /** Resolves when the sample is durable; without effect while this machine is in no inventory. */
  tick(nowMs: Millis): Promise<void>;
}

/** Nobody else delivers under this name: agents are named by 32 hex digits. */
const SENDER = 'server';

export function createCertificateWatch(deps: CertificateWatchDeps): CertificateWatch {
  const { directory, metrics, epoch, expiresMs } = deps;
  const own = deps.hostname.toLowerCase();
  let lookedMs = -Infinity;
  let seq = 0;

  function ownCi(): string | null {
    const found = [...directory.all()].filter(({ name }) => name.toLowerCase() === own);
    return found.length === 1 ? (found[0]?.id ?? null) : null;
  }

  return {
    async tick(nowMs) {
      if (Math.abs(nowMs - lookedMs) < CERTIFICATE_LOOK_MS) return;
      lookedMs = nowMs;
      const ciId = ownCi();
      if (ciId === null) return;
      seq += 1;
      const series = metrics.resolve({ ciId, metric: 'certificate.remaining', instance: '' });
      const ticks = [{ atMs: nowMs, series: [series], values: [Math.round((expiresMs - nowMs) / 1_000)] }];
      await metrics.append({ agentId: SENDER, epoch, seq }, ticks, nowMs);
      deps.onSamples(ciId, ticks, nowMs);
    },
  };
}

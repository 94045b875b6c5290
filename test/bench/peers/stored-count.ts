/** Whether a peer holds every sample that it was given. */
import { until } from '../../e2e/harness.ts';
import { InvalidRun } from './figure.ts';
import type { Peer } from './peer.ts';
import { JOB, type Labels } from './workload.ts';

/** A peer shows samples some seconds after it took them. */
const VISIBLE_MS_MAX = 20_000;

interface Between {
  readonly fromMs: number;
  readonly toMs: number;
}

/** @throws InvalidRun unless the peer holds exactly so many samples of the series of these labels, over all hosts */
export async function verifyCount(
  peer: Peer,
  labels: readonly Labels[],
  { samples, ...between }: Between & { readonly samples: number },
): Promise<void> {
  let counted = 0;
  await until(async () => (counted = await countStored(peer, labels, between)) >= samples, {
    withinMs: VISIBLE_MS_MAX,
    everyMs: 1_000,
    what: () => `${peer.name} holds ${samples} samples; it holds ${counted}`,
  }).catch((error: unknown) => {
    throw new InvalidRun(error instanceof Error ? error.message : String(error));
  });
  if (counted !== samples)
    throw new InvalidRun(`${peer.name} holds ${counted} samples instead of ${samples}`);
}

async function countStored(peer: Peer, labels: readonly Labels[], between: Between): Promise<number> {
  await peer.flush();
  let counted = 0;
  // Name by name: `count_over_time` drops the name, and two series must not become one.
  for (const metric of new Set(labels.map(([name]) => name?.[1])))
    counted += await peer.scalar(
      `sum(count_over_time(${metric}{job="${JOB}"}[${rangeOf(between)}]))`,
      between.toMs,
    );
  return counted;
}

/** A range selector that ends at `toMs` and begins before `fromMs`. */
export function rangeOf({ fromMs, toMs }: Between): string {
  return `${Math.ceil((toMs - fromMs) / 1_000) + 1}s`;
}

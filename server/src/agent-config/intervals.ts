/** How often the agent of a machine was told to read samples, and since when. Pure. */
import type { Member } from '@muster/shared/agent-config/membership.ts';
import type { ConfigGroups } from '@muster/shared/api/agent-config.ts';
import type { Millis } from '@muster/shared/time.ts';
import { effectiveConfig } from './effective.ts';

export interface ToldInterval {
  /** null: from the beginning. */
  readonly sinceMs: Millis | null;
  readonly intervalMs: Millis;
}

/** Of versions in the order of their making; one that changes nothing for the machine is not there. */
export function toldIntervals(
  versions: readonly { readonly atMs: Millis | null; readonly content: ConfigGroups }[],
  machine: Member<string | null>,
  defaultMs: Millis,
): ToldInterval[] {
  const told: ToldInterval[] = [];
  for (const { atMs, content } of versions) {
    const intervalMs = effectiveConfig(machine, content).intervalMs?.value ?? defaultMs;
    if (told.at(-1)?.intervalMs !== intervalMs) told.push({ sinceMs: atMs, intervalMs });
  }
  return told;
}

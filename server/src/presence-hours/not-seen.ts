/** A machine that its user takes along and that has not been seen for weeks: lost, stolen, or in a drawer. */
import { isInService } from '@muster/shared/cmdb/lifecycle.ts';
import { DAY_MS, HOUR_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Expectations } from '../availability/expectation.ts';
import type { PresenceView } from '../availability/status.ts';
import { timeWords } from '../availability/words.ts';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import type { Findings } from '../findings/finding.ts';

export const NOT_SEEN_LOOK_MS = HOUR_MS;

export interface NotSeenDeps {
  readonly directory: Pick<CiDirectory, 'all'>;
  readonly expectations: Pick<Expectations, 'of'>;
  readonly presence: Pick<PresenceView, 'get'>;
  readonly findings: Findings;
  readonly days: () => number;
}

export interface NotSeen {
  /** Once a second; looks once an hour. */
  tick(nowMs: Millis): Promise<void>;
}

export function createNotSeen({ directory, expectations, presence, findings, days }: NotSeenDeps): NotSeen {
  /** Machines with an open finding; null: not known yet. */
  let told: Set<string> | null = null;
  let lookedMs = -Infinity;

  function lastSeenMs(entry: CiEntry, nowMs: Millis): Millis | null {
    const status = presence.get(entry.id);
    if (!status || status.presence === 'up' || status.planned) return null;
    // That is a finding of its own.
    if (status.cause === 'agent-uninstalled') return null;
    if (!isInService(entry.lifecycle) || !expectations.of(entry).roaming) return null;
    return nowMs - status.lastSeenMs >= days() * DAY_MS ? status.lastSeenMs : null;
  }

  async function look(entry: CiEntry, open: Set<string>, nowMs: Millis): Promise<void> {
    const { id, name, timeZone } = entry;
    const seenMs = lastSeenMs(entry, nowMs);
    if (open.has(id) === (seenMs !== null)) return;
    if (seenMs === null) {
      await findings.settle('not-seen', id, 'system', nowMs);
      open.delete(id);
      return;
    }
    const at = timeWords(seenMs, timeZone);
    const count = days();
    await findings.raise(
      {
        kind: 'not-seen',
        key: id,
        ciId: id,
        title: {
          en: `${name} was not seen for more than ${count} days`,
          zh: `${name} 已超过 ${count} 天未出现`,
        },
        evidence: { lastSeen: at.en, days: count },
      },
      nowMs,
    );
    open.add(id);
  }

  return {
    tick: async (nowMs) => {
      if (nowMs - lookedMs < NOT_SEEN_LOOK_MS && nowMs >= lookedMs) return;
      lookedMs = nowMs;
      const open = (told ??= await findings.openKeys('not-seen'));
      for (const entry of directory.all()) await look(entry, open, nowMs);
    },
  };
}

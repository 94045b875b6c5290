/** A machine whose agent was uninstalled: nothing fails there, and yet nobody watches it any more. */
import { isInService } from '@muster/shared/cmdb/lifecycle.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { PresenceView } from '../availability/status.ts';
import { timeWords } from '../availability/words.ts';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import type { Findings } from '../findings/finding.ts';

export interface UninstalledDeps {
  readonly directory: Pick<CiDirectory, 'all' | 'get' | 'onChange'>;
  readonly presence: Pick<PresenceView, 'get' | 'onChange'>;
  readonly findings: Findings;
}

export interface Uninstalled {
  /** Once a second; looks only at machines of which something changed since. */
  tick(nowMs: Millis): Promise<void>;
}

export function createUninstalled({ directory, presence, findings }: UninstalledDeps): Uninstalled {
  /** Machines with an open finding; null: not known yet. */
  let told: Set<string> | null = null;
  const changed = new Set<string>();
  presence.onChange(({ ciId }) => changed.add(ciId));
  directory.onChange(({ id }) => changed.add(id));

  /** null: its agent is there, or nobody wants one there. */
  function goneSinceMs({ id, lifecycle }: CiEntry): Millis | null {
    const status = presence.get(id);
    return status?.cause === 'agent-uninstalled' && isInService(lifecycle) ? status.sinceMs : null;
  }

  async function look(ciId: string, open: Set<string>, nowMs: Millis): Promise<void> {
    const entry = directory.get(ciId);
    const sinceMs = entry ? goneSinceMs(entry) : null;
    if (open.has(ciId) === (sinceMs !== null)) return;
    if (!entry || sinceMs === null) {
      await findings.settle('agent-uninstalled', ciId, 'system', nowMs);
      open.delete(ciId);
      return;
    }
    const at = timeWords(sinceMs, entry.timeZone);
    await findings.raise(
      {
        kind: 'agent-uninstalled',
        key: ciId,
        ciId,
        title: {
          en: `The agent of ${entry.name} was uninstalled: no agent reports from it any more`,
          zh: `${entry.name} 的代理程序已被卸载，此后不再有代理程序上报`,
        },
        evidence: { uninstalled: at.en },
      },
      nowMs,
    );
    open.add(ciId);
  }

  return {
    tick: async (nowMs) => {
      if (told === null) {
        told = await findings.openKeys('agent-uninstalled');
        // The server may have ended between the word of the agent and the finding, or while one was open.
        for (const { id } of directory.all()) changed.add(id);
        for (const ciId of told) changed.add(ciId);
      }
      for (const ciId of changed) {
        changed.delete(ciId);
        try {
          await look(ciId, told, nowMs);
        } catch (error) {
          changed.add(ciId);
          throw error;
        }
      }
    },
  };
}

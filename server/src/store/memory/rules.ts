/** Rules and alerts in plain maps, for tests and the simulator. */
import { invariant } from '@muster/shared/invariant.ts';
import { alertKey } from '../../rules/alert.ts';
import type { AlertRecord } from '../../rules/alert.ts';
import type { StoredRule } from '../../rules/rule.ts';
import type { RulesStore, SeriesState } from '../../rules/store.ts';

export function createMemoryRulesStore(): RulesStore {
  const rules = new Map<string, StoredRule>();
  const installed = new Set<string>();
  const states = new Map<string, SeriesState>();
  const alerts = new Map<string, AlertRecord>();

  function newestFirst(): AlertRecord[] {
    return [...alerts.values()].sort(
      (a, b) => b.openedAtMs - a.openedAtMs || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0),
    );
  }

  function requireOneLiveOfKey(changed: readonly AlertRecord[]): void {
    const after = new Map(alerts);
    for (const alert of changed) after.set(alert.id, alert);
    const live = new Set<string>();
    for (const alert of after.values()) {
      if (alert.state === 'resolved') continue;
      invariant(!live.has(alertKey(alert)), 'one alert of a key lives');
      live.add(alertKey(alert));
    }
  }

  return {
    rules: async () => structuredClone([...rules.values()].sort((a, b) => (a.id < b.id ? -1 : 1))),
    putRule: async (rule) => {
      rules.set(rule.id, structuredClone(rule));
    },
    deleteRule: async (id) => {
      rules.delete(id);
      for (const [key, state] of states) if (state.ruleId === id) states.delete(key);
    },
    installPack: async (pack) => {
      const added = pack.filter((rule) => rule.pack !== null && !installed.has(rule.pack));
      for (const rule of added) {
        rules.set(rule.id, structuredClone(rule));
        if (rule.pack !== null) installed.add(rule.pack);
      }
      return added;
    },
    states: async () => structuredClone([...states.values()]),
    record: async (change) => {
      requireOneLiveOfKey(change.alerts);
      for (const state of structuredClone(change.states)) {
        if (state.tracks.length === 0) states.delete(alertKey(state));
        else states.set(alertKey(state), state);
      }
      for (const alert of structuredClone(change.alerts)) alerts.set(alert.id, alert);
    },
    settle: async (told) => {
      for (const { alert, incidentId } of told) {
        const held = alerts.get(alert.id);
        if (!held) continue;
        const settled = held.version === alert.version ? true : held.settled;
        alerts.set(alert.id, { ...held, settled, incidentId: incidentId ?? held.incidentId });
      }
    },
    live: async (sinceMs) =>
      structuredClone(
        newestFirst().filter(
          (alert) => alert.state !== 'resolved' || !alert.settled || (alert.resolvedAtMs ?? 0) >= sinceMs,
        ),
      ),
    alerts: async ({ state, ciId, limit, after }) =>
      structuredClone(
        newestFirst()
          .filter((alert) => state === undefined || alert.state === state)
          .filter((alert) => ciId === undefined || alert.ciId === ciId)
          .filter(
            (alert) =>
              after === undefined ||
              alert.openedAtMs < after.openedAtMs ||
              (alert.openedAtMs === after.openedAtMs && alert.id < after.id),
          )
          .slice(0, limit),
      ),
    alertsByIds: async (ids) => structuredClone(newestFirst().filter((alert) => ids.includes(alert.id))),
    dropResolvedBefore: async (beforeMs) => {
      let dropped = 0;
      for (const alert of alerts.values()) {
        if (!alert.settled || alert.resolvedAtMs === null || alert.resolvedAtMs >= beforeMs) continue;
        alerts.delete(alert.id);
        dropped += 1;
      }
      return dropped;
    },
  };
}

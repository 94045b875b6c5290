/** Rules and alerts in plain maps, for tests and the simulator. */
import { invariant } from '@muster/shared/invariant.ts';
import { alertKey } from '../../rules/alert.ts';
import type { AlertRecord } from '../../rules/alert.ts';
import type { StoredRule } from '../../rules/rule.ts';
import { installedNow, RULE_VERSIONS_MAX } from '../../rules/store.ts';
import type { RuleChange, RulesStore, RuleVersionRecord, SeriesState } from '../../rules/store.ts';

export function createMemoryRulesStore(): RulesStore {
  const rules = new Map<string, StoredRule>();
  const installed = new Set<string>();
  const states = new Map<string, SeriesState>();
  const alerts = new Map<string, AlertRecord>();
  /** Id of the alert of each key that is not resolved. */
  const live = new Map<string, string>();
  const versions = new Map<string, RuleVersionRecord[]>();

  function note(rule: StoredRule, change: RuleChange | undefined): void {
    if (change === undefined) return;
    const held = versions.get(rule.id) ?? [];
    const version = (held[0]?.version ?? 0) + 1;
    const made = structuredClone({ ...change, version, rule });
    versions.set(rule.id, [made, ...held].slice(0, RULE_VERSIONS_MAX));
  }

  function newestFirst(of: Iterable<AlertRecord> = alerts.values()): AlertRecord[] {
    return [...of].sort((a, b) => b.openedAtMs - a.openedAtMs || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0));
  }

  function requireOneLiveOfKey(changed: readonly AlertRecord[]): void {
    const after = new Map(changed.map((alert) => [alert.id, alert]));
    const claimed = new Set<string>();
    for (const alert of after.values()) {
      if (alert.state === 'resolved') continue;
      const key = alertKey(alert);
      const holder = live.get(key) ?? alert.id;
      const isFree = holder === alert.id || after.get(holder)?.state === 'resolved';
      invariant(isFree && !claimed.has(key), 'one alert of a key lives');
      claimed.add(key);
    }
  }

  function put(alert: AlertRecord): void {
    alerts.set(alert.id, alert);
    const key = alertKey(alert);
    if (alert.state !== 'resolved') live.set(key, alert.id);
    else if (live.get(key) === alert.id) live.delete(key);
  }

  return {
    rules: async () => structuredClone([...rules.values()].sort((a, b) => (a.id < b.id ? -1 : 1))),
    putRule: async (rule, change) => {
      rules.set(rule.id, structuredClone(rule));
      note(rule, change);
    },
    deleteRule: async (id, change) => {
      const rule = rules.get(id);
      if (rule) note(rule, change);
      rules.delete(id);
      for (const [key, state] of states) if (state.ruleId === id) states.delete(key);
    },
    installPack: async (pack) => {
      const added = pack.filter((rule) => rule.pack !== null && !installed.has(rule.pack));
      for (const rule of added) {
        rules.set(rule.id, structuredClone(rule));
        note(rule, installedNow(rule));
        if (rule.pack !== null) installed.add(rule.pack);
      }
      return added;
    },
    versions: async (ruleId, limit, before = Infinity) =>
      structuredClone((versions.get(ruleId) ?? []).filter(({ version }) => version < before).slice(0, limit)),
    version: async (ruleId, version) =>
      structuredClone((versions.get(ruleId) ?? []).find((one) => one.version === version) ?? null),
    states: async () => structuredClone([...states.values()]),
    record: async (change) => {
      requireOneLiveOfKey(change.alerts);
      for (const state of structuredClone(change.states)) {
        if (state.tracks.length === 0) states.delete(alertKey(state));
        else states.set(alertKey(state), state);
      }
      for (const alert of structuredClone(change.alerts)) put(alert);
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
    alerts: async ({ state, severity, ruleIds, ciId, alsoOf = [], fromMs, toMs, text, limit, after }) =>
      structuredClone(
        newestFirst()
          .filter(
            (alert) =>
              state === undefined || (state === 'live' ? alert.state !== 'resolved' : alert.state === state),
          )
          .filter((alert) => severity === undefined || alert.severity === severity)
          .filter((alert) => ruleIds === undefined || ruleIds.includes(alert.ruleId))
          .filter((alert) => ciId === undefined || alert.ciId === ciId || alsoOf.includes(alert.ciId))
          .filter((alert) => fromMs === undefined || alert.openedAtMs >= fromMs)
          .filter((alert) => toMs === undefined || alert.openedAtMs < toMs)
          .filter(
            (alert) =>
              text === undefined ||
              text.ciIds.includes(alert.ciId) ||
              `${alert.ruleName}\n${alert.metric ?? ''}\n${alert.instance}`
                .toLowerCase()
                .includes(text.part.toLowerCase()),
          )
          .filter(
            (alert) =>
              after === undefined ||
              alert.openedAtMs < after.openedAtMs ||
              (alert.openedAtMs === after.openedAtMs && alert.id < after.id),
          )
          .slice(0, limit),
      ),
    alertsByIds: async (ids) =>
      structuredClone(newestFirst([...new Set(ids)].flatMap((id) => alerts.get(id) ?? []))),
    lastOpened: async () => {
      const newest = new Map<string, number>();
      for (const { ruleId, openedAtMs } of alerts.values())
        newest.set(ruleId, Math.max(openedAtMs, newest.get(ruleId) ?? -Infinity));
      return [...newest].map(([ruleId, atMs]) => ({ ruleId, atMs }));
    },
    noise: async (sinceMs, briefMs) => {
      const told = [...alerts.values()].filter(
        ({ openedAtMs, suppressedBy }) => openedAtMs >= sinceMs && suppressedBy?.kind !== 'maintenance',
      );
      return [...Map.groupBy(told, ({ ruleId }) => ruleId)].map(([ruleId, ofRule]) => ({
        ruleId,
        alerts: ofRule.length,
        brief: ofRule.filter(
          ({ resolvedBecause, acknowledgement, openedAtMs, resolvedAtMs }) =>
            resolvedBecause === 'cleared' &&
            acknowledgement === null &&
            resolvedAtMs !== null &&
            resolvedAtMs - openedAtMs <= briefMs,
        ).length,
        incidents: new Set(ofRule.flatMap(({ incidentId }) => incidentId ?? [])).size,
        machines: new Set(ofRule.map(({ ciId }) => ciId)).size,
      }));
    },
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

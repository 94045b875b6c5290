/** What every store of rules and alerts does. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AlertRecord } from '../../rules/alert.ts';
import type { StoredRule } from '../../rules/rule.ts';
import { RULE_VERSIONS_MAX } from '../../rules/store.ts';
import type { RulesStore } from '../../rules/store.ts';

function rule(id: string, pack: string | null = null): StoredRule {
  return {
    id,
    name: `Rule ${id}`,
    enabled: true,
    selector: { class: ['Server'], tag: null, ciId: null, instance: '/var*' },
    condition: {
      type: 'threshold',
      metric: 'filesystem.utilisation',
      op: 'above',
      levels: [{ severity: 'warning', level: 90.5, clear: 85, floor: 10 }],
      forMs: 60_000,
      keepForMs: 0,
      floor: { metric: 'filesystem.available', op: 'below', level: 12 },
    },
    owner: '张伟',
    agreedOn: '2026-11-20',
    explanation: { en: 'Full.', zh: '已满。' },
    pack,
    createdAtMs: 1_000,
    updatedAtMs: 2_000,
  };
}

function alert(id: string, fields: Partial<AlertRecord> = {}): AlertRecord {
  return {
    id,
    ruleId: 'rul_1',
    ciId: 'ci_1',
    instance: id,
    state: 'open',
    severity: 'warning',
    ruleName: 'Rule',
    metric: 'filesystem.utilisation',
    value: 91.25,
    level: 90,
    lastValue: 92,
    levelSinceMs: 700,
    breachedAtMs: 500,
    openedAtMs: 1_000,
    resolvedAtMs: null,
    resolvedBecause: null,
    reopened: 0,
    incidentId: null,
    suppressedBy: null,
    acknowledgement: null,
    flaps: null,
    settled: false,
    version: 1,
    ...fields,
  };
}
const resolved = { state: 'resolved', resolvedAtMs: 2_000, resolvedBecause: 'cleared' } as const;

export function rulesStoreContract(
  name: string,
  open: () => Promise<{ store: RulesStore; close: () => Promise<void> }>,
): void {
  describe(name, () => {
    let store: RulesStore;
    let close: () => Promise<void>;
    beforeEach(async () => {
      ({ store, close } = await open());
      await store.putRule(rule('rul_1'));
    });
    afterEach(() => close());
    const put = (...alerts: AlertRecord[]) => store.record({ states: [], alerts });

    test('[RU25] the alerts of each rule since a time are counted, also behind a cause; not what was planned', async () => {
      const at = (openedAtMs: number, resolvedAtMs: number | null = null) => ({
        openedAtMs,
        resolvedAtMs,
        ...(resolvedAtMs === null ? {} : ({ state: 'resolved', resolvedBecause: 'cleared' } as const)),
      });
      const planned = { kind: 'maintenance', id: null, words: { en: '', zh: '' } } as const;
      // Its words may say what they like.
      const words = { en: 'in the window "maintenance"', zh: '' };
      const behind = { kind: 'dependency', id: 'ci_9', words } as const;
      const storm = { kind: 'storm', id: null, words } as const;
      const seen = { by: 'anna', atMs: 1, untilMs: null, note: '' };
      await put(
        alert('too-old', at(999, 1_010)),
        alert('brief', { ...at(1_000, 1_600), incidentId: 'inc_1' }),
        alert('long', { ...at(1_000, 1_601), incidentId: 'inc_1', ciId: 'ci_2' }),
        alert('seen', { ...at(1_000, 1_100), acknowledgement: seen }),
        alert('ended', { ...at(1_000, 1_100), resolvedBecause: 'rule-ended', incidentId: 'inc_2' }),
        alert('suppressed', { ...at(2_000, 2_100), suppressedBy: planned }),
        alert('behind', { ...at(2_000), suppressedBy: behind, ciId: 'ci_3', incidentId: 'inc_1' }),
        alert('grouped', { ...at(2_000, 9_000), suppressedBy: storm, ciId: 'ci_3' }),
        alert('open', at(2_000)),
        alert('other', { ...at(2_000, 2_100), ruleId: 'rul_2' }),
      );
      const counted = await store.noise(1_000, 600);
      expect(counted.toSorted((a, b) => (a.ruleId < b.ruleId ? -1 : 1))).toEqual([
        { ruleId: 'rul_1', alerts: 7, brief: 1, incidents: 2, machines: 3 },
        { ruleId: 'rul_2', alerts: 1, brief: 1, incidents: 0, machines: 1 },
      ]);
    });

    test('[RU13] a rule comes back as it was put last', async () => {
      const silent: StoredRule = { ...rule('rul_2'), condition: { type: 'silent', severity: 'critical' } };
      await store.putRule(silent);
      await store.putRule({ ...silent, enabled: false });
      expect(await store.rules()).toEqual([rule('rul_1'), { ...silent, enabled: false }]);
      await store.deleteRule('rul_1');
      expect((await store.rules()).map(({ id }) => id)).toEqual(['rul_2']);
    });

    test('[RU14] a pack is installed once: what was deleted stays away, what was changed stays changed', async () => {
      const [a, b, c] = [rule('rul_a', 'server/a'), rule('rul_b', 'server/b'), rule('rul_c', 'server/c')];
      expect(await store.installPack([a, b])).toEqual([a, b]);
      await store.deleteRule('rul_a');
      await store.putRule({ ...b, enabled: false });
      expect(await store.installPack([{ ...a, id: 'rul_x' }, { ...b, id: 'rul_y' }, c])).toEqual([c]);
      expect((await store.rules()).map(({ id, enabled }) => [id, enabled])).toEqual([
        ['rul_1', true],
        ['rul_b', false],
        ['rul_c', true],
      ]);
    });

    test('[RU24] each change of a rule is a version that stays, also when the rule goes', async () => {
      const by = (change: 'created' | 'changed' | 'restored' | 'deleted', atMs: number) => ({
        atMs,
        by: 'user:anna',
        change,
        restoredFrom: change === 'restored' ? 1 : null,
      });
      const first = rule('rul_v');
      const second = { ...first, name: 'Renamed', enabled: false };
      await store.putRule(first, by('created', 10));
      await store.putRule(second, by('changed', 20));
      await store.putRule(first, by('restored', 30));
      await store.putRule(second);
      await store.deleteRule('rul_v', by('deleted', 40));
      const all = await store.versions('rul_v', 10);
      expect(all).toEqual([
        { ...by('deleted', 40), version: 4, rule: second },
        { ...by('restored', 30), version: 3, rule: first },
        { ...by('changed', 20), version: 2, rule: second },
        { ...by('created', 10), version: 1, rule: first },
      ]);
      expect(await store.versions('rul_v', 2, 4)).toEqual(all.slice(1, 3));
      expect(await store.version('rul_v', 2)).toEqual(all[2]);
      expect(await store.version('rul_v', 9)).toBeNull();
      expect(await store.versions('rul_1', 10)).toEqual([]);
    });

    test('[RU24] a rule of a pack begins with the version that was installed; old versions make room', async () => {
      const installed = rule('rul_a', 'server/a');
      await store.installPack([installed]);
      const noted = { atMs: 1, by: 'user:anna', change: 'changed', restoredFrom: null } as const;
      expect(await store.versions('rul_a', 10)).toEqual([
        { version: 1, atMs: 1_000, by: 'system', change: 'installed', restoredFrom: null, rule: installed },
      ]);
      for (let i = 0; i < RULE_VERSIONS_MAX; i++) await store.putRule(installed, noted);
      const kept = await store.versions('rul_a', RULE_VERSIONS_MAX + 10);
      expect(kept.map(({ version }) => version)).toEqual(
        Array.from({ length: RULE_VERSIONS_MAX }, (_, i) => RULE_VERSIONS_MAX + 1 - i),
      );
    });

    test('[RU25] when an alert of each rule opened last', async () => {
      await put(
        alert('a', { openedAtMs: 5 }),
        alert('b', { openedAtMs: 9 }),
        alert('c', { ruleId: 'rul_2' }),
      );
      const found = [...(await store.lastOpened())].sort((a, b) => (a.ruleId < b.ruleId ? -1 : 1));
      expect(found).toEqual([
        { ruleId: 'rul_1', atMs: 9 },
        { ruleId: 'rul_2', atMs: 1_000 },
      ]);
    });

    test('[RU11] phases come back, go when idle, and go with their rule', async () => {
      const state = { ruleId: 'rul_1', ciId: 'ci_1', instance: '/', atMs: 10 };
      const pending = { ...state, tracks: [{ phase: 'pending', sinceMs: 5 } as const] };
      await store.record({ states: [pending, { ...pending, instance: '/var' }], alerts: [] });
      const raised = { ...state, atMs: 20, tracks: [{ phase: 'raised', breachedAtMs: 5 } as const] };
      await store.record({ states: [raised, { ...state, instance: '/var', tracks: [] }], alerts: [] });
      expect(await store.states()).toEqual([raised]);
      await store.deleteRule('rul_1');
      expect(await store.states()).toEqual([]);
      await store.record({ states: [raised], alerts: [] });
    });

    test('[RU9] alerts are narrowed by severity, rule, and part of rule name, metric, instance or machine', async () => {
      await put(
        alert('a', { openedAtMs: 1, severity: 'critical', instance: '/var_1' }),
        alert('b', { openedAtMs: 2, ruleId: 'rul_2', ruleName: 'Disk space short', metric: null }),
        alert('c', { openedAtMs: 3, ciId: 'ci_2', instance: '/home' }),
      );
      const ids = async (filter: Omit<Parameters<RulesStore['alerts']>[0], 'limit'>) =>
        (await store.alerts({ limit: 9, ...filter })).map(({ id }) => id);
      expect(await ids({ severity: 'critical' })).toEqual(['a']);
      expect(await ids({ ruleIds: ['rul_2', 'rul_9'] })).toEqual(['b']);
      expect(await ids({ text: { part: 'DISK sp', ciIds: [] } })).toEqual(['b']);
      expect(await ids({ text: { part: 'r_1', ciIds: [] } })).toEqual(['a']);
      expect(await ids({ text: { part: 'r%1', ciIds: [] } })).toEqual([]);
      expect(await ids({ text: { part: 'nothing', ciIds: ['ci_2'] } })).toEqual(['c']);
      const fleet = [...Array.from({ length: 5_000 }, (_, i) => `ci_x${i}`), 'ci_2'];
      expect(await ids({ text: { part: 'nothing', ciIds: fleet } })).toEqual(['c']);
    });

    test('[RU9] alerts are listed newest first, by state and machine, page by page', async () => {
      await put(
        alert('a', { openedAtMs: 1 }),
        alert('b', { openedAtMs: 3, ciId: 'ci_2' }),
        alert('c', { openedAtMs: 2, ...resolved }),
        alert('d', { openedAtMs: 2 }),
      );
      const ids = async (filter: Parameters<RulesStore['alerts']>[0]) =>
        (await store.alerts(filter)).map(({ id }) => id);
      expect(await ids({ limit: 10 })).toEqual(['b', 'd', 'c', 'a']);
      expect(await ids({ limit: 2 })).toEqual(['b', 'd']);
      expect(await ids({ limit: 2, after: { openedAtMs: 2, id: 'd' } })).toEqual(['c', 'a']);
      expect(await ids({ limit: 10, state: 'open', ciId: 'ci_1' })).toEqual(['d', 'a']);
      expect(await ids({ limit: 10, ciId: 'ci_z', alsoOf: ['ci_2'] })).toEqual(['b']);
      expect(await ids({ limit: 10, state: 'live' })).toEqual(['b', 'd', 'a']);
      expect(await ids({ limit: 10, fromMs: 2, toMs: 3 })).toEqual(['d', 'c']);
      expect(await store.alertsByIds(['a', 'nobody', 'c'])).toEqual([
        alert('c', { openedAtMs: 2, ...resolved }),
        alert('a', { openedAtMs: 1 }),
      ]);
    });

    test('[RU9] at most one alert of a key lives; a refused record leaves no trace', async () => {
      const first = alert('a', { instance: '/' });
      await put(first);
      await expect(put(alert('b', { instance: '/' }), alert('c'))).rejects.toThrow();
      expect(await store.alerts({ limit: 10 })).toEqual([first]);
      await put({ ...first, ...resolved }, alert('b', { instance: '/' }));
      expect((await store.alerts({ limit: 10, state: 'open' })).map(({ id }) => id)).toEqual(['b']);
    });

    test('[CR12] what holds an alert back, who has seen it and how often it changed come back', async () => {
      const known = alert('a', {
        state: 'suppressed',
        suppressedBy: {
          kind: 'dependency',
          id: 'ci_sw3',
          words: { en: 'Behind SW-3.', zh: '位于 SW-3 之后。' },
        },
        acknowledgement: { by: 'user:anna', atMs: 5, untilMs: 9, note: 'on it' },
        flaps: { bits: 0b1011, atMs: 7, flapping: true },
      });
      await put(known, alert('b'));
      expect(await store.alertsByIds(['a'])).toEqual([known]);
      await put({ ...known, suppressedBy: null, acknowledgement: null, flaps: null });
      expect(await store.alertsByIds(['a'])).toMatchObject([
        { suppressedBy: null, acknowledgement: null, flaps: null },
      ]);
    });

    test('[RU12] what was told is settled, unless it changed meanwhile', async () => {
      await put(alert('a'), alert('b'));
      await put(alert('b', { severity: 'critical', version: 2 }));
      await store.settle([
        { alert: alert('a'), incidentId: 'inc_1' },
        { alert: alert('b'), incidentId: 'inc_2' },
      ]);
      expect(await store.alertsByIds(['a'])).toEqual([alert('a', { settled: true, incidentId: 'inc_1' })]);
      expect(await store.alertsByIds(['b'])).toMatchObject([{ settled: false, incidentId: 'inc_2' }]);
    });

    test('[RU12] what lives, what is not settled and what was resolved lately is read at the start', async () => {
      await put(
        alert('open', { settled: true }),
        alert('untold', { ...resolved, resolvedAtMs: 10 }),
        alert('lately', { ...resolved, settled: true }),
        alert('old', { ...resolved, resolvedAtMs: 10, settled: true }),
      );
      expect((await store.live(2_000)).map(({ id }) => id).sort()).toEqual(['lately', 'open', 'untold']);
    });

    test('[RU15] old resolved alerts go, but none that was not told', async () => {
      await put(
        alert('open', { settled: true }),
        alert('untold', resolved),
        alert('old', { ...resolved, settled: true }),
      );
      expect(await store.dropResolvedBefore(2_000)).toBe(0);
      expect(await store.dropResolvedBefore(2_001)).toBe(1);
      expect((await store.alerts({ limit: 10 })).map(({ id }) => id)).toEqual(['untold', 'open']);
    });
  });
}

import { isMember, type Member } from '@muster/shared/agent-config/membership.ts';
import type { ConfigGroups, ConfigSettings } from '@muster/shared/api/agent-config.ts';
import type { Check } from '@muster/shared/checks/check.ts';
import { MACHINE_CLASSES } from '@muster/shared/cmdb/classes.ts';
import { CHECKS_MAX } from '@muster/shared/wire/limits.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checksOf, effectiveConfig, switchedOff } from './effective.ts';

const SERVER: Member = { class: 'Server', tags: ['db', 'gdpr'], site: 'Bonn' };

test('[CF2] later groups win, each value by itself, and what none says is as before', () => {
  const groups: ConfigGroups = {
    everybody: { intervalMs: 10_000, sections: { users: false, software: true }, labels: { env: 'test' } },
    groups: [
      group('databases', ['db'], { intervalMs: 5_000, sections: { users: true }, labels: { owner: 'dba' } }),
      group('elsewhere', ['web'], { intervalMs: 1_000 }),
      group('privacy', ['gdpr'], { sections: { users: false }, fields: { 'sockets.outgoing': false } }),
    ],
  };
  const config = effectiveConfig(SERVER, groups);
  expect(config.groups).toEqual(['databases', 'privacy']);
  expect(config.intervalMs).toEqual({ value: 5_000, group: 'databases' });
  expect(config.inventoryIntervalMs).toBeNull();
  expect(Object.fromEntries(config.sections)).toEqual({
    users: { value: false, group: 'privacy' },
    software: { value: true, group: null },
  });
  expect(config.labels.get('env')).toEqual({ value: 'test', group: null });
  expect(switchedOff(config.sections)).toEqual(['users']);
  expect(effectiveConfig(null, groups).intervalMs).toEqual({ value: 10_000, group: null });
});

test('[CK3] of the groups that name a check the last wins, and can say that it is not run here', () => {
  const { checks } = effectiveConfig(SERVER, {
    everybody: { checks: { intranet: check(80), db: check(1) } },
    groups: [
      group('databases', ['db'], { checks: { db: check(5_432), mail: check(993) } }),
      group('elsewhere', ['web'], { checks: { db: check(9) } }),
      group('privacy', ['gdpr'], { checks: { intranet: null } }),
    ],
  });
  expect(checks.get('intranet')).toEqual({ value: null, group: 'privacy' });
  expect(checksOf({ checks })).toEqual([
    { name: 'db', check: check(5_432) },
    { name: 'mail', check: check(993) },
  ]);
});

test('[CK3] of more than one agent may run, those that its groups name first are told', () => {
  const many = (from: number) =>
    Object.fromEntries(Array.from({ length: CHECKS_MAX }, (_, i) => [`c${from + i}`, check(from + i)]));
  const effective = effectiveConfig(SERVER, {
    everybody: { checks: many(1) },
    groups: [group('databases', ['db'], { checks: { ...many(101), c1: null } })],
  });
  const told = checksOf(effective);
  expect(told).toHaveLength(CHECKS_MAX);
  expect(told[0]?.name).toBe('c2');
  expect(told.at(-1)?.name).toBe('c101');
});

function check(port: number): Check {
  return { kind: 'tcp', host: 'db.example', port, intervalMs: 60_000, timeoutMs: 5_000 };
}

const names = fc.constantFrom('a', 'b', 'c');
const switches = fc.dictionary(names, fc.boolean());
const settings: fc.Arbitrary<ConfigSettings> = fc
  .record(
    {
      intervalMs: fc.integer({ min: 1_000, max: 9_000 }),
      sections: switches,
      fields: switches,
      labels: fc.dictionary(names, names),
    },
    { requiredKeys: [] },
  )
  .map((all) => all);
const anyGroup = fc.record({
  name: fc.string({ minLength: 1 }),
  of: fc.record({
    tags: fc.uniqueArray(names),
    classes: fc.subarray([...MACHINE_CLASSES]),
    sites: fc.uniqueArray(names),
  }),
  settings,
});
const anyGroups: fc.Arbitrary<ConfigGroups> = fc.record({
  everybody: settings,
  groups: fc.uniqueArray(anyGroup, { selector: ({ name }) => name, maxLength: 6 }),
});
const anyMachine: fc.Arbitrary<Member> = fc.record({
  class: fc.constantFrom<string>(...MACHINE_CLASSES),
  tags: fc.uniqueArray(names),
  site: fc.option(names),
});

test('[CF2] each value is that of the last group of the machine that says it, and of no other', () => {
  fc.assert(
    fc.property(anyMachine, anyGroups, (machine, all) => {
      const config = effectiveConfig(machine, all);
      const layers = [
        { name: null, settings: all.everybody },
        ...all.groups.filter((one) => isMember(one, machine)),
      ];
      for (const key of ['sections', 'fields', 'labels'] as const) {
        for (const name of ['a', 'b', 'c']) {
          const layer = layers.findLast((one) => one.settings[key]?.[name] !== undefined);
          expect(config[key].get(name)).toEqual(
            layer && { value: layer.settings[key]?.[name], group: layer.name },
          );
        }
      }
    }),
  );
});

test('[CF2] a group that is not of the machine changes nothing, wherever it stands, and an empty one neither', () => {
  fc.assert(
    fc.property(anyMachine, anyGroups, fc.nat(6), settings, (machine, all, at, others) => {
      const stranger = group('stranger', ['nobody has this tag'], others);
      const empty = { ...group('empty', [], {}) };
      const before = effectiveConfig(machine, all);
      const withMore = (one: ReturnType<typeof group>) =>
        effectiveConfig(machine, { ...all, groups: all.groups.toSpliced(at, 0, one) });
      expect(withMore(stranger)).toEqual(before);
      expect({ ...withMore(empty), groups: [] }).toEqual({ ...before, groups: [] });
    }),
  );
});

test('[CF2] the same last group twice is the same as once', () => {
  fc.assert(
    fc.property(anyMachine, anyGroups, settings, (machine, all, last) => {
      const one = group('last', [], last);
      const once = effectiveConfig(machine, { ...all, groups: [...all.groups, one] });
      const twice = effectiveConfig(machine, { ...all, groups: [...all.groups, one, one] });
      expect({ ...twice, groups: [] }).toEqual({ ...once, groups: [] });
    }),
  );
});

function group(name: string, tags: string[], of: ConfigSettings) {
  return { name, of: { tags, classes: [], sites: [] }, settings: of };
}

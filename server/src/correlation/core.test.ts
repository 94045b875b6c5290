/** What becomes of silences, told as small stories of a town of machines. */
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RelationEdge } from '../cmdb/store.ts';
import { BOOT_RETURN_MS, HOLD_MS, RETURN_MS, RETURN_MS_MAX } from './limits.ts';
import { edge, SILENT_AFTER_MS, Town } from './town.ts';

const JUDGED_MS = SILENT_AFTER_MS + HOLD_MS + 10 * SECOND_MS;
const many = (count: number, name = 'm') => Array.from({ length: count }, (_, i) => `${name}${i + 1}`);

/** A town in which all is well for a while. */
function town(machines: readonly string[], edges: readonly RelationEdge[] = []): Town {
  const made = new Town(machines, edges);
  made.wait(10 * MINUTE_MS, MINUTE_MS / 2);
  return made;
}

/** Forty machines on each of three switches, which hang on one that hangs on nothing. */
function office(): Town {
  const floors = [1, 2, 3].map((floor) => many(40, `f${floor}-`));
  return town(floors.flat(), [
    ...floors.flatMap((machines, i) => machines.map((id) => edge('connectsTo', id, `sw${i + 1}`))),
    ...[1, 2, 3].map((i) => edge('connectsTo', `sw${i}`, 'swcore')),
  ]);
}

test('[CR3] a machine with nothing before it is told at once, one with something after the hold', () => {
  const alone = town(['m1']);
  alone.break('m1');
  expect(alone.wait(SILENT_AFTER_MS)).toEqual(['tell m1']);
  const behind = town(
    ['m1', 'm2', 'm3'],
    many(3).map((id) => edge('connectsTo', id, 'sw1')),
  );
  behind.break('m1');
  expect(behind.wait(SILENT_AFTER_MS + HOLD_MS - SECOND_MS)).toEqual([]);
  expect(behind.wait(10 * SECOND_MS)).toEqual(['tell m1']);
});

test('[CR3] one that is heard again within the hold is never told', () => {
  const t = town(['m1', 'm2'], [edge('dependsOn', 'm1', 'm2')]);
  t.break('m1');
  t.wait(SILENT_AFTER_MS + HOLD_MS / 2);
  t.mend('m1');
  expect(t.wait(HOUR_MS)).toEqual([]);
});

test.each([
  ['its host', [edge('hosts', 'host', 'm1')]],
  ['the machine it depends on', [edge('dependsOn', 'm1', 'host')]],
  ['the only gateway of its network', [edge('memberOf', 'm1', 'net1'), edge('gatewayOf', 'host', 'net1')]],
  [
    'what it reaches through a switch without an agent',
    [edge('connectsTo', 'm1', 'sw1'), edge('dependsOn', 'sw1', 'host')],
  ],
])('[CR4] silent together with %s it is suppressed', (_what, edges) => {
  const t = town(['host', 'm1'], edges);
  t.break('host');
  expect(t.wait(JUDGED_MS)).toEqual(['tell host', 'suppress 1 by host']);
  expect(t.incidentOf('m1')).toBe('ci host');
});

test('[CR4] members of a group stand in for each other', () => {
  const edges = [edge('dependsOn', 'm1', 'a', 'pair'), edge('dependsOn', 'm1', 'b', 'pair')];
  const one = town(['a', 'b', 'm1'], edges);
  one.break('a', 'm1');
  expect(one.wait(JUDGED_MS).toSorted()).toEqual(['tell a', 'tell m1']);
  const both = town(['a', 'b', 'm1'], edges);
  both.break('a', 'b');
  expect(both.wait(JUDGED_MS)).toEqual(['tell a', 'suppress 1 by a', 'tell b']);
});

test('[CR4] a machine that was heard after the other one died is not excused by it', () => {
  const t = town(
    ['host', 'm1', 'other'],
    [edge('dependsOn', 'm1', 'host', 'any'), edge('dependsOn', 'm1', 'other', 'any')],
  );
  t.break('host');
  t.wait(HOUR_MS);
  t.break('other');
  expect(t.wait(JUDGED_MS)).toEqual(['tell other', 'suppress 1 by other']);
  const own = town(['host', 'm1'], [edge('hosts', 'host', 'm1')]);
  own.mute.add('host');
  own.wait(HOUR_MS);
  own.break('m1');
  expect(own.wait(JUDGED_MS)).toEqual(['tell m1']);
});

test('[CR4] suppression goes through: grandchildren are put down to what is told', () => {
  const t = town(['a', 'b', 'c'], [edge('dependsOn', 'b', 'a'), edge('dependsOn', 'c', 'b')]);
  t.break('a');
  expect(t.wait(JUDGED_MS)).toEqual(['tell a', 'suppress 2 by a']);
});

test('[CR4] machines that stand before each other do not excuse each other', () => {
  const t = town(['a', 'b'], [edge('dependsOn', 'b', 'a'), edge('dependsOn', 'a', 'b')]);
  t.break('a');
  expect(t.wait(JUDGED_MS)).toEqual(['tell a', 'suppress 1 by a']);
});

test('[CR5] when the cause is heard and the effect is not, it is told after the time of its return', () => {
  const t = town(['host', 'm1', 'm2'], [edge('hosts', 'host', 'm1'), edge('hosts', 'host', 'm2')]);
  t.break('host', 'm2');
  t.wait(JUDGED_MS);
  t.mend('host');
  expect(t.wait(RETURN_MS - 5 * SECOND_MS)).toEqual([]);
  expect(t.incidentOf('m1')).toBeNull();
  expect(t.wait(10 * SECOND_MS)).toEqual(['release 1', 'tell m2']);
  expect(t.incidentOf('m2')).toBe('ci m2');
});

test('[CR5] what boots after a loss of power has the time to boot, each device behind the other', () => {
  const t = town(
    ['core', 'acc', 'm1', 'm2'],
    [edge('dependsOn', 'acc', 'core'), edge('dependsOn', 'm1', 'acc'), edge('dependsOn', 'm2', 'acc')],
  );
  t.break('core', 'acc', 'm1', 'm2');
  expect(t.wait(JUDGED_MS)).toEqual(['tell core', 'suppress 3 by core']);
  t.wait(HOUR_MS);
  t.boots.set('core', t.nowMs);
  t.mend('core');
  expect(t.wait(5 * MINUTE_MS)).toEqual([]);
  t.mend('acc', 'm1');
  expect(t.wait(BOOT_RETURN_MS - 5 * MINUTE_MS)).toEqual([]);
  expect(t.wait(RETURN_MS)).toEqual(['release 1', 'tell m2']);
});

test('[CR5] while others come back it is waited for the rest, but not for ever', () => {
  const machines = many(60);
  const t = town(
    ['host', ...machines],
    machines.map((id) => edge('hosts', 'host', id)),
  );
  t.break('host', ...machines);
  t.wait(JUDGED_MS);
  t.mend('host');
  const goneMs = t.nowMs;
  for (const id of machines.slice(0, 40)) {
    t.mend(id);
    const said = t.wait(MINUTE_MS);
    if (t.nowMs - goneMs < RETURN_MS_MAX) expect(said).toEqual([]);
  }
  expect(t.log.filter((line) => line.startsWith('release'))).toEqual(['release 29']);
});

test('[CR6] what hangs on one switch and nothing else is silent: the switch is blamed, once', () => {
  const t = office();
  t.break('sw3');
  expect(t.wait(JUDGED_MS)).toEqual(['open sw3 for 40', 'suppress 40 by sw3']);
  expect(t.incidents.size).toBe(1);
  t.mend('sw3');
  expect(t.wait(HOUR_MS)).toEqual(['end sw3']);
  expect(t.incidents.size).toBe(0);
});

test('[CR6] of switches above each other the one that all have in common is blamed', () => {
  const t = office();
  t.break('swcore');
  expect(t.wait(JUDGED_MS)).toEqual(['open swcore for 120', 'suppress 120 by swcore']);
});

test('[CR6] one machine that died at the same time is told on its own', () => {
  const t = office();
  t.break('sw3', 'f1-7');
  expect(t.wait(JUDGED_MS)).toEqual(['open sw3 for 40', 'suppress 40 by sw3', 'tell f1-7']);
});

test('[CR6] some machines of a switch are no case for the switch', () => {
  const t = office();
  t.break('f1-1', 'f1-2', 'f1-3');
  expect(t.wait(JUDGED_MS).toSorted()).toEqual(['tell f1-1', 'tell f1-2', 'tell f1-3']);
});

test('[CR7] wider evidence joins: first one switch, then the one above it', () => {
  const t = office();
  t.break('sw1');
  expect(t.wait(JUDGED_MS)).toEqual(['open sw1 for 40', 'suppress 40 by sw1']);
  t.break('swcore');
  expect(t.wait(JUDGED_MS)).toEqual([
    'open swcore for 120',
    'merge sw1 into swcore',
    'suppress 40 by swcore',
    'suppress 80 by swcore',
  ]);
  expect(t.incidents.size).toBe(1);
});

test('[CR7] a machine above that tells its own silence later takes the incident over', () => {
  const t = town(
    ['core', ...many(5)],
    [...many(5).map((id) => edge('connectsTo', id, 'sw1')), edge('dependsOn', 'sw1', 'core')],
  );
  t.windows.set('core', 'win');
  t.break('core');
  expect(t.wait(JUDGED_MS)).toEqual(['suppress 5 by core']);
  t.windows.delete('core');
  t.wait(HOUR_MS);
  expect([...t.incidents.keys()]).toEqual(['ci core']);
});

test('[CR8] all at once without anything in common is one case, and one end', () => {
  const t = town(many(500));
  t.break(...many(500));
  const said = t.wait(JUDGED_MS + MINUTE_MS);
  expect(t.incidents.size).toBe(1);
  expect(said.filter((line) => line.startsWith('open'))).toEqual(['open network for 500']);
  t.mend(...many(497));
  expect(t.wait(RETURN_MS + MINUTE_MS).toSorted()).toEqual([
    'end network',
    'release 3',
    'tell m498',
    'tell m499',
    'tell m500',
  ]);
});

test('[CR8] with places the whole place is one case', () => {
  const t = town(
    [...many(30), ...many(30, 'x')],
    [
      ...many(30).map((id) => edge('locatedAt', id, id.length === 2 ? 'at-one' : 'at-two')),
      ...many(30, 'x').map((id) => edge('locatedAt', id, 'at-three')),
      edge('locatedAt', 'at-one', 'at-site'),
      edge('locatedAt', 'at-two', 'at-site'),
    ],
  );
  t.break('at-two');
  expect(t.wait(JUDGED_MS)).toEqual(['open at-two for 21', 'suppress 21 by at-two']);
  t.break('at-one');
  t.wait(JUDGED_MS);
  expect(t.incidents.size).toBe(1);
  expect(t.incidentOf('m1')).toBe(t.incidentOf('m30'));
});

test('[CR9] a restart changes nothing and goes on where it was', () => {
  const t = office();
  t.break('sw3', 'f1-1');
  t.wait(SILENT_AFTER_MS + HOLD_MS / 2);
  t.restart();
  expect(t.wait(HOLD_MS).toSorted()).toEqual(['open sw3 for 40', 'suppress 40 by sw3', 'tell f1-1']);
  t.restart();
  expect(t.wait(HOUR_MS)).toEqual([]);
  t.mend('sw3');
  t.restart();
  expect(t.wait(HOUR_MS)).toEqual(['end sw3']);
});

test.each([500, 5_000])(
  '[CR10] %i machines silent and back cost work in proportion, a second without news none',
  (count) => {
    const machines = many(count);
    const t = town(
      machines,
      machines.map((id, i) => edge('connectsTo', id, `sw${i % (count / 25)}`)),
    );
    const { core } = t;
    t.nowMs += HOUR_MS;
    t.looks = 0;
    for (const ciId of machines)
      core.opened({ id: `a ${ciId}`, ciId, breachedAtMs: t.nowMs - MINUTE_MS }, t.nowMs);
    expect(core.tick(t.nowMs).length).toBe(0);
    const heldLooks = t.looks;
    expect(core.tick(t.nowMs + SECOND_MS)).toEqual([]);
    expect(t.looks).toBe(heldLooks);
    // One cause, what it is about, and what it silenced.
    expect(core.tick(t.nowMs + HOLD_MS).length).toBeLessThan(10);
    for (const ciId of machines) core.resolved(`a ${ciId}`, t.nowMs + HOLD_MS);
    core.tick(t.nowMs + HOLD_MS + SECOND_MS);
    expect(t.looks).toBeLessThan(10 * count);
    const looks = t.looks;
    core.tick(t.nowMs + HOUR_MS);
    expect(t.looks).toBe(looks);
    expect([...core.silences()]).toEqual([]);
    expect([...core.found()]).toEqual([]);
  },
);

test('[CR8] [CR9] two storms one after the other, with a restart between, leave nothing behind', () => {
  const t = town(many(60));
  const [first, second] = [many(60).slice(0, 40), many(60).slice(40)];
  t.break(...first);
  t.wait(JUDGED_MS);
  t.break(...second);
  t.wait(JUDGED_MS + 10 * MINUTE_MS);
  t.restart();
  t.mend(...first);
  t.wait(HOUR_MS);
  for (const id of second) expect(t.incidentOf(id)).not.toBeNull();
  t.mend(...second);
  t.wait(HOUR_MS);
  t.break(...first);
  t.wait(JUDGED_MS + MINUTE_MS);
  expect(t.incidents.size).toBe(1);
  t.mend(...first);
  t.wait(HOUR_MS);
  expect([...t.incidents]).toEqual([]);
  expect([...t.core.found()]).toEqual([]);
});

test('[CR3] a clock that steps back holds nothing for longer', () => {
  const t = town(
    ['m1', 'm2', 'm3'],
    many(3).map((id) => edge('connectsTo', id, 'sw1')),
  );
  t.break('m1');
  t.wait(SILENT_AFTER_MS);
  t.nowMs -= HOUR_MS;
  expect(t.wait(HOLD_MS + 10 * SECOND_MS)).toEqual(['tell m1']);
});

/** Random towns in which things break and are mended, with restarts in between. */
const anyTown = fc
  .record({
    machines: fc.integer({ min: 1, max: 12 }),
    devices: fc.integer({ min: 0, max: 4 }),
    links: fc.array(
      fc.record({
        from: fc.nat(15),
        to: fc.nat(15),
        type: fc.constantFrom('connectsTo', 'dependsOn', 'hosts', 'locatedAt', 'memberOf', 'gatewayOf'),
        group: fc.constantFrom(null, 'a', 'b'),
      }),
      { maxLength: 24 },
    ),
  })
  .map(({ machines, devices, links }) => {
    const ids = [...many(machines), ...many(devices, 'sw')];
    const at = (i: number) => ids[i % ids.length] ?? 'm1';
    const edges = links.map(({ from, to, type, group }) => {
      if (type === 'locatedAt') return edge(type, at(from), `at${to % 3}`);
      if (type === 'memberOf') return edge(type, at(from), `net${to % 2}`);
      if (type === 'gatewayOf') return edge(type, at(from), `net${to % 2}`);
      return edge(type, at(from), at(to), type === 'dependsOn' ? group : null);
    });
    return { ids, edges, machines: many(machines) };
  });
const anyEvents = fc.array(
  fc.record({
    what: fc.constantFrom('break', 'break', 'mend', 'mend', 'boot', 'restart', 'nothing'),
    index: fc.nat(15),
    waitMs: fc.constantFrom(5 * SECOND_MS, 30 * SECOND_MS, JUDGED_MS, 10 * MINUTE_MS, 40 * MINUTE_MS),
  }),
  { minLength: 1, maxLength: 14 },
);

/** Asked thousands of times: `expect` would take most of the time. */
function must(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(what);
}

/** The invariants, without a look at how the core works. */
function check(t: Town, causeGoneMs: Map<string, number>): void {
  for (const [ciId, machine] of t.machines) {
    const silence = t.core.get(ciId);
    const incident = t.incidentOf(ciId);
    if (machine.alertId === null) {
      must(silence === undefined && incident === null, `the resolution of ${ciId} is withheld`);
      continue;
    }
    if (!silence) throw new Error(`nothing becomes of the silence of ${ciId}`);
    if (silence.state === 'held') {
      const dueMs = silence.dueMs ?? Infinity;
      must(incident === null, `${ciId} is held and in ${incident}`);
      must(dueMs > t.nowMs && dueMs <= t.nowMs + HOLD_MS, `${ciId} is held for too long`);
      continue;
    }
    must(incident !== null, `${ciId} is ${silence.state} and in no incident`);
    if (silence.state === 'told') {
      causeGoneMs.delete(ciId);
      continue;
    }
    const { cause } = silence;
    if (cause === null) throw new Error(`${ciId} is suppressed by nothing`);
    const isLive =
      cause.kind === 'found'
        ? t.incidents.has(cause.id)
        : t.core.get(cause.ciId) !== undefined && t.incidentOf(cause.ciId) === incident;
    if (isLive) causeGoneMs.delete(ciId);
    else {
      const sinceMs = causeGoneMs.get(ciId) ?? t.nowMs;
      causeGoneMs.set(ciId, sinceMs);
      must(t.nowMs - sinceMs <= RETURN_MS_MAX + MINUTE_MS, `${ciId} is suppressed by what is long gone`);
    }
  }
  const causes = [...t.core.found()].map(({ ciId }) => ciId);
  must(new Set(causes).size === causes.length, 'a cause has two incidents');
  for (const { id } of t.core.found()) must(t.incidents.has(id), `${id} has no incident`);
  for (const [key, members] of t.incidents) {
    must(members.size > 0, `${key} is empty`);
    if (key.startsWith('cor')) continue;
    // Somebody in it is told.
    if ([...members].some((ciId) => t.core.get(ciId)?.state === 'told')) continue;
    for (const ciId of members)
      must(causeGoneMs.has(ciId) || t.core.get(ciId)?.cause?.kind === 'found', `nobody in ${key} is told`);
  }
}

test('[CR11] each silence is told, held for a moment, or put down to a living cause; whatever breaks and comes back', () => {
  fc.assert(
    fc.property(anyTown, anyEvents, ({ ids, edges, machines }, events) => {
      const t = town(machines, edges);
      const causeGoneMs = new Map<string, number>();
      for (const { what, index, waitMs } of events) {
        const id = ids[index % ids.length] ?? 'm1';
        if (what === 'break') t.break(id);
        else if (what === 'mend') t.mend(id);
        else if (what === 'boot') {
          t.mend(id);
          t.boots.set(id, t.nowMs);
        } else if (what === 'restart') t.restart();
        for (let passedMs = 0; passedMs < waitMs; passedMs += 5 * SECOND_MS) {
          t.wait(5 * SECOND_MS);
          check(t, causeGoneMs);
        }
      }
      // In the end all is mended, and nothing is left.
      t.mend(...ids);
      t.wait(10 * MINUTE_MS);
      expect([...t.incidents]).toEqual([]);
      expect([...t.core.silences()]).toEqual([]);
      expect([...t.core.found()]).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test('[CR11] a cause that is heard for a moment and falls silent again keeps its effects in its incident', () => {
  const t = town(['m1', 'm2', 'm3'], [edge('dependsOn', 'm1', 'm2'), edge('connectsTo', 'm2', 'sw1')]);
  t.break('sw1');
  expect(t.wait(40 * MINUTE_MS)).toEqual(['tell m2', 'suppress 1 by m2']);
  t.break('m1');
  t.wait(5 * SECOND_MS);
  t.mend('sw1');
  t.wait(5 * SECOND_MS);
  t.break('sw1');
  expect(t.wait(40 * MINUTE_MS)).toEqual(['tell m2']);
  expect([...t.incidents]).toEqual([['ci m2', new Set(['m1', 'm2'])]]);
});

test('[CR11] what a first silence took with it does not stay behind when the second one is an effect of something else', () => {
  const t = town(['host', 'm1', 'm2'], [edge('hosts', 'host', 'm1'), edge('dependsOn', 'm2', 'm1')]);
  t.break('m1');
  expect(t.wait(JUDGED_MS)).toEqual(['tell m1', 'suppress 1 by m1']);
  t.wait(HOUR_MS);
  t.break('m2');
  t.mend('m1');
  t.wait(5 * SECOND_MS);
  t.break('host');
  expect(t.wait(JUDGED_MS)).toEqual(['tell host', 'suppress 1 by host']);
  expect(t.incidentOf('m2')).toBe('ci m1');
  expect(t.wait(RETURN_MS)).toEqual(['release 1', 'tell m2']);
  expect([...t.incidents.keys()].toSorted()).toEqual(['ci host', 'ci m2']);
});

test('[CR19] a place in which a host answers is not blamed, and agents that stop together are one cause', () => {
  const names = ['m1', 'm2', 'm3', 'm4'];
  const t = town(
    [...names, 'm5', ...Array.from({ length: 20 }, (_, i) => `far${i}`)],
    [...names, 'm5'].map((id) => edge('locatedAt', id, 'at1')),
  );
  t.mute.add('m5');
  t.wait(5 * MINUTE_MS);
  t.break(...names);
  expect(t.wait(JUDGED_MS)).toEqual(names.map((id) => `tell ${id}`));
  const one = town(
    ['m1', 'm2', 'm3'],
    ['m1', 'm2', 'm3'].map((id) => edge('connectsTo', id, 'sw1')),
  );
  for (const id of ['m1', 'm2', 'm3']) one.mute.add(id);
  expect(one.wait(JUDGED_MS)).toEqual(['open network for 3', 'suppress 3 by network']);
});

test('[CR19] one that is found to answer after it was taken for an effect is told by itself', () => {
  const names = ['m1', 'm2', 'm3', 'm4', 'm5'];
  const t = town(
    names,
    names.map((id) => edge('connectsTo', id, 'sw1')),
  );
  t.break('sw1');
  expect(t.wait(JUDGED_MS)).toEqual(['open sw1 for 5', 'suppress 5 by sw1']);
  t.mute.add('m1');
  expect(t.wait(MINUTE_MS)).toEqual(['release 1', 'tell m1']);
  expect(t.incidentOf('m1')).toBe('ci m1');
});

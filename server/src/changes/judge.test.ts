import { CHANGE_STATES } from '@muster/shared/api/choices.ts';
import type { ChangePolicy, PolicyRule } from '@muster/shared/api/changes.ts';
import { CHANGE_KINDS } from '@muster/shared/api/changes.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HistoryRow } from '../cmdb/store.ts';
import { isInWindow, judge, nameFits, observedIn, POLICY_DEFAULT } from './judge.ts';
import type { ChangeRecord } from './store.ts';

const AT_MS = Date.UTC(2026, 10, 18, 15, 0); // a Wednesday
const MACHINE = { id: 'ci_a', class: 'Server', tags: ['prod'] };
const INSTALLED = { kind: 'software-installed', name: 'nmap', source: null } as const;

test.each<[Partial<HistoryRow>, string | null]>([
  [{ kind: 'created', attribute: 'software:nmap' }, 'software-installed nmap'],
  [{ kind: 'changed', attribute: 'software:openssl' }, 'software-updated openssl'],
  [{ kind: 'removed', attribute: 'software:nmap' }, 'software-removed nmap'],
  [{ kind: 'created', attribute: 'software:muster-agent' }, null],
  [{ kind: 'changed', attribute: 'software:Muster Agent' }, null],
  [{ kind: 'removed', attribute: 'software:muster-agent' }, 'software-removed muster-agent'],
  [{ kind: 'created', attribute: 'file:/etc/cron.d/x' }, 'configuration-changed /etc/cron.d/x'],
  [{ kind: 'changed', attribute: 'memoryBytes' }, 'hardware-changed memoryBytes'],
  [{ kind: 'changed', attribute: 'biosVersion' }, 'firmware-changed biosVersion'],
  [{ kind: 'changed', attribute: 'kernel' }, 'os-changed kernel'],
  [{ kind: 'created', ciClass: 'Component', ciName: 'DIMM 3' }, 'hardware-added DIMM 3'],
  [{ kind: 'removed', ciClass: 'Component', ciName: 'DIMM 3' }, 'hardware-removed DIMM 3'],
  [{ kind: 'changed', ciClass: 'Component', ciName: 'sda', attribute: 'serial' }, 'hardware-changed sda'],
  [{ kind: 'created', ciClass: 'NetworkInterface', ciName: 'eth1' }, 'network-changed eth1'],
  [{ kind: 'created', ciClass: 'OperatingSystem' }, null],
  [{ kind: 'created', attribute: null }, null],
  [{ kind: 'changed', attribute: 'owner', source: 'human' }, null],
  [{ kind: 'changed', attribute: 'lastUser' }, null],
  [{ kind: 'relation-added', attribute: 'relation:hosts' }, null],
])('[CH1] a row of history is read as what happened: %j → %s', (change, expected) => {
  const seen = observedIn({ ...ROW, ...change });
  expect(seen && `${seen.kind} ${seen.name}`).toBe(expected);
});

test('[CH2] an approved change allows its kinds on its CIs within its window, and nothing else', () => {
  const change = CHANGE;
  const verdict = (of: Partial<ChangeRecord>, machine = MACHINE, atMs = AT_MS) =>
    judge(INSTALLED, machine, atMs, [{ ...change, ...of }], POLICY_DEFAULT).allowed;
  expect(verdict({})).toBe(true);
  expect(verdict({ kinds: ['hardware-added'] })).toBe(false);
  expect(verdict({ kinds: ['software-installed'] })).toBe(true);
  expect(verdict({ ciIds: ['ci_b'] })).toBe(false);
  expect(verdict({ ciIds: [], tags: ['prod'] })).toBe(true);
  expect(verdict({ ciIds: [], tags: ['test'] })).toBe(false);
  expect(verdict({ state: 'requested' })).toBe(false);
  expect(verdict({ state: 'cancelled' })).toBe(false);
  expect(verdict({}, MACHINE, change.startsAtMs - 1)).toBe(false);
  expect(verdict({}, MACHINE, change.endsAtMs)).toBe(false);
});

test('[CH2] no change ever allows outside its window, on another CI, another kind, or before it is approved', () => {
  const change = fc.record({
    state: fc.constantFrom(...CHANGE_STATES),
    kinds: fc.subarray([...CHANGE_KINDS], { maxLength: 3 }),
    ciIds: fc.subarray(['ci_a', 'ci_b']),
    tags: fc.subarray(['prod', 'test']),
    startsAtMs: fc.integer({ min: 0, max: 20 }),
    endsAtMs: fc.integer({ min: 0, max: 20 }),
  });
  const seen = fc.record({
    kind: fc.constantFrom(...CHANGE_KINDS),
    id: fc.constantFrom('ci_a', 'ci_b', 'ci_c'),
    tags: fc.subarray(['prod', 'test']),
    atMs: fc.integer({ min: 0, max: 20 }),
  });
  const policy = { watched: { Server: [...CHANGE_KINDS] }, allowed: [] };
  fc.assert(
    fc.property(fc.array(change, { maxLength: 4 }), seen, (some, { kind, id, tags, atMs }) => {
      const changes = some.map((one, i) => ({ ...CHANGE, ...one, id: `chg_${i}` }));
      const verdict = judge(
        { kind, name: 'x', source: null },
        { id, class: 'Server', tags },
        atMs,
        changes,
        policy,
      );
      const good = changes.filter(
        (one) =>
          ['approved', 'closed'].includes(one.state) &&
          atMs >= one.startsAtMs &&
          atMs <= one.endsAtMs - 1 &&
          (one.kinds.length === 0 || one.kinds.some((each) => each === kind)) &&
          (one.ciIds.some((each) => each === id) || one.tags.filter((tag) => tags.includes(tag)).length > 0),
      );
      expect(verdict.allowed).toBe(good.length > 0);
      if (verdict.allowed && verdict.by === 'change')
        expect(good.map((one) => one.id)).toContain(verdict.change.id);
    }),
  );
});

test('[CH3] the policy allows patches by kind, class, tag, name, day and hour; what is not watched is no finding', () => {
  const rule: PolicyRule = { ...PATCHES, kinds: ['software-installed'], names: ['nm*'] };
  const policy = (of: Partial<PolicyRule>): ChangePolicy => ({
    ...POLICY_DEFAULT,
    allowed: [{ ...rule, ...of }],
  });
  const allowed = (of: Partial<PolicyRule>) => judge(INSTALLED, MACHINE, AT_MS, [], policy(of)).allowed;
  expect(allowed({})).toBe(true);
  expect(allowed({ enabled: false })).toBe(false);
  expect(allowed({ classes: ['Workstation'] })).toBe(false);
  expect(allowed({ tags: ['test'] })).toBe(false);
  expect(allowed({ names: ['openssl'] })).toBe(false);
  expect(allowed({ sources: ['dpkg'] })).toBe(false);
  expect(allowed({ days: [1, 2] })).toBe(false);
  const unwatched = { ...policy({}), watched: {} };
  expect(judge(INSTALLED, MACHINE, AT_MS, [], unwatched)).toEqual({ allowed: true, by: 'not-watched' });
});

test.each([
  ['22:00 to 06:00 on Wednesdays at 23:00 on Wednesday', [3], 1_320, 360, Date.UTC(2026, 10, 18, 23), true],
  ['the same at 05:00 on Thursday', [3], 1_320, 360, Date.UTC(2026, 10, 19, 5), true],
  ['the same at 05:00 on Wednesday', [3], 1_320, 360, Date.UTC(2026, 10, 18, 5), false],
  ['the same at 06:00 on Thursday', [3], 1_320, 360, Date.UTC(2026, 10, 19, 6), false],
  ['all day', [], 0, 1_440, Date.UTC(2026, 10, 18, 5), true],
])('[CH3] a window over midnight belongs to the day it begins: %s', (_, days, from, to, atMs, inside) => {
  expect(isInWindow({ days, fromMinute: from, toMinute: to, timeZone: 'UTC' }, atMs)).toBe(inside);
});

test('[CH3] the window is one of its zone', () => {
  const window = { days: [], fromMinute: 60, toMinute: 120, timeZone: 'Asia/Shanghai' };
  expect(isInWindow(window, Date.UTC(2026, 10, 18, 17, 30))).toBe(true);
  expect(isInWindow(window, Date.UTC(2026, 10, 18, 1, 30))).toBe(false);
});

test.each([
  ['linux-image-*', 'linux-image-6.1.0', true],
  ['*-headers-*', 'linux-headers-6.1', true],
  ['a*b*a', 'aba', true],
  ['a*ba', 'aba', true],
  ['ab*ba', 'aba', false],
  ['Firefox', 'firefox', true],
  ['*', '', true],
])('[CH3] the pattern %s and the name %s: %s', (pattern, name, fits) => {
  expect(nameFits(pattern, name)).toBe(fits);
});

const ROW: HistoryRow = {
  id: 'h',
  atMs: AT_MS,
  ciId: 'ci_a',
  machineId: 'ci_a',
  ciName: 'web-01',
  ciClass: 'Server',
  kind: 'changed',
  attribute: null,
  before: null,
  after: null,
  source: 'agent',
  actor: 'agent:1',
};
const CHANGE: ChangeRecord = {
  id: 'chg_1',
  ref: 'CHG-0001',
  title: 'Tools',
  description: '',
  state: 'approved',
  kinds: [],
  ciIds: ['ci_a'],
  tags: [],
  startsAtMs: AT_MS - 1_000,
  endsAtMs: AT_MS + 1_000,
  requestedBy: 'user:anna',
  requestedAtMs: 1,
  decidedBy: 'user:bo',
  decidedAtMs: 2,
  note: null,
};
const PATCHES = POLICY_DEFAULT.allowed[0] as PolicyRule;

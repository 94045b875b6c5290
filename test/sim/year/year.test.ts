/** The simulated year, short: a small house for some weeks, its plan, and how it is judged. */
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@muster/shared/time.ts';
import type { Fault } from './fault.ts';
import { OFFICE_SIZE } from './office.ts';
import { OfficeTime } from './office-time.ts';
import { planYear } from './plan.ts';
import { runYear } from './run.ts';
import { saidOf, saidOfFindings } from './said.ts';
import { judge, type Said } from './score.ts';

/** The 25 kinds of fault, with the power cut, and what is ordinary. */
const FAULTS = [
  'disk-filling-slowly',
  'disk-filling-fast',
  'disk-filling-by-logs-that-rotate',
  'memory-leak',
  'runaway-process',
  'swap-storm',
  'inodes',
  'failing-disk',
  'service-died',
  'agent-killed',
  'host-power-off',
  'crash-loop',
  'hang',
  'switch-dead',
  'port-flapping',
  'uplink-saturated',
  'site-link-down',
  'own-server-down',
  'clock-jump',
  'dhcp-change',
  'laptop-stolen',
  'patch-reboot-outside-window',
  'cloned-machine',
  'temperature-drift',
  'certificate-expiring',
  'power-cut',
] as const;
const ORDINARY = [
  'laptop-asleep-at-noon',
  'patch-reboot-inside-window',
  'backup-that-hogs-io',
  'monthly-batch-peak',
  'threshold-grazed-by-noise',
] as const;

const YEAR = { days: 365, size: OFFICE_SIZE, calmDays: 21, share: 1 };
const SHORT = {
  days: 16,
  size: { laptops: 30, hosts: 4, virtual: 8, physical: 4 },
  calmDays: 2,
  share: 16 / 365,
};

test.each([1, 2, 3, 4, 5])(
  '[YR1] the year of seed %i has every kind of fault, and what is ordinary',
  (seed) => {
    const { planted, office } = planYear({ ...YEAR, seed });
    const kinds = (ordinary: boolean) =>
      new Set(
        planted.filter(({ fault }) => (fault.must === 'silence') === ordinary).map(({ fault }) => fault.kind),
      );
    expect([...kinds(false)].toSorted()).toEqual([...FAULTS].toSorted());
    expect([...kinds(true)].toSorted()).toEqual([...ORDINARY].toSorted());
    const classes = Object.groupBy(office.machines, (one) => one.class);
    expect(classes.Workstation).toHaveLength(300);
    expect([...(classes.Server ?? []), ...(classes.VirtualMachine ?? [])]).toHaveLength(40);
    expect(classes.NetworkDevice).toHaveLength(12);
  },
);

test('[YR2] the same seed gives the same year, another seed another one', () => {
  const truth = (seed: number) =>
    planYear({ ...YEAR, days: 90, share: 0.25, seed }).planted.map(({ fault }) => [
      fault.subject,
      fault.fromMs,
    ]);
  expect(truth(7)).toEqual(truth(7));
  expect(truth(7)).not.toEqual(truth(8));
});

test('[YR3] the office lives by the clock on its wall, through both changes of it, weekends and holidays', () => {
  const time = new OfficeTime(2027, 365);
  const hour = (day: number) => new Date(time.at(day, 9 * 60)).getUTCHours();
  // 28 March and 31 October 2027.
  expect([hour(85), hour(86), hour(302), hour(303)]).toEqual([8, 7, 7, 8]);
  expect(time.endMs - time.startMs).toBe(365 * DAY_MS);
  // Good Friday (26 March), the Saturday after it, Easter Monday, the Tuesday after it.
  expect([84, 85, 87, 88].map((day) => time.isWorkday(day))).toEqual([false, false, false, true]);
});

test('[YR4] no two faults touch one machine at the same time', () => {
  const { planted } = planYear({ ...YEAR, seed: 3 });
  const faults = planted
    .map(({ fault }) => fault)
    .filter(({ must, kind }) => must === 'incident' && kind !== 'certificate-expiring');
  const clashes = faults.flatMap((one, i) =>
    faults
      .slice(i + 1)
      .filter(
        (other) => one.fromMs < other.toMs && other.fromMs < one.toMs && !one.hits.isDisjointFrom(other.hits),
      )
      // Two long ones of one service may overlap: its record is hit by both, no machine is.
      .filter((other) => [...one.hits].some((id) => other.hits.has(id) && !id.startsWith('ci_svc_')))
      .map((other) => `${one.kind} ${one.subject} and ${other.kind} ${other.subject}`),
  );
  expect(clashes).toEqual([]);
});

test('[YR5] some weeks of a small house: all is found, nothing ordinary is told, one incident per cause', async () => {
  const run = await runYear({ ...SHORT, seed: 11 });
  const faults = run.plan.planted.map(({ fault }) => fault);
  const said = [...saidOf(run.incidents), ...saidOfFindings(run.findings)];
  const { score, wrong } = judge(faults, said, run.recorded, {
    machines: run.plan.office.machines.length,
    days: SHORT.days,
  });
  expect(run.complaints).toEqual(new Map());
  expect(score.planted).toBeGreaterThanOrEqual(18);
  expect(score.missed).toEqual([]);
  expect(wrong).toEqual([]);
  expect(score.incidentsPerCause).toBeLessThanOrEqual(1.2);
  expect(score.openP95Ms).toBeLessThanOrEqual(15 * MINUTE_MS);
}, 120_000);

const AT_MS = Date.UTC(2027, 5, 1, 10);
const FAULT: Fault = {
  kind: 'switch-dead',
  must: 'incident',
  subject: 'sw',
  causeIds: new Set(['sw']),
  hits: new Set(['sw', 'nb']),
  families: ['silent'],
  fromMs: AT_MS,
  detectableMs: AT_MS,
  toMs: AT_MS + HOUR_MS,
};
const SAID: Said = {
  ref: 'INC-1',
  openedMs: AT_MS + MINUTE_MS,
  ciId: 'sw',
  ciIds: ['sw', 'nb'],
  family: 'silent',
  what: 'sw is silent',
  isFinding: false,
};
const OFFICE = { machines: 100, days: 30.4375 };

test.each<[string, Partial<Said>, { found: number; wrong: number }]>([
  ['the cause, in time, for what it is', {}, { found: 1, wrong: 0 }],
  ['a machine behind it: belongs to it, but does not name it', { ciId: 'nb' }, { found: 0, wrong: 0 }],
  ['something else on it', { family: 'cpu' }, { found: 0, wrong: 1 }],
  ['something else', { ciId: 'other', ciIds: ['other'] }, { found: 0, wrong: 1 }],
  ['before it', { openedMs: AT_MS - 1 }, { found: 0, wrong: 1 }],
  ['later than half an hour', { openedMs: AT_MS + 31 * MINUTE_MS }, { found: 0, wrong: 0 }],
  ['long after it', { openedMs: AT_MS + 3 * HOUR_MS }, { found: 0, wrong: 1 }],
  ['as a finding, which nobody is woken by', { isFinding: true }, { found: 0, wrong: 0 }],
])('[YR6] of a dead switch is told %s', (_what, fields, { found, wrong }) => {
  const judgement = judge([FAULT], [{ ...SAID, ...fields }], new Set(), OFFICE);
  expect([judgement.score.found, judgement.wrong.length]).toEqual([found, wrong]);
  expect(judgement.score.falsePer100MachineMonths).toBe(wrong);
});

test('[YR7] what is ordinary excuses no incident, and what only has to be recorded none either', () => {
  for (const must of ['silence', 'record'] as const) {
    const { wrong, score } = judge([{ ...FAULT, must }], [SAID], new Set(), OFFICE);
    expect(wrong).toHaveLength(1);
    expect([score.planted, score.found]).toEqual([must === 'record' ? 1 : 0, 0]);
  }
});

test('[YR8] incidents of one cause are counted, and the wait until the first right one', () => {
  const second = { ...SAID, ref: 'INC-2', ciId: 'nb', ciIds: ['nb'], openedMs: AT_MS + 5 * MINUTE_MS };
  const { score } = judge([FAULT], [second, SAID], new Set(), OFFICE);
  expect(score).toEqual({
    planted: 1,
    found: 1,
    missed: [],
    falsePer100MachineMonths: 0,
    incidentsPerCause: 2,
    openP95Ms: MINUTE_MS,
  });
});

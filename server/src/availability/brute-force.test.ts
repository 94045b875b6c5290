/** Everything that makes a figure at once, against a model that looks at every second by itself. */
import { fleetAvailabilityEndpoints } from '@muster/shared/api/fleet-availability.ts';
import { RECLASSIFIED_AS } from '@muster/shared/api/availability.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS, toIso } from '@muster/shared/time.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CiEntry } from '../cmdb/directory.ts';
import { impactOf } from '../relations/impact.ts';
import type { ImpactGraph } from '../relations/impact.ts';
import { createMemoryAvailabilityStore } from '../store/memory/availability.ts';
import type { Agreed } from './agreed.ts';
import { createFleetAvailability, tellingChanges } from './fleet-availability.ts';
import type { HoursVersion, ServiceHours } from './hours.ts';
import { layered } from './marks.ts';
import type { Mark } from './marks.ts';
import type { Machine } from './presence.ts';
import { availabilityReport } from './report.ts';
import { memberSpans, serviceStretches } from './service-sweep.ts';
import { applyRevisions } from './timeline.ts';
import type { PresenceInterval, Revision } from './timeline.ts';

const PRESENCES = ['up', 'up', 'down', 'unknown', 'asleep', 'off'] as const;
/** Nights in which clocks change, and one in which none does. */
const NIGHTS = [
  ['Europe/Berlin', '2026-03-28T20:00Z'],
  ['Europe/Berlin', '2026-10-24T20:00Z'],
  ['America/New_York', '2026-03-08T01:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T08:00Z'],
  ['Asia/Shanghai', '2026-10-10T10:00Z'],
] as const;
const PERIOD_MS = 11 * HOUR_MS;

/** Local hours that begin and end anywhere, also where a local time comes twice or never, and reach over midnight. */
const ranges = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: 95 }), fc.integer({ min: 1, max: 96 }))
    .map(([from, length]) => ({ fromMinute: from * 15, toMinute: (from + length) * 15 })),
  { minLength: 1, maxLength: 2 },
);
const span = fc
  .tuple(fc.integer({ min: -3_600, max: 39_000 }), fc.integer({ min: 1, max: 15_000 }))
  .map(([from, length]) => ({ from, to: from + length }));
const parts = fc.array(
  fc.record({
    presence: fc.constantFrom(...PRESENCES),
    planned: fc.integer({ min: 0, max: 6 }).map((n) => n === 0),
    seconds: fc.integer({ min: 1, max: 9_000 }),
  }),
  { minLength: 1, maxLength: 10 },
);
const scenes = fc.record({
  night: fc.constantFrom(...NIGHTS),
  weekly: fc.array(ranges, { minLength: 7, maxLength: 7 }),
  differing: fc.array(fc.tuple(fc.integer({ min: -1, max: 1 }), ranges), { maxLength: 2 }),
  always: fc.boolean(),
  roaming: fc.boolean(),
  inService: fc.integer({ min: 0, max: 4 }).map((n) => n > 0),
  parts,
  beginsBefore: fc.integer({ min: -4_000, max: 8_000 }),
  windows: fc.array(span, { maxLength: 3 }),
  marks: fc.array(fc.tuple(span, fc.constantFrom(...RECLASSIFIED_AS)), { maxLength: 4 }),
  late: fc.array(fc.tuple(span, fc.constantFrom(...PRESENCES)), { maxLength: 3 }),
});
type Scene = typeof scenes extends fc.Arbitrary<infer T> ? T : never;

const rest = { cause: null, evidence: [] };
const NO_MACHINE = {} as Machine;

function recordOf({ parts: list, beginsBefore }: Scene, startMs: number): PresenceInterval[] {
  let atMs = startMs - beginsBefore * SECOND_MS;
  return list.map(({ presence, planned, seconds }, i) => {
    const fromMs = atMs;
    atMs += seconds * SECOND_MS;
    return { ...rest, fromMs, toMs: i === list.length - 1 ? null : atMs, presence, planned, revised: false };
  });
}

/** The figures of a period, counted by the second from the definitions alone. */
function counted(scene: Scene, record: readonly PresenceInterval[], startMs: number) {
  const [zone] = scene.night;
  const sums = {
    agreed: 0,
    down: 0,
    unknown: 0,
    planned: 0,
    excluded: 0,
    reclassified: 0,
    outages: 0,
    longest: 0,
  };
  const episodes = new Map<number, number>();
  let episode = 0;
  let wasOut = false;
  const hoursAt = new Map<number, boolean>();
  const firstMs = Math.min(startMs, ...record.map(({ fromMs }) => fromMs));
  for (let ms = firstMs; ms < startMs + PERIOD_MS; ms += SECOND_MS) {
    const second = (ms - startMs) / SECOND_MS;
    const holds = ({ from, to }: { from: number; to: number }) => from <= second && second < to;
    const recorded = record.find((one) => one.fromMs <= ms && ms < (one.toMs ?? Infinity));
    const mark = ms < startMs ? undefined : scene.marks.findLast(([of]) => holds(of))?.[1];
    const says = mark === 'up' || mark === 'down' ? mark : null;
    const presence = says ?? recorded?.presence ?? 'unknown';
    const ownWord = presence === 'asleep' || presence === 'off';
    const out = presence === 'down' || (ownWord && !scene.roaming);
    if (out && !wasOut) episode += 1;
    wasOut = out;
    if (ms < startMs) continue;
    const minute = Math.floor(ms / MINUTE_MS);
    const inHours = hoursAt.get(minute) ?? (scene.always || isInHours(scene, zone, ms));
    hoursAt.set(minute, inHours);
    if (!inHours || (!scene.inService && recorded === undefined && says === null)) continue;
    if (mark !== undefined) sums.reclassified += 1;
    const planned =
      (recorded?.planned === true || mark === 'planned' || scene.windows.some(holds)) && mark !== 'unplanned';
    if (planned) sums.planned += 1;
    else if (mark === 'excluded') sums.excluded += 1;
    if (planned || mark === 'excluded' || (scene.roaming && ownWord)) continue;
    sums.agreed += 1;
    if (out) {
      sums.down += 1;
      episodes.set(episode, (episodes.get(episode) ?? 0) + 1);
    } else if (presence === 'unknown') sums.unknown += 1;
  }
  return { ...sums, outages: episodes.size, longest: Math.max(0, ...episodes.values()) };
}

function isInHours(scene: Scene, zone: string, ms: number): boolean {
  const { weekly, differing } = scene;
  const local = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone);
  return [0, 1].some((back) => {
    const day = local.toPlainDate().subtract({ days: back });
    const minute = local.hour * 60 + local.minute + back * 1_440;
    const own = differing.findLast(([offset]) => dayOf(scene, offset) === day.toString());
    return (own?.[1] ?? weekly[day.dayOfWeek - 1] ?? []).some(
      (range) => range.fromMinute <= minute && minute < range.toMinute,
    );
  });
}

/** Days that differ are given from the day of the night. */
function dayOf({ night: [zone, start] }: Pick<Scene, 'night'>, offset: number): string {
  return Temporal.Instant.from(start).toZonedDateTimeISO(zone).toPlainDate().add({ days: offset }).toString();
}

function agreedOf(scene: Scene, startMs: number): Agreed {
  const [zone] = scene.night;
  const version: HoursVersion = {
    fromDay: null,
    zone,
    weekly: scene.weekly,
    days: new Map(scene.differing.map(([offset, of]) => [dayOf(scene, offset), of])),
  };
  const hours: ServiceHours = { versions: [version] };
  const marks = layered(
    scene.marks.map(
      ([{ from, to }, as]): Mark => ({
        fromMs: startMs + from * SECOND_MS,
        toMs: startMs + to * SECOND_MS,
        as,
      }),
    ),
  );
  return {
    expectations: {
      of: () => ({ hours: scene.always ? 'always' : hours, roaming: scene.roaming }),
      onChange: () => undefined,
    },
    planned: {
      spans: (_id, fromMs, toMs) =>
        scene.windows
          .map(({ from, to }) => ({
            fromMs: Math.max(fromMs, startMs + from * SECOND_MS),
            toMs: Math.min(toMs, startMs + to * SECOND_MS),
            windowId: 'w',
            title: 'w',
          }))
          .filter((one) => one.fromMs < one.toMs)
          .sort((a, b) => a.fromMs - b.fromMs),
      onChange: () => undefined,
    },
    marks: { of: () => marks, onChange: () => undefined },
  };
}

const entryOf = (scene: Scene): CiEntry => ({
  id: 'ci_1',
  class: 'Server',
  name: 'SRV-1',
  lifecycle: scene.inService ? 'in_use' : 'in_stock',
  criticality: 3,
  tags: [],
  site: null,
  owner: null,
  agentId: null,
  timeZone: scene.night[0],
  createdAtMs: -Infinity,
});

test('[AV8] [AV18] [AV20] figures, ledger and outages equal a count of every second: hours, zones, windows, judgements, late data', async () => {
  await fc.assert(
    fc.asyncProperty(scenes, async (scene) => {
      const [zone, start] = scene.night;
      const startMs = Temporal.Instant.from(start).epochMilliseconds;
      const endMs = startMs + PERIOD_MS;
      const entry = entryOf(scene);
      const agreed = agreedOf(scene, startMs);
      const store = tellingChanges(
        createMemoryAvailabilityStore(),
        (changes) => fleet.changed(changes),
        () => endMs,
      );
      const directory = { get: () => entry, all: () => [entry], onChange: () => undefined };
      const fleet = createFleetAvailability({ store, directory, agreed, pause: async () => undefined });
      let record = recordOf(scene, startMs);
      await store.record([{ ciId: 'ci_1', machine: NO_MACHINE, intervals: record }]);

      const agree = async () => {
        const period = { fromMs: startMs, toMs: endMs };
        const intervals = await store.intervals('ci_1', startMs, endMs);
        const report = availabilityReport(entry, agreed, intervals, period, endMs);
        const expected = counted(scene, record, startMs);
        expect({
          agreed: report.agreedSeconds,
          down: report.downSeconds,
          unknown: report.unknownSeconds,
          planned: report.plannedSeconds,
          excluded: report.excludedSeconds,
          reclassified: report.reclassifiedSeconds,
          outages: report.outages,
          longest: report.longestOutageSeconds,
        }).toEqual(expected);
        expect(report.outageList.length).toBe(expected.outages);
        expect(report.outageList.reduce((sum, { seconds }) => sum + seconds, 0)).toBe(expected.down);
        const query = fleetAvailabilityEndpoints.availabilitySummary.query.parse({
          from: toIso(startMs),
          to: toIso(endMs),
          zone,
        });
        const { fleet: all } = await fleet.summary(query, endMs);
        if (report.agreedSeconds > 0)
          expect(all).toMatchObject({
            agreedSeconds: expected.agreed,
            downSeconds: expected.down,
            unknownSeconds: expected.unknown,
            plannedSeconds: expected.planned,
            excludedSeconds: expected.excluded,
            reclassifiedSeconds: expected.reclassified,
            outages: expected.outages,
            longestOutageSeconds: expected.longest,
          });
      };
      await agree();

      const revisions = scene.late.map(
        ([{ from, to }, presence]): Revision => ({
          ...rest,
          fromMs: startMs + from * SECOND_MS,
          toMs: startMs + to * SECOND_MS,
          presence,
          planned: null,
          corrects: true,
        }),
      );
      const lastMs = record.at(-1)?.fromMs ?? startMs;
      record = applyRevisions(
        record,
        revisions.filter(({ fromMs }) => fromMs <= lastMs),
      );
      await store.record([{ ciId: 'ci_1', machine: NO_MACHINE, intervals: record }]);
      await agree();
    }),
    { numRuns: 60 },
  );
}, 60_000);

const SERVICE_SECONDS = 4_000;
const members = ['a', 'b', 'c', 'd', 'e'] as const;
/** Short enough that failures, windows and silence of the members meet. */
const memberParts = fc.array(
  fc.record({
    presence: fc.constantFrom('up', 'up', 'up', 'down', 'unknown', 'off'),
    planned: fc.constant(false),
    seconds: fc.integer({ min: 1, max: 1_500 }),
  }),
  { minLength: 3, maxLength: 10 },
);
const memberWindow = fc
  .tuple(fc.integer({ min: -500, max: 3_900 }), fc.integer({ min: 1, max: 2_000 }))
  .map(([from, length]) => ({ from, to: from + length }));

test('[AV22] [AV23] a service is down, planned or unknown at exactly the seconds at which impact says so', () => {
  fc.assert(
    fc.property(
      fc.array(memberParts, { minLength: members.length, maxLength: members.length }),
      fc.array(fc.tuple(fc.constantFrom(null, 'x', 'x', 'x', 'y'), fc.integer({ min: 1, max: 3 })), {
        minLength: members.length,
        maxLength: members.length,
      }),
      fc.array(fc.array(memberWindow, { maxLength: 2 }), {
        minLength: members.length,
        maxLength: members.length,
      }),
      (records, groups, windows) => {
        const edges = members.map((id, i) => {
          const [group = null, needed = 1] = groups[i] ?? [];
          const type = 'dependsOn' as const;
          return {
            id,
            type,
            fromId: 'svc',
            toId: id,
            group,
            needed: group === null ? null : needed,
          } as const;
        });
        const base = { source: 'human' as const, actor: 'user:x', sinceMs: 0, endedAtMs: null };
        const graph: ImpactGraph = {
          from: (id) => (id === 'svc' ? edges.map((edge) => ({ ...base, ...edge })) : []),
          to: (id) => edges.filter(({ toId }) => toId === id).map((edge) => ({ ...base, ...edge })),
          node: (id) => ({ id, name: id, class: id === 'svc' ? 'Service' : 'Server', machineId: null }),
          partsOf: () => [],
        };
        const isLost = (failing: readonly string[]) =>
          impactOf(failing, graph).some(({ node, state }) => node.id === 'svc' && state === 'lost');
        const period = { fromMs: 0, toMs: SERVICE_SECONDS * SECOND_MS };
        const intervals = records.map((list) => recordOf({ parts: list, beginsBefore: 100 } as Scene, 0));
        const spans = members.map((id, i) =>
          memberSpans(
            id,
            {
              intervals: intervals[i] ?? [],
              planned: [
                ...(windows[i] ?? []).map(({ from, to }) => ({
                  fromMs: from * SECOND_MS,
                  toMs: to * SECOND_MS,
                })),
                ...(intervals[i] ?? [])
                  .filter(({ planned }) => planned)
                  .map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs ?? Infinity })),
              ],
              inService: true,
            },
            period,
          ),
        );
        const stretches = serviceStretches(period, spans, isLost) ?? [];
        expect(stretches[0]?.fromMs).toBe(0);
        expect(stretches.at(-1)?.toMs).toBe(period.toMs);
        const judged = new Map<string, string>();
        for (let second = 0; second < SERVICE_SECONDS; second++) {
          const ms = second * SECOND_MS;
          const states = members.map((_, i) => {
            const one = intervals[i]?.find(({ fromMs, toMs }) => fromMs <= ms && ms < (toMs ?? Infinity));
            if (one?.presence === 'up') return 'up';
            const inWindow = windows[i]?.some(({ from, to }) => from <= second && second < to) ?? false;
            if (one?.planned === true || inWindow) return 'planned';
            return one === undefined || one.presence === 'unknown' ? 'unknown' : 'down';
          });
          const key = states.join();
          const failing = (...of: string[]) => members.filter((_, i) => of.includes(states[i] ?? ''));
          const state =
            judged.get(key) ??
            (isLost(failing('planned'))
              ? 'planned'
              : isLost(failing('down', 'planned'))
                ? 'down'
                : isLost(failing('down', 'planned', 'unknown'))
                  ? 'unknown'
                  : 'up');
          judged.set(key, state);
          const said = stretches.find(({ fromMs, toMs }) => fromMs <= ms && ms < toMs)?.state;
          if (said !== state) throw new Error(`second ${second}: ${String(said)}, counted ${state} (${key})`);
        }
      },
    ),
    { numRuns: 60 },
  );
});

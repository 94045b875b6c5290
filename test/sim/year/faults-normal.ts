/** What is ordinary and must stay silent: noise at a level, lunch, patch nights, the nightly backup, the batch at the end of a month. */
import { HOUR_MS, MINUTE_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import { hours, minutes, Readings } from './effect.ts';
import type { Act, Planted } from './fault.ts';
import { type Ground, onGrid } from './ground.ts';
import type { Jobs } from './jobs.ts';
import { Random } from './random.ts';

interface Ordinary {
  readonly kind: string;
  readonly machines: readonly number[];
  readonly fromMs: Millis;
  readonly toMs: Millis;
}

function ordinary(ground: Ground, { kind, machines, fromMs, toMs }: Ordinary): Planted {
  const cause = ground.machine(machines[0] ?? 0);
  return {
    fault: {
      kind,
      must: 'silence',
      subject: cause.name,
      causeIds: new Set([cause.id]),
      hits: ground.idsOf(machines),
      families: null,
      fromMs,
      detectableMs: fromMs,
      toMs,
    },
    effects: [],
    acts: [],
    fine: [],
  };
}

/** Metric, mean and deviation of what comes close to its level, and over it for moments. */
const GRAZED = [
  ['cpu.utilisation', 85.5, 3],
  ['memory.utilisation', 86.5, 1.6],
  ['pressure.memory.some', 13, 4],
  ['pressure.io.some', 50, 6],
  ['swap.utilisation', 74, 3.5],
] as const;

const SWAP_FULL_PERCENT = 70;

export function noiseGrazesLevel(ground: Ground): Planted | null {
  const index = ground.random.pick(ground.servers());
  const lengthMs = hours(ground.random.between(2, 4));
  const fromMs = ground.take([index], lengthMs);
  if (fromMs === null) return null;
  const readings = new Readings(ground.machine(index));
  const isSwapFull = (readings.signal(readings.at('swap.utilisation'))?.base ?? 0) > SWAP_FULL_PERCENT;
  // Waiting for memory with a full swap is no noise.
  const fitting = GRAZED.filter(([metric]) => !(isSwapFull && metric === 'pressure.memory.some'));
  const [metric, mean, deviation] = ground.random.pick(fitting);
  const noise = new Random(ground.random.whole(0, 0xffff_ffff));
  const minutesLong = Math.ceil(lengthMs / MINUTE_MS) + 2;
  const knots = Float64Array.from({ length: minutesLong }, () => mean + noise.normal(0, deviation));
  const toMs = fromMs + lengthMs;
  return {
    ...ordinary(ground, { kind: 'threshold-grazed-by-noise', machines: [index], fromMs, toMs }),
    effects: [
      {
        machine: index,
        fromMs,
        toMs,
        apply: (values, atMs) => {
          const at = (atMs - fromMs) / MINUTE_MS;
          const knot = Math.floor(at);
          const from = knots[knot] ?? mean;
          readings.set(values, metric, from + ((knots[knot + 1] ?? mean) - from) * (at - knot));
        },
      },
    ],
    fine: [{ machines: [index], fromMs: fromMs - MINUTE_MS, toMs }],
  };
}

export function asleepAtNoon(ground: Ground): Planted | null {
  const laptop = ground.random.pick(ground.laptops());
  const noons = ground.noonsOf(laptop).filter((noon) => ground.isFree([laptop], noon));
  if (noons.length === 0) return null;
  const noon = ground.random.pick(noons);
  ground.occupy([laptop], noon);
  const { fromMs, toMs } = noon;
  return {
    ...ordinary(ground, { kind: 'laptop-asleep-at-noon', machines: [laptop], fromMs, toMs }),
    fine: [{ machines: [laptop], fromMs: fromMs - 5 * MINUTE_MS, toMs: toMs + 5 * MINUTE_MS }],
  };
}

export function backupsAndBatches(ground: Ground, jobs: Jobs): Planted[] {
  const { random } = ground;
  const nights = jobs.backups.filter(() => random.chance(0.01));
  return [
    ...nights.map((job) => ({ kind: 'backup-that-hogs-io', job })),
    ...jobs.batches.map((job) => ({ kind: 'monthly-batch-peak', job })),
  ].map(({ kind, job: { machine, fromMs, toMs } }) => ({
    ...ordinary(ground, { kind, machines: [machine], fromMs, toMs }),
    fine: [{ machines: [machine], fromMs: fromMs - 5 * MINUTE_MS, toMs: fromMs + 40 * MINUTE_MS }],
  }));
}

/** One evening a month for each half of the servers, one Saturday morning for the hosts. */
export interface PatchWindow {
  readonly title: string;
  readonly machines: readonly number[];
  /** RFC 5545, and the local begin of its first time: day of the year and minute. */
  readonly rule: string;
  readonly days: readonly number[];
  readonly minute: number;
  readonly lengthMs: Millis;
}

const EVENING = { minute: 20 * 60, lengthMs: 4 * HOUR_MS };

export function patchWindows(ground: Ground): PatchWindow[] {
  const { time } = ground;
  const singles = ground.servers(({ role }) => role !== 'host');
  const half = (odd: number) => singles.filter((_, i) => i % 2 === odd);
  return [
    {
      title: 'Patch evening A',
      machines: half(0),
      rule: 'FREQ=MONTHLY;BYDAY=+2WE',
      days: time.nthWeekdays(2, 2),
      ...EVENING,
    },
    {
      title: 'Patch evening B',
      machines: half(1),
      rule: 'FREQ=MONTHLY;BYDAY=+2TH',
      days: time.nthWeekdays(3, 2),
      ...EVENING,
    },
    {
      title: 'Patch morning of the hosts',
      machines: ground.servers(({ role }) => role === 'host'),
      rule: 'FREQ=MONTHLY;BYDAY=+4SA',
      days: time.nthWeekdays(5, 4),
      minute: 6 * 60,
      lengthMs: 4 * HOUR_MS,
    },
  ];
}

/** Each restarts once, after its turn; some take long. What runs on a host is shut down before it. */
export function patchNights(ground: Ground, windows: readonly PatchWindow[]): Planted[] {
  const planted: Planted[] = [];
  for (const { machines, days, minute, lengthMs } of windows)
    for (const day of days) {
      const beginMs = ground.time.at(day, minute);
      for (const index of machines) {
        const guests = ground.guestsOf(index);
        const fromMs = onGrid(beginMs + minutes(ground.random.between(8, 170)));
        const downMs = minutes(
          ground.random.chance(0.15) ? ground.random.between(10, 35) : ground.random.between(2, 7),
        );
        const toMs = fromMs + downMs + 5 * MINUTE_MS;
        const touched = [index, ...guests];
        ground.occupyForPatches(touched, { fromMs: beginMs, toMs: beginMs + lengthMs });
        const acts: Act[] = [
          ...guests.map((guest) => ({
            atMs: fromMs - 2 * MINUTE_MS,
            do: (hands: Parameters<Act['do']>[0]) => hands.shutDown(guest),
          })),
          { atMs: fromMs, do: (hands) => hands.restart(index, downMs) },
        ];
        planted.push({
          ...ordinary(ground, { kind: 'patch-reboot-inside-window', machines: touched, fromMs, toMs }),
          acts,
          fine: [{ machines: touched, fromMs: fromMs - 3 * MINUTE_MS, toMs: toMs + 3 * MINUTE_MS }],
        });
      }
    }
  return planted;
}

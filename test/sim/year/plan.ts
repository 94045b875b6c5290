/** The kinds of planted faults, and the year's plan: what happens when, drawn from the seed. */
import { createOffice } from './office.ts';
import type { Office, OfficeSize } from './office.ts';
import { OfficeTime } from './office-time.ts';
import { diaryOf } from './people.ts';
import type { Diary } from './people.ts';
import type { Planted } from './fault.ts';
import * as load from './faults-load.ts';
import * as normal from './faults-normal.ts';
import * as reach from './faults-reach.ts';
import { Ground } from './ground.ts';
import { planJobs } from './jobs.ts';
import type { Effect } from './effect.ts';
import { Random } from './random.ts';

export interface YearOptions {
  readonly seed: number;
  readonly days: number;
  readonly size: OfficeSize;
  /** Days without a fault at the begin. */
  readonly calmDays: number;
  /** How often each kind is planted: 1 is the full year's measure. */
  readonly share: number;
}

/** Which year does not matter; this one has both changes of the clocks and an ordinary Easter. */
export const YEAR = 2027;

/** Each kind with how often it is planted in a year. Long ones stand first: they find their place most seldom. */
const KINDS: readonly { readonly plant: (ground: Ground) => Planted | null; readonly times: number }[] = [
  { plant: load.certificateExpires, times: 1 },
  { plant: load.diskFillsSlowly, times: 4 },
  { plant: load.temperatureDrifts, times: 3 },
  { plant: reach.laptopStolen, times: 3 },
  { plant: load.logsOutgrowRotation, times: 4 },
  { plant: reach.powerFails, times: 3 },
  { plant: reach.siteLinkGoesDown, times: 4 },
  { plant: reach.ownServerGoesDown, times: 4 },
  { plant: reach.switchDies, times: 6 },
  { plant: reach.hostPowersOff, times: 5 },
  { plant: load.diskFails, times: 4 },
  { plant: load.memoryLeaks, times: 5 },
  { plant: load.inodesRunOut, times: 4 },
  { plant: load.diskFillsFast, times: 5 },
  { plant: load.processRunsAway, times: 4 },
  { plant: load.processRunsAwayOnLaptop, times: 2 },
  { plant: load.swapStorm, times: 4 },
  { plant: load.serviceDies, times: 6 },
  { plant: reach.agentKilled, times: 5 },
  { plant: reach.hostCrashLoops, times: 4 },
  { plant: reach.hostHangs, times: 4 },
  { plant: load.portFlaps, times: 5 },
  { plant: load.uplinkSaturates, times: 5 },
  { plant: reach.clockJumps, times: 4 },
  { plant: reach.patchRebootOutside, times: 5 },
  { plant: reach.machineCloned, times: 3 },
  { plant: reach.addressChanges, times: 8 },
  { plant: normal.noiseGrazesLevel, times: 12 },
  { plant: normal.asleepAtNoon, times: 12 },
];

export interface YearPlan {
  readonly time: OfficeTime;
  readonly office: Office;
  readonly diaries: ReadonlyMap<number, Diary>;
  readonly jobs: readonly Effect[];
  readonly windows: readonly normal.PatchWindow[];
  readonly planted: readonly Planted[];
}

/** How often a place is looked for where something else stands already. */
const ATTEMPTS_MAX = 12;

export function planYear({ seed, days, size, calmDays, share }: YearOptions): YearPlan {
  const random = new Random(seed);
  const time = new OfficeTime(YEAR, days);
  const office = createOffice(size, random.fork('office'));
  const diaries = new Map(
    office.machines
      .filter((one) => one.class === 'Workstation')
      .map((one) => [one.index, diaryOf(random.fork(`diary of ${one.name}`), time)]),
  );
  const jobs = planJobs(office, time, diaries, random.fork('jobs'));
  const ground = new Ground(office, time, diaries, random.fork('faults'), calmDays);
  const windows = normal.patchWindows(ground);
  const planted = normal.patchNights(ground, windows);
  for (const { plant, times } of KINDS) {
    const wanted = Math.max(1, Math.round(times * share));
    for (let i = 0; i < wanted; i++) {
      let found: Planted | null = null;
      for (let attempt = 0; attempt < ATTEMPTS_MAX && found === null; attempt++) found = plant(ground);
      if (found !== null) planted.push(found);
    }
  }
  planted.push(...normal.backupsAndBatches(ground, jobs));
  return { time, office, diaries, jobs: jobs.effects, windows, planted };
}

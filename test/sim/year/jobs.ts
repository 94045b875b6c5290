/** What machines do that looks like trouble and is none: backups, month-end batches, builds, compiles, video calls. */
import type { Millis } from '@muster/shared/time.ts';
import type { Effect } from './effect.ts';
import { hours, minutes, Readings, sway } from './effect.ts';
import type { Machine, Office } from './office.ts';
import type { OfficeTime } from './office-time.ts';
import type { Diary } from './people.ts';
import type { Random } from './random.ts';

export interface Jobs {
  readonly effects: readonly Effect[];
  /** Machines whose disks the backup keeps busy for long, and when it begins. */
  readonly backups: readonly { readonly machine: number; readonly fromMs: Millis; readonly toMs: Millis }[];
  readonly batches: readonly { readonly machine: number; readonly fromMs: Millis; readonly toMs: Millis }[];
}

export function planJobs(
  office: Office,
  time: OfficeTime,
  diaries: ReadonlyMap<number, Diary>,
  random: Random,
): Jobs {
  const effects: Effect[] = [];
  const backups: { machine: number; fromMs: Millis; toMs: Millis }[] = [];
  const batches: { machine: number; fromMs: Millis; toMs: Millis }[] = [];
  const lastWorkdays = new Set(time.lastWorkdays());
  for (const machine of office.machines) {
    const own = random.fork(`jobs of ${machine.name}`);
    if (machine.class === 'Server' || machine.class === 'VirtualMachine') {
      for (let day = 0; day < time.days; day++) {
        const backup = backupOn(machine, time, day, own);
        effects.push(backup.effect);
        if (backup.hogs) backups.push(backup.effect);
        if (machine.role === 'build' && time.isWorkday(day))
          effects.push(...buildsOn(machine, time, day, own));
        if (machine.role === 'batch' && lastWorkdays.has(day)) {
          const batch = batchOn(machine, time, day, own);
          effects.push(batch);
          batches.push(batch);
        }
      }
    }
    for (const { fromMs, toMs } of diaries.get(machine.index)?.sessions ?? [])
      if (toMs - fromMs > hours(1) && own.chance(0.15)) effects.push(compile(machine, fromMs, toMs, own));
  }
  return { effects, backups, batches };
}

/** Every night from one o'clock on; on file and backup servers for hours and with all the disk gives. */
function backupOn(machine: Machine, time: OfficeTime, day: number, random: Random) {
  const readings = new Readings(machine);
  const hogs = ['backup', 'file', 'archive', 'database'].includes(machine.role);
  const fromMs = time.at(day, 60 + random.between(0, 12));
  const toMs = fromMs + minutes(hogs ? random.between(80, 130) : random.between(8, 25));
  const seed = random.between(0, 6);
  const [least, most] = hogs ? [62, 86] : [20, 45];
  const effect: Effect = {
    machine: machine.index,
    fromMs,
    toMs,
    apply: (values, atMs) => {
      const share = sway(atMs, seed);
      readings.raise(values, 'pressure.io.some', least + (most - least) * share);
      readings.raise(values, 'disk.utilisation', hogs ? 92 + 8 * share : 60 + 30 * share);
      readings.raise(values, 'disk.await', hogs ? 0.015 + 0.025 * share : 0.008);
      readings.raise(values, 'cpu.utilisation', 25 + 30 * share);
      readings.raise(values, 'network.utilisation', hogs ? 55 + 25 * share : 30, 'eth0');
    },
  };
  return { hogs, effect };
}

/** As many workers as cores: all of the CPU, hardly anybody waits. */
function batchOn(machine: Machine, time: OfficeTime, day: number, random: Random): Effect {
  const readings = new Readings(machine);
  const fromMs = time.at(day, random.between(18, 18.7) * 60);
  const seed = random.between(0, 6);
  return {
    machine: machine.index,
    fromMs,
    toMs: fromMs + hours(random.between(3, 5.5)),
    apply: (values, atMs) => {
      const share = sway(atMs, seed);
      readings.set(values, 'cpu.utilisation', 95.5 + 4.5 * share);
      readings.set(values, 'pressure.cpu.some', 8 + 16 * share);
      readings.raise(values, 'memory.utilisation', 72 + 8 * share);
      readings.raise(values, 'pressure.io.some', 10 + 15 * share);
      readings.raise(values, 'disk.utilisation', 40 + 40 * share);
    },
  };
}

function buildsOn(machine: Machine, time: OfficeTime, day: number, random: Random): Effect[] {
  const readings = new Readings(machine);
  const effects: Effect[] = [];
  for (let minute = random.between(8.2, 9.5) * 60; minute < 18 * 60; minute += random.between(40, 120)) {
    const fromMs = time.at(day, minute);
    effects.push({
      machine: machine.index,
      fromMs,
      toMs: fromMs + minutes(random.between(4, 24)),
      apply: (values, atMs) => {
        readings.set(values, 'cpu.utilisation', 93 + 7 * sway(atMs, minute));
        readings.set(values, 'pressure.cpu.some', 12 + 25 * sway(atMs, minute + 1));
        readings.raise(values, 'pressure.io.some', 25 * sway(atMs, minute));
      },
    });
  }
  return effects;
}

/** A compile, a video call, an indexer: the fan is heard for a while. */
function compile(machine: Machine, sinceMs: Millis, untilMs: Millis, random: Random): Effect {
  const readings = new Readings(machine);
  const fromMs = random.between(sinceMs, untilMs - minutes(45));
  const seed = random.between(0, 6);
  return {
    machine: machine.index,
    fromMs,
    toMs: fromMs + minutes(random.between(5, 40)),
    apply: (values, atMs) => {
      const share = sway(atMs, seed);
      readings.raise(values, 'cpu.utilisation', 90 + 10 * share);
      readings.raise(values, 'pressure.cpu.some', 6 + 25 * share);
      readings.raise(values, 'temperature', 80 + 12 * share);
    },
  };
}

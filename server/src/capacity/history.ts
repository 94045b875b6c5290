/** The part of a file system's history that a trend may rest on: since it was last resized, cleaned out or filled at once. Pure. */
import { median } from './trend.ts';

/** One day of a file system: peak of what is used, and what users can fill. */
export interface DailySpace {
  /** Days since 1970 (UTC). */
  readonly day: number;
  readonly usedBytes: number;
  readonly sizeBytes: number;
}

export type RestartReason = 'grew' | 'shrank' | 'cleaned' | 'jumped';

export interface History {
  readonly days: readonly DailySpace[];
  readonly restart: { readonly day: number; readonly why: RestartReason } | null;
}

/** Another size is a resize from this share on; sizes of shared pools breathe. */
const RESIZE_SHARE_MIN = 0.01;
/** A change of a day is a level jump from this share of the size on, and from so many times the usual change. */
const JUMP_SHARE_MIN = 0.02;
const JUMP_DEVIATIONS_MIN = 8;
/** Levels before and after are medians of this many days, so that a peak of one day is none. */
const LEVEL_DAYS = 3;
/** A jump of today may be gone tomorrow: it counts from its second day on. */
const CONFIRMING_DAYS = 2;
/** More jumps than this in so many days are the machine's way: it is cleaned regularly, and no history begins anew. */
const JUMPS_MAX = 3;
const JUMPS_WITHIN_DAYS = 60;

/** `days`: ascending, one a day. */
export function usableHistory(days: readonly DailySpace[]): History {
  const resize = lastResize(days);
  const sameSize = days.slice(resize?.index ?? 0);
  const jump = lastJump(sameSize);
  if (jump) return begun(sameSize, jump);
  return resize ? begun(days, resize) : { days, restart: null };
}

interface Restart {
  /** The first day of the new history. */
  readonly index: number;
  readonly why: RestartReason;
}

function begun(days: readonly DailySpace[], { index, why }: Restart): History {
  return { days: days.slice(index), restart: { day: (days[index] as DailySpace).day, why } };
}

function lastResize(days: readonly DailySpace[]): Restart | null {
  for (let index = days.length - 1; index > 0; index--) {
    const before = (days[index - 1] as DailySpace).sizeBytes;
    const change = (days[index] as DailySpace).sizeBytes - before;
    if (Math.abs(change) > before * RESIZE_SHARE_MIN) return { index, why: change > 0 ? 'grew' : 'shrank' };
  }
  return null;
}

function lastJump(days: readonly DailySpace[]): Restart | null {
  const used = days.map((day) => day.usedBytes);
  const changes = used.slice(1).map((bytes, i) => bytes - (used[i] as number));
  if (changes.length < CONFIRMING_DAYS) return null;
  const usual = median(changes);
  const deviation = 1.4826 * median(changes.map((change) => Math.abs(change - usual)));
  const least = Math.max((days[0] as DailySpace).sizeBytes * JUMP_SHARE_MIN, JUMP_DEVIATIONS_MIN * deviation);
  const jumps: Restart[] = [];
  for (let index = 1; index <= used.length - CONFIRMING_DAYS; index++) {
    if (Math.abs((used[index] as number) - (used[index - 1] as number)) <= least) continue;
    const before = median(used.slice(Math.max(0, index - LEVEL_DAYS), index));
    const after = median(used.slice(index, index + LEVEL_DAYS));
    if (Math.abs(after - before) > least) jumps.push({ index, why: after < before ? 'cleaned' : 'jumped' });
  }
  const lastDay = days.at(-1)?.day ?? 0;
  const recent = jumps.filter(
    ({ index }) => (days[index] as DailySpace).day > lastDay - JUMPS_WITHIN_DAYS,
  ).length;
  return recent > JUMPS_MAX ? null : (jumps.at(-1) ?? null);
}

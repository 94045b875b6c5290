/** The processes that use the CPU most: who, how much, never with what arguments. Not a metric: sent while somebody looks and at a breach. */
import type { TopProcess } from '@muster/shared/wire/top-process.ts';
import type { Host } from '../../host.ts';
import { withoutControls } from '../instance.ts';
import { pageBytes } from '../page-size.ts';
import { processIds } from '../process-count/process-count.ts';
import { TICKS_PER_SECOND } from '../proc-stat.ts';
import {
  type ProcessIo,
  type ProcessStat,
  parseEffectiveUid,
  parseProcessIo,
  parseProcessStat,
  parseUserNames,
} from './process-files.ts';

interface SeenProcess {
  readonly startTicks: number;
  readonly cpuTicks: number;
  /** null when it was not among the top, or may not be read. */
  readonly io: ProcessIo | null;
}

/** What the next call needs to compute differences. */
export interface TopProcessesState {
  readonly pageBytes: number;
  readonly processes: ReadonlyMap<number, SeenProcess>;
}

export interface TopProcessesResult {
  readonly items: readonly TopProcess[];
  readonly state: TopProcessesState;
}

const TEXT_CHARACTERS_MAX = 64;

/**
 * The `limit` busiest processes since `previous` was taken `elapsedMs` ago, by CPU, then by resident
 * memory. Without `previous` (null) CPU is 0 and rates are null: take one, wait, take another. A process
 * that started in between counts from its start. Storage rates need two lists in a row with that process.
 * `largest` more follow, by resident memory, of those that are not among the busiest.
 */
export function topProcesses(
  host: Host,
  previous: TopProcessesState | null,
  elapsedMs: number,
  limit: number,
  largest = 0,
): TopProcessesResult {
  const bytesPerPage = previous?.pageBytes ?? pageBytes(host);
  const stats = readStats(host);
  const ticks = (stat: ProcessStat): number => (previous === null ? 0 : ticksSince(previous, stat));
  const ranked = stats
    .map((stat) => ({ stat, ticks: ticks(stat) }))
    .sort(
      (a, b) => b.ticks - a.ticks || b.stat.residentPages - a.stat.residentPages || a.stat.pid - b.stat.pid,
    );
  const shown = [
    ...ranked.slice(0, limit),
    ...ranked
      .slice(limit)
      .sort((a, b) => b.stat.residentPages - a.stat.residentPages || a.stat.pid - b.stat.pid)
      .slice(0, largest),
  ];
  const users = parseUserNames(host.readText('/etc/passwd') ?? '');
  const seen = new Map<number, SeenProcess>();
  for (const { pid, startTicks, cpuTicks } of stats) seen.set(pid, { startTicks, cpuTicks, io: null });
  const items = shown.map(({ stat, ticks: used }) => {
    const io = parseProcessIo(host.readText(`/proc/${stat.pid}/io`) ?? '');
    seen.set(stat.pid, { startTicks: stat.startTicks, cpuTicks: stat.cpuTicks, io });
    const before = sameProcess(previous, stat)?.io ?? null;
    return {
      pid: stat.pid,
      name: plainText(stat.name),
      user: userOf(host, stat.pid, users),
      cpuPercent: elapsedMs > 0 ? round((100 * used * 1_000) / TICKS_PER_SECOND / elapsedMs, 1) : 0,
      residentBytes: stat.residentPages * bytesPerPage,
      readBytesPerSecond: rate(before?.readBytes, io?.readBytes, elapsedMs),
      writtenBytesPerSecond: rate(before?.writtenBytes, io?.writtenBytes, elapsedMs),
    };
  });
  return { items, state: { pageBytes: bytesPerPage, processes: seen } };
}

/** A process may end between the listing and the reading: it is left out. */
function readStats(host: Host): ProcessStat[] {
  return processIds(host).flatMap((pid) => {
    const text = host.readText(`/proc/${pid}/stat`);
    return text ? (parseProcessStat(text) ?? []) : [];
  });
}

function sameProcess(previous: TopProcessesState | null, stat: ProcessStat): SeenProcess | undefined {
  const before = previous?.processes.get(stat.pid);
  return before?.startTicks === stat.startTicks ? before : undefined;
}

function ticksSince(previous: TopProcessesState, stat: ProcessStat): number {
  return Math.max(0, stat.cpuTicks - (sameProcess(previous, stat)?.cpuTicks ?? 0));
}

function rate(before: number | undefined, now: number | undefined, elapsedMs: number): number | null {
  if (before === undefined || now === undefined || elapsedMs <= 0) return null;
  return Math.max(0, Math.round(((now - before) * 1_000) / elapsedMs));
}

/** The number where the user has no name here (users of a directory service, of a container). */
function userOf(host: Host, pid: number, users: ReadonlyMap<number, string>): string {
  const uid = parseEffectiveUid(host.readText(`/proc/${pid}/status`) ?? '');
  return uid === null ? '' : plainText(users.get(uid) ?? `${uid}`);
}

function plainText(text: string): string {
  return withoutControls(text).slice(0, TEXT_CHARACTERS_MAX);
}

function round(value: number, decimals: number): number {
  const factor = 10 ** decimals;
  return Math.round(value * factor) / factor;
}

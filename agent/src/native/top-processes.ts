/** The processes that use the CPU most, of Windows and macOS: from the helper's lists, and never with arguments. */
import type { TopProcess } from '@muster/shared/wire/top-process.ts';
import { withoutControls } from '../collectors/instance.ts';
import type { Dated, NativeProcess, NativeSystem } from './system.ts';

type List = Dated<readonly NativeProcess[]>;

const TEXT_CHARACTERS_MAX = 64;

/**
 * Lists come in the helper's rhythm and not in that of who asks, so the last two are kept here: shares are of the
 * time between them, and who asks before there is a new one gets what was told before.
 */
export class NativeTopProcesses {
  readonly #system: Pick<NativeSystem, 'processes'>;
  #before: List | null = null;
  #last: List | null = null;

  constructor(system: Pick<NativeSystem, 'processes'>) {
    this.#system = system;
  }

  /**
   * The `limit` busiest between the last two lists, by CPU, then by resident memory; `largest` more by resident
   * memory. Empty until there is a list; with a single one CPU is 0. Nothing tells what they read and wrote.
   */
  list(limit: number, largest = 0): TopProcess[] {
    const list = this.#system.processes();
    if (list === null) return [];
    if (list.atMs !== this.#last?.atMs) {
      this.#before = this.#last;
      this.#last = list;
    }
    return topProcesses(this.#before, list, limit, largest);
  }
}

/** A process that started in between, or took another's number, counts from its own start. */
export function topProcesses(before: List | null, now: List, limit: number, largest: number): TopProcess[] {
  const earlier = new Map(before?.value.map((one) => [`${one.pid} ${one.startedAt}`, one.cpuSeconds]));
  const elapsedSeconds = before === null ? 0 : (now.atMs - before.atMs) / 1_000;
  const ranked = now.value
    .map((one) => ({
      one,
      used:
        elapsedSeconds <= 0
          ? 0
          : Math.max(0, one.cpuSeconds - (earlier.get(`${one.pid} ${one.startedAt}`) ?? 0)) / elapsedSeconds,
    }))
    .toSorted((a, b) => b.used - a.used || byMemory(a.one, b.one));
  const shown = [
    ...ranked.slice(0, limit),
    ...ranked
      .slice(limit)
      .toSorted((a, b) => byMemory(a.one, b.one))
      .slice(0, largest),
  ];
  return shown.map(({ one, used }) => ({
    pid: one.pid,
    name: plainText(one.name),
    user: plainText(one.user),
    cpuPercent: Math.round(used * 1_000) / 10,
    residentBytes: one.residentBytes,
    readBytesPerSecond: null,
    writtenBytesPerSecond: null,
  }));
}

function byMemory(a: NativeProcess, b: NativeProcess): number {
  return b.residentBytes - a.residentBytes || a.pid - b.pid;
}

function plainText(text: string): string {
  return withoutControls(text).slice(0, TEXT_CHARACTERS_MAX);
}

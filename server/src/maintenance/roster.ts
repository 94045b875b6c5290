/** Who was in which window since when: a record of its own, so that a machine that joins today was not in it yesterday. Pure. */
import type { Millis } from '@muster/shared/time.ts';
import type { Span } from '../availability/spans.ts';
import type { CoverageChange } from './store.ts';

const NOBODY: ReadonlySet<string> = new Set();

export class Roster {
  /** By window and CI: in, out, in … */
  readonly #turns = new Map<string, Map<string, Millis[]>>();
  /** Windows in which the CI ever was. */
  readonly #windows = new Map<string, Set<string>>();

  /** Changes come in the order of their times. */
  apply({ windowId, atMs, added, removed }: CoverageChange): void {
    const turns = this.#turns.get(windowId) ?? new Map<string, Millis[]>();
    this.#turns.set(windowId, turns);
    for (const ciId of added) {
      const held = turns.get(ciId);
      if (held === undefined) turns.set(ciId, [atMs]);
      else if (held.length % 2 === 0) held.push(atMs);
      const windows = this.#windows.get(ciId);
      if (windows) windows.add(windowId);
      else this.#windows.set(ciId, new Set([windowId]));
    }
    for (const ciId of removed) {
      const held = turns.get(ciId);
      if (held !== undefined && held.length % 2 === 1) held.push(atMs);
    }
  }

  /** What makes these the members; null: they are. */
  changeTo(windowId: string, wanted: readonly string[], nowMs: Millis): CoverageChange | null {
    const members = new Set(this.members(windowId));
    const wish = new Set(wanted);
    const added = wanted.filter((ciId) => !members.has(ciId));
    const removed = [...members].filter((ciId) => !wish.has(ciId));
    if (added.length === 0 && removed.length === 0) return null;
    return { windowId, atMs: this.#freeMs(windowId, nowMs), added, removed };
  }

  members(windowId: string): string[] {
    const turns = this.#turns.get(windowId);
    return turns ? [...turns].filter(([, times]) => times.length % 2 === 1).map(([ciId]) => ciId) : [];
  }

  windowsOf(ciId: string): ReadonlySet<string> {
    return this.#windows.get(ciId) ?? NOBODY;
  }

  holds(windowId: string, ciId: string, atMs: Millis): boolean {
    const times = this.#turns.get(windowId)?.get(ciId) ?? [];
    let turns = 0;
    while (turns < times.length && (times[turns] as Millis) <= atMs) turns++;
    return turns % 2 === 1;
  }

  /** Ascending; the last may go on (`toMs` Infinity). */
  stays(windowId: string, ciId: string): Span[] {
    const times = this.#turns.get(windowId)?.get(ciId) ?? [];
    const stays: Span[] = [];
    for (let i = 0; i < times.length; i += 2)
      stays.push({ fromMs: times[i] as Millis, toMs: times[i + 1] ?? Infinity });
    return stays;
  }

  forget(windowId: string): void {
    for (const ciId of this.#turns.get(windowId)?.keys() ?? []) {
      const windows = this.#windows.get(ciId);
      windows?.delete(windowId);
      if (windows?.size === 0) this.#windows.delete(ciId);
    }
    this.#turns.delete(windowId);
  }

  /** A window has one change at a time: two within a millisecond would be one in the store. */
  #freeMs(windowId: string, nowMs: Millis): Millis {
    let latestMs = -Infinity;
    for (const times of this.#turns.get(windowId)?.values() ?? [])
      latestMs = Math.max(latestMs, times.at(-1) ?? -Infinity);
    return latestMs >= nowMs ? latestMs + 1 : nowMs;
  }
}

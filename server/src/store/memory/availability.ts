/** Presence in plain maps, for tests and the simulator. */
import type { Millis } from '@muster/shared/time.ts';
import type { AvailabilityStore } from '../../availability/store.ts';
import type { Machine } from '../../availability/presence.ts';
import type { PresenceInterval } from '../../availability/timeline.ts';

export function createMemoryAvailabilityStore(): AvailabilityStore {
  const machines = new Map<string, Machine>();
  const records = new Map<string, PresenceInterval[]>();
  return {
    async machines() {
      return [...machines].map(([ciId, machine]) => ({ ciId, machine: structuredClone(machine) }));
    },
    async intervals(ciId, fromMs, toMs) {
      return structuredClone(overlapping(records.get(ciId) ?? [], fromMs, toMs));
    },
    async intervalsSince(asked) {
      const since = (ciId: string, fromMs: Millis) => overlapping(records.get(ciId) ?? [], fromMs, Infinity);
      return new Map(asked.map(({ ciId, fromMs }) => [ciId, structuredClone(since(ciId, fromMs))]));
    },
    async bareIntervals(ciIds, fromMs, toMs) {
      return new Map(
        ciIds.map((ciId) => [
          ciId,
          overlapping(records.get(ciId) ?? [], fromMs, toMs).map(
            ({ evidence: _evidence, revised: _revised, revisedAtMs: _at, was: _was, ...bare }) => bare,
          ),
        ]),
      );
    },
    async record(changes) {
      // Kept as it is given: it is readonly all the way down, and what is handed out is a copy.
      for (const { ciId, machine, intervals } of changes) {
        machines.set(ciId, machine);
        const first = intervals[0];
        if (!first) continue;
        const record = records.get(ciId) ?? [];
        while ((record.at(-1)?.fromMs ?? -Infinity) >= first.fromMs) record.pop();
        record.push(...intervals);
        records.set(ciId, record);
      }
    },
    async dropBefore(beforeMs) {
      let dropped = 0;
      for (const [ciId, record] of records) {
        if ((record[0]?.toMs ?? beforeMs) >= beforeMs) continue;
        const kept = record.filter((i) => i.toMs === null || i.toMs >= beforeMs);
        dropped += record.length - kept.length;
        records.set(ciId, kept);
      }
      return dropped;
    },
  };
}

/** Most of what is asked for is the end of a long record: the search begins there. */
function overlapping(record: readonly PresenceInterval[], fromMs: Millis, toMs: Millis): PresenceInterval[] {
  let first = record.length;
  while (first > 0 && (record[first - 1]?.toMs ?? Infinity) > fromMs) first -= 1;
  return record.slice(first).filter((interval) => interval.fromMs < toMs);
}

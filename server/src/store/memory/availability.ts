/** Presence in plain maps, for tests and the simulator. */
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
      const record = records.get(ciId) ?? [];
      return structuredClone(record.filter((i) => i.fromMs < toMs && (i.toMs ?? Infinity) > fromMs));
    },
    async bareIntervals(ciIds, fromMs, toMs) {
      return new Map(
        ciIds.map((ciId) => [
          ciId,
          (records.get(ciId) ?? [])
            .filter((i) => i.fromMs < toMs && (i.toMs ?? Infinity) > fromMs)
            .map(({ evidence: _evidence, revised: _revised, revisedAtMs: _at, ...bare }) => bare),
        ]),
      );
    },
    async record(changes) {
      for (const { ciId, machine, intervals } of structuredClone(changes)) {
        machines.set(ciId, machine);
        const first = intervals[0];
        if (!first) continue;
        const kept = (records.get(ciId) ?? []).filter((i) => i.fromMs < first.fromMs);
        records.set(ciId, [...kept, ...intervals]);
      }
    },
    async dropBefore(beforeMs) {
      let dropped = 0;
      for (const [ciId, record] of records) {
        const kept = record.filter((i) => i.toMs === null || i.toMs >= beforeMs);
        dropped += record.length - kept.length;
        records.set(ciId, kept);
      }
      return dropped;
    },
  };
}

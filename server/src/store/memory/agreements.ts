/** Judgements and targets in plain maps, for tests and the simulator. */
import type {
  AgreementStore,
  ReclassificationRecord,
  TargetRecord,
} from '../../availability/agreements-store.ts';

export function createMemoryAgreementStore(): AgreementStore {
  const reclassifications = new Map<string, ReclassificationRecord>();
  const targets = new Map<string, TargetRecord>();
  const byId = <T extends { readonly id: string }>(held: ReadonlyMap<string, T>): T[] =>
    [...held.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    reclassifications: async () => byId(reclassifications),
    putReclassifications: async (records) => {
      for (const record of records) reclassifications.set(record.id, { ...record });
    },
    targets: async () => byId(targets),
    putTarget: async (target) => void targets.set(target.id, { ...target }),
    deleteTarget: async (id) => void targets.delete(id),
  };
}

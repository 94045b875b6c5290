/** Looks up in the record of presence what it says of faults that need no alarm, once the year is over. */
import type { AvailabilityStore } from '@muster/server/availability/store.ts';
import type { Fault, Recorded } from './fault.ts';
import type { YearPlan } from './plan.ts';

/** Faults of which the record of each machine says what it was. */
export async function recordedOf(
  { planted, office }: YearPlan,
  store: Pick<AvailabilityStore, 'bareIntervals'>,
): Promise<ReadonlySet<Fault>> {
  const found = new Set<Fault>();
  for (const { fault } of planted) {
    if (fault.recorded === undefined) continue;
    const { fromMs, toMs, hits } = fault;
    const ciIds = office.machines.map(({ id }) => id).filter((id) => hits.has(id));
    const records = await store.bareIntervals(ciIds, fromMs, toMs);
    const isRight = ciIds.every((ciId) => {
      const cut = (records.get(ciId) ?? []).map((one): Recorded => {
        const { presence, cause } = one;
        return {
          fromMs: Math.max(one.fromMs, fromMs),
          toMs: Math.min(one.toMs ?? toMs, toMs),
          presence,
          cause,
        };
      });
      return fault.recorded?.(cut) ?? false;
    });
    if (isRight) found.add(fault);
  }
  return found;
}

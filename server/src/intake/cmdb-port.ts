/** The port of the intake on the CMDB: the same identification and the same history as for our own agents. */
import { createHash } from 'node:crypto';
import type { Snapshot } from '@muster/shared/inventory/sections.ts';
import type { InventoryBody } from '@muster/shared/wire/frame-bodies.ts';
import type { Cmdb } from '../cmdb/cmdb.ts';
import { SECTION_FRESH_MS } from '../cmdb/diff.ts';
import { snapshotOf } from '../cmdb/held-sections.ts';
import { candidateOf, identifyAmong, searchKeys } from '../cmdb/identity-keys.ts';
import type { CmdbStore } from '../cmdb/store.ts';
import { normalise } from '../inventory/normalise.ts';
import { deliverDevice, type NewId } from './device-delivery.ts';
import type { InventoryPort, ThirdPartyReport } from './inventory-port.ts';

export function createCmdbPort(
  cmdb: Pick<Cmdb, 'applyInventory' | 'change' | 'identity'>,
  store: Pick<CmdbStore, 'machine' | 'machinesByKeys' | 'cisByKeys' | 'keysOf' | 'sections'>,
  newId: NewId,
): InventoryPort {
  const { identity } = cmdb;

  /** As for a report that is applied: a person's word first, then the rules. */
  async function whose(
    sections: Snapshot,
    { reporter, evidenceCiId, scope }: Parameters<InventoryPort['whose']>[1],
  ): Promise<string | null> {
    const pinned = identity.pinOf('third-party', reporter);
    if (pinned !== null) return identity.survivorOf(pinned);
    const own = evidenceCiId === null ? null : await store.machine(identity.survivorOf(evidenceCiId));
    const known = own ? snapshotOf(await store.sections(own.id)) : {};
    const facts = normalise({ ...known, ...sections }, identity.junk);
    const found = await store.machinesByKeys(searchKeys(facts));
    const all = own && !found.some(({ id }) => id === own.id) ? [...found, own] : found;
    const keys = await store.keysOf(all.map(({ id }) => id));
    const candidates = all.map((machine) =>
      candidateOf(machine, keys.get(machine.id) ?? [], identity.openReviewOf(machine.id) !== undefined),
    );
    return identifyAmong(facts, own?.id ?? null, candidates, { zone: scope.site }).ciId;
  }

  return {
    whose,
    mergedIn: (ciId) => identity.mergedIn(ciId),
    held: async (ciId, nowMs) => {
      const states = await store.sections(ciId);
      // What our own agent says is not said again in the name of another, unless that agent has gone silent.
      const open = Object.entries(states).filter(
        ([, state]) => state.source !== 'agent' || nowMs - state.confirmedAtMs > SECTION_FRESH_MS,
      );
      return { known: snapshotOf(states), base: snapshotOf(Object.fromEntries(open)) };
    },
    deliverDevice: (delivery) => deliverDevice(delivery, { cmdb, store, newId }),
    deliver: async (report) => {
      const { decision, ciId } = await cmdb.applyInventory({
        reporter: { source: 'third-party', id: report.reporter },
        hostname: report.hostname,
        scope: report.scope,
        reporterCiId: report.evidenceCiId,
        body: bodyOf(report),
        nowMs: report.nowMs,
      });
      return { ciId, created: decision.ciId === null };
    },
  };
}

function bodyOf({ sections, complete, nowMs }: ThirdPartyReport): InventoryBody {
  const entries = Object.entries(sections).map(([name, data]) => [
    name,
    { hash: createHash('sha256').update(JSON.stringify(data)).digest('hex'), complete, data },
  ]);
  return { atMs: nowMs, sections: Object.fromEntries(entries) as InventoryBody['sections'] };
}

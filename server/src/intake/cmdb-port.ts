/** The port of the intake on the CMDB: the same identification and the same history as for our own agents. */
import { createHash } from 'node:crypto';
import type { Snapshot } from '@muster/shared/inventory/sections.ts';
import type { InventoryBody } from '@muster/shared/wire/frames.ts';
import type { Cmdb } from '../cmdb/cmdb.ts';
import { snapshotOf } from '../cmdb/held-sections.ts';
import { candidateOf, identifyAmong, searchKeys } from '../cmdb/identity-keys.ts';
import type { CmdbStore } from '../cmdb/store.ts';
import { normalise } from '../inventory/normalise.ts';
import { deliverDevice, type NewId } from './device-delivery.ts';
import type { InventoryPort, ThirdPartyReport } from './inventory-port.ts';

export function createCmdbPort(
  cmdb: Pick<Cmdb, 'applyInventory' | 'change'>,
  store: Pick<CmdbStore, 'machine' | 'machinesByKeys' | 'cisByKeys' | 'sections'>,
  newId: NewId,
): InventoryPort {
  const held = async (ciId: string): Promise<Snapshot> => snapshotOf(await store.sections(ciId));
  return {
    held,
    deliverDevice: (delivery) => deliverDevice(delivery, { cmdb, store, newId }),
    whose: async (sections, evidenceCiId) => {
      const own = evidenceCiId === null ? null : await store.machine(evidenceCiId);
      const facts = normalise({ ...(own ? await held(own.id) : {}), ...sections });
      const found = await store.machinesByKeys(searchKeys(facts));
      const all = own && !found.some(({ id }) => id === own.id) ? [...found, own] : found;
      return identifyAmong(
        facts,
        own?.id ?? null,
        all.map((machine) => candidateOf(machine)),
      ).ciId;
    },
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

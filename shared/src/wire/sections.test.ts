import { expect, test } from 'vitest';
import { SECTION_SCHEMAS } from '../inventory/sections.ts';
import { INVENTORY_SECTIONS } from './inventory-sections.ts';
import { Accepted, ServerToAgent } from './server-messages.ts';
import { InventoryBody } from './frame-bodies.ts';

const HASH = 'ab'.repeat(32);

test('[LK113] a section of a later version is left out of a report, and the others are taken', () => {
  const body = InventoryBody.parse({
    atMs: 1,
    sections: {
      os: { hash: HASH, complete: true, data: { family: 'linux' } },
      quantumRegisters: { hash: HASH, complete: true, data: {} },
    },
  });
  expect(body.sections).toEqual({ os: { hash: HASH, complete: true, data: { family: 'linux' } } });
});

test('[LK113] an agent takes the hashes that it knows and leaves the others', () => {
  const accepted = {
    type: 'accepted',
    agentId: 'ab'.repeat(16),
    lastSeq: 0,
    serverTimeMs: 1,
    pendingApproval: false,
    config: { intervalMs: 60_000, holdMs: 0, inventoryIntervalMs: 3_600_000, collectorsOff: [], wake: [] },
    inventory: { os: HASH, quantumRegisters: HASH },
  };
  expect(Accepted.parse(accepted).inventory).toEqual({ os: HASH });
  expect(ServerToAgent.safeParse(accepted).success).toBe(true);
});

test('[LK113] a section with a malformed hash is an error, not a section of a later version', () => {
  const sections = { os: { hash: 'short', complete: true } };
  expect(InventoryBody.safeParse({ atMs: 1, sections }).success).toBe(false);
});

test('[LK113] the storage of an agent that knows no health and no volumes fits, with nothing claimed', () => {
  const disk = {
    name: 'sda',
    model: null,
    serial: 'S1',
    firmware: null,
    sizeBytes: 1,
    kind: 'ssd',
    bus: 'sata',
  };
  const storage = SECTION_SCHEMAS.storage.parse({ disks: [disk], fileSystems: [] });
  expect(storage.disks[0]).toEqual({
    ...disk,
    wwn: null,
    health: 'unknown',
    reallocatedSectors: null,
    wearPercent: null,
  });
  expect(storage).toMatchObject({ physicalVolumes: [], volumeGroups: [], logicalVolumes: [], raids: [] });
});

test('[LK113] every section has a schema', () => {
  expect(Object.keys(SECTION_SCHEMAS)).toEqual([...INVENTORY_SECTIONS]);
});

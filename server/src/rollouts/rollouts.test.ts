import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NewRollout } from '@muster/shared/api/rollouts.ts';
import type { ReleaseManifest } from '@muster/shared/release/manifest.ts';
import { type Millis, toIso } from '@muster/shared/time.ts';
import type { InstalledRelease } from '@muster/shared/wire/agent-messages.ts';
import { expect, onTestFinished, test } from 'vitest';
import type { FindingNews } from '../findings/finding.ts';
import type { FleetStore } from '../fleet/store.ts';
import { addRelease } from '../releases/add.ts';
import { createReleaseCatalogue } from '../releases/catalogue.ts';
import { testKey, testRelease } from '../releases/testing.ts';
import { createMemoryFleetStore } from '../store/memory/fleet.ts';
import { createMemoryRolloutStore } from '../store/memory/rollouts.ts';
import { createRollouts, type Rollouts } from './rollouts.ts';
import { BEGIN_MS, installed } from './testing.ts';

const TOKEN = {
  id: 'enr_1',
  name: 'office',
  secretHash: '',
  createdAtMs: 0,
  expiresAtMs: null,
  usesMax: 99,
  uses: 0,
  approval: false,
  scope: { site: 'Berlin', class: null, tags: ['office'] },
  revokedAtMs: null,
};
const BY = { note: '', actor: 'user:anna' };
const ASKED = { gate: { failedPercentMax: 0, watchMinutes: 1 }, pilotCount: 1, earlyPercent: 50 };

/** A server with release 12 and `count` connected agents on number 11; its parts outlive a start of it. */
async function setUp({ count = 3, key: known = true } = {}) {
  const home = mkdtempSync(join(tmpdir(), 'muster-rollouts-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const key = testKey(join(home, 'keys'));
  const folder = join(home, 'releases');
  const manifest: ReleaseManifest = await testRelease(join(home, 'source'), key, 12);
  await addRelease(join(home, 'source'), folder, key.publicKey);
  const catalogue = createReleaseCatalogue({
    folder,
    key: known ? key.publicKey : null,
    log: () => undefined,
  });
  await catalogue.list();
  const fleet: FleetStore = createMemoryFleetStore();
  await fleet.addToken(TOKEN);
  const own = (more: Partial<InstalledRelease> = {}) => installed({ key: key.publicKey.text, ...more });
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    const id = String(i).repeat(32);
    const facts = { hostname: `pc-${i}`, platform: 'linux', version: '1', bootId: 'b', release: own() };
    await fleet.enrol({ id, publicKey: id, tokenId: TOKEN.id, ...facts }, BEGIN_MS);
    ids.push(id);
  }
  const store = createMemoryRolloutStore();
  let failing = false;
  const told: { agentId: string; message: object }[] = [];
  const raised: FindingNews[] = [];
  const settled: string[] = [];
  let next = 0;
  const start = (nowMs: Millis) =>
    createRollouts(
      {
        store: {
          ...store,
          put: async (...args) => {
            if (failing) throw new Error('the disk is full');
            return store.put(...args);
          },
        },
        agents: fleet,
        catalogue,
        machine: () => undefined,
        door: {
          isConnected: () => true,
          order: (agentId, message) => {
            told.push({ agentId, message });
            return true;
          },
        },
        findings: {
          raise: async (news) => {
            raised.push(news);
            return 'fnd_1';
          },
          openKeys: async () => new Set(raised.map(({ key }) => key)),
          settle: async (_kind, key) => void settled.push(key),
        },
        newId: (prefix) => `${prefix}_${++next}`,
      },
      nowMs,
    );
  const rollouts = await start(BEGIN_MS);
  const create = (of: Rollouts = rollouts, more: object = {}) =>
    of.create(NewRollout.parse({ serial: 12, ...ASKED, ...more }), 'user:anna', BEGIN_MS);
  return {
    rollouts,
    start,
    create,
    catalogue,
    manifest,
    fleet,
    store,
    told,
    raised,
    settled,
    ids,
    own,
    fail: (now: boolean) => {
      failing = now;
    },
  };
}

test('[RO13] what cannot be rolled out is refused in words', async () => {
  const without = await setUp({ key: false });
  await expect(without.create()).rejects.toMatchObject({ code: 'release-key-missing' });
  const { create, rollouts } = await setUp();
  await expect(create(rollouts, { serial: 13 })).rejects.toMatchObject({ code: 'not-found' });
  await expect(create(rollouts, { pilotTag: 'canary' })).rejects.toThrow('has the tag canary');
  const empty = await setUp({ count: 0 });
  await expect(empty.create()).rejects.toMatchObject({ code: 'nobody-to-upgrade' });
  await create();
  await expect(create()).rejects.toMatchObject({ code: 'rollout-active' });
  await expect(rollouts.removeRelease(12)).rejects.toMatchObject({ code: 'release-in-use' });
  await expect(rollouts.removeRelease(13)).rejects.toMatchObject({ code: 'not-found' });
  await expect(rollouts.get('rol_9')).rejects.toMatchObject({ code: 'not-found' });
});

test('[RO13] [DB355] the preview tells what would happen: the same rings, who is left out, and what is loaded', async () => {
  const { rollouts, create, manifest, ids } = await setUp({ count: 4 });
  await rollouts.pin(ids[0] ?? '', true, { note: 'lab', actor: 'user:anna' }, BEGIN_MS);
  const preview = await rollouts.preview(NewRollout.parse({ serial: 12, ...ASKED }));
  expect(preview.rings.map(({ agents }) => agents)).toEqual([1, 2, 0]);
  expect(preview.skipped).toEqual([{ reason: 'pinned', agents: 1, examples: ['pc-0'] }]);
  expect(preview.totalBytes).toBe(3 * manifest.files.reduce((sum, { bytes }) => sum + bytes, 0));
  const { id } = await create();
  const page = { limit: 10, cursor: undefined, state: undefined };
  const pilot = await rollouts.agents(id, { ...page, ring: 'pilot' });
  expect(pilot.items.map(({ name }) => name)).toEqual(preview.rings[0]?.examples);
  expect(pilot.items[0]).toMatchObject({
    serial: 11,
    site: 'Berlin',
    platform: 'linux-x64',
    receivedBytes: 0,
  });
});

test('[RO12] nobody is told before it is kept, and it is tried again', async () => {
  const { rollouts, create, told, fail } = await setUp();
  await create();
  fail(true);
  await expect(rollouts.tick(BEGIN_MS + 1_000)).rejects.toThrow('the disk is full');
  expect(told).toEqual([]);
  fail(false);
  await rollouts.tick(BEGIN_MS + 2_000);
  expect(told).toEqual([
    {
      agentId: expect.any(String),
      message: { type: 'upgrade', serial: 12, version: '1.12', trialMs: 300_000 },
    },
  ]);
});

test('[RO12] progress is shown and not written; a server that starts anew goes on with what was kept', async () => {
  const { rollouts, start, create, told, store, own } = await setUp();
  const { id } = await create();
  await rollouts.tick(BEGIN_MS + 1_000);
  const agentId = told[0]?.agentId ?? '';
  const progress = (receivedBytes: number) =>
    rollouts.ears.said(
      agentId,
      { type: 'upgrading', serial: 12, stage: 'downloading', receivedBytes, totalBytes: 100, detail: '' },
      BEGIN_MS + 2_000,
    );
  progress(1);
  await rollouts.tick(BEGIN_MS + 3_000);
  const kept = await store.members(id);
  progress(50);
  await rollouts.tick(BEGIN_MS + 4_000);
  expect(await store.members(id)).toEqual(kept);
  const page = { limit: 10, cursor: undefined, ring: undefined };
  const { items } = await rollouts.agents(id, { ...page, state: 'downloading' });
  expect(items).toMatchObject([{ agentId, receivedBytes: 50, totalBytes: 100 }]);

  const again = await start(BEGIN_MS + 60_000);
  again.ears.arrived(agentId, own({ serial: 12, previousSerial: 11 }), BEGIN_MS + 61_000);
  await again.tick(BEGIN_MS + 62_000);
  expect((await again.get(id)).rings[0]).toMatchObject({ state: 'watching', counts: { done: 1 } });
});

test('[RO5] a ring that fails is a finding, with who it was and why', async () => {
  const { rollouts, create, told, raised } = await setUp();
  const { id } = await create();
  await rollouts.tick(BEGIN_MS + 1_000);
  rollouts.ears.said(
    told[0]?.agentId ?? '',
    { type: 'upgrading', serial: 12, stage: 'refused', receivedBytes: 0, totalBytes: 0, detail: 'no space' },
    BEGIN_MS + 2_000,
  );
  await rollouts.tick(BEGIN_MS + 3_000);
  expect(raised).toEqual([
    {
      kind: 'rollout-failed',
      key: id,
      ciId: null,
      title: {
        en: expect.stringContaining('1 of 1 agents of the pilot ring'),
        zh: expect.stringContaining('试点'),
      },
      evidence: expect.objectContaining({ rollout: id, serial: 12, ring: 'pilot' }),
    },
  ]);
  expect((await rollouts.get(id)).state).toBe('rolled-back');
  await rollouts.tick(BEGIN_MS + 4_000);
  expect(raised).toHaveLength(1);
});

test('[RO19] [RO20] a later rollout that comes to its end settles the finding, once, also after a start of the server, and its release is proven', async () => {
  const { rollouts, start, create, told, raised, settled, own } = await setUp({ count: 1 });
  const first = await create();
  await rollouts.tick(BEGIN_MS + 1_000);
  const agentId = told[0]?.agentId ?? '';
  const refusal = { stage: 'refused', receivedBytes: 0, totalBytes: 0, detail: 'no space' } as const;
  rollouts.ears.said(agentId, { type: 'upgrading', serial: 12, ...refusal }, BEGIN_MS + 2_000);
  await rollouts.tick(BEGIN_MS + 3_000);
  expect([raised.length, settled]).toEqual([1, []]);
  await create();
  rollouts.ears.arrived(agentId, own({ serial: 12, previousSerial: 11 }), BEGIN_MS + 4_000);
  let atMs = BEGIN_MS + 5_000;
  const pass = async (of: Rollouts, seconds: number) => {
    for (const untilMs = atMs + seconds * 1_000; atMs < untilMs; atMs += 1_000) await of.tick(atMs);
  };
  expect(rollouts.provenSerial()).toBeNull();
  await pass(rollouts, 70);
  expect(settled).toEqual([first.id]);
  expect(rollouts.provenSerial()).toBe(12);
  await pass(rollouts, 5);
  expect(settled).toEqual([first.id]);
  const again = await start(atMs);
  await pass(again, 5);
  expect(settled).toEqual([first.id, first.id]);
  expect(again.provenSerial()).toBe(12);
  const { items } = await again.list({ limit: 1, cursor: undefined });
  await again.move(items[0]?.id ?? '', 'rolling-back', BY, atMs);
  expect(again.provenSerial()).toBeNull();
});

test('[RO9] without the files of its release a rollout pauses and says so', async () => {
  const { rollouts, create, catalogue, told } = await setUp();
  const { id } = await create();
  await catalogue.remove(12);
  await rollouts.tick(BEGIN_MS + 1_000);
  expect(await rollouts.get(id)).toMatchObject({
    state: 'paused',
    reason: { en: expect.stringContaining('no longer') },
  });
  expect(told).toEqual([]);
});

test('[RO9] [DB352] only the latest rollout can be moved, and only where its state allows', async () => {
  const { rollouts, create } = await setUp();
  const first = await create();
  await expect(rollouts.move(first.id, 'running', BY, BEGIN_MS)).rejects.toMatchObject({
    code: 'transition-not-allowed',
  });
  const stopped = await rollouts.move(first.id, 'stopped', { ...BY, note: 'wrong one' }, BEGIN_MS);
  expect(stopped.reason).toEqual({
    en: 'Stopped by anna: wrong one',
    zh: '由 anna 停止：wrong one',
    step: { to: 'stopped', by: 'user:anna', at: toIso(BEGIN_MS), note: 'wrong one' },
  });
  const second = await create();
  await expect(rollouts.move(first.id, 'rolling-back', BY, BEGIN_MS)).rejects.toThrow('latest');
  expect((await rollouts.list({ limit: 9, cursor: undefined })).items.map(({ id }) => id)).toEqual([
    second.id,
    first.id,
  ]);
});

test('[RO10] a pin outlives a start of the server, and is of agents that there are', async () => {
  const { rollouts, start, ids } = await setUp();
  const [id = ''] = ids;
  const by = { note: '', actor: 'user:anna' };
  await expect(rollouts.pin('f'.repeat(32), true, by, BEGIN_MS)).rejects.toMatchObject({ code: 'not-found' });
  await rollouts.pin(id, true, by, BEGIN_MS);
  const again = await start(BEGIN_MS + 1);
  expect(again.isPinned(id)).toBe(true);
  await again.pin(id, false, by, BEGIN_MS);
  expect(again.isPinned(id)).toBe(false);
});

test('[RO20] a rollout to machines with a tag proves nothing, and settles nothing', async () => {
  const { rollouts, create, own, told, settled } = await setUp({ count: 1 });
  await create(rollouts, { tags: ['office'] });
  await rollouts.tick(BEGIN_MS + 1_000);
  rollouts.ears.arrived(told[0]?.agentId ?? '', own({ serial: 12, previousSerial: 11 }), BEGIN_MS + 2_000);
  for (let atMs = BEGIN_MS + 3_000; atMs < BEGIN_MS + 90_000; atMs += 1_000) await rollouts.tick(atMs);
  const { items } = await rollouts.list({ limit: 1, cursor: undefined });
  expect(items[0]?.state).toBe('done');
  expect([rollouts.provenSerial(), settled]).toEqual([null, []]);
});

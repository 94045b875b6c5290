/** What every fleet store must do; run on memory and SQL. */
import type { InstalledRelease } from '@muster/shared/wire/agent-messages.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Finding } from '../../fleet/finding.ts';
import { EPOCHS_KEPT_MAX, type FleetStore, type TokenRecord } from '../../fleet/store.ts';

const NOW = 1_700_000_000_000;
const TOKEN: TokenRecord = {
  id: 'enr_00000000000000000001',
  name: 'office',
  secretHash: 'ab'.repeat(32),
  createdAtMs: NOW,
  expiresAtMs: NOW + 60_000,
  usesMax: 2,
  uses: 0,
  approval: false,
  scope: { site: 'Berlin', class: 'Workstation', tags: ['office'] },
  revokedAtMs: null,
};
const FINDING: Finding = { kind: 'frames-missing', atMs: NOW, detail: 'seq 3 to 5' };
const INSTALLED: InstalledRelease = {
  platform: 'linux-x64',
  serial: 3,
  key: 'k'.repeat(43),
  development: false,
  onTrial: false,
  previousSerial: 2,
  takenBack: null,
};
const E1 = '1'.repeat(16);
const E2 = '2'.repeat(16);

function machine(number: number, hostname = `pc-${number}`) {
  const id = number.toString(16).padStart(32, '0');
  const facts = { hostname, platform: 'linux', version: '0.1.0', bootId: `boot-${number}`, release: null };
  return { id, publicKey: `key-${number}`, tokenId: TOKEN.id, ...facts };
}

export function fleetStoreContract(
  name: string,
  open: () => Promise<{ store: FleetStore; close(): Promise<void> }>,
): void {
  describe(name, () => {
    let store: FleetStore;
    let close: () => Promise<void>;
    beforeEach(async () => {
      ({ store, close } = await open());
      await store.addToken(TOKEN);
    });
    afterEach(() => close());

    const enrolled = async (number = 1) => {
      await store.enrol(machine(number), NOW);
      return machine(number).id;
    };
    const mark = (agentId: string, epoch: string, seq: number) =>
      store.commitDelivery({ agentId, epoch, seq, inventory: {}, droppedFrames: 0, findings: [] });

    test('[FL4] a token comes back as it was stored, and is listed newest first', async () => {
      const newer = { ...TOKEN, id: 'enr_00000000000000000002', expiresAtMs: null };
      await store.addToken(newer);
      expect(await store.token(TOKEN.id)).toEqual(TOKEN);
      expect(await store.token('enr_none')).toBeNull();
      const first = await store.tokens({ limit: 1, cursor: undefined });
      expect(first).toEqual({ items: [newer], nextCursor: newer.id });
      expect(await store.tokens({ limit: 1, cursor: newer.id })).toEqual({
        items: [TOKEN],
        nextCursor: null,
      });
    });

    test('[FL4] a token is revoked once', async () => {
      expect(await store.revokeToken(TOKEN.id, NOW + 1)).toBe(true);
      expect(await store.revokeToken(TOKEN.id, NOW + 2)).toBe(false);
      expect(await store.revokeToken('enr_none', NOW)).toBe(false);
      expect((await store.token(TOKEN.id))?.revokedAtMs).toBe(NOW + 1);
      expect(await store.enrol(machine(1), NOW)).toEqual({ type: 'refused', code: 'token-unknown' });
    });

    test('[FL5] enrolling makes the agent and takes one use, together', async () => {
      const outcome = await store.enrol(machine(1), NOW);
      expect(outcome.type).toBe('enrolled');
      const agent = await store.agent(machine(1).id);
      expect(outcome).toEqual({ type: 'enrolled', agent });
      expect(agent).toMatchObject({ ...machine(1), state: 'active', scope: TOKEN.scope, enrolledAtMs: NOW });
      expect(agent).toMatchObject({ ciId: null, epoch: null, findings: [], inventory: {}, droppedFrames: 0 });
      expect((await store.token(TOKEN.id))?.uses).toBe(1);
    });

    test('[FL5] however many ask at once, a token lets in no more than it may, and a refused one leaves no trace', async () => {
      const outcomes = await Promise.all([1, 2, 3, 4, 5].map((number) => store.enrol(machine(number), NOW)));
      expect(outcomes.filter(({ type }) => type === 'enrolled')).toHaveLength(2);
      expect(outcomes.filter(({ type }) => type === 'refused')).toHaveLength(3);
      expect(outcomes).toContainEqual({ type: 'refused', code: 'token-exhausted' });
      expect((await store.token(TOKEN.id))?.uses).toBe(2);
      expect((await store.agents({ limit: 10, cursor: undefined, state: undefined })).items).toHaveLength(2);
    });

    test('[FL6] a known key takes no further use and needs no valid token', async () => {
      const id = await enrolled();
      const again = await store.enrol({ ...machine(1), tokenId: 'enr_none' }, NOW + 999_999);
      expect(again).toEqual({ type: 'known', agent: await store.agent(id) });
      expect((await store.token(TOKEN.id))?.uses).toBe(1);
    });

    test('[FL4] an expired and an unknown token let nobody in', async () => {
      expect(await store.enrol(machine(1), NOW + 60_000)).toEqual({ type: 'refused', code: 'token-expired' });
      expect(await store.enrol({ ...machine(1), tokenId: 'enr_none' }, NOW)).toEqual({
        type: 'refused',
        code: 'token-unknown',
      });
      expect(await store.agent(machine(1).id)).toBeNull();
    });

    test('[FL7] pending becomes active; revoked stays revoked', async () => {
      await store.addToken({ ...TOKEN, id: 'enr_approval000000000000', approval: true });
      await store.enrol({ ...machine(1), tokenId: 'enr_approval000000000000' }, NOW);
      const { id } = machine(1);
      expect((await store.agent(id))?.state).toBe('pending');
      expect((await store.setState(id, 'active', NOW + 1))?.state).toBe('active');
      expect(await store.setState(id, 'revoked', NOW + 2)).toMatchObject({
        state: 'revoked',
        revokedAtMs: NOW + 2,
      });
      expect(await store.setState(id, 'revoked', NOW + 3)).toMatchObject({
        state: 'revoked',
        revokedAtMs: NOW + 2,
      });
      expect((await store.setState(id, 'active', NOW + 4))?.state).toBe('revoked');
      expect(await store.setState('f'.repeat(32), 'active', NOW)).toBeNull();
    });

    test('[FL8] agents are listed by hostname, page by page and by state', async () => {
      await store.addToken({ ...TOKEN, id: 'enr_many0000000000000000', usesMax: 9 });
      for (const [number, hostname] of [
        [1, 'b'],
        [2, 'a'],
        [3, 'b'],
        [4, 'c'],
      ] as const)
        await store.enrol(
          { ...machine(number, hostname), tokenId: 'enr_many0000000000000000' },
          NOW + number,
        );
      await store.setState(machine(4).id, 'revoked', NOW);
      const one = await store.agents({ limit: 2, cursor: undefined, state: undefined });
      const two = await store.agents({ limit: 2, cursor: one.nextCursor ?? '', state: undefined });
      expect([...one.items, ...two.items].map(({ id }) => id)).toEqual(
        [2, 1, 3, 4].map((n) => machine(n).id),
      );
      expect(two.nextCursor).toBeNull();
      const revoked = await store.agents({ limit: 2, cursor: undefined, state: 'revoked' });
      expect(revoked.items.map(({ hostname }) => hostname)).toEqual(['c']);
      expect(await store.count()).toBe(3);
      const late = await store.agents({
        limit: 9,
        cursor: undefined,
        state: undefined,
        enrolledSinceMs: NOW + 3,
      });
      expect(late.items.map(({ id }) => id)).toEqual([machine(3).id, machine(4).id]);
    });

    test('[FL8] facts of a connection, CI and last seen are kept; last seen never moves back', async () => {
      const id = await enrolled();
      const facts = {
        hostname: 'new',
        platform: 'linux',
        version: '0.2.0',
        bootId: 'b2',
        release: INSTALLED,
        address: '10.0.0.1',
        clockSkewMs: -3_000,
      };
      const arrived = await store.arrive([{ agentId: id, epoch: E1, facts }], () => 0, NOW + 5_000);
      expect(arrived).toMatchObject([{ agent: facts, start: { type: 'new' } }]);
      await store.setCi(id, 'ci_1');
      await store.seen([
        { agentId: id, atMs: NOW + 1_000 },
        { agentId: 'f'.repeat(32), atMs: NOW },
      ]);
      expect(await store.agent(id)).toMatchObject({ ...facts, ciId: 'ci_1', lastSeenAtMs: NOW + 5_000 });
      await store.seen([{ agentId: id, atMs: NOW + 9_000 }]);
      expect((await store.agent(id))?.lastSeenAtMs).toBe(NOW + 9_000);
    });

    test('[RO1] what is installed on a machine is kept as it told it last, and counted by number', async () => {
      await store.addToken({ ...TOKEN, id: 'enr_many0000000000000000', usesMax: 9 });
      const ids = [1, 2, 3, 4].map((number) => machine(number).id);
      for (const number of [1, 2, 3, 4])
        await store.enrol({ ...machine(number), tokenId: 'enr_many0000000000000000' }, NOW);
      const arrive = (agentId: string, release: InstalledRelease | null) => {
        const { id: _, publicKey: __, tokenId: ___, ...facts } = machine(1);
        const arrival = { agentId, epoch: E1, facts: { ...facts, release, address: 'a', clockSkewMs: 0 } };
        return store.arrive([arrival], () => 0, NOW);
      };
      const taken = { ...INSTALLED, takenBack: { serial: 4, why: 'not heard in time' } };
      for (const id of ids) await arrive(id, INSTALLED);
      const [first = '', second = '', third = '', fourth = ''] = ids;
      await arrive(second, taken);
      await arrive(third, { ...INSTALLED, serial: 9 });
      await arrive(fourth, null);
      const some = await store.someAgents([second, fourth, 'f'.repeat(32)]);
      expect(new Map(some.map(({ id, release }) => [id, release]))).toEqual(
        new Map([
          [second, taken],
          [fourth, null],
        ]),
      );
      expect(await store.releaseCounts()).toEqual(
        new Map([
          [3, 2],
          [9, 1],
        ]),
      );
      await store.setState(first, 'revoked', NOW);
      expect((await store.releaseCounts()).get(3)).toBe(1);
    });

    test('[RO30] a trial that has ended well is not kept as one; of another number, or of an agent that takes no releases, nothing changes', async () => {
      await store.addToken({ ...TOKEN, id: 'enr_many0000000000000000', usesMax: 9 });
      const onTrial = { ...INSTALLED, onTrial: true };
      for (const [number, release] of [
        [1, onTrial],
        [2, null],
      ] as const)
        await store.enrol({ ...machine(number), release, tokenId: 'enr_many0000000000000000' }, NOW);
      const kept = async (number: number) => (await store.agent(machine(number).id))?.release;
      await store.setTrialEnded(machine(1).id, INSTALLED.serial + 1);
      expect(await kept(1)).toEqual(onTrial);
      await store.setTrialEnded(machine(1).id, INSTALLED.serial);
      expect(await kept(1)).toEqual(INSTALLED);
      await store.setTrialEnded(machine(2).id, INSTALLED.serial);
      expect(await kept(2)).toBeNull();
    });

    test('[FL20] agents that were uninstalled or replaced are on record only, until they arrive again', async () => {
      await store.addToken({ ...TOKEN, id: 'enr_many0000000000000000', usesMax: 9 });
      const ids = [1, 2, 3, 4].map((number) => machine(number).id);
      const [first = '', second = '', third = '', fourth = ''] = ids;
      const release = INSTALLED;
      for (const number of [1, 2, 3, 4])
        await store.enrol({ ...machine(number), release, tokenId: 'enr_many0000000000000000' }, NOW);
      for (const id of [first, second, third]) await store.setCi(id, 'ci_1');
      await store.setCi(fourth, 'ci_2');
      await store.setUninstalled(fourth, NOW + 1);
      await store.replaceOthers('ci_1', second, (id) => id === third);
      const left = async (id: string) => {
        const agent = await store.agent(id);
        return [agent?.uninstalledAtMs, agent?.replacedBy];
      };
      expect(await Promise.all(ids.map(left))).toEqual([
        [null, second],
        [null, null],
        [null, null],
        [NOW + 1, null],
      ]);
      expect(await store.releaseCounts()).toEqual(new Map([[3, 2]]));
      for (const number of [1, 4]) {
        const { id: agentId, publicKey: _, tokenId: __, ...facts } = machine(number);
        const arrival = { agentId, epoch: E1, facts: { ...facts, release, address: 'a', clockSkewMs: 0 } };
        const [arrived] = await store.arrive([arrival], () => 0, NOW);
        expect(arrived?.agent).toMatchObject({ uninstalledAtMs: null, replacedBy: null });
        await store.setUninstalled(agentId, NOW + 2);
        await store.arrive([arrival], () => 0, NOW);
        expect(await left(agentId)).toEqual([null, null]);
      }
      expect(await store.releaseCounts()).toEqual(new Map([[3, 4]]));
    });

    test('[FL21] agents of one name and platform that have a CI, the last first', async () => {
      await store.addToken({ ...TOKEN, id: 'enr_many0000000000000000', usesMax: 9 });
      const add = async (number: number, facts: object, ciId: string | null) => {
        const one = { ...machine(number, 'office-01'), tokenId: 'enr_many0000000000000000', ...facts };
        await store.enrol(one, NOW + number);
        if (ciId !== null) await store.setCi(one.id, ciId);
        return one;
      };
      const oldest = await add(1, {}, 'ci_1');
      const newer = await add(2, {}, 'ci_2');
      await add(3, {}, null);
      await add(4, { platform: 'win32' }, 'ci_3');
      await add(5, { hostname: 'office-02' }, 'ci_4');
      const own = await add(6, {}, 'ci_5');
      expect((await store.namesakes(own)).map(({ id }) => id)).toEqual([newer.id, oldest.id]);
    });

    test('[FL8] those that arrive together are each let in, kept waiting or left alone', async () => {
      const [known, waiting, gone] = [await enrolled(1), machine(2).id, machine(3).id];
      const approval = { ...TOKEN, id: 'enr_00000000000000000003', approval: true, usesMax: 9 };
      await store.addToken(approval);
      for (const number of [2, 3]) await store.enrol({ ...machine(number), tokenId: approval.id }, NOW);
      await store.setState(gone, 'revoked', NOW);
      await store.beginEpoch({ agentId: known, epoch: E1, previousSeq: 0, nowMs: NOW });
      const arrival = (agentId: string) => ({
        agentId,
        epoch: E2,
        facts: {
          hostname: 'h',
          platform: 'linux',
          version: '1',
          bootId: 'b',
          release: null,
          address: '10.0.0.9',
          clockSkewMs: 5,
        },
      });
      const arrivals = [known, waiting, gone, 'f'.repeat(32)].map(arrival);
      const delivered = (agentId: string, epoch: string) => (agentId === known && epoch === E1 ? 41 : 0);
      const first = await store.arrive(arrivals, delivered, NOW + 1);
      expect(first).toMatchObject([
        { agent: { id: known, state: 'active', epoch: E2 }, start: { type: 'new', lastSeq: 0 } },
        { agent: { id: waiting, state: 'pending', epoch: null, hostname: 'h' }, start: null },
        { agent: { id: gone, state: 'revoked', hostname: 'pc-3' }, start: null },
        null,
      ]);
      for (const one of first) if (one) expect(await store.agent(one.agent.id)).toEqual(one.agent);
      expect(await store.committedSeq(known, E1)).toBe(41);
      const [again] = await store.arrive([arrival(known)], () => 0, NOW + 99);
      expect(again?.start).toEqual({ type: 'present', lastSeq: 0 });
      expect(again?.agent.lastSeenAtMs).toBe(NOW + 1);
    });

    test('[FL10] of each kind the latest finding stays', async () => {
      const id = await enrolled();
      await store.addFinding(id, FINDING);
      await store.addFinding(id, { kind: 'cloned-identity', atMs: NOW + 1, detail: 'two' });
      await store.addFinding(id, { ...FINDING, atMs: NOW + 2, detail: 'seq 9' });
      expect((await store.agent(id))?.findings).toEqual([
        { kind: 'cloned-identity', atMs: NOW + 1, detail: 'two' },
        { kind: 'frames-missing', atMs: NOW + 2, detail: 'seq 9' },
      ]);
    });

    test('[IG5] an epoch is new once, then present, and goes on from its last seq when it returns', async () => {
      const id = await enrolled();
      const begin = (epoch: string, previousSeq: number) =>
        store.beginEpoch({ agentId: id, epoch, previousSeq, nowMs: NOW });
      expect(await begin(E1, 0)).toEqual({ type: 'new', lastSeq: 0 });
      expect(await mark(id, E1, 7)).toBe(true);
      expect(await begin(E1, 0)).toEqual({ type: 'present', lastSeq: 7 });
      expect(await begin(E2, 90)).toEqual({ type: 'new', lastSeq: 0 });
      expect(await store.committedSeq(id, E1)).toBe(90);
      expect((await store.agent(id))?.epoch).toBe(E2);
      expect(await begin(E1, 3)).toEqual({ type: 'returned', lastSeq: 90 });
      expect(await store.committedSeq(id, E2)).toBe(3);
      expect(await begin(E2, 50)).toEqual({ type: 'returned', lastSeq: 3 });
      expect(await store.committedSeq(id, E1)).toBe(90);
    });

    test('[IG5] only the newest epochs are remembered', async () => {
      const id = await enrolled();
      const name = (n: number) => n.toString(16).padStart(16, '0');
      for (let n = 0; n <= EPOCHS_KEPT_MAX; n++)
        await store.beginEpoch({ agentId: id, epoch: name(n), previousSeq: 5, nowMs: NOW + n });
      expect(await store.committedSeq(id, name(0))).toBe(0);
      expect(await store.committedSeq(id, name(1))).toBe(5);
      expect((await store.beginEpoch({ agentId: id, epoch: name(0), previousSeq: 1, nowMs: NOW })).type).toBe(
        'new',
      );
    });

    test('[IG3] the effect of a delivery happens once', async () => {
      const id = await enrolled();
      await store.beginEpoch({ agentId: id, epoch: E1, previousSeq: 0, nowMs: NOW });
      const delivery = {
        agentId: id,
        epoch: E1,
        seq: 4,
        inventory: { os: 'a'.repeat(64) },
        droppedFrames: 3,
        findings: [FINDING],
      };
      expect(await store.commitDelivery(delivery)).toBe(true);
      expect(await store.commitDelivery(delivery)).toBe(false);
      expect(await mark(id, E1, 3)).toBe(false);
      await store.commitDelivery({
        ...delivery,
        seq: 5,
        inventory: { network: 'b'.repeat(64) },
        findings: [],
      });
      expect(await store.agent(id)).toMatchObject({
        droppedFrames: 6,
        inventory: { os: 'a'.repeat(64), network: 'b'.repeat(64) },
        findings: [FINDING],
      });
      expect(await store.committedSeq(id, E1)).toBe(5);
      await expect(mark(id, E2, 9)).rejects.toMatchObject({ code: 'conflict' });
    });

    test('[IG6] each missing seq is counted once', async () => {
      const id = await enrolled();
      await store.beginEpoch({ agentId: id, epoch: E1, previousSeq: 0, nowMs: NOW });
      const gap = (fromSeq: number, toSeq: number) =>
        store.recordGap({
          agentId: id,
          epoch: E1,
          fromSeq,
          toSeq,
          finding: { ...FINDING, detail: `to ${toSeq}` },
        });
      expect(await gap(3, 5)).toBe(3);
      expect(await gap(3, 5)).toBe(0);
      expect(await gap(3, 7)).toBe(2);
      expect(await gap(100, 100)).toBe(1);
      expect(await store.agent(id)).toMatchObject({ missingFrames: 6, findings: [{ detail: 'to 100' }] });
      await expect(
        store.recordGap({ agentId: id, epoch: E2, fromSeq: 1, toSeq: 1, finding: FINDING }),
      ).rejects.toMatchObject({ code: 'conflict' });
    });
  });
}

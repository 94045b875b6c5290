/** What every store of the configuration of agents does. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AgentConfigStore, Standing, StoredVersion } from '../../agent-config/store.ts';

const version = (number: number): StoredVersion => ({
  version: number,
  atMs: 1_000 * number,
  by: 'user:ada',
  restoredFrom: number === 3 ? 1 : null,
  content: { everybody: { intervalMs: 1_000 * number, sections: { users: false } }, groups: [] },
});

const standing = (agentId: string, runs: number | null): Standing => ({
  agentId,
  runs,
  runsSinceMs: runs === null ? null : 5,
  told: 3,
  toldAtMs: 6,
  refused: runs === null ? 'the signature is not …' : null,
  able: true,
  serial: runs === null ? null : 1_700_000_000_000,
  checks: runs === null ? 'unable' : 'runs',
});

export function agentConfigStoreContract(
  name: string,
  open: () => Promise<{ store: AgentConfigStore; close: () => Promise<void> }>,
): void {
  describe(`store of the configuration of agents: ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    test('[CF3] every version stays as it was; the highest is the present one; lists begin with it', async () => {
      const { store } = opened;
      expect(await store.current()).toBeNull();
      for (const number of [1, 2, 3, 12]) expect(await store.add(version(number))).toBe(true);
      expect(await store.current()).toEqual(version(12));
      expect(await store.version(3)).toEqual(version(3));
      expect(await store.version(4)).toBeNull();
      const { content: _, ...head } = version(3);
      expect((await store.versions({ limit: 2, below: null })).map((one) => one.version)).toEqual([12, 3]);
      expect(await store.versions({ limit: 1, below: 12 })).toEqual([head]);
    });

    test('[CF3] of two who make the same version at once, one makes it', async () => {
      const { store } = opened;
      const other = { ...version(1), by: 'user:bob' };
      const made = await Promise.all([store.add(version(1)), store.add(other)]);
      expect(made.toSorted()).toEqual([false, true]);
      expect((await store.current())?.by).toBe(made[0] ? 'user:ada' : 'user:bob');
      expect(await store.versions({ limit: 10, below: null })).toHaveLength(1);
    });

    test('[CF4] what an agent works by is there after a restart, the last word of each', async () => {
      const { store } = opened;
      expect(await store.standings()).toEqual([]);
      await store.putStandings([]);
      await store.putStandings([standing('a', 2), standing('b', null)]);
      await store.putStandings([standing('b', 3)]);
      const all = (await store.standings()).toSorted((x, y) => x.agentId.localeCompare(y.agentId));
      expect(all).toEqual([standing('a', 2), standing('b', 3)]);
    });
  });
}

import type { ConfigGroups, ConfigSettings } from '@muster/shared/api/agent-config.ts';
import { expect, test } from 'vitest';
import { createMemoryAgentConfigStore } from '../store/memory/agent-config.ts';
import { createConfigVersions, problemOf, VERSIONS_SKIPPED_MAX } from './versions.ts';

const everybody = (settings: ConfigSettings): ConfigGroups => ({ everybody: settings, groups: [] });

async function stage(taken = 0) {
  const store = createMemoryAgentConfigStore();
  const highest = { taken };
  const versions = await createConfigVersions(
    store,
    () => highest.taken,
    () => null,
  );
  return { store, versions, highest };
}

test('[CF3] each change is a version with who and when; it survives a start, and an earlier one comes back as a new one', async () => {
  const { store, versions } = await stage();
  let told = 0;
  versions.onChange(() => told++);
  expect(versions.current()).toMatchObject({ version: 0, atMs: null, by: null });
  await versions.save(everybody({ intervalMs: 5_000 }), 0, 'user:ada', 10);
  await versions.save(everybody({ sections: { users: false } }), 1, 'user:bob', 20);
  await versions.restore(1, 'user:ada', 30);
  expect(told).toBe(3);
  const again = await createConfigVersions(
    store,
    () => 0,
    () => null,
  );
  expect(again.current()).toEqual({
    version: 3,
    atMs: 30,
    by: 'user:ada',
    restoredFrom: 1,
    content: everybody({ intervalMs: 5_000 }),
  });
  expect((await versions.version(2)).by).toBe('user:bob');
  expect((await versions.versions({ limit: 2, below: null })).map(({ version }) => version)).toEqual([3, 2]);
  await versions.restore(0, 'user:ada', 40);
  expect(versions.current().content).toEqual(everybody({}));
  await expect(versions.restore(99, 'user:ada', 50)).rejects.toMatchObject({ code: 'not-found' });
});

test('[CF3] who changed what is not the present version any more is told so, and nothing is made', async () => {
  const { versions } = await stage();
  await versions.save(everybody({ intervalMs: 5_000 }), 0, 'user:ada', 10);
  const late = versions.save(everybody({ intervalMs: 9_000 }), 0, 'user:bob', 20);
  await expect(late).rejects.toMatchObject({ code: 'conflict' });
  const both = [1, 2].map((of) => versions.save(everybody({ intervalMs: 1_000 * of }), 1, 'user:ada', 30));
  const ends = await Promise.allSettled(both);
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(versions.current().content).toEqual(everybody({ intervalMs: 1_000 }));
});

test('[CF15] a server put back from a backup makes its next version above what its agents have taken, within reason', async () => {
  const { versions, highest } = await stage(40);
  expect((await versions.save(everybody({}), 0, 'user:ada', 1)).version).toBe(41);
  highest.taken = Number.MAX_SAFE_INTEGER;
  expect((await versions.restore(41, 'user:ada', 2)).version).toBe(42 + VERSIONS_SKIPPED_MAX);
});

const group = (
  settings: ConfigSettings,
  of: Partial<ConfigGroups['groups'][number]['of']> = { tags: ['a'] },
) => ({
  name: 'g',
  of: { tags: [], classes: [], sites: [], ...of },
  settings,
});

test.each<[string, ConfigGroups, string | null]>([
  ['nothing at all', everybody({}), null],
  [
    'switches that there are',
    everybody({ collectors: { cpu: false }, fields: { 'users.lastUser': false } }),
    null,
  ],
  ['processes', everybody({ fields: { processes: false, 'processes.user': true } }), null],
  ['a collector that there is not', everybody({ collectors: { shell: true } }), 'no collector "shell"'],
  ['a section that is needed', everybody({ sections: { os: false } }), 'no section "os"'],
  ['a field that is needed', everybody({ fields: { 'os.machineId': false } }), 'no field "os.machineId"'],
  ['two groups of a name', { everybody: {}, groups: [group({}), group({})] }, 'Two groups'],
  ['a group of nobody', { everybody: {}, groups: [group({}, {})] }, 'whom it is of'],
  [
    'a group’s wrong name',
    { everybody: {}, groups: [group({ sections: { x: false } })] },
    'Group "g": there is no',
  ],
  [
    'a class that would follow from itself',
    { everybody: {}, groups: [group({ sections: { software: false } }, { classes: ['Server'] })] },
    'chosen by class',
  ],
])('[CF5] %s', (_, content, problem) => {
  if (problem === null) expect(problemOf(content)).toBeNull();
  else expect(problemOf(content)).toContain(problem);
});

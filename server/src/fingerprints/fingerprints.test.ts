import {
  FINGERPRINT_DIRECTORIES_BYTES_MAX,
  FINGERPRINT_DIRECTORIES_DEFAULT,
  FingerprintDirectories,
} from '@muster/shared/api/fingerprints.ts';
import { expect, test } from 'vitest';
import { createMemoryFingerprintStore } from '../store/memory/fingerprints.ts';
import type { CiEntry } from '../cmdb/directory.ts';
import { createAgentConfigs } from '../agent-config/agent-config.ts';
import { NOT_HELD } from '../agent-config/holding.ts';
import { NO_GROUPS } from '../agent-config/testing.ts';
import { AGENT_CONFIG_DEFAULT } from '../ws/agent-hub.ts';
import { createFingerprints } from './fingerprints.ts';
import { listCounts } from './routes.ts';

test('[IN64] servers and virtual machines are asked for /etc, workstations for a short list, anything else for nothing', async () => {
  const fingerprints = await createFingerprints(createMemoryFingerprintStore());
  expect(fingerprints.directoriesOf('Server')).toEqual(['/etc']);
  expect(fingerprints.directoriesOf('VirtualMachine')).toEqual(['/etc']);
  expect(fingerprints.directoriesOf('Workstation')).toContain('/etc/ssh');
  expect(fingerprints.directoriesOf('Printer')).toEqual([]);
  expect(fingerprints.directoriesOf(undefined)).toEqual([]);
});

test('[IN64] what is set is told at once, survives a start, and has no doublets', async () => {
  const store = createMemoryFingerprintStore();
  const fingerprints = await createFingerprints(store);
  let told = 0;
  fingerprints.onChange(() => told++);
  await fingerprints.set({ ...FINGERPRINT_DIRECTORIES_DEFAULT, Server: ['/etc', ' /opt/app ', '/etc'] });
  expect(told).toBe(1);
  expect((await createFingerprints(store)).directoriesOf('Server')).toEqual(['/etc', '/opt/app']);
});

test.each([
  ['/etc', true],
  ['C:\\ProgramData\\App', true],
  ['etc', false],
  ['~/x', false],
  ['/', false],
])('[IN64] %j may be asked for: %s', (path, allowed) => {
  const all = { ...FINGERPRINT_DIRECTORIES_DEFAULT, Server: [path] };
  expect(FingerprintDirectories.safeParse(all).success).toBe(allowed);
});

test('[CF64] paths of one class that are more bytes than an agent is told are refused in words, and nothing is changed', async () => {
  const fingerprints = await createFingerprints(createMemoryFingerprintStore());
  const path = (index: number) => `/etc/${String(index).padStart(2, '0')}${'界'.repeat(83)}`;
  const paths = (count: number) => Array.from({ length: count }, (_, index) => path(index));
  const fitting = FINGERPRINT_DIRECTORIES_BYTES_MAX / 256;
  const set = (Server: string[]) => fingerprints.set({ ...FINGERPRINT_DIRECTORIES_DEFAULT, Server });
  await set(paths(fitting));
  await expect(set([...paths(fitting), '/etc/ssh'])).rejects.toThrow(
    'The 65 paths of Server have 16392 bytes, and at most 16384 can be told',
  );
  expect(fingerprints.directoriesOf('Server')).toEqual(paths(fitting));
});

test('[IN64] an agent is told the directories of its machine’s class, and hears when class or settings change', async () => {
  const entries = new Map([['ci1', entry('a1', 'Server')]]);
  const listeners: ((one: CiEntry) => void)[] = [];
  const directory = {
    get: (id: string) => entries.get(id),
    all: () => entries.values(),
    onChange: (listener: (one: CiEntry) => void) => void listeners.push(listener),
  };
  const told: string[] = [];
  const fingerprints = await createFingerprints(createMemoryFingerprintStore());
  const { configFor } = createAgentConfigs({
    defaults: AGENT_CONFIG_DEFAULT,
    directory,
    fingerprints,
    ...NO_GROUPS,
    holdingOf: () => NOT_HELD,
    reconfigure: (agentId) => told.push(agentId),
  });
  expect(configFor('a1', 5)).toEqual({ ...AGENT_CONFIG_DEFAULT, fingerprints: { directories: ['/etc'] } });
  expect(configFor('unknown', 5).fingerprints).toEqual({ directories: [] });
  for (const one of [entry('a1', 'Server'), entry('a1', 'Workstation')])
    for (const listener of listeners) listener(one);
  expect(told).toEqual(['a1']);
  expect(configFor('a1', 5).fingerprints?.directories).toContain('/etc/ssh');
  await fingerprints.set({ ...FINGERPRINT_DIRECTORIES_DEFAULT, Workstation: [] });
  expect(told).toEqual(['a1', 'a1']);
  expect(configFor('a1', 5).fingerprints).toEqual({ directories: [] });
});

function entry(agentId: string, ciClass: string): CiEntry {
  return {
    id: 'ci1',
    class: ciClass,
    name: 'web-01',
    lifecycle: 'in_use',
    criticality: 3,
    tags: [],
    site: null,
    owner: null,
    agentId,
    timeZone: null,
    createdAtMs: 1,
  };
}

test('[IN79] lists are counted by section and name, without packages', () => {
  const state = (data: unknown) => ({
    hash: 'h',
    complete: true,
    reportedAtMs: 0,
    confirmedAtMs: 0,
    source: 'agent' as const,
    reporter: 'a1',
    missing: false,
    leftOut: [],
    data,
  });
  expect(
    listCounts({
      sockets: state({ listening: [1, 2], outgoing: [] }),
      users: state({ users: [1], lastUser: 'ada' }),
      software: state({ packages: [1, 2, 3] }),
    }),
  ).toEqual({ 'sockets.listening': 2, 'sockets.outgoing': 0, 'users.users': 1 });
});

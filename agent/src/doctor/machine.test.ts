import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { SettingsError } from '../config.ts';
import { createFakeHost } from '../host-fake.ts';
import { machinePort, seenConfiguration } from './machine.ts';
import { judgeConfiguration } from './machine-steps.ts';

const forbidden = () => {
  const path = '/etc/muster-agent/config.json';
  throw new SettingsError(`${path} cannot be read`, {
    cause: Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', path }),
  });
};

test('[AT133] a configuration that the agent itself may not read is given back to it, and nobody is sent to sudo', () => {
  const fixFor = (user: string | null) => judgeConfiguration(seenConfiguration(forbidden, user)).fix;
  expect(fixFor('somebody')).toContain('sudo');
  expect(fixFor(null)).toContain('sudo');
  expect(fixFor('muster-agent')).toBe(
    'The agent itself may not read it, by its mode or its owner. As root: chown root:muster-agent /etc/muster-agent /etc/muster-agent/config.json && chmod 750 /etc/muster-agent && chmod 640 /etc/muster-agent/config.json; then: muster-agent restart.',
  );
  expect(fixFor('_muster-agent')).toContain('chown root:_muster-agent ');
});

test.each([
  ['none that was found', [], { running: false, successor: null }],
  ['the one that wrote the status', [42], { running: false, successor: null }],
  ['another', [4711], { running: true, successor: 4711, online: false, problem: null }],
])('[AT134] an agent that has stopped by its status, and among the processes is %s', (_, pids, seen) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'muster-machine-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const problem = { code: 'revoked', detail: 'it was revoked', hint: '', atMs: 1 };
  const spool = { depth: 0, usedBytes: 0, dropped: 0, fault: null };
  const file = { pid: 42, link: { state: 'stopped' }, lastProblem: problem, spool };
  writeFileSync(join(dataDir, 'status.json'), JSON.stringify(file));
  const { status } = machinePort({
    host: createFakeHost(),
    statusFile: 'status.json',
    readInput: forbidden,
    isRunning: () => true,
    processes: () => pids.map((pid) => ({ pid, abandoned: false })),
  });
  expect(status(dataDir)).toMatchObject(seen);
});

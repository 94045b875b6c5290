/** The timer that `run` sets beside a version on trial, with a stand-in for the agent. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type TestContext, vi } from 'vitest';

const PATIENCE = { timeout: 8_000, interval: 50 };

/** An installation with release 13 on trial; `start` runs its agent as the service does. */
function onTrial({ onTestFinished }: TestContext, seconds: number) {
  const root = mkdtempSync(join(tmpdir(), 'muster-trial-'));
  const at = (path: string) => join(root, path);
  for (const folder of ['opt', 'data']) mkdirSync(at(folder));
  const run = readFileSync(join(import.meta.dirname, 'linux/run.sh'), 'utf8')
    .replaceAll('/opt/muster-agent', at('opt'))
    .replaceAll('/var/lib/muster-agent', at('data'));
  writeFileSync(at('opt/run'), run, { mode: 0o755 });
  writeFileSync(at('opt/node'), '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 });
  writeFileSync(at('opt/trial'), `serial=13\nseconds=${seconds}\nstarts=1\n`);
  let agent: ChildProcess | null = null;
  const timers = () => readdirSync('/proc').filter((pid) => does(pid, at('opt/run')));
  onTestFinished(() => {
    agent?.kill('SIGKILL');
    for (const pid of timers()) process.kill(Number(pid), 'SIGKILL');
    rmSync(root, { recursive: true });
  });
  return {
    timers,
    failed: () => existsSync(at('data/upgrade-failed')),
    confirm: () => writeFileSync(at('data/upgrade-confirmed'), '13\n'),
    start: async () => {
      const child = spawn(at('opt/run'), { stdio: 'ignore' });
      agent = child;
      const ended = new Promise<string | null>((done) => child.once('exit', (_, signal) => done(signal)));
      await vi.waitFor(() => {
        expect(does(String(child.pid), 'sleep 60')).toBe(true);
        expect(timers()).toHaveLength(1);
      }, PATIENCE);
      return { agent: child, ended };
    },
  };
}

/** A process of these words, in their places. */
function does(pid: string, words: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').includes(words);
  } catch {
    return false;
  }
}

test.concurrent('[AT120] the timer of a trial ends with its agent, however that one ends', async (context) => {
  const { start, timers, failed } = onTrial(context, 60);
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const { agent, ended } = await start();
    agent.kill(signal);
    expect(await ended).toBe(signal);
    await vi.waitFor(() => expect(timers()).toEqual([]), PATIENCE);
  }
  expect(failed()).toBe(false);
}, 30_000);

test.concurrent('[AT120] the timer of a trial ends once the agent says that it is well, which goes on', async (context) => {
  const { start, confirm, timers, failed } = onTrial(context, 60);
  const { agent } = await start();
  confirm();
  await vi.waitFor(() => expect(timers()).toEqual([]), PATIENCE);
  expect([agent.exitCode, agent.signalCode, failed()]).toEqual([null, null, false]);
}, 30_000);

test.concurrent('[AT120] an agent on trial that is not well when its time is over is ended, and the timer with it', async (context) => {
  const { start, timers, failed } = onTrial(context, 2);
  const { ended } = await start();
  expect(await ended).toBe('SIGTERM');
  expect(failed()).toBe(true);
  await vi.waitFor(() => expect(timers()).toEqual([]), PATIENCE);
}, 30_000);

/** The word to the agent before the machine sleeps, with stand-ins for systemd and the agent. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type TestContext } from 'vitest';

function machine({ onTestFinished }: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'muster-sleep-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const at = (path: string) => join(root, path);
  mkdirSync(at('bin'));
  const script = readFileSync(join(import.meta.dirname, 'linux/sleep.sh'), 'utf8').replaceAll(
    '/var/lib/muster-agent',
    root,
  );
  const mainProcess = (pid: number) =>
    writeFileSync(at('bin/systemctl'), `#!/bin/sh\necho ${pid}\n`, { mode: 0o755 });
  mainProcess(0);
  return {
    at,
    mainProcess,
    say: (word: string) => {
      const startedMs = performance.now();
      const { status } = spawnSync('sh', ['-c', script, 'sleep', word], {
        env: { PATH: `${at('bin')}:/usr/bin:/bin` },
      });
      return { status, tookMs: performance.now() - startedMs };
    },
    /** Does at the signal what `atSignal`, a line of shell, says. */
    agent: async (atSignal: string) => {
      const child = spawn('sh', ['-c', `trap '${atSignal}' URG; echo ready; while :; do sleep 0.05; done`], {
        cwd: root,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      onTestFinished(() => void child.kill('SIGKILL'));
      await once(child.stdout, 'data');
      mainProcess(child.pid ?? 0);
    },
  };
}

const STOPPED = '{\n  "link": {\n    "state": "stopped"\n  }\n}\n';
const ONLINE = STOPPED.replace('stopped', 'online');
/** Longer than the script waits, with room for a busy machine. */
const TOO_LONG_MS = 30_000;

test('[PR30] it waits until the agent has closed its line', async (context) => {
  const { at, agent, say } = machine(context);
  writeFileSync(at('status.json'), ONLINE);
  writeFileSync(at('next.json'), STOPPED);
  await agent('test -e asleep && mv next.json status.json');
  expect(say('begin').status).toBe(0);
  expect([existsSync(at('asleep')), readFileSync(at('status.json'), 'utf8')]).toEqual([true, STOPPED]);
});

test('[PR30] awake, the note is gone before the agent hears of it', async (context) => {
  const { at, agent, say } = machine(context);
  writeFileSync(at('asleep'), '');
  spawnSync('mkfifo', [at('heard')]);
  await agent('test -e asleep || echo awake >heard');
  const heard = spawn('cat', [at('heard')]);
  const word = once(heard.stdout, 'data');
  expect(say('end').status).toBe(0);
  expect(String(await word)).toBe('awake\n');
});

test('[PR30] an agent that does not answer, or does not run, keeps no machine awake', async (context) => {
  const { at, agent, say } = machine(context);
  expect(say('begin').status).toBe(0);
  writeFileSync(at('status.json'), ONLINE);
  await agent(':');
  const { status, tookMs } = say('begin');
  expect([status, tookMs < TOO_LONG_MS]).toEqual([0, true]);
});

test('[PR30] a program that does not ask for the signal is not harmed by it', async (context) => {
  const { at, mainProcess, say } = machine(context);
  writeFileSync(at('status.json'), STOPPED);
  const other = spawn(process.execPath, ['-e', 'console.log("up"); setInterval(() => 0, 1e3)']);
  context.onTestFinished(() => void other.kill('SIGKILL'));
  await once(other.stdout, 'data');
  mainProcess(other.pid ?? 0);
  expect(say('begin').status).toBe(0);
  other.kill('SIGTERM');
  expect((await once(other, 'exit'))[1]).toBe('SIGTERM');
});

test('[PR30] it says nothing without a word on which of the two it is', (context) => {
  const { at, say } = machine(context);
  expect([say('').status, existsSync(at('asleep'))]).toEqual([64, false]);
});

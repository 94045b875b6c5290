/** The shell script that ends an agent that hangs, with real processes; their waits overlap. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type TestContext, vi } from 'vitest';
import { lastSelfRestart, takeUntold, UNTOLD_NOTE_FILE } from '../self-restart.ts';

const SCRIPT = join(import.meta.dirname, 'linux/watch.sh');

const end = (child: ChildProcess) =>
  new Promise<string | number | null>((resolve) =>
    child.once('exit', (code, signal) => resolve(signal ?? code)),
  );

/** A process that runs `script`, and the script beside it, which looks each second and has patience for two looks. */
function watched({ onTestFinished }: TestContext, script: string) {
  const folder = mkdtempSync(join(tmpdir(), 'muster-watch-'));
  const keep = (child: ChildProcess): ChildProcess => {
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    return child;
  };
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const program = keep(spawn(process.execPath, ['-e', script], { stdio: 'ignore' }));
  const begin = (proc = '/proc') => {
    const watch = keep(
      spawn('sh', [SCRIPT, String(program.pid), '1', '2', folder, proc], {
        stdio: 'ignore',
      }),
    );
    return { watch, watchEnds: end(watch) };
  };
  /** What the kernel would say of a process that computes: with each tenth of a second so much more of the processor's time. */
  const pretendToCompute = (ticks: number): string => {
    const proc = mkdtempSync(join(folder, 'proc-'));
    const own = join(proc, String(program.pid));
    mkdirSync(own);
    let used = 0;
    const tell = () => {
      used += ticks;
      const stat = `${program.pid} (node) R 1 1 1 0 -1 0 0 0 0 0 ${used} 0 0 0 30 10 1 0 4711 0`;
      // Whole or not at all: the script may read at any moment.
      writeFileSync(join(proc, 'draft'), `${stat}\n`);
      renameSync(join(proc, 'draft'), join(own, 'stat'));
    };
    writeFileSync(join(own, 'status'), 'State:\tR (running)\nvoluntary_ctxt_switches:\t9\n');
    tell();
    const timer = setInterval(tell, 100);
    onTestFinished(() => clearInterval(timer));
    return proc;
  };
  return { folder, program, programEnds: end(program), begin, pretendToCompute };
}

const HANGS = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);';
const WAITS = 'setInterval(() => undefined, 100);';
/** More than the patience of two looks, a second each. */
const PATIENCE_MS = 4_500;

const outlives = (ended: Promise<unknown>) =>
  Promise.race([
    ended.then(() => false),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(true), PATIENCE_MS)),
  ]);

test.concurrent('[AT32] a process that waits for ever is ended, and the next run learns why, once', async (context) => {
  const { folder, programEnds, begin } = watched(context, HANGS);
  const { watchEnds } = begin();
  expect(await programEnds).toBe('SIGKILL');
  expect(await watchEnds).toBe(0);
  expect(takeUntold(folder, expect.fail)).toMatchObject({ why: 'it hung for 2 s and was ended' });
  expect(takeUntold(folder, expect.fail)).toBeNull();
  expect(lastSelfRestart(folder)?.atMs).toBeGreaterThan(1_700_000_000_000);
}, 60_000);

test.concurrent('[AT32] so is one that computes for ever', async (context) => {
  const { folder, programEnds, begin, pretendToCompute } = watched(context, WAITS);
  begin(pretendToCompute(20));
  expect(await programEnds).toBe('SIGKILL');
  expect(existsSync(join(folder, UNTOLD_NOTE_FILE))).toBe(true);
}, 60_000);

test.concurrent('[AT31] one that gets no processor on a busy machine does not hang', async (context) => {
  const { programEnds, begin, pretendToCompute } = watched(context, WAITS);
  begin(pretendToCompute(1));
  expect(await outlives(programEnds)).toBe(true);
}, 60_000);

test.concurrent('[AT32] one that waits for its timers is left alone, and the script ends with it', async (context) => {
  const { folder, program, programEnds, begin } = watched(context, WAITS);
  const { watch, watchEnds } = begin();
  expect(await outlives(programEnds)).toBe(true);
  program.kill('SIGTERM');
  expect(await programEnds).toBe('SIGTERM');
  expect(await watchEnds).toBe(0);
  expect(watch.signalCode).toBeNull();
  expect(existsSync(join(folder, UNTOLD_NOTE_FILE))).toBe(false);
}, 60_000);

test.concurrent('[AT31] one that somebody has stopped does not hang', async (context) => {
  const { program, programEnds, begin } = watched(context, WAITS);
  begin();
  program.kill('SIGSTOP');
  expect(await outlives(programEnds)).toBe(true);
}, 60_000);

test.concurrent('[AT91] the script goes on watching whatever signal strays by', async (context) => {
  const { programEnds, begin } = watched(context, HANGS);
  const { watch } = begin();
  // Once it sleeps for the first time it has set its traps.
  await vi.waitFor(() =>
    expect(readFileSync(`/proc/${watch.pid}/task/${watch.pid}/children`, 'utf8')).not.toBe(''),
  );
  watch.kill('SIGUSR1');
  watch.kill('SIGUSR2');
  expect(await programEnds).toBe('SIGKILL');
}, 60_000);

/** What a tree of processes takes, from /proc: memory, processor time to the nanosecond, and whether it started others. Linux only. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { dlopen, getRawPointer } from 'node:ffi';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { deleteFolder, start, temporaryFolder } from '../peers/children.ts';
import { descendants, readOrNull, statOf } from '../peers/process-usage.ts';

/** USER_HZ: what /proc shows times in, on every architecture that Node runs on. */
const CLOCK_TICK_MS = 10;
const NS_PER_MS = 1e6;
const CLOCK_KIND_BITS = 3;
const CLOCK_KIND_SCHEDULER = 2;

let libc: ReturnType<typeof openClock> | null = null;

export interface Memory {
  /** A page shared by n processes counted as 1/n. */
  readonly pssKib: number;
  /** Anonymous: what only this process has, and what the system cannot drop. */
  readonly privateKib: number;
  readonly residentKib: number;
}

/** All processes of the tree, one after the other. */
export function memoryOf(pid: number): Memory {
  const sum = { pssKib: 0, privateKib: 0, residentKib: 0 };
  for (const one of [pid, ...descendants(pid)]) {
    const text = readOrNull(`/proc/${one}/smaps_rollup`) ?? '';
    const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
    sum.pssKib += kib('Pss');
    sum.privateKib += kib('Anonymous');
    sum.residentKib += kib('Rss');
  }
  return sum;
}

export interface Work {
  /** User and system time since the start, of all threads and of all children that were waited for. */
  readonly cpuMs: number;
  /** Pages that ended children had touched. No process runs without touching pages: unchanged means that none was started and ended. */
  readonly childPageFaults: number;
  /** Living processes. */
  readonly processes: number;
}

export function workOf(pid: number): Work {
  const pids = [pid, ...descendants(pid)];
  let cpuMs = 0;
  let childPageFaults = 0;
  for (const one of pids) {
    // proc(5), /proc/PID/stat: cminflt is field 11; 16 and 17 are user and system time of children that were waited for.
    const fields = statOf(one);
    if (fields === null) continue;
    const field = (n: number) => Number(fields[n - 3]);
    cpuMs += processMs(one) + (field(16) + field(17)) * CLOCK_TICK_MS;
    childPageFaults += field(11);
  }
  return { cpuMs, childPageFaults, processes: pids.length };
}

/** proc(5), /proc/stat: time that the host gave to others while this machine wanted to run. Its processes' times contain it. */
export function stolenMs(): number {
  const fields = readFileSync('/proc/stat', 'utf8').split('\n')[0]?.trim().split(/ +/) ?? [];
  return Number(fields[8]) * CLOCK_TICK_MS;
}

/** Of this process: user and system time of the children that ended. */
export function cpuMsOfOwnChildren(): number {
  const text = readFileSync('/proc/self/stat', 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * CLOCK_TICK_MS;
}

/**
 * User and system time of all threads of a process, of those too that have ended. /proc/PID/stat tells it in ticks of 10 ms only, which is
 * a tenth of what an agent may take in a minute, and schedstat forgets threads with their end. @returns 0 where it has ended
 */
function processMs(pid: number): number {
  libc ??= openClock();
  // clock_getcpuclockid(3) makes of a process id the number of its clock: all bits turned, and the kind of clock below them.
  const clock = (~pid << CLOCK_KIND_BITS) | CLOCK_KIND_SCHEDULER;
  const secondsAndNs = new BigInt64Array(2);
  if (libc.functions.clock_gettime(clock, getRawPointer(secondsAndNs)) !== 0) return 0;
  const [seconds = 0n, ns = 0n] = secondsAndNs;
  return Number(seconds) * 1_000 + Number(ns) / NS_PER_MS;
}

function openClock() {
  return dlopen('libc.so.6', { clock_gettime: { return: 'int32', arguments: ['int32', 'pointer'] } });
}

/**
 * Processes (no threads) that the tree starts within a time, counted by strace(1). It slows down what it watches, so
 * nothing else may be measured meanwhile. @returns null where strace is missing or may not look
 */
export async function processesStarted(pid: number, forMs: number): Promise<number | null> {
  try {
    execFileSync('strace', ['-V'], { stdio: 'ignore' });
  } catch {
    // Which way it cannot be started makes no difference: nothing is counted.
    return null;
  }
  const folder = temporaryFolder('strace');
  const file = join(folder, 'calls');
  const pids = [pid, ...descendants(pid)].flatMap((one) => ['-p', String(one)]);
  const args = ['-f', '-qq', '-e', 'trace=fork,vfork,clone,clone3', '-e', 'signal=none', '-o', file, ...pids];
  const tracer = start('strace', args, { stdio: 'ignore' });
  const ended = once(tracer, 'exit');
  await Promise.race([pause(forMs), ended]);
  const looked = tracer.exitCode === null && tracer.signalCode === null;
  if (looked) tracer.kill('SIGTERM');
  await ended;
  const text = readOrNull(file) ?? '';
  deleteFolder(folder);
  return looked ? startsIn(text) : null;
}

/** Calls that make a process, in what strace wrote. A call that another interrupts has two lines, of which the first has the arguments. */
export function startsIn(text: string): number {
  return text
    .split('\n')
    .filter((line) => /^(\d+ +)?(v?fork|clone3?)\(/.test(line) && !line.includes('CLONE_THREAD')).length;
}

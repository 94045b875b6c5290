/** Starts a helper as a program of the system: its streams as text, its end once and with a reason. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';
import type { HelperEvents, HelperProcess, HelperProgram, StartHelper } from './helper.ts';

/** Characters of what it complained about that are kept for the reason of its end. */
const COMPLAINT_CHARS_MAX = 300;

export const startHelper: StartHelper = (program, events) => {
  try {
    return connected(spawned(program), events);
  } catch (error) {
    // Most failures to start come as an event; these few are thrown.
    if (!(error instanceof Error && 'code' in error)) throw error;
    queueMicrotask(() => events.ended(error.message));
    return { write: () => undefined, kill: () => undefined };
  }
};

function spawned({ file, args, env }: HelperProgram): ChildProcessWithoutNullStreams {
  return spawn(file, [...args], { env: { ...env }, stdio: 'pipe', windowsHide: true });
}

function connected(child: ChildProcessWithoutNullStreams, events: HelperEvents): HelperProcess {
  const decoder = new StringDecoder('utf8');
  let complaint = '';
  let over = false;
  const ended = (why: string) => {
    if (over) return;
    over = true;
    events.ended(complaint === '' ? why : `${why}: ${complaint.trim()}`);
  };
  child.stdout.on('data', (bytes: Buffer) => {
    if (!over) events.output(decoder.write(bytes));
  });
  child.stderr.on('data', (bytes: Buffer) => {
    complaint = (complaint + bytes.toString('utf8')).slice(-COMPLAINT_CHARS_MAX);
  });
  child.on('error', (error) => ended(error.message));
  child.on('close', (code, signal) => ended(`ended with ${signal ?? `code ${code}`}`));
  child.stdin.on('error', (error) => ended(error.message));
  return { write: (text) => void child.stdin.write(text), kill: () => void child.kill('SIGKILL') };
}

/** What the Windows service (service/windows/service.c) says on standard input: a word a line on why to stop, and that the machine sleeps. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { GOODBYE_REASONS, type LeaveReason } from '@muster/shared/wire/goodbye.ts';

const REASONS: readonly LeaveReason[] = [...GOODBYE_REASONS, 'uninstall'];

export interface Supervised {
  stop(reason: LeaveReason): void;
  /** The machine goes to sleep within a second or two. */
  sleep(): void;
  wake(): void;
}

/** Without a service there is nobody to run for: the end of the input is a stop. */
export function followSupervisor(input: Readable, { stop, sleep, wake }: Supervised): void {
  const lines = createInterface({ input });
  lines.on('line', (line) => {
    const word = line.trim();
    if (word === 'sleep') return sleep();
    if (word === 'resume') return wake();
    const reason = REASONS.find((one) => one === word);
    if (reason !== undefined) stop(reason);
  });
  lines.on('close', () => stop('stop'));
}

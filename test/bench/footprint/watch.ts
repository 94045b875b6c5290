/** Agents watched minute by minute, all at once. */
import { setTimeout as pause } from 'node:timers/promises';
import { median } from '../peers/figure.ts';
import type { Sent, Subject } from './subject.ts';
import { type Memory, memoryOf, type Work, workOf } from './tree-usage.ts';

export const MINUTE_MS = 60_000;
const MEMORY_READ_MS = 5_000;

/** What one agent took in one minute; the first one begins with its start. */
export interface Minute extends Memory {
  readonly cpuMs: number;
  /** null: it sends nothing. */
  readonly upBytes: number | null;
  readonly downBytes: number | null;
  /** Both directions with all headers; null too where `ss` is missing. */
  readonly wireBytes: number | null;
  readonly samples: number;
  /** Pages that children which ended in this minute had touched; 0: there were none. */
  readonly childPageFaults: number;
  /** Living processes at its end. */
  readonly processes: number;
}

interface Reading {
  readonly work: Work;
  readonly sent: Sent;
}

/**
 * @param count minutes after the first, which holds start, enrolment and inventory
 * @param onMinute `minute` 0 is that first one; rows are in the order of the subjects
 * @returns minutes of each subject, the first one included. @throws Error where an agent ends
 */
export async function watch(
  subjects: readonly Subject[],
  count: number,
  onMinute: (minute: number, rows: readonly Minute[]) => void,
): Promise<Minute[][]> {
  const all: Minute[][] = subjects.map(() => []);
  const nothing: Reading = {
    work: { cpuMs: 0, childPageFaults: 0, processes: 0 },
    sent: { traffic: { upBytes: 0, downBytes: 0, headerBytes: 0 }, samples: 0 },
  };
  let before = subjects.map(() => nothing);
  let deadline = performance.now();
  for (let minute = 0; minute <= count; minute++) {
    deadline += MINUTE_MS;
    const memories: Memory[][] = subjects.map(() => []);
    while (performance.now() < deadline) {
      for (const [i, subject] of subjects.entries()) {
        const memory = memoryOf(subject.pid);
        if (memory.residentKib === 0) throw new Error(`${subject.title} ended:\n${subject.output()}`);
        memories[i]?.push(memory);
      }
      await pause(Math.min(MEMORY_READ_MS, Math.max(0, deadline - performance.now())));
    }
    const after = await Promise.all(
      subjects.map(async (subject) => ({ work: workOf(subject.pid), sent: await subject.sent() })),
    );
    const rows = after.map((reading, i) => minuteOf(before[i] ?? nothing, reading, memories[i] ?? []));
    for (const [i, row] of rows.entries()) all[i]?.push(row);
    onMinute(minute, rows);
    before = after;
  }
  return all;
}

function minuteOf(before: Reading, after: Reading, memories: readonly Memory[]): Minute {
  const [from, to] = [before.sent.traffic, after.sent.traffic];
  const up = from && to ? to.upBytes - from.upBytes : null;
  const down = from && to ? to.downBytes - from.downBytes : null;
  const headers =
    from?.headerBytes == null || to?.headerBytes == null ? null : to.headerBytes - from.headerBytes;
  return {
    pssKib: median(memories.map(({ pssKib }) => pssKib)),
    privateKib: median(memories.map(({ privateKib }) => privateKib)),
    residentKib: median(memories.map(({ residentKib }) => residentKib)),
    cpuMs: after.work.cpuMs - before.work.cpuMs,
    upBytes: up,
    downBytes: down,
    wireBytes: up === null || down === null || headers === null ? null : up + down + headers,
    samples: after.sent.samples - before.sent.samples,
    childPageFaults: after.work.childPageFaults - before.work.childPageFaults,
    processes: after.work.processes,
  };
}

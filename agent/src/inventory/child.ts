/**
 * The inventory in a process of its own: its code, its schemas and what it reads would stay in the agent's memory for ever, for half a
 * second of work every few hours. The child is the same program; it prints one line and ends.
 */
import { execFile } from 'node:child_process';
import { isSea } from 'node:sea';
import { INVENTORY_SECTIONS, InventorySection } from '@muster/shared/wire/control.ts';
import * as z from 'zod';
import type { ReportedSection } from '../inventory-report.ts';
import type { InventoryAsked } from './section.ts';

/** Programs that an inventory asks may hang for 20 s each. */
const CHILD_MS_MAX = 300_000;
const OUTPUT_BYTES_MAX = 64 << 20;

const Reported = z.object({
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  complete: z.boolean(),
  /** Fits its schema: the child has seen to that. */
  data: z.unknown(),
});
const ChildOutput = z.object({
  sections: z.partialRecord(InventorySection, Reported),
  failures: z.array(z.object({ section: InventorySection, detail: z.string() })),
});
export type ChildOutput = z.infer<typeof ChildOutput>;

export interface ChildProgram {
  readonly command: string;
  /** Before `inventory --asked JSON`. */
  readonly args: readonly string[];
}

/** This program as it was started. */
export function ownProgram(): ChildProgram {
  const [, script = ''] = process.argv;
  return { command: process.execPath, args: isSea() ? [] : [...process.execArgv, script] };
}

/** @throws Error where the child fails, with what it said last */
export async function inventoryInChild(
  { command, args }: ChildProgram,
  asked: InventoryAsked,
  report: (failure: { section: InventorySection; detail: string }) => void,
): Promise<Map<InventorySection, ReportedSection>> {
  const output = await outputOf(command, [...args, 'inventory', '--asked', JSON.stringify(asked)]);
  const { sections, failures } = ChildOutput.parse(JSON.parse(output));
  for (const failure of failures) report(failure);
  return new Map(
    INVENTORY_SECTIONS.flatMap((name) => {
      const section = sections[name];
      return section === undefined ? [] : [[name, section] as const];
    }),
  );
}

function outputOf(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      command,
      [...args],
      { timeout: CHILD_MS_MAX, maxBuffer: OUTPUT_BYTES_MAX, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        if (!error) return resolve(stdout);
        const last = stderr.trim().split('\n').at(-1) ?? '';
        const why = error.killed
          ? `it did not end within ${CHILD_MS_MAX / 1_000} s`
          : error.message.split('\n')[0];
        reject(
          new Error(`the inventory's own process failed: ${last === '' ? why : last}`, { cause: error }),
        );
      },
    );
  });
}

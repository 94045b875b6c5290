/**
 * The inventory in a process of its own: its code, its schemas and what it reads would stay in the agent's memory for ever, for a moment
 * of work every few hours. The child is the same program; it prints one line and ends, and it ends with the agent.
 */
import { execFile, type ExecFileException } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isSea } from 'node:sea';
import { INVENTORY_SECTIONS, type InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import * as z from 'zod/mini';
import { inventoryEnvironment } from '../config.ts';
import type { Inventory } from '../inventory-report.ts';
import { COMPILED_FOLDER } from './kept-files.ts';
import type { InventoryAsked } from './section.ts';

/** Programs that an inventory asks may hang for 20 s each. */
const CHILD_MS_MAX = 300_000;
const OUTPUT_BYTES_MAX = 64 << 20;
/** Of what it says of itself. */
const LOG_LINES_MAX = 20;

const SectionName = z.enum(INVENTORY_SECTIONS);
const Reported = z.object({
  hash: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  complete: z.boolean(),
  /** Fits its schema: the child has seen to that. */
  data: z.unknown(),
});
const ChildOutput = z.object({
  sections: z.partialRecord(SectionName, Reported),
  failures: z.array(z.object({ section: SectionName, detail: z.string() })),
});
export type ChildOutput = z.infer<typeof ChildOutput>;

export interface ChildProgram {
  readonly command: string;
  /** Before `inventory --asked JSON DATA-FOLDER`. */
  readonly args: readonly string[];
}

/** This program as it was started. */
export function ownProgram(): ChildProgram {
  const [, script = ''] = process.argv;
  return { command: process.execPath, args: isSea() ? [] : [...childFlags(process.execArgv), script] };
}

/**
 * The flags of the agent keep it small, which lives for years and makes little garbage. The child lives for a moment and ends before its
 * garbage is worth collecting: it has a large young generation, and of `--lite-mode` only that nothing is compiled at run time, which
 * the service does not allow.
 */
export function childFlags(flags: readonly string[]): string[] {
  if (!flags.includes('--lite-mode')) return [...flags];
  const others = flags.filter((flag) => flag !== '--lite-mode' && !flag.startsWith('--max-semi-space-size='));
  return [...others, '--jitless', '--min-semi-space-size=16', '--max-semi-space-size=16'];
}

export interface InventoryChild {
  readonly program: ChildProgram;
  /** Of the agent; the child keeps there what the next one may use. */
  readonly dataDir: string;
  /** Hears what the child says of itself. */
  readonly log: (line: string) => void;
}

/** @throws Error where the child fails, with what it said last */
export async function inventoryInChild(
  { program: { command, args }, dataDir, log }: InventoryChild,
  report: (failure: { section: InventorySection; detail: string }) => void,
  asked: InventoryAsked,
): Promise<Inventory> {
  const compiled = join(dataDir, COMPILED_FOLDER);
  try {
    forgetOldVersions(compiled);
  } catch (error) {
    log(
      `what is kept of older versions does not go: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const env = inventoryEnvironment(compiled);
  const output = await outputOf(
    command,
    [...args, 'inventory', '--asked', JSON.stringify(asked), dataDir],
    env,
    log,
  );
  const { sections, failures } = ChildOutput.parse(JSON.parse(output));
  for (const failure of failures) report(failure);
  return new Map(
    INVENTORY_SECTIONS.flatMap((name) => {
      const section = sections[name];
      return section === undefined ? [] : [[name, section] as const];
    }),
  );
}

/** Of each version of Node something would stay for ever. */
function forgetOldVersions(compiled: string): void {
  if (existsSync(compiled) && readdirSync(compiled).length > 1) rmSync(compiled, { recursive: true });
}

/** Its standard input stays open until it has ended, and is closed by the system when this process is gone: that is its sign to end. */
function outputOf(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  log: (line: string) => void,
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      command,
      [...args],
      { env, timeout: CHILD_MS_MAX, maxBuffer: OUTPUT_BYTES_MAX, killSignal: 'SIGKILL', windowsHide: true },
      (error, stdout, stderr) => {
        const lines = stderr.split('\n').filter((line) => line.trim() !== '');
        if (!error) {
          for (const line of lines.slice(0, LOG_LINES_MAX)) log(line);
          return resolve(stdout);
        }
        const why = killedWords(error) ?? lastWords(lines) ?? endWords(error);
        reject(new Error(`the inventory's own process failed: ${why}`, { cause: error }));
      },
    );
  });
}

/** undefined: not by this process. */
function killedWords({ killed, code }: ExecFileException): string | undefined {
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
    return `it printed more than ${OUTPUT_BYTES_MAX >> 20} MiB`;
  return killed ? `it did not end within ${CHILD_MS_MAX / 1_000} s` : undefined;
}

/** As Node and V8 begin the line that names an error, between the place in the code and the stack. */
const ERROR_LINE = /^(?:[A-Za-z]*Error\b|FATAL ERROR\b)/;

function lastWords(lines: readonly string[]): string | undefined {
  return (lines.find((line) => ERROR_LINE.test(line)) ?? lines.at(-1))?.trim();
}

function endWords({ signal, code, message }: ExecFileException): string | undefined {
  if (typeof signal === 'string') return `it was ended by ${signal}`;
  if (typeof code === 'number') return `it ended with exit code ${code}`;
  return message.split('\n')[0];
}

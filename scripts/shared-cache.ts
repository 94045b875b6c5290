/** One cache for all tests of a run: what releases are made of is compressed once, what is started is compiled once. Gone with the run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** In the place of a user's `~/.cache`. */
    cacheHome: string;
  }
}

let folder: string | null = null;

export function setup({ provide }: TestProject): void {
  folder = mkdtempSync(join(tmpdir(), 'muster-cache-'));
  provide('cacheHome', folder);
  // For the test files' own processes and for all that they start: hundreds of agents, servers and commands.
  process.env.NODE_COMPILE_CACHE = join(folder, 'node-compile');
}

export function teardown(): void {
  if (folder !== null) rmSync(folder, { recursive: true, force: true });
}

/** One cache for all end-to-end tests of a run: what releases are made of is compressed once. Gone with the run. */
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
}

export function teardown(): void {
  if (folder !== null) rmSync(folder, { recursive: true, force: true });
}

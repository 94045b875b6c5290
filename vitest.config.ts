import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './scripts/longest-first.ts';
import { memoryFolder } from './scripts/memory-folder.ts';

const { DRIZZLE_FLAG } = createRequire(import.meta.url)('./scripts/server-process.cjs') as {
  DRIZZLE_FLAG: string;
};

const END_TO_END = 'test/e2e/**/*.test.ts';
/** Tests that load this machine or read what others change of it, or that a loaded one disturbs: last, with nothing beside them. */
const ALONE = ['test/e2e/overload.test.ts', 'test/e2e/third-party.test.ts', 'test/e2e/wire-client.test.ts'];
const ELSEWHERE = ['**/node_modules/**', '**/dist/**'];
const inMemory = memoryFolder();
const TEST_TIMEOUT_MS = 30_000;
/** Servers, agents and a browser start, on a machine that is busy with others; what must be quick has limits of its own. */
const END_TO_END_TIMEOUT_MS = 60_000;

export default defineConfig({
  test: {
    pool: 'forks',
    // Vitest leaves one core to itself; it hardly needs one.
    maxWorkers: '100%',
    execArgv: [DRIZZLE_FLAG],
    globalSetup: './scripts/shared-cache.ts',
    sequence: { sequencer: LongestFirst },
    reporters: ['default', './scripts/closing-line-reporter.ts'],
    projects: [
      {
        test: {
          name: 'all',
          include: ['{agent,server,shared,dashboard,test,scripts}/**/*.test.{ts,tsx}'],
          exclude: [...ELSEWHERE, END_TO_END],
          // Nothing of ours keeps state in a module, so files share what they import: half the time of the run.
          isolate: false,
          env: inMemory === null ? {} : { TMPDIR: inMemory },
          testTimeout: TEST_TIMEOUT_MS,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'end to end',
          include: [END_TO_END],
          exclude: [...ELSEWHERE, ...ALONE],
          // Most of their time they wait, for real clocks and for each other.
          maxWorkers: 2 * availableParallelism(),
          testTimeout: END_TO_END_TIMEOUT_MS,
          hookTimeout: END_TO_END_TIMEOUT_MS,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'alone',
          include: ALONE,
          fileParallelism: false,
          testTimeout: END_TO_END_TIMEOUT_MS,
          hookTimeout: END_TO_END_TIMEOUT_MS,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});

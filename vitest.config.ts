import { defineConfig } from 'vitest/config';

const EVERYTHING = '{agent,server,shared,dashboard,test,scripts}/**/*.test.{ts,tsx}';
/** Tests that load this machine, or that a loaded one disturbs: they run last, and nothing runs beside them. */
const ALONE = ['test/e2e/overload.test.ts', 'test/e2e/wire-client.test.ts'];
const ELSEWHERE = ['**/node_modules/**', '**/dist/**'];

export default defineConfig({
  test: {
    pool: 'forks',
    reporters: ['default', './scripts/closing-line-reporter.ts'],
    projects: [
      {
        test: {
          name: 'all',
          include: [EVERYTHING],
          exclude: [...ELSEWHERE, ...ALONE],
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'alone',
          include: ALONE,
          fileParallelism: false,
          testTimeout: 30_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{agent,server,shared,dashboard,test,scripts}/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    testTimeout: 30_000,
    pool: 'forks',
    reporters: ['default', './scripts/closing-line-reporter.ts'],
  },
});

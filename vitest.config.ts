import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{agent,server,shared,dashboard,test}/**/*.test.{ts,tsx}', 'scripts/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    testTimeout: 20_000,
    pool: 'forks',
  },
});

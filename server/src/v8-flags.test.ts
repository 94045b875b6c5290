import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { V8_FLAG } from './v8-flags.ts';

test('[OP5] this Node knows the flag of V8 that the server sets: of one it does not know it only complains at each start', () => {
  const known = spawnSync(process.execPath, ['--v8-options'], { encoding: 'utf8' }).stdout;
  expect(known).toContain(`${V8_FLAG.replace('--no-', '--')} `);
});

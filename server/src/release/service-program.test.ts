import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { compileServiceProgram } from './service-program.ts';

const hasCompiler = spawnSync('x86_64-w64-mingw32-gcc', ['--version']).status === 0;

test.skipIf(!hasCompiler)(
  '[WI1] [WI40] the Windows service compiles without a warning, and to the same bytes again',
  async () => {
    const program = await compileServiceProgram();
    expect(Buffer.from(program.subarray(0, 2)).toString()).toBe('MZ');
    expect(program.length).toBeLessThan(200_000);
    expect(Buffer.compare(program, await compileServiceProgram())).toBe(0);
    // [WI40] By the clock that stands still while the machine sleeps; no test can put Wine to sleep.
    expect(Buffer.from(program).includes('QueryUnbiasedInterruptTime')).toBe(true);
  },
);

test('[WI1] where there is no compiler it is said what to install', async () => {
  const { PATH } = process.env;
  process.env.PATH = '/nowhere';
  try {
    await expect(compileServiceProgram()).rejects.toThrow('apt-get install gcc-mingw-w64-x86-64');
  } finally {
    process.env.PATH = PATH;
  }
});

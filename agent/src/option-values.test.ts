import { parseArgs } from 'node:util';
import { expect, test } from 'vitest';
import { bindOptionValues } from './option-values.ts';

const OPTIONS = {
  server: { type: 'string' },
  'server-key': { type: 'string' },
  insecure: { type: 'boolean' },
} as const;

test('[FL19] a server key that begins with a dash, or two, is taken as it is written', () => {
  for (const key of ['-XyZ', '--XyZ', '-', 'plain', '_x']) {
    const args = bindOptionValues(['run', '--server-key', key, '--insecure'], OPTIONS);
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options: OPTIONS });
    expect(values).toEqual({ 'server-key': key, insecure: true });
    expect(positionals).toEqual(['run']);
  }
});

test('[FL19] a forgotten value is not filled with the next option', () => {
  for (const next of ['--insecure', '--server', '--server=ws://x', '--', '-h'])
    expect(bindOptionValues(['--server-key', next], OPTIONS)).toEqual(['--server-key', next]);
  expect(bindOptionValues(['--insecure', '-x'], OPTIONS)).toEqual(['--insecure', '-x']);
  expect(bindOptionValues(['--server-key'], OPTIONS)).toEqual(['--server-key']);
});

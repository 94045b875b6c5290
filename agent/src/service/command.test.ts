/** The command `muster-agent` of Linux, with a stand-in for the agent behind it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = mkdtempSync(join(tmpdir(), 'muster-command-'));
afterAll(() => rmSync(root, { recursive: true }));

const opt = join(root, 'opt');
mkdirSync(opt);
writeFileSync(join(opt, 'version'), '1.2.3\n');
writeFileSync(join(opt, 'as-agent'), '#!/bin/sh\nshift\necho "the agent: $*"\n', { mode: 0o755 });

function command(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const script = readFileSync(join(import.meta.dirname, 'linux/muster-agent.sh'), 'utf8')
    .replaceAll('/opt/muster-agent', opt)
    .replaceAll('/run/', `${root}/run/`);
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script, 'muster-agent', ...args], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin' },
  });
  return { status, stdout, stderr };
}

test.each([['show', '--json'], ['inventory']])('[AT53] %s is the agent’s own', (...args) => {
  expect(command(...args)).toEqual({ status: 0, stdout: `the agent: ${args.join(' ')}\n`, stderr: '' });
});

test('[AT53] without a word it prints what there is, inventory too', () => {
  const { status, stdout } = command();
  expect(status).toBe(0);
  expect(stdout).toMatch(/^ {2}muster-agent inventory /m);
});

test('[AT53] a word it does not know is named before all that it knows', () => {
  const { status, stdout, stderr } = command('invenory');
  expect([status, stdout]).toEqual([64, '']);
  expect(stderr).toMatch(/^muster-agent: unknown command 'invenory'\nmuster-agent 1\.2\.3\n/);
});

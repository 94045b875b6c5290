/** The command `muster-agent` of Linux, with a stand-in for the agent behind it. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';

const root = mkdtempSync(join(tmpdir(), 'muster-command-'));
afterAll(() => rmSync(root, { recursive: true }));

const at = (path: string) => join(root, path);
const opt = at('opt');
for (const folder of ['opt', 'etc', 'data', 'run', 'bin']) mkdirSync(at(folder));
// For root alone is what these tests look at.
writeFileSync(at('bin/id'), '#!/bin/sh\necho 0\n', { mode: 0o755 });
writeFileSync(join(opt, 'version'), '1.2.3\n');

/** What stands for the agent says what it was asked, and may know of settings that do not fit. */
function agentEnds(code: number, words = 'the agent: $*'): void {
  writeFileSync(join(opt, 'as-agent'), `#!/bin/sh\nshift\necho "${words}"\nexit ${code}\n`, { mode: 0o755 });
}
beforeEach(() => {
  agentEnds(0);
  for (const file of ['etc/config.json', 'data/identity.json', 'muster-agent.log', 'started'])
    rmSync(at(file), { force: true });
  writeFileSync(join(opt, 'supervise'), `#!/bin/sh\n: >${at('started')}\n`, { mode: 0o755 });
});

function command(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const script = readFileSync(join(import.meta.dirname, 'linux/muster-agent.sh'), 'utf8')
    .replaceAll('/opt/muster-agent', opt)
    .replaceAll('/etc/muster-agent', at('etc'))
    .replaceAll('/var/lib/muster-agent', at('data'))
    .replaceAll('/var/log/', `${root}/`)
    .replaceAll('/run/', `${root}/run/`);
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script, 'muster-agent', ...args], {
    encoding: 'utf8',
    env: { PATH: `${at('bin')}:/usr/bin:/bin` },
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

test.each(['start', 'restart'])(
  '[IS64] %s with settings that the agent cannot use says what is wrong with them, and starts nothing',
  (word) => {
    writeFileSync(at('etc/config.json'), '{');
    agentEnds(78, 'muster-agent: config.json is not JSON');
    expect(command(word)).toEqual({
      status: 78,
      stdout: '',
      stderr:
        'muster-agent: config.json is not JSON\nmuster-agent: nothing was started or stopped; mend it first\n',
    });
    expect(existsSync(at('started'))).toBe(false);
  },
);

test('[IS64] an agent of before, which does not know the question, is started without an answer', async () => {
  writeFileSync(at('etc/config.json'), '{}');
  agentEnds(64);
  expect(command('start')).toEqual({ status: 0, stdout: '', stderr: '' });
  await vi.waitFor(() => expect(existsSync(at('started'))).toBe(true));
});

test.each([
  ['no configuration', null, null, 1, 'configuration  none'],
  ['an empty one before the first enrolment', '', '{ "enrolledWith": null }', 1, 'configuration  none'],
  ['an empty one on an enrolled machine', '', '{ "enrolledWith": "K" }', 0, 'the agent: status'],
])(
  '[IS65] what an empty configuration means depends on the identity: %s',
  (_, config, identity, code, words) => {
    if (config !== null) writeFileSync(at('etc/config.json'), config);
    if (identity !== null) writeFileSync(at('data/identity.json'), identity);
    const { status, stdout } = command('status');
    expect([status, stdout]).toEqual([code, expect.stringContaining(words)]);
  },
);

test('[IS66] before the first start the log is not there, and that is what it says', () => {
  expect(command('log')).toEqual({
    status: 0,
    stdout:
      'muster-agent: there is no log yet: the agent has not been started here; see: muster-agent status\n',
    stderr: '',
  });
});

/** What keeps the agent running where there is no systemd, and the command that starts and stops it, with stand-ins for all that they run. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type TestContext, vi } from 'vitest';

/** A machine of its own, on which nothing is prepared before `open` was called. */
function machine({ onTestFinished }: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'muster-supervise-'));
  const at = (path: string) => join(root, path);
  for (const folder of ['opt', 'run', 'data', 'log', 'etc', 'bin']) mkdirSync(at(folder));
  const script = (name: string, text: string) => {
    writeFileSync(at(name), text);
    chmodSync(at(name), 0o755);
  };
  const ours = (name: string) =>
    readFileSync(join(import.meta.dirname, 'linux', name), 'utf8')
      .replaceAll('/opt/muster-agent', at('opt'))
      .replaceAll('/var/lib/muster-agent', at('data'))
      .replaceAll('/var/log', at('log'))
      .replaceAll('/etc/muster-agent', at('etc'))
      .replaceAll('/run/', `${at('run')}/`)
      .replace('STOP_S_MAX=10', 'STOP_S_MAX=1');
  const noted = (name: string) => `echo $$ >>${at(name)}`;
  script('opt/supervise', ours('supervise.sh'));
  script('opt/command', ours('muster-agent.sh'));
  script(
    'opt/prepare',
    `#!/bin/sh\n${noted('prepared')}\necho $PPID >>${at('supervised')}\nread -r _ <${at('gate')}\n`,
  );
  script('opt/as-agent', '#!/bin/sh\nexec "$@"\n');
  script(
    'opt/run',
    `#!/bin/sh\n[ $# -eq 0 ] || exit 0\ntrap '' TERM\n${noted('ran')}\nwhile :; do sleep 0.1; done\n`,
  );
  script('opt/watch', `#!/bin/sh\n${noted('watched')}\nexec sleep 60\n`);
  script('bin/id', '#!/bin/sh\necho 0\n');
  writeFileSync(at('etc/config.json'), '{}');
  spawnSync('mkfifo', [at('gate')]);
  const processes = (name: string) =>
    existsSync(at(name)) ? (readFileSync(at(name), 'utf8').match(/^\d+$/gm) ?? []).map(Number) : [];
  const written = (name: string) =>
    vi.waitFor(() => expect(processes(name)).not.toEqual([]), { timeout: 10_000, interval: 20 });
  const open = () => writeFileSync(at('gate'), '\n');
  onTestFinished(() => {
    ['supervised', 'prepared', 'helped', 'ran', 'watched'].flatMap(processes).forEach(end);
    rmSync(root, { recursive: true });
  });
  return {
    pidFile: at('run/muster-agent.pid'),
    /** As the real one it is Node, which gives up its place to what it was asked to run; this one never gets there. */
    slowHelper: () =>
      script(
        'opt/as-agent',
        `#!/bin/sh\n${noted('helped')}\nexec '${process.execPath}' -e '\nsetTimeout(() => 0, 60_000);\n' -- 1 2 "$@"\n`,
      ),
    processes,
    written,
    open,
    supervise: () => {
      const child = spawn(at('opt/supervise'), { stdio: 'ignore' });
      return { pid: child.pid ?? 0, ended: new Promise<number | null>((done) => child.once('exit', done)) };
    },
    command: (word: string) =>
      spawnSync(at('opt/command'), [word], { env: { PATH: `${at('bin')}:/usr/bin:/bin` }, encoding: 'utf8' }),
  };
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const lives = (pid: number) =>
  existsSync(`/proc/${pid}`) && !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

test.concurrent('[PK50] whoever is told to stop while it prepares starts no agent any more', async (context) => {
  const { pidFile, processes, written, open, supervise } = machine(context);
  const { pid, ended } = supervise();
  await written('prepared');
  expect(readFileSync(pidFile, 'utf8')).toBe(`${pid}\n`);
  process.kill(pid, 'SIGTERM');
  open();
  expect(await ended).toBe(0);
  expect(processes('ran')).toEqual([]);
  expect(existsSync(pidFile)).toBe(false);
}, 30_000);

test.concurrent('[PK50] a second start finds the first one that still prepares', async (context) => {
  const { processes, written, open, command } = machine(context);
  expect(command('start').status).toBe(0);
  await written('prepared');
  expect(command('start').status).toBe(0);
  open();
  await written('ran');
  expect(processes('prepared')).toHaveLength(1);
}, 30_000);

test.concurrent('[PK50] a stop that has to kill leaves nobody', async (context) => {
  const { pidFile, processes, written, open, command } = machine(context);
  command('start');
  await written('prepared');
  open();
  await written('ran');
  await vi.waitFor(() => expect(readFileSync(pidFile, 'utf8')).toMatch(/^\d+ \d+ \d+$/m));
  expect(command('stop').stderr).toContain('is killed');
  await vi.waitFor(() => expect(['ran', 'watched'].flatMap(processes).filter(lives)).toEqual([]));
  expect(existsSync(pidFile)).toBe(false);
}, 30_000);

test.concurrent('[PK40] what a killed supervisor leaves is found, also before it has become the agent', async (context) => {
  const { pidFile, processes, written, open, supervise, slowHelper, command } = machine(context);
  slowHelper();
  const { pid } = supervise();
  await written('prepared');
  open();
  await written('helped');
  await vi.waitFor(() => expect(processes('helped')).toHaveLength(2));
  await vi.waitFor(() => expect(readFileSync(pidFile, 'utf8')).toMatch(/^\d+ \d+ \d+$/m));
  process.kill(pid, 'SIGKILL');
  expect(command('run').stderr).toContain('stop it first');
  expect(command('stop')).toMatchObject({ status: 0, stderr: '' });
  await vi.waitFor(() => expect(processes('helped').filter(lives)).toEqual([]));
}, 30_000);

import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const SCRIPTS = join(import.meta.dirname, 'linux');
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'muster-removal-'));
  mkdirSync(join(root, 'etc'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** The functions of a script that make and undo; what stands for the tools of users keeps copies of its own, as those do. */
function run(commands: string): string {
  const install = readFileSync(join(SCRIPTS, 'install.sh'), 'utf8');
  const note = install.slice(install.indexOf('note_copies() {'), install.indexOf('\nmake_user() {'));
  const tools = `
in_root() {
  for file in passwd shadow group gshadow; do cp "$ROOT/etc/$file" "$ROOT/etc/$file-"; chmod 0644 "$ROOT/etc/$file-"; done
  for file in passwd shadow group gshadow; do
    case "$1" in useradd) echo "$NAME:x:998:998:$COMMENT:/:/" >>"$ROOT/etc/$file" ;; *) sed -i "/^$NAME:/d" "$ROOT/etc/$file" ;; esac
  done
}
`;
  const text = `set -eu; NAME=muster-agent COMMENT='Muster agent' ROOT='${root}' tmp='${root}'\n${note}\n. '${SCRIPTS}/removal.sh'\n${tools}\n${commands}`;
  return execFileSync('sh', ['-c', text], { encoding: 'utf8' });
}

const path = (name: string) => join(root, 'etc', name);

test('[IS29] the copies that the tools of users keep are afterwards as they were: those that were not there go, rights come back', () => {
  for (const name of ['passwd', 'shadow', 'group', 'gshadow', 'passwd-', 'group-']) {
    writeFileSync(path(name), 'root:x:0:0:root:/root:/bin/sh\n', { mode: 0o600 });
  }
  run('note_copies; in_root useradd');
  expect(existsSync(path('shadow-'))).toBe(true);
  run('made=$(cat "$tmp/made"); remove_user');
  expect(['shadow-', 'gshadow-'].map((name) => existsSync(path(name)))).toEqual([false, false]);
  for (const name of ['passwd-', 'group-']) {
    expect(statSync(path(name)).mode & 0o777).toBe(0o600);
    expect(readFileSync(path(name), 'utf8')).not.toContain('muster');
  }
});

test('[IS29] a package notes nothing of the copies, and they stay', () => {
  for (const name of ['passwd', 'shadow', 'group', 'gshadow'])
    writeFileSync(path(name), 'muster-agent:x:998:998:Muster agent:/:/\n');
  run('remove_user');
  expect(existsSync(path('shadow-'))).toBe(true);
  expect(readFileSync(path('passwd'), 'utf8')).toBe('');
});

test('[IS29] a process that still ends holds the removal of its user up, and does not prevent it', () => {
  for (const name of ['passwd', 'shadow', 'group', 'gshadow'])
    writeFileSync(path(name), 'muster-agent:x:998:998:Muster agent:/:/\n');
  run(`
sleep() { echo "$1" >>"$ROOT/slept"; }
in_root() { case "$1 $(wc -l <"$ROOT/slept")" in 'userdel 2') sed -i "/^$NAME:/d" "$ROOT"/etc/*[a-z] ;; *) return 1 ;; esac; }
die() { exit 1; }
: >"$ROOT/slept"
remove_user`);
  expect(readFileSync(path('passwd'), 'utf8')).toBe('');
  expect(readFileSync(join(root, 'slept'), 'utf8')).toBe('1\n1\n');
});

/** A process as /proc shows it, of user 998 in the root that the test itself sees. */
function process(pid: number, words: string, { uid = 998, parent = 1, rootFolder = '/' } = {}): void {
  const folder = join(root, 'proc', String(pid));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'status'), `Name:\tx\nPPid:\t${parent}\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\n`);
  writeFileSync(join(folder, 'cmdline'), `${words.replaceAll(' ', '\0')}\0`);
  symlinkSync(rootFolder, join(folder, 'root'));
}

test('[IS60] what still runs of the agent itself is ended with what it started, and nobody else', () => {
  writeFileSync(path('passwd'), 'muster-agent:x:998:998:Muster agent:/:/\n');
  process(11, '/bin/sh /opt/muster-agent/run');
  process(12, 'sleep 300', { parent: 11 });
  process(13, '/opt/muster-agent/node --lite-mode /opt/muster-agent/agent.mjs run');
  process(14, '/bin/sh /opt/muster-agent/supervise', { uid: 0 });
  process(15, 'vi /opt/muster-agent/version');
  process(16, '/opt/muster-agent/node', { rootFolder: root });
  run('PROC=$ROOT/proc; kill() { echo "$*" >"$ROOT/killed"; }; end_own_processes TERM');
  expect(readFileSync(join(root, 'killed'), 'utf8')).toBe('-s TERM 11 12 13\n');
});

test('[IS60] a user that cannot be removed is told with the processes that hold it and what to do', () => {
  writeFileSync(path('passwd'), 'muster-agent:x:998:998:Muster agent:/:/\n');
  writeFileSync(path('group'), '');
  process(11, 'tail -f \u001b[31m/var/log/messages');
  process(12, `sleep ${'9'.repeat(200)}`);
  const said = run(`
sleep() { :; }
in_root() { [ "$1" = sh ]; }
remove_user && exit 1
PROC=$ROOT/proc ROOT=
processes_of_user() { echo 11; echo 12; }
say_user_left 2>&1`);
  expect(said).toBe(
    [
      'muster: the user muster-agent could not be removed, and is left',
      'muster: process 11 runs as it: tail -f [31m/var/log/messages ',
      `muster: process 12 runs as it: ${`sleep ${'9'.repeat(200)}`.slice(0, 80)}`,
      'muster: what to do: kill 11 12; userdel muster-agent',
      '',
    ].join('\n'),
  );
});

test.each([
  ['of the own system', '', 'userdel muster-agent'],
  ['in an image, where nothing runs', '/mnt/image', 'chroot /mnt/image userdel muster-agent'],
])('[IS60] a user that nobody holds and that stays nevertheless is told as well: %s', (_, image, advice) => {
  const said = run(`
in_root() { [ "$1" = sh ]; }
processes_of_user() { :; }
ROOT='${image}'
say_user_left 2>&1`);
  expect(said).toBe(
    `muster: the user muster-agent could not be removed, and is left\nmuster: what to do: ${advice}\n`,
  );
});

test('[IS62] a file that is put there while the data go is removed as well', () => {
  const data = join(root, 'data');
  mkdirSync(data);
  run(`
rm() { command rm "$@"; if [ ! -e "$ROOT/late" ]; then mkdir '${data}'; : >'${data}/file-hashes' >"$ROOT/late"; return 1; fi; }
sleep() { :; }
remove_data '${data}'`);
  expect(existsSync(join(root, 'late'))).toBe(true);
  expect(existsSync(data)).toBe(false);
});

test('[IS62] data that cannot be removed at all are told, with what to do', () => {
  const said = run(`
rm() { echo "rm: cannot remove: Read-only file system" >&2; return 1; }
sleep() { echo pause; }
remove_data /nowhere 2>&1 || say_data_left /nowhere 2>&1`);
  expect(said).toBe(
    `${'pause\n'.repeat(5)}rm: cannot remove: Read-only file system\nmuster: data of the agent are left; what to do: rm -rf /nowhere; then: userdel muster-agent\n`,
  );
});

test('[IS62] with data that are left the user stays, which owns them, and the uninstaller fails', () => {
  const script = readFileSync(join(SCRIPTS, 'uninstall.sh'), 'utf8').replace('@FILE removal.sh@', () =>
    readFileSync(join(SCRIPTS, 'removal.sh'), 'utf8'),
  );
  const own =
    'stop_service() { :; }; close_serials() { :; }; remove_files() { return 1; }; remove_user() { echo gone; }; id() { echo 0; }';
  const ran = spawnSync('sh', ['-c', script.replace('\nmain "$@"', () => `\n${own}\nmain "$@"`)], {
    encoding: 'utf8',
  });
  expect([ran.status, ran.stdout]).toEqual([
    1,
    expect.stringMatching(/^muster: the agent is removed, all but its data and user\.\n/),
  ]);
});

test.each([
  ['the server acknowledged it', '"K"', '"uninstall"', false],
  ['it did not', '"K"', 'null', true],
  ['it last heard of a stop', '"K"', '"stop"', true],
  ['no server has this machine', 'null', 'null', false],
])(
  '[AT112] whether the goodbye was missed is read off what the agent wrote last: %s',
  (_, key, taken, missed) => {
    writeFileSync(join(root, 'identity.json'), `{\n  "enrolledWith": ${key}\n}\n`);
    writeFileSync(join(root, 'status.json'), `{\n  "goodbyeTaken": ${taken}\n}\n`);
    run('if missed_goodbye "$ROOT"; then say_missed >"$ROOT/said"; fi');
    expect(existsSync(join(root, 'said'))).toBe(missed);
  },
);

test('[AT112] of an agent that did not write it yet nothing is claimed', () => {
  writeFileSync(join(root, 'identity.json'), '{\n  "enrolledWith": "K"\n}\n');
  writeFileSync(join(root, 'status.json'), '{\n  "pid": 1\n}\n');
  run('if missed_goodbye "$ROOT"; then say_missed >"$ROOT/said"; fi');
  expect(existsSync(join(root, 'said'))).toBe(false);
});

test('[IS67] of an agent that was revoked nobody there waits for a goodbye', () => {
  writeFileSync(join(root, 'identity.json'), '{\n  "enrolledWith": "K"\n}\n');
  const problem = '"lastProblem": {\n    "code": "revoked"\n  }';
  writeFileSync(join(root, 'status.json'), `{\n  ${problem},\n  "goodbyeTaken": null\n}\n`);
  run('if missed_goodbye "$ROOT"; then say_missed >"$ROOT/said"; fi');
  expect(existsSync(join(root, 'said'))).toBe(false);
});

test.each([
  ['that a server has', '"K"', true],
  ['that was never let in', 'null', false],
])('[IS67] the uninstaller tells what becomes of a machine in the CMDB only of one %s', (_, key, told) => {
  const data = join(root, 'var/lib/muster-agent');
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, 'identity.json'), `{\n  "enrolledWith": ${key}\n}\n`);
  for (const name of ['passwd', 'group']) writeFileSync(path(name), '');
  const script = readFileSync(join(SCRIPTS, 'uninstall.sh'), 'utf8')
    .replace('@FILE removal.sh@', () => readFileSync(join(SCRIPTS, 'removal.sh'), 'utf8'))
    .replaceAll('/var/lib/', `${root}/var/lib/`)
    .replaceAll(/(?<![\w/])\/(run|opt)\//g, `${root}/$1/`);
  const own =
    'stop_service() { :; }; close_serials() { :; }; remove_files() { :; }; remove_user() { :; }; id() { echo 0; }';
  const said = execFileSync('sh', ['-c', script.replace('\nmain "$@"', () => `\n${own}\nmain "$@"`)], {
    encoding: 'utf8',
  });
  expect(said).toContain('muster: the agent is removed.\n');
  expect(said.includes('the machine stays in the CMDB')).toBe(told);
});

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
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
function run(commands: string): void {
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
  execFileSync('sh', ['-c', text]);
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

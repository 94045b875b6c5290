/** What the installer of Linux says of who starts the agent from now on. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const script = readFileSync(join(import.meta.dirname, 'linux/install.sh'), 'utf8');
const functions = script.slice(
  script.indexOf('\n# What starts it from now on'),
  script.lastIndexOf('\nmain "$@"'),
);

function said(settings: string, runs: boolean): string {
  return execFileSync(
    'sh',
    [
      '-c',
      `set -eu; NAME=muster-agent ROOT='' NO_START=''; say() { echo "$1"; }\n${functions}\n${settings}\nhas_systemd() { ${runs ? 'true' : 'false'}; }\nsay_unit`,
    ],
    { encoding: 'utf8' },
  );
}

test.each([
  ['where systemd runs', '', true, 'the service starts with the machine (systemd)\n'],
  ['in an image', 'ROOT=/mnt/image NO_START=1', false, 'the service starts with the machine (systemd)\n'],
  [
    'where systemd is and does not run',
    '',
    false,
    'the unit is enabled for a start with systemd, which does not run here: a small supervisor keeps the agent running now, and nothing else starts it\nfor that, let your init system run: /opt/muster-agent/muster-agent start\n',
  ],
  [
    'there, not started',
    'NO_START=1',
    false,
    'the unit is enabled for a start with systemd, which does not run here, and nothing else starts the agent\nfor that, let your init system run: /opt/muster-agent/muster-agent start\n',
  ],
])('[IS61] who starts the agent is said as it is: %s', (_, settings, runs, words) => {
  expect(said(settings, runs)).toBe(words);
});

test.each([
  [
    'from the server it takes a while, which is told',
    '',
    'muster: downloading Node for linux-x64 (about 50 MB)\n',
  ],
  ['from a folder nothing is downloaded', '.', ''],
])('[IS68] Node comes %s', (_, from, words) => {
  const download = join(import.meta.dirname, 'unix/download.sh');
  const stands =
    'say() { echo "muster: $1"; }; wanted() { echo sum; }; fetch() { :; }; check() { :; }; gzip() { :; }';
  const text = `set -eu; FROM='${from}' PLATFORM=linux-x64 STAGE=$(mktemp -d)\n. '${download}'\n${stands}\nfetch_node; rm -r "$STAGE"`;
  expect(execFileSync('sh', ['-c', text], { encoding: 'utf8' })).toBe(words);
});

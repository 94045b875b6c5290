/** What holds back an agent that ends again and again under systemd, with a clock, a systemd and a sleep that are told what to say. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type TestContext } from 'vitest';

/** Pause of `RestartSec=` in the unit. */
const SYSTEMD_S = 5;

function machine({ onTestFinished }: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'muster-pause-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const at = (path: string) => join(root, path);
  mkdirSync(at('bin'));
  writeFileSync(at('bin/systemctl'), `#!/bin/sh\ncat ${at('restarts')}\n`, { mode: 0o755 });
  writeFileSync(at('bin/sleep'), `#!/bin/sh\necho "$1" >${at('slept')}\n`, { mode: 0o755 });
  const script = readFileSync(join(import.meta.dirname, 'linux/pause.sh'), 'utf8')
    .replaceAll('/proc/uptime', at('uptime'))
    .replaceAll('/run/', `${root}/`)
    .replaceAll('/var/lib/muster-agent', root);
  let nowS = 1_000;
  let restarts = 0;
  const start = (): number => {
    writeFileSync(at('uptime'), `${nowS}.25 4711.00\n`);
    writeFileSync(at('restarts'), `${restarts}\n`);
    const { status, stderr } = spawnSync('sh', ['-c', script], {
      encoding: 'utf8',
      env: { PATH: `${at('bin')}:/usr/bin:/bin` },
    });
    const moreS = Number(readFileSync(at('slept'), 'utf8'));
    expect([status, stderr.includes(`starts again in ${moreS} s`)]).toEqual([0, moreS > 0]);
    nowS += moreS;
    return moreS;
  };
  return {
    at,
    byHand: () => {
      restarts = 0;
      return start();
    },
    /** @returns all of the pause, in seconds */
    endsAfter: (seconds: number) => {
      nowS += seconds + SYSTEMD_S;
      restarts++;
      return SYSTEMD_S + start();
    },
  };
}

test('[IS41] the pauses grow from 5 to 60 s while it ends soon, and are short again after a minute that went well', (context) => {
  const { byHand, endsAfter } = machine(context);
  expect(byHand()).toBe(0);
  expect([1, 0, 3, 59, 2, 1].map(endsAfter)).toEqual([5, 10, 20, 40, 60, 60]);
  expect([60, 1, 100_000, 1].map(endsAfter)).toEqual([5, 10, 5, 10]);
});

test('[IS41] by hand and with the machine it starts at once', (context) => {
  const { byHand, endsAfter } = machine(context);
  byHand();
  expect([1, 1, 1].map(endsAfter)).toEqual([5, 10, 20]);
  expect(byHand()).toBe(0);
  expect(endsAfter(1)).toBe(5);
});

test('[IS41] an agent that left for another version has not failed', (context) => {
  const { at, byHand, endsAfter } = machine(context);
  for (const note of ['upgrade-ready', 'upgrade-roll-back']) {
    byHand();
    expect([1, 1].map(endsAfter)).toEqual([5, 10]);
    writeFileSync(at(note), '');
    expect(endsAfter(1)).toBe(5);
    rmSync(at(note));
  }
});

test('[IS41] it waits by the pause of the unit, and before each start', () => {
  const read = (name: string) => readFileSync(join(import.meta.dirname, 'linux', name), 'utf8');
  expect(read('muster-agent.service')).toContain(`\nRestartSec=${SYSTEMD_S}\n`);
  expect(read('muster-agent.service')).toContain('\nExecStartPre=+-/opt/muster-agent/pause\n');
});

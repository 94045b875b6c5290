/** Puts the Host of a Mac together: the one place that starts its helper and asks for its identity. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { startHelper } from './helper/start.ts';
import { orNull, runnerWith, UNIX_ENVIRONMENT } from './host-node.ts';
import { parseIoreg } from './inventory/parsers/ioreg.ts';
import { MacosSystem } from './macos/system.ts';
import { SHELL } from './macos/shell.ts';
import { nativeHost } from './native/host.ts';
import type { OpenHost } from './open-host.ts';
import { systemTimers } from './timers.ts';

export function createMacosHost(log: (line: string) => void): OpenHost {
  const run = runnerWith(UNIX_ENVIRONMENT);
  const system = new MacosSystem({
    program: SHELL,
    start: startHelper,
    timers: systemTimers,
    elapsedMs: () => performance.now(),
    run,
    bootId: printed('/usr/sbin/sysctl', '-n', 'kern.bootsessionuuid')?.trim().slice(0, 64) || randomUUID(),
    platformUuid: platformUuid(),
    readText: (path) => orNull(() => readFileSync(path, 'utf8')),
    log,
  });
  return {
    host: nativeHost('darwin', system, run),
    settled: () => system.settled(),
    close: () => system.close(),
  };
}

function platformUuid(): string | null {
  const tree = printed('/usr/sbin/ioreg', '-r', '-d', '1', '-w', '0', '-c', 'IOPlatformExpertDevice');
  const uuid = parseIoreg(tree ?? '', 'IOPlatformExpertDevice')[0]?.properties['IOPlatformUUID'];
  return typeof uuid === 'string' ? uuid : null;
}

/** These two answer within milliseconds. */
const PRINT_MS_MAX = 5_000;

/** Waits for the program: only while the agent starts. */
function printed(file: string, ...args: string[]): string | null {
  return orNull(() =>
    execFileSync(file, args, {
      env: { ...UNIX_ENVIRONMENT },
      timeout: PRINT_MS_MAX,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
}

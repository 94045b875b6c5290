/** The agents of others as Debian packs them: installed where that is possible, and never left running as services. */
import { type ChildProcess, spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { until } from '../../e2e/harness.ts';

export interface DebianProgram {
  readonly path: string;
  readonly package: string;
}

export const PROGRAMS = {
  nodeExporter: { path: '/usr/bin/prometheus-node-exporter', package: 'prometheus-node-exporter' },
  zabbixAgent2: { path: '/usr/sbin/zabbix_agent2', package: 'zabbix-agent2' },
  collectd: { path: '/usr/sbin/collectd', package: 'collectd-core' },
  netdata: { path: '/usr/sbin/netdata', package: 'netdata' },
} as const satisfies Record<string, DebianProgram>;

const READY_MS_MAX = 60_000;

/** Debian's way to say that an installation starts no service; exit 101: not allowed. */
const POLICY = '/usr/sbin/policy-rc.d';

/** Installs what is missing where that takes root and Debian, and says what stays missing. */
export function installPrograms(say: (text: string) => void): void {
  const missing = Object.values(PROGRAMS).filter(({ path }) => !existsSync(path));
  const canInstall =
    process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/etc/debian_version');
  if (missing.length > 0 && canInstall)
    install(
      missing.map((one) => one.package),
      say,
    );
  for (const { path, package: name } of missing.filter((one) => !existsSync(one.path)))
    say(`${name} is left out: ${path} is missing, and could not be installed (that takes root and Debian)`);
}

function install(packages: readonly string[], say: (text: string) => void): void {
  say(`installing ${packages.join(', ')}`);
  const ownPolicy = !existsSync(POLICY);
  if (ownPolicy) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    for (const args of [
      ['update', '-qq'],
      ['install', '-y', '-qq', '--no-install-recommends', ...packages],
    ])
      spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env });
  } finally {
    if (ownPolicy) rmSync(POLICY);
  }
}

/** @throws Error with what it printed, where it ends or does not come to its first values */
export async function untilReady(
  child: ChildProcess,
  output: () => string,
  check: () => boolean | Promise<boolean>,
): Promise<void> {
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  await until(async () => hasEnded() || (await check()), {
    withinMs: READY_MS_MAX,
    what: () => `${child.spawnfile} gives values; it printed:\n${output()}`,
  });
  if (hasEnded()) throw new Error(`${child.spawnfile} ended at its start:\n${output()}`);
}

/** Steps that look at this machine alone; pure. */
import { dirname } from 'node:path';
import { SPOOL_BYTES_MAX } from '@muster/shared/wire/limits.ts';
import type { CheckReach } from '../checks/reach-names.ts';
import { failed, type Judgement, ok, skipped, warning } from './judgement.ts';
import type { ConfigurationSeen, FolderSeen, Forbidden, ServiceSeen, StatusSeen } from './port.ts';

/** Below it the agent can keep next to nothing while the server is away. */
export const DISK_BYTES_MIN = 8 << 20;
/** Restarts by systemd since it was started by hand or with the machine. */
const RESTARTS_MANY = 3;
const REINSTALL = 'Install it again with the line from "Add a machine".';

const MEND_CONFIGURATION =
  'Mend it as the message says, then: muster-agent restart; or install the agent again with the line from "Add a machine".';

export function judgeConfiguration(seen: ConfigurationSeen): Judgement {
  if (seen.type === 'read') {
    if (seen.refused !== null) return failed(seen.refused, MEND_CONFIGURATION);
    const { url, tls, checks } = seen.settings;
    return ok(`for ${url}, TLS ${tls}, checks ${CHECKS_WORDS[checks]}`);
  }
  if (seen.type === 'none')
    return failed(
      'none: the agent is installed, and knows no server yet',
      'Make a token with "Add a machine" in the dashboard; then: muster-agent configure --help.',
    );
  return failed(seen.detail, seen.forbidden === null ? MEND_CONFIGURATION : openWords(seen.forbidden));
}

/** Who asks as root is the agent's user by now: what root may is of no use then. */
function openWords({ path, agentUser }: Forbidden): string {
  if (agentUser === null) return 'Only root and the agent may read it: give the same command with sudo.';
  const folder = dirname(path);
  return `The agent itself may not read it, by its mode or its owner. As root: chown root:${agentUser} ${folder} ${path} && chmod 750 ${folder} && chmod 640 ${path}; then: muster-agent restart.`;
}

const CHECKS_WORDS: Readonly<Record<CheckReach, string>> = {
  off: 'forbidden',
  network: 'of other machines',
  loopback: 'of other machines and of this one',
};

export function judgeFolder(dataDir: string, seen: FolderSeen): Judgement {
  if (seen.type === 'missing')
    return failed(`${dataDir} is not there`, `Start the agent, which makes it. ${REINSTALL}`);
  if (seen.type === 'closed')
    return skipped(`only root and the agent may look into ${dataDir}; run this as root`);
  if (seen.writable === false)
    return failed(
      `the agent cannot write into ${dataDir}`,
      `Give it back to its user: chown -R muster-agent: ${dataDir}; a disk mounted read-only must be mended first.`,
    );
  const open = [
    ...(isOpen(seen.mode) ? [`${dataDir} (${octal(seen.mode)})`] : []),
    ...(seen.keyMode !== null && isOpen(seen.keyMode) ? [`agent.key (${octal(seen.keyMode)})`] : []),
  ];
  if (open.length > 0)
    return failed(
      `others may look into ${open.join(' and ')}`,
      `Close it: chmod 700 ${dataDir} && chmod 600 ${dataDir}/*. Whoever read the key can pass for this machine: revoke the agent and enrol it anew.`,
    );
  return ok(`${dataDir}, for the agent alone${seen.keyMode === null ? ', no key yet' : ''}`);
}

function isOpen(mode: number): boolean {
  return (mode & 0o077) !== 0;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

export function judgeDisk(dataDir: string, availableBytes: number | null): Judgement {
  if (availableBytes === null) return skipped(`the file system of ${dataDir} cannot be looked at`);
  const free = `${mebibytes(availableBytes)} MiB free for ${dataDir}`;
  if (availableBytes < DISK_BYTES_MIN)
    return failed(
      free,
      'Free some space: without it the agent keeps readings in memory only, and loses them when it ends.',
    );
  if (availableBytes < SPOOL_BYTES_MAX)
    return warning(
      free,
      `Free some space: the spool may need ${mebibytes(SPOOL_BYTES_MAX)} MiB while the server is away.`,
    );
  return ok(free);
}

export function judgeSpool(status: StatusSeen | null): Judgement {
  if (status === null) return skipped('the agent has not written a status that can be read');
  if (status.successor !== null) return skipped('the agent that runs has not written its status');
  const { depth, usedBytes, dropped, fault } = status.spool;
  const seen = `${depth} entries wait, ${mebibytes(usedBytes)} of ${mebibytes(SPOOL_BYTES_MAX)} MiB; ${dropped} dropped so far`;
  if (fault !== null) return failed(`the disk takes nothing: ${fault}`, 'Free some space, or mend the disk.');
  if (dropped > 0)
    return warning(
      seen,
      'Nothing to mend here: what was dropped while the server was away too long is gone, and reported.',
    );
  return ok(seen);
}

function mebibytes(bytes: number): number {
  return Math.floor(bytes / (1 << 20));
}

export function judgeService(service: ServiceSeen, status: StatusSeen | null): Judgement {
  const judgement = judgeKeeper(service, status);
  if (judgement.outcome !== 'ok' || status === null || status.successor === null) return judgement;
  return warning(
    `runs as ${status.successor}, and has not written its status: what is known is of the agent before it`,
    'Free some space where the disk is full; otherwise look again in a minute, and then: muster-agent log.',
  );
}

/** Does it run, and who starts it again? */
function judgeKeeper(service: ServiceSeen, status: StatusSeen | null): Judgement {
  if (service.type === 'systemd') {
    if (service.active !== 'active')
      return failed(`systemd says ${service.active}`, 'muster-agent start, then muster-agent log.');
    if (!service.enabled)
      return warning('it runs, and does not start with the machine', 'systemctl enable muster-agent.');
    if (service.restarts >= RESTARTS_MANY)
      return warning(
        `it runs; systemd has restarted it ${service.restarts} times`,
        'See why: muster-agent log.',
      );
    return ok('runs under systemd and starts with the machine');
  }
  if (status === null) return skipped('there is no unit of systemd, and no status that can be read');
  if (!status.running) return failed('the agent does not run', 'muster-agent start, then muster-agent log.');
  if (service.abandoned !== null)
    return warning(
      `runs as ${service.abandoned}, and nothing would start it again: its supervisor is gone`,
      'muster-agent start.',
    );
  if (service.systemd) return ok('runs, without a unit of systemd');
  return ok('runs, without systemd: nothing starts it with the machine unless your init system does');
}

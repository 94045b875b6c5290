/** Why a service is told to stop: the machine goes down, starts again, or only the agent stops, perhaps for good. */
import type { LeaveReason } from '@muster/shared/wire/goodbye.ts';
import type { Host } from './host.ts';

/** systemd answers in a few milliseconds, on a busy machine that goes down in a second or two; the goodbye must not wait longer. */
const ANSWER_MS_MAX = 3_000;

/** Made by root's scripts right before they stop the agent to replace it, or to remove it; older than this it is a relic. */
const NOTES = { upgrade: 'upgrading', uninstall: 'uninstalling' } as const;
const NOTE_FOLDERS: Readonly<Record<string, string>> = { linux: '/run', darwin: '/var/run' };
const NOTE_MS_MAX = 300_000;

/** On SIGTERM. Source: systemd.special(7), the targets of a shutdown; systemctl(1), list-jobs. */
export async function stopReason(host: Host): Promise<LeaveReason> {
  for (const reason of ['uninstall', 'upgrade'] as const) if (isNoted(host, reason)) return reason;
  if (host.platform !== 'linux') return 'stop';
  const jobs = await host.run('systemctl', ['list-jobs', '--no-legend', '--plain'], ANSWER_MS_MAX);
  if (/\b(soft-)?reboot\.target\b|\bkexec\.target\b/.test(jobs.stdout)) return 'restart';
  if (/\b(poweroff|halt|shutdown)\.target\b/.test(jobs.stdout)) return 'shutdown';
  return 'stop';
}

function isNoted(host: Host, reason: keyof typeof NOTES): boolean {
  const folder = NOTE_FOLDERS[host.platform];
  if (folder === undefined) return false;
  const notedMs = host.modifiedMs(`${folder}/muster-agent.${NOTES[reason]}`);
  return notedMs !== null && Math.abs(host.now() - notedMs) < NOTE_MS_MAX;
}

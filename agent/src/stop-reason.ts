/** Why a service is told to stop: the machine goes down, starts again, or only the agent stops. */
import type { GoodbyeReason } from '@muster/shared/wire/goodbye.ts';
import type { Host } from './host.ts';

/** systemd answers in a few milliseconds; when it does not, the goodbye must not wait for it. */
const ANSWER_MS_MAX = 500;

/** Made by the installer right before it stops the agent that it replaces; older than this it is a relic. */
const UPGRADING = '/run/muster-agent.upgrading';
const UPGRADING_MS_MAX = 300_000;

/** On SIGTERM. Source: systemd.special(7), the targets of a shutdown; systemctl(1), list-jobs. */
export async function stopReason(host: Host): Promise<GoodbyeReason> {
  if (host.platform !== 'linux') return 'stop';
  const upgradingMs = host.modifiedMs(UPGRADING);
  if (upgradingMs !== null && Math.abs(host.now() - upgradingMs) < UPGRADING_MS_MAX) return 'upgrade';
  const jobs = await host.run('systemctl', ['list-jobs', '--no-legend', '--plain'], ANSWER_MS_MAX);
  if (/\b(soft-)?reboot\.target\b|\bkexec\.target\b/.test(jobs.stdout)) return 'restart';
  if (/\b(poweroff|halt|shutdown)\.target\b/.test(jobs.stdout)) return 'shutdown';
  return 'stop';
}

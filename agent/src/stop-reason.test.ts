import { expect, test } from 'vitest';
import { createFakeHost } from './host-fake.ts';
import { stopReason } from './stop-reason.ts';

const jobs = (output: string) =>
  createFakeHost({ programs: { 'systemctl list-jobs --no-legend --plain': output } });

test.each([
  ['shutdown', '123 poweroff.target start waiting\n124 shutdown.target start waiting\n'],
  ['shutdown', '88 halt.target start waiting\n'],
  ['restart', '123 reboot.target start waiting\n124 shutdown.target start waiting\n'],
  ['restart', '9 kexec.target start waiting\n'],
  ['stop', '77 muster-agent.service stop running\n'],
  ['stop', ''],
] as const)('[LK99] %s', async (reason, output) => {
  expect(await stopReason(jobs(output))).toBe(reason);
});

test('[PR13] an installer that replaces the agent makes it say upgrade, and a relic of one does not', async () => {
  const host = createFakeHost();
  host.setFile('/run/muster-agent.upgrading', '');
  expect(await stopReason(host)).toBe('upgrade');
  const relic = { ...host, modifiedMs: () => host.now() - 3_600_000 };
  expect(await stopReason(relic)).toBe('stop');
});

test('[LK99] without systemd it is only known that the agent stops', async () => {
  expect(await stopReason(createFakeHost())).toBe('stop');
});

test.each([
  ['linux', '/run'],
  ['darwin', '/var/run'],
] as const)(
  '[PR21] on %s the uninstaller makes it say so, and a relic of one does not',
  async (platform, folder) => {
    const host = createFakeHost({ platform });
    expect(await stopReason(host)).toBe('stop');
    host.setFile(`${folder}/muster-agent.uninstalling`, '');
    expect(await stopReason(host)).toBe('uninstall');
    const relic = { ...host, modifiedMs: () => host.now() - 3_600_000 };
    expect(await stopReason(relic)).toBe('stop');
  },
);

import { expect, test } from 'vitest';
import { createFakeHost } from '../../host-fake.ts';
import { services } from './services.ts';
import {
  LIST_UNIT_FILES,
  LIST_UNITS,
  parseUnitFilesJson,
  parseUnitFilesText,
  parseUnitsJson,
  parseUnitsText,
  systemdServices,
} from './systemd.ts';
import type { Unit, UnitFile } from './systemd.ts';

const unit = (name: string, active: string, sub: string, load = 'loaded'): Unit => ({
  name,
  load,
  active,
  sub,
  description: null,
});
const file = (name: string, state: string): UnitFile => ({ name, state });

test('JSON and columns give the same units', () => {
  const json =
    '[{"unit":"cron.service","load":"loaded","active":"active","sub":"running","description":"Regular background program processing daemon"},{"unit":"bad.service","load":"loaded","active":"failed","sub":"failed","description":"Bad one"}]';
  const columns =
    '  cron.service loaded active running Regular background program processing daemon\n● bad.service  loaded failed failed  Bad one\n';
  expect(parseUnitsText(columns)).toEqual(parseUnitsJson(json));
  expect(parseUnitsJson(columns)).toBeNull();
});

test('JSON and columns give the same unit files', () => {
  const json =
    '[{"unit_file":"cron.service","state":"enabled","preset":"enabled"},{"unit_file":"x@.service","state":"static","preset":null}]';
  const columns = 'cron.service  enabled  enabled\nx@.service  static  -\n';
  expect(parseUnitFilesText(columns)).toEqual(parseUnitFilesJson(json));
  expect(parseUnitFilesJson('{"not": "a list"}')).toBeNull();
});

test.each([
  ['running', unit('a.service', 'active', 'running')],
  ['running', unit('a.service', 'active', 'exited')],
  ['stopped', unit('a.service', 'inactive', 'dead')],
  ['stopped', unit('a.service', 'activating', 'start')],
  ['failed', unit('a.service', 'failed', 'failed')],
  ['failed', unit('a.service', 'activating', 'auto-restart')],
  ['unknown', unit('systemd-hostnamed.service', 'active', 'running')],
] as const)('[IN33] %s', (expected, entry) => {
  expect(systemdServices([entry], [])[0]?.state).toBe(expected);
});

test('[IN33] a service of a timer is stopped while it runs, and failed when it has failed', () => {
  const files = [file('backup.service', 'static'), file('backup.timer', 'enabled')];
  expect(systemdServices([unit('backup.service', 'activating', 'start')], files)).toMatchObject([
    { name: 'backup', state: 'stopped', startType: 'manual' },
  ]);
  expect(systemdServices([unit('backup.service', 'failed', 'failed')], files)).toMatchObject([
    { state: 'failed' },
  ]);
});

test('[IN33] units of a login, a connection or one command are no services; templates and missing units neither', () => {
  const units = [
    'user@1000.service',
    'user-runtime-dir@0.service',
    'run-r1f2e.service',
    'sshd@4-192.0.2.1:22-192.0.2.9:51000.service',
    'systemd-fsck@dev-sda1.service',
  ].map((name) => unit(name, 'active', 'running'));
  expect(
    systemdServices(
      [...units, unit('gone.service', 'inactive', 'dead', 'not-found')],
      [file('getty@.service', 'enabled')],
    ),
  ).toEqual([]);
});

test('start types come from the unit file, also of a template', () => {
  const files = [
    file('a.service', 'enabled'),
    file('b.service', 'masked'),
    file('c.service', 'static'),
    file('getty@.service', 'enabled'),
  ];
  const units = [unit('getty@tty1.service', 'active', 'running'), unit('d.service', 'active', 'running')];
  expect(
    systemdServices(units, files).map(({ name, startType, state }) => `${name} ${startType} ${state}`),
  ).toEqual([
    'a automatic stopped',
    'b disabled stopped',
    'c manual stopped',
    'd unknown running',
    'getty@tty1 automatic running',
  ]);
});

test('systemctl that fails makes the section incomplete', async () => {
  const host = createFakeHost({
    files: { '/run/systemd/system/x': '' },
    programs: { [['systemctl', ...LIST_UNITS, '--output=json'].join(' ')]: '[]' },
  });
  expect(await services.collect(host)).toEqual({
    data: { services: [] },
    complete: false,
    notes: ['systemctl list-unit-files failed'],
  });
});

test('an older systemctl prints columns', async () => {
  const host = createFakeHost({
    files: { '/run/systemd/system/x': '' },
    programs: {
      [['systemctl', ...LIST_UNITS, '--output=json'].join(' ')]: 'cron.service loaded active running Cron\n',
      [['systemctl', ...LIST_UNIT_FILES, '--output=json'].join(' ')]: 'cron.service enabled\n',
    },
  });
  expect((await services.collect(host)).data.services).toEqual([
    { name: 'cron', description: 'Cron', state: 'running', startType: 'automatic' },
  ]);
});

test('[IN32] a container has no services, and that is complete', async () => {
  const host = createFakeHost({ files: { '/etc/init.d/cron': '', '/proc/1/comm': 'node\n' } });
  expect(await services.collect(host)).toEqual({ data: { services: [] }, complete: true, notes: [] });
});

test('OpenRC tells state and start type by links', async () => {
  const host = createFakeHost({
    files: {
      '/run/openrc/softlevel': 'default',
      '/etc/init.d/sshd': '',
      '/etc/init.d/crond': '',
      '/etc/init.d/chronyd': '',
      '/etc/init.d/functions.sh': '',
    },
    links: {
      '/etc/runlevels/default/sshd': '/etc/init.d/sshd',
      '/run/openrc/started/sshd': '/etc/init.d/sshd',
      '/run/openrc/failed/chronyd': '/etc/init.d/chronyd',
    },
  });
  expect((await services.collect(host)).data.services).toEqual([
    { name: 'chronyd', description: null, state: 'failed', startType: 'manual' },
    { name: 'crond', description: null, state: 'stopped', startType: 'manual' },
    { name: 'sshd', description: null, state: 'running', startType: 'automatic' },
  ]);
});

test('System V tells the start type only', async () => {
  const host = createFakeHost({
    files: {
      '/etc/inittab': '',
      '/proc/1/comm': 'init\n',
      '/etc/init.d/ssh': '',
      '/etc/init.d/README': '',
      '/etc/init.d/nfs': '',
    },
    links: { '/etc/rc2.d/S16ssh': '../init.d/ssh', '/etc/rc2.d/K01nfs': '../init.d/nfs' },
  });
  expect((await services.collect(host)).data.services).toEqual([
    { name: 'nfs', description: null, state: 'unknown', startType: 'manual' },
    { name: 'ssh', description: null, state: 'unknown', startType: 'automatic' },
  ]);
});

import { expect, test } from 'vitest';
import { SettingsError } from '../config.ts';
import { seenConfiguration } from './machine.ts';
import { judgeConfiguration } from './machine-steps.ts';

const forbidden = () => {
  const path = '/etc/muster-agent/config.json';
  throw new SettingsError(`${path} cannot be read`, {
    cause: Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', path }),
  });
};

test('[AT133] a configuration that the agent itself may not read is given back to it, and nobody is sent to sudo', () => {
  const fixFor = (user: string | null) => judgeConfiguration(seenConfiguration(forbidden, user)).fix;
  expect(fixFor('somebody')).toContain('sudo');
  expect(fixFor(null)).toContain('sudo');
  expect(fixFor('muster-agent')).toBe(
    'The agent itself may not read it, by its mode or its owner. As root: chown root:muster-agent /etc/muster-agent /etc/muster-agent/config.json && chmod 750 /etc/muster-agent && chmod 640 /etc/muster-agent/config.json; then: muster-agent restart.',
  );
  expect(fixFor('_muster-agent')).toContain('chown root:_muster-agent ');
});

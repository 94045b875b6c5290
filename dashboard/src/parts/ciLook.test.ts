import { expect, test } from 'vitest';
import { ciLook } from './ciLook.ts';

test.each([
  ['in_use', 'planned', null, 'states.presence.planned'],
  ['retired', 'planned', 'agent-uninstalled', 'machines.changes.lifecycle.retired'],
  ['disposed', 'unknown', null, 'machines.changes.lifecycle.disposed'],
  ['retired', 'up', null, 'states.presence.up'],
  ['in_use', 'unknown', 'agent-uninstalled', 'machines.list.uninstalled'],
  ['in_use', 'unknown', 'unreachable', 'states.presence.unknown'],
  ['in_use', 'silent', 'host-down', 'states.presence.silent'],
] as const)('[DB363] %s and %s by %s is called %s', (lifecycle, state, cause, word) => {
  expect(ciLook({ lifecycle, state, cause }).word).toBe(word);
});

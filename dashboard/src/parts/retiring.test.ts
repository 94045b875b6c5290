import { expect, test } from 'vitest';
import { retiringStep } from './retiring.ts';

test.each([
  ['in_use', 'agent-uninstalled', 'retired'],
  ['deployed', 'agent-uninstalled', 'retired'],
  ['defective', 'agent-uninstalled', 'retired'],
  ['retired', 'agent-uninstalled', undefined],
  ['disposed', 'agent-uninstalled', undefined],
  ['in_use', 'agent-stopped', undefined],
  ['in_use', null, undefined],
] as const)(
  '[DB382] retiring is offered of a machine in use whose agent was uninstalled: %s, %s',
  (lifecycle, cause, to) => {
    expect(retiringStep({ lifecycle, cause })?.to).toBe(to);
  },
);

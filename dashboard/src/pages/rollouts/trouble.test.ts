import { expect, test } from 'vitest';
import type { RolloutAgent } from '@muster/shared/api/rollouts.ts';
import { eachOnce, troubleGroups } from './trouble.ts';

function agent(agentId: string, state: RolloutAgent['state'], detail = ''): RolloutAgent {
  return {
    agentId,
    ciId: null,
    name: agentId,
    site: null,
    platform: 'linux-x64',
    ring: 'pilot',
    state,
    serial: 11,
    version: '1.3.0',
    receivedBytes: 0,
    totalBytes: 0,
    since: null,
    detail,
  };
}

test('[DB224] machines that say the same are one line, the largest first', () => {
  const groups = troubleGroups([
    agent('a', 'failed', 'no space'),
    agent('b', 'taken-back', 'not heard within 5 minutes'),
    agent('c', 'done'),
    agent('d', 'taken-back', 'not heard within 5 minutes'),
    agent('e', 'offline', 'no space'),
  ]);
  expect(groups.map(({ detail, agents }) => [detail, agents.map(({ agentId }) => agentId)])).toEqual([
    ['not heard within 5 minutes', ['b', 'd']],
    ['no space', ['a']],
  ]);
});

test('[DB224] an agent that moved between two pages stands once, as it was read last', () => {
  const pages = [
    { items: [agent('a', 'trial'), agent('b', 'told')] },
    { items: [agent('c', 'done'), agent('a', 'done')] },
  ];
  expect(eachOnce(pages).map(({ agentId, state }) => [agentId, state])).toEqual([
    ['a', 'done'],
    ['b', 'told'],
    ['c', 'done'],
  ]);
});

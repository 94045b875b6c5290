import type { Finding } from '@muster/shared/api/findings.ts';
import { expect, test } from 'vitest';
import { groupFindings } from './findingGroups.ts';

function finding(id: string, names: readonly string[], more: Partial<Finding> = {}): Finding {
  return {
    id,
    kind: 'unauthorised-change',
    state: 'open',
    title: { en: id, zh: id },
    ci: { id: `ci_${id}`, name: id, class: 'Server' },
    count: 1,
    openedAt: '2026-11-20T10:00:00.000Z',
    lastAt: '2026-11-20T10:00:00.000Z',
    decidedBy: null,
    decidedAt: null,
    note: null,
    changeId: null,
    incidentRef: null,
    evidence: {
      kind: 'software-installed',
      total: names.length,
      items: names.map((name) => ({ name, after: '1' })),
    },
    ...more,
  };
}
const shape = (findings: readonly Finding[]) =>
  groupFindings(findings).map((group) => group.findings.map(({ id }) => id).join(' '));

test('[FI11] the same of many machines is one group; two of a kind, other names and other states stand alone', () => {
  const removed = { kind: 'software-removed', total: 1, items: [{ name: 'nmap' }] };
  expect(
    shape([
      finding('a', ['nmap']),
      finding('x', ['tor']),
      finding('b', ['nmap']),
      finding('y', ['tor']),
      finding('c', ['nmap']),
      finding('d', ['nmap'], { state: 'accepted' }),
      finding('e', ['nmap'], { evidence: removed }),
      finding('f', ['nmap'], { changeId: 'chg_1' }),
      finding('g', []),
      finding('h', []),
      finding('i', []),
    ]),
  ).toEqual(['a b c', 'x', 'y', 'd', 'e', 'f', 'g', 'h', 'i']);
});

test('[FI11] two thousand machines with one new package are one row', () => {
  const many = Array.from({ length: 2_000 }, (_, i) => finding(`m${i}`, ['nmap']));
  const [group, ...others] = groupFindings(many);
  expect(others).toEqual([]);
  expect(group?.findings).toHaveLength(2_000);
  expect(group?.names).toEqual(['nmap']);
});

import type { FindingRule } from '@muster/shared/api/findings.ts';
import { expect, test } from 'vitest';
import type { Ci } from '../cmdb/store.ts';
import { createMemoryFindingStore } from '../store/memory/findings.ts';
import { createFindings } from './findings.ts';
import { createIncidentOpener } from './incident-opener.ts';
import { ruleFor, RULES_DEFAULT } from './incident-rules.ts';

const FINDING = { kind: 'unauthorised-change', evidence: { kind: 'security-changed' } } as const;
const SERVER = { class: 'Server', criticality: 2, tags: ['pci'] };
const RULE: FindingRule = { ...(RULES_DEFAULT[0] as FindingRule), enabled: true };

test.each<[string, Partial<FindingRule>, boolean]>([
  ['fits', {}, true],
  ['switched off', { enabled: false }, false],
  ['another kind of change', { changeKinds: ['network-changed'] }, false],
  ['any kind of change', { changeKinds: [] }, true],
  ['another class', { classes: ['Workstation'] }, false],
  ['its tag', { tags: ['pci', 'x'] }, true],
  ['another tag', { tags: ['x'] }, false],
  ['critical enough', { criticality: 2 }, true],
  ['not critical enough', { criticality: 1 }, false],
])('[FI9] a rule fits by kind, class, tag and criticality: %s', (_what, change, fits) => {
  expect(ruleFor(FINDING, SERVER, [{ ...RULE, ...change }]) !== undefined).toBe(fits);
});

test('[FI9] no rule is in force until somebody switches it on, but those of machines not seen, failed rollouts and unwatched critical machines', () => {
  expect(RULES_DEFAULT.filter(({ enabled }) => enabled).map(({ kinds }) => kinds)).toEqual([
    ['not-seen'],
    ['rollout-failed'],
    ['agent-uninstalled'],
  ]);
});

test.each([
  [1, true],
  [2, true],
  [3, false],
  [4, false],
])(
  '[FI60] the agent of a machine of criticality %s is uninstalled: an incident from the start: %s',
  (criticality, opens) => {
    const finding = { kind: 'agent-uninstalled', evidence: {} } as const;
    for (const ciClass of ['Server', 'Workstation'])
      expect(ruleFor(finding, { class: ciClass, criticality, tags: [] }, RULES_DEFAULT) !== undefined).toBe(
        opens,
      );
  },
);

test.each<[string, Partial<FindingRule>, boolean]>([
  ['nothing', {}, true],
  ['a class', { classes: ['Server'] }, false],
  ['a tag', { tags: ['pci'] }, false],
  ['a criticality', { criticality: 4 }, false],
])('[FI9] a finding of no CI fits a rule that asks for %s of it: %s', (_what, change, fits) => {
  const rule: FindingRule = { ...RULE, kinds: ['rollout-failed'], classes: [], tags: [], ...change };
  expect(ruleFor({ kind: 'rollout-failed', evidence: {} }, null, [rule]) !== undefined).toBe(fits);
});

test('[FI10] a finding opens one incident, which is told when the finding is decided', async () => {
  let next = 0;
  const store = createMemoryFindingStore();
  const findings = createFindings({ store, newId: (prefix) => `${prefix}_${++next}` });
  const told: string[] = [];
  let opened = 0;
  const opener = createIncidentOpener({
    findings,
    store,
    incidents: {
      openForFinding: async () => ({ ref: `INC-000${++opened}` }) as never,
      record: async (ref, _kind, text, _now, line) => void told.push(`${ref} ${line} ${text.en}`),
      move: async (ref, { to }) => {
        told.push(`${ref} ${to}`);
        return { ref } as never;
      },
    },
    ci: async () => SERVER as unknown as Ci,
    ciFacts: () => ({ id: 'ci_a', name: 'web-01', class: 'Server', criticality: 2, expectedNow: true }),
  });
  await store.putRules([RULE]);
  const work: Promise<void>[] = [];
  findings.onChange((finding) => void work.push(opener.follow(finding, 50)));
  const news = { ...FINDING, key: 'k', ciId: 'ci_a', title: { en: 'Firewall off', zh: '防火墙已关闭' } };
  const id = await findings.raise(news, 10);
  await Promise.all(work);
  await findings.raise(news, 20);
  await Promise.all(work);
  expect((await store.finding(id))?.incidentRef).toBe('INC-0001');
  expect(opened).toBe(1);
  await findings.decide(id, { state: 'dismissed', note: 'a test', changeId: null }, 'user:bo', 30);
  await Promise.all(work);
  expect(told).toEqual([
    `INC-0001 line_${id}_30 The finding was dismissed (bo): a test`,
    'INC-0001 resolved',
  ]);
});

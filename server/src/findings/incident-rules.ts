/**
 * Which findings open an incident: rules that people set. From the start those of machines not seen, of rollouts that failed and of
 * critical machines whose agent was uninstalled are in force. Pure.
 */
import type { FindingRule } from '@muster/shared/api/findings.ts';
import type { Words } from '@muster/shared/api/incidents.ts';
import { FINDING_RULE_NAMES } from '@muster/shared/given-names.ts';
import type { FindingRecord } from './store.ts';

/** What a rule asks of the CI that a finding is of. */
export interface FindingSubject {
  readonly class: string;
  readonly criticality: number;
  readonly tags: readonly string[];
}

/** The first rule that the finding fits. `ci` null: it is of none, and fits no rule that asks something of one. */
export function ruleFor(
  finding: Pick<FindingRecord, 'kind' | 'evidence'>,
  ci: FindingSubject | null,
  rules: readonly FindingRule[],
): FindingRule | undefined {
  return rules.find(
    (rule) =>
      rule.enabled &&
      rule.kinds.includes(finding.kind) &&
      (finding.kind !== 'unauthorised-change' || fits(rule.changeKinds, finding.evidence['kind'])) &&
      fits(rule.classes, ci?.class) &&
      (rule.tags.length === 0 || rule.tags.some((tag) => ci?.tags.includes(tag))) &&
      (rule.criticality === null || (ci !== null && ci.criticality <= rule.criticality)),
  );
}

function fits(wanted: readonly string[], value: unknown): boolean {
  return wanted.length === 0 || (typeof value === 'string' && wanted.includes(value));
}

export const RULES_DEFAULT: readonly FindingRule[] = [
  {
    id: 'protection-on-servers',
    name: FINDING_RULE_NAMES['protection-on-servers'].en,
    enabled: false,
    kinds: ['unauthorised-change'],
    changeKinds: ['security-changed'],
    classes: ['Server'],
    tags: [],
    criticality: null,
    urgency: 2,
  },
  {
    id: 'machine-not-seen',
    name: FINDING_RULE_NAMES['machine-not-seen'].en,
    enabled: true,
    kinds: ['not-seen'],
    changeKinds: [],
    classes: [],
    tags: [],
    criticality: null,
    urgency: 3,
  },
  {
    id: 'rollout-failed',
    name: FINDING_RULE_NAMES['rollout-failed'].en,
    enabled: true,
    kinds: ['rollout-failed'],
    changeKinds: [],
    classes: [],
    tags: [],
    criticality: null,
    urgency: 2,
  },
  {
    id: 'agent-uninstalled-on-critical',
    name: FINDING_RULE_NAMES['agent-uninstalled-on-critical'].en,
    enabled: true,
    kinds: ['agent-uninstalled'],
    changeKinds: [],
    classes: [],
    tags: [],
    criticality: 2,
    urgency: 2,
  },
];

const DECIDED: Readonly<Record<'accepted' | 'resolved' | 'dismissed', Words>> = {
  accepted: { en: 'The finding was accepted', zh: '该发现项已被接受' },
  resolved: { en: 'The finding is resolved', zh: '该发现项已解决' },
  dismissed: { en: 'The finding was dismissed', zh: '该发现项已被驳回' },
};

/** What the timeline of the incident says when its finding is decided; null: it is not. */
export function decisionWords({ state, decidedBy, note }: FindingRecord): Words | null {
  if (state === 'open') return null;
  const by = decidedBy?.replace(/^user:/, '') ?? 'system';
  return {
    en: `${DECIDED[state].en} (${by})${note ? `: ${note}` : '.'}`,
    zh: `${DECIDED[state].zh}（${by}）${note ? `：${note}` : '。'}`,
  };
}

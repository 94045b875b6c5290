/** Findings that say the same of many machines, as one: what a person would decide on two thousand times. */
import type { Finding } from '@muster/shared/api/findings.ts';

export interface FindingGroup {
  readonly key: string;
  /** What the findings have in common: names of packages, parts or files. */
  readonly names: readonly string[];
  /** Newest first, as in the list; of one state. */
  readonly findings: readonly Finding[];
}

/** Fewer stand better each for itself. */
const GROUP_MIN = 3;

/** In the order of each group's newest; findings without a like are groups of one. */
export function groupFindings(findings: readonly Finding[]): FindingGroup[] {
  const groups = Map.groupBy(findings, matterOf);
  return [...groups].flatMap(([key, some]) =>
    some.length < GROUP_MIN
      ? some.map((one) => ({ key: one.id, names: namesOf(one), findings: [one] }))
      : [{ key, names: some[0] ? namesOf(some[0]) : [], findings: some }],
  );
}

function matterOf(finding: Finding): string {
  const names = namesOf(finding);
  if (names.length === 0) return finding.id;
  const { kind, ruleId, total } = finding.evidence;
  return JSON.stringify([
    finding.kind,
    finding.state,
    finding.changeId,
    kind,
    ruleId,
    total,
    names.toSorted(),
  ]);
}

function namesOf({ evidence }: Finding): string[] {
  const items: unknown = evidence['items'];
  if (!Array.isArray(items)) return [];
  return items.flatMap((one: unknown) =>
    typeof one === 'object' && one !== null && 'name' in one && typeof one.name === 'string'
      ? [one.name]
      : [],
  );
}

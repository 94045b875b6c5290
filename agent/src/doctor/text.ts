/** Findings for people: one line each, and under those that are not well what to do. */
import type { Finding } from './doctor.ts';

const MARKS: Readonly<Record<Finding['outcome'], string>> = {
  ok: 'ok     ',
  warning: 'warning',
  failed: 'FAILED ',
  skipped: 'skipped',
};

export function findingsText(findings: readonly Finding[]): string {
  const told = new Map<string, string>();
  const lines = inGroups(findings).flatMap(({ steps, outcome, seen, fix }) => [
    `${MARKS[outcome]} ${steps.length === 1 ? steps.join().padEnd(13) : `${steps.join(', ')}:`} ${seen}`,
    ...(fix === null ? [] : [`${' '.repeat(22)}${onceWords(fix, steps.join(', '), told)}`]),
  ]);
  return [...lines, '', summary(findings)].join('\n');
}

/** Advice that an earlier step had, in `told` with that step, is pointed at. */
function onceWords(fix: string, step: string, told: Map<string, string>): string {
  const before = told.get(fix);
  if (before !== undefined) return `As above: ${before}.`;
  told.set(fix, step);
  return fix;
}

type Group = Omit<Finding, 'step'> & { readonly steps: string[] };

/** Steps that were skipped one after another for the same reason are one line. */
function inGroups(findings: readonly Finding[]): Group[] {
  const groups: Group[] = [];
  for (const { step, ...judgement } of findings) {
    const last = groups.at(-1);
    if (judgement.outcome === 'skipped' && last?.outcome === 'skipped' && last.seen === judgement.seen)
      last.steps.push(step);
    else groups.push({ steps: [step], ...judgement });
  }
  return groups;
}

function summary(findings: readonly Finding[]): string {
  const bad = findings.filter(({ outcome }) => outcome === 'failed').map(({ step }) => step);
  const doubtful = findings.filter(({ outcome }) => outcome === 'warning').length;
  if (bad.length > 1) return `${bad.join(', ')}: mend the first one first.`;
  if (bad.length === 1) return `${bad[0]}: mend this, and look again.`;
  return doubtful === 0 ? 'Nothing stands in the way.' : 'Nothing stands in the way; see the warnings.';
}

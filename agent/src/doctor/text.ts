/** Findings for people: one line each, and under those that are not well what to do. */
import type { Finding } from './doctor.ts';

const MARKS: Readonly<Record<Finding['outcome'], string>> = {
  ok: 'ok     ',
  warning: 'warning',
  failed: 'FAILED ',
  skipped: 'skipped',
};

export function findingsText(findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ step, outcome, seen, fix }) => [
    `${MARKS[outcome]} ${step.padEnd(13)} ${seen}`,
    ...(fix === null ? [] : [`${' '.repeat(22)}${fix}`]),
  ]);
  return [...lines, '', summary(findings)].join('\n');
}

function summary(findings: readonly Finding[]): string {
  const bad = findings.filter(({ outcome }) => outcome === 'failed').map(({ step }) => step);
  const doubtful = findings.filter(({ outcome }) => outcome === 'warning').length;
  if (bad.length > 0) return `${bad.join(', ')}: mend the first one first.`;
  return doubtful === 0 ? 'Nothing stands in the way.' : 'Nothing stands in the way; see the warnings.';
}

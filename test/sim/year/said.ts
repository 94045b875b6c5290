/** What the product said in the year, as the score looks at it. */
import { RULES_DEFAULT } from '@muster/server/findings/incident-rules.ts';
import type { Incident } from '@muster/server/incidents/store.ts';
import type { YearFinding } from './run.ts';
import type { Said } from './score.ts';

/** Those that were joined to another one are one with it. */
export function saidOf(incidents: readonly Incident[]): Said[] {
  return incidents
    .filter(({ mergedIntoId }) => mergedIntoId === null)
    .map(({ ref, openedAtMs, ciId, causeKey, affected, title }) => ({
      ref,
      openedMs: openedAtMs,
      ciId,
      ciIds: [...new Set([...(ciId === null ? [] : [ciId]), ...affected.map((one) => one.ciId)])],
      family: familyOf(ciId, causeKey),
      what: title.en,
      isFinding: false,
    }));
}

/** Findings for which a rule opens an incident from the start, in a house where nobody changed that. */
const OPENS_INCIDENT: ReadonlySet<string> = new Set(
  RULES_DEFAULT.filter(({ enabled }) => enabled).flatMap(({ kinds }) => kinds ?? []),
);

export function saidOfFindings(findings: readonly YearFinding[]): Said[] {
  return findings.map(({ kind, ciId, atMs, title }) => ({
    ref: 'finding',
    openedMs: atMs,
    ciId,
    ciIds: [ciId],
    family: kind,
    what: title,
    isFinding: !OPENS_INCIDENT.has(kind),
  }));
}

/** Cause keys begin with the CI; the word behind it is the family. */
function familyOf(ciId: string | null, causeKey: string | null): string | null {
  if (ciId === null || causeKey === null || !causeKey.startsWith(`${ciId} `)) return null;
  return causeKey.slice(ciId.length + 1).split(' ')[0] ?? null;
}

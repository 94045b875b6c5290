/** What the product said in the year, as the score looks at it. */
import type { Incident } from '@muster/server/incidents/store.ts';
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

/** Cause keys begin with the CI; the word behind it is the family. */
function familyOf(ciId: string | null, causeKey: string | null): string | null {
  if (ciId === null || causeKey === null || !causeKey.startsWith(`${ciId} `)) return null;
  return causeKey.slice(ciId.length + 1).split(' ')[0] ?? null;
}

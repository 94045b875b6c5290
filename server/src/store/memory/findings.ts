/** The port of the findings in a plain map, for tests. */
import { decodeCursor, encodeCursor } from '../../cursor.ts';
import type { FindingRule } from '@muster/shared/api/findings.ts';
import type { FindingRecord, FindingStore } from '../../findings/store.ts';

export function createMemoryFindingStore(): FindingStore {
  const findings = new Map<string, FindingRecord>();
  let rules: FindingRule[] | null = null;
  const newestFirst = () =>
    [...findings.values()].toSorted((a, b) => b.openedAtMs - a.openedAtMs || (a.id < b.id ? 1 : -1));
  return {
    put: async (finding) => void findings.set(finding.id, finding),
    finding: async (id) => findings.get(id) ?? null,
    latest: async (kind, key) =>
      newestFirst().find((finding) => finding.kind === kind && finding.key === key) ?? null,
    find: async ({ state, kind, ciId, alsoOf = [], changeId, limit, cursor }) => {
      const after = cursor ? decodeCursor(cursor, 2) : null;
      const rest = newestFirst()
        .filter((one) => !state || one.state === state)
        .filter((one) => !kind || one.kind === kind)
        .filter((one) => !changeId || one.changeId === changeId)
        .filter((one) => !ciId || one.ciId === ciId || (one.ciId !== null && alsoOf.includes(one.ciId)))
        .filter(
          ({ openedAtMs, id }) =>
            !after ||
            openedAtMs < Number(after[0]) ||
            (openedAtMs === Number(after[0]) && id < (after[1] as string)),
        );
      const items = rest.slice(0, limit);
      const last = items.at(-1);
      return {
        items,
        nextCursor: rest.length > limit && last ? encodeCursor([String(last.openedAtMs), last.id]) : null,
      };
    },
    rules: async () => rules,
    putRules: async (next) => void (rules = [...next]),
    async openCounts() {
      const counts = new Map<FindingRecord['kind'], number>();
      for (const { kind, state } of findings.values())
        if (state === 'open') counts.set(kind, (counts.get(kind) ?? 0) + 1);
      return counts;
    },
  };
}

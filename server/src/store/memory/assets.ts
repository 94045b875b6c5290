/** The asset port in plain maps, for tests. */
import { decodeCursor, encodeCursor } from '../../cursor.ts';
import type {
  AssetSettingRecord,
  AssetStore,
  AssignmentRecord,
  ScanRecord,
  StocktakeRecord,
} from '../../assets/store.ts';

export function createMemoryAssetStore(): AssetStore {
  const settings = new Map<string, AssetSettingRecord>();
  const assignments = new Map<string, AssignmentRecord>();
  const stocktakes = new Map<string, StocktakeRecord>();
  const scans = new Map<string, ScanRecord>();
  const newestFirst = () => [...assignments.values()].toSorted((a, b) => (a.id < b.id ? 1 : -1));
  return {
    settings: async () => structuredClone([...settings.values()]),
    putSetting: async (setting) => void settings.set(setting.class, structuredClone(setting)),
    async addAssignments(rows, endsId) {
      const ended = endsId === null ? undefined : assignments.get(endsId);
      const [first] = rows;
      if (ended && first) assignments.set(ended.id, { ...ended, endedAtMs: first.atMs });
      for (const row of rows) assignments.set(row.id, structuredClone(row));
    },
    assignment: async (id) => assignments.get(id) ?? null,
    async assignments({ ciId, alsoOf = [], personId, open, dueBefore, limit, cursor }) {
      const after = cursor ? decodeCursor(cursor, 1)[0] : null;
      const found = newestFirst()
        .filter((row) => ciId === undefined || row.ciId === ciId || alsoOf.includes(row.ciId))
        .filter((row) => personId === undefined || row.personId === personId)
        .filter((row) => !open || (row.kind === 'out' && row.endedAtMs === null))
        .filter((row) => dueBefore === undefined || (row.due !== null && row.due < dueBefore))
        .filter((row) => after === null || after === undefined || row.id < after);
      const items = found.slice(0, limit);
      const last = items.at(-1);
      return { items, nextCursor: found.length > limit && last ? encodeCursor([last.id]) : null };
    },
    openAssignment: async (ciId) =>
      newestFirst().find((row) => row.ciId === ciId && row.kind === 'out' && row.endedAtMs === null) ?? null,
    stocktakes: async () => [...stocktakes.values()].toSorted((a, b) => (a.id < b.id ? 1 : -1)),
    stocktake: async (id) => stocktakes.get(id) ?? null,
    putStocktake: async (stocktake) => void stocktakes.set(stocktake.id, structuredClone(stocktake)),
    async addScan(scan) {
      const key = `${scan.stocktakeId} ${scan.code}`;
      if (!scans.has(key)) scans.set(key, scan);
    },
    scans: async (id) => [...scans.values()].filter(({ stocktakeId }) => stocktakeId === id),
  };
}

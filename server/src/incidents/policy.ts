/** What the house decided about incidents: matrix of priorities by version, how incidents age, their kinds. Held in memory. */
import { INCIDENT_CATEGORIES, type IncidentCategory } from '@muster/shared/incidents/categories.ts';
import type { IncidentSettings } from '@muster/shared/api/incidents.ts';
import { type MatrixCells, PRIORITY_MATRIX } from '@muster/shared/incidents/matrix.ts';
import type { Millis } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import type { IncidentStore } from './store.ts';

/** A version of the matrix: who set it, when and why. */
export interface MatrixVersion {
  readonly version: number;
  readonly cells: MatrixCells;
  readonly by: string;
  /** null: it came with the program. */
  readonly atMs: Millis | null;
  readonly reason: string;
}

export interface Versioned<T> {
  readonly value: T;
  readonly version: number;
}

export const SETTINGS_DEFAULT: IncidentSettings = {
  autoCloseDays: 5,
  reopenMinutes: 60,
  unclaimedPercent: 50,
};

const FIRST: MatrixVersion = {
  version: 1,
  cells: PRIORITY_MATRIX,
  by: 'system',
  atMs: null,
  reason: '',
};

export interface Policy {
  matrix(): MatrixVersion;
  /** Newest first. */
  matrices(): Promise<MatrixVersion[]>;
  settings(): Versioned<IncidentSettings>;
  categories(): Versioned<readonly IncidentCategory[]>;
  /** @throws AppError conflict when `from` is not the version that judges now */
  setMatrix(change: MatrixChange, nowMs: Millis): Promise<MatrixVersion>;
  /** @throws AppError conflict */
  setSettings(
    value: IncidentSettings,
    from: number,
    by: string,
    nowMs: Millis,
  ): Promise<Versioned<IncidentSettings>>;
  /** @throws AppError conflict, input-invalid */
  setCategories(
    value: readonly IncidentCategory[],
    from: number,
    by: string,
    nowMs: Millis,
  ): Promise<Versioned<readonly IncidentCategory[]>>;
}

interface MatrixChange {
  readonly cells: MatrixCells;
  readonly by: string;
  readonly reason: string;
  readonly from: number;
}

type PolicyStore = Pick<IncidentStore, 'matrices' | 'addMatrix' | 'setting' | 'putSetting'>;

export async function createPolicy(store: PolicyStore): Promise<Policy> {
  let matrix = (await store.matrices())[0] ?? FIRST;
  let settings = await read<IncidentSettings>('settings', SETTINGS_DEFAULT);
  // What later versions of the program add is there before somebody saves.
  settings = { ...settings, value: { ...SETTINGS_DEFAULT, ...settings.value } };
  let categories = await read<readonly IncidentCategory[]>('categories', INCIDENT_CATEGORIES);

  async function read<T>(key: string, otherwise: T): Promise<Versioned<T>> {
    const held = await store.setting(key);
    return held ? { value: held.value as T, version: held.version } : { value: otherwise, version: 0 };
  }

  async function put<T>(
    key: string,
    held: Versioned<T>,
    value: T,
    from: number,
    by: string,
    nowMs: Millis,
  ): Promise<Versioned<T>> {
    if (from !== held.version) throw changedMeanwhile();
    const next = { value, version: held.version + 1 };
    await store.putSetting({ key, ...next, by, atMs: nowMs });
    return next;
  }

  return {
    matrix: () => matrix,
    matrices: async () => {
      const held = await store.matrices();
      return held.some(({ version }) => version === FIRST.version) ? held : [...held, FIRST];
    },
    settings: () => settings,
    categories: () => categories,
    async setMatrix({ cells, by, reason, from }, nowMs) {
      if (from !== matrix.version) throw changedMeanwhile();
      const next: MatrixVersion = { version: matrix.version + 1, cells, by, atMs: nowMs, reason };
      await store.addMatrix(next);
      matrix = next;
      return next;
    },
    async setSettings(value, from, by, nowMs) {
      settings = await put('settings', settings, value, from, by, nowMs);
      return settings;
    },
    async setCategories(value, from, by, nowMs) {
      categories = await put('categories', categories, checked(value), from, by, nowMs);
      return categories;
    },
  };
}

/** Each once, below a parent that is there, and none left out that the machine files under. */
function checked(list: readonly IncidentCategory[]): readonly IncidentCategory[] {
  const refuse = (id: string, message: string): never => {
    throw new AppError('input-invalid', message, { issues: [{ path: `items.${id}`, message }] });
  };
  const ids = new Set<string>();
  for (const { id } of list) {
    if (ids.has(id)) refuse(id, `The category ${id} is there twice.`);
    const parent = id.includes('.') ? id.slice(0, id.lastIndexOf('.')) : null;
    if (parent !== null && !ids.has(parent)) refuse(id, `The category ${parent} must stand before ${id}.`);
    ids.add(id);
  }
  for (const { id } of INCIDENT_CATEGORIES)
    if (!ids.has(id)) refuse(id, `The machine files under ${id}: it can be retired, not left out.`);
  return list;
}

function changedMeanwhile(): AppError {
  return new AppError('conflict', 'Somebody else changed it meanwhile.');
}

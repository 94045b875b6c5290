/** Mappings as they stand: those of people first, in the order in which they were made, then those that came with the server. */
import { type Mapping, type MappingFields, MAPPINGS_MAX } from '@muster/shared/api/remote-write.ts';
import type { Millis } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import { lineFault } from './mapping.ts';
import { SHIPPED_MAPPINGS } from './shipped-mappings.ts';
import type { MappingRecord, RemoteWriteStore } from './store.ts';

export interface Mappings {
  all(): readonly Mapping[];
  nameOf(id: string): string | null;
  /** @throws AppError name-taken, input-invalid, mappings-full */
  create(fields: MappingFields, nowMs: Millis): Promise<Mapping>;
  /** @throws AppError */
  update(id: string, fields: MappingFields, nowMs: Millis): Promise<Mapping>;
  /** One that came with the server becomes again as it came. @throws AppError not-found */
  delete(id: string): Promise<void>;
}

export async function createMappings(deps: {
  readonly store: Pick<RemoteWriteStore, 'mappings' | 'putMapping' | 'deleteMapping'>;
  readonly newId: (prefix: string, nowMs: Millis) => string;
  readonly onChange: (mappings: readonly Mapping[]) => void;
}): Promise<Mappings> {
  const { store, newId, onChange } = deps;
  const held = new Map((await store.mappings()).map((record) => [record.id, record]));

  function all(): readonly Mapping[] {
    const own = [...held.values()].filter(({ id }) => !SHIPPED_MAPPINGS.has(id)).map(ownOf);
    const shipped = [...SHIPPED_MAPPINGS].map(([id, fields]): Mapping => {
      const changed = held.get(id);
      return changed ? { ...fieldsOf(changed), id, origin: 'changed' } : { ...fields, id, origin: 'shipped' };
    });
    return [...own, ...shipped];
  }

  function check(id: string | null, fields: MappingFields): void {
    // What stands already keeps nobody from switching it off, nor from changing the rest.
    const standing = new Set(
      all()
        .find((one) => one.id === id)
        ?.lines.map((line) => JSON.stringify(line)),
    );
    for (const line of fields.lines) {
      if (standing.has(JSON.stringify(line))) continue;
      const fault = lineFault(line);
      if (fault !== null) throw new AppError('input-invalid', fault);
    }
    const name = fields.name.toLowerCase();
    if (all().some((other) => other.id !== id && other.name.toLowerCase() === name))
      throw new AppError('name-taken', `There is a mapping ${fields.name} already.`);
  }

  async function put(record: MappingRecord): Promise<Mapping> {
    await store.putMapping(record);
    held.set(record.id, record);
    onChange(all());
    return {
      ...fieldsOf(record),
      id: record.id,
      origin: SHIPPED_MAPPINGS.has(record.id) ? 'changed' : 'own',
    };
  }

  onChange(all());
  return {
    all,
    nameOf: (id) => (held.get(id) ?? SHIPPED_MAPPINGS.get(id))?.name ?? null,
    async create(fields, nowMs) {
      check(null, fields);
      if (held.size >= MAPPINGS_MAX)
        throw new AppError('mappings-full', `There are ${MAPPINGS_MAX} mappings.`);
      return put({ ...fields, id: newId('map', nowMs), createdAtMs: nowMs });
    },
    async update(id, fields, nowMs) {
      const before = held.get(id);
      if (!before && !SHIPPED_MAPPINGS.has(id)) throw notFound(id);
      check(id, fields);
      return put({ ...fields, id, createdAtMs: before?.createdAtMs ?? nowMs });
    },
    async delete(id) {
      if (!(await store.deleteMapping(id))) throw notFound(id);
      held.delete(id);
      onChange(all());
    },
  };
}

function ownOf(record: MappingRecord): Mapping {
  return { ...fieldsOf(record), id: record.id, origin: 'own' };
}

function fieldsOf({ id: _id, createdAtMs: _createdAtMs, ...fields }: MappingRecord): MappingFields {
  return fields;
}

function notFound(id: string): AppError {
  return new AppError('not-found', `There is no mapping ${id} that was made or changed here.`);
}

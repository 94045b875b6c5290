/** Column kits: the SQL schema is written once, against `Kit`, and compiled for SQLite or for PostgreSQL. */
import * as pg from 'drizzle-orm/pg-core';
import * as lite from 'drizzle-orm/sqlite-core';

/**
 * Only what both databases have. Columns are nullable unless `.notNull()`.
 * Values in TypeScript: `text` string, `int` number (|n| < 2^31), `big` number (|n| ≤ 2^53), `real` number,
 * `bool` boolean, `millis` number (ms since 1970), `json<T>` T, `blob` Buffer.
 */
export const sqliteKit = {
  table: lite.sqliteTable,
  index: lite.index,
  uniqueIndex: lite.uniqueIndex,
  primaryKey: lite.primaryKey,
  foreignKey: lite.foreignKey,
  text: (name: string) => lite.text(name),
  int: (name: string) => lite.integer(name),
  big: (name: string) => lite.integer(name, { mode: 'number' }),
  real: (name: string) => lite.real(name),
  bool: (name: string) => lite.integer(name, { mode: 'boolean' }),
  millis: (name: string) => lite.integer(name, { mode: 'number' }),
  json: <T>(name: string) => lite.text(name, { mode: 'json' }).$type<T>(),
  blob: (name: string) => lite.blob(name, { mode: 'buffer' }),
};
export type Kit = typeof sqliteKit;

const bytea = pg.customType<{ data: Buffer }>({ dataType: () => 'bytea' });

const pgColumns = {
  table: pg.pgTable,
  index: pg.index,
  uniqueIndex: pg.uniqueIndex,
  primaryKey: pg.primaryKey,
  foreignKey: pg.foreignKey,
  text: (name: string) => pg.text(name),
  int: (name: string) => pg.integer(name),
  big: (name: string) => pg.bigint(name, { mode: 'number' }),
  real: (name: string) => pg.doublePrecision(name),
  bool: (name: string) => pg.boolean(name),
  millis: (name: string) => pg.bigint(name, { mode: 'number' }),
  json: <T>(name: string) => pg.jsonb(name).$type<T>(),
  blob: (name: string) => bytea(name),
} satisfies Record<keyof Kit, unknown>;

/** Cast once, here: the values are the same, only drizzle's builder types name the dialect. */
export const pgKit = pgColumns as unknown as Kit;

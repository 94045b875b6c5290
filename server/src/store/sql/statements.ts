/** Statements of one connection by their text, so that what is asked again is not compiled again. */
import type Database from 'better-sqlite3';

/** Texts with lists of values of any length would otherwise be kept for ever. */
export const STATEMENTS_KEPT_MAX = 500;

type Prepare = Database.Database['prepare'];

/** `database` answers `prepare` from what it has compiled before. */
export function keepStatements(database: Database.Database): Database.Database {
  const prepare: Prepare = database.prepare.bind(database);
  const kept = new Map<string, KeptStatement>();
  database.prepare = ((text: string) => {
    const known = kept.get(text);
    if (known) kept.delete(text);
    const statement = known ?? new KeptStatement(prepare, text);
    kept.set(text, statement);
    if (kept.size > STATEMENTS_KEPT_MAX) kept.delete(kept.keys().next().value as string);
    return statement;
  }) as unknown as Prepare;
  return database;
}

/** Rows as objects and rows as lists are two modes of a statement, so each has one of its own. */
class KeptStatement {
  readonly #prepare: Prepare;
  readonly #text: string;
  readonly #objects: Database.Statement<unknown[]>;
  #lists: Database.Statement<unknown[]> | null = null;

  constructor(prepare: Prepare, text: string) {
    this.#prepare = prepare;
    this.#text = text;
    this.#objects = prepare(text);
  }

  run(...values: unknown[]): Database.RunResult {
    return this.#objects.run(...values);
  }

  all(...values: unknown[]): unknown[] {
    return this.#objects.all(...values);
  }

  get(...values: unknown[]): unknown {
    return this.#objects.get(...values);
  }

  raw(): Database.Statement<unknown[]> {
    this.#lists ??= this.#prepare(this.#text).raw();
    return this.#lists;
  }
}

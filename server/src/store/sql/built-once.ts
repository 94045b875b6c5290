/** Statements that many machines need at once: with drizzle, building one takes ten times as long as running it. */
import type { Db } from './open.ts';

/** What `build` makes, once for each connection to the database. */
export function builtOnce<T>(build: (db: Db) => T): (db: Db) => T {
  const built = new WeakMap<Db, { readonly made: T }>();
  return (db) => {
    const known = built.get(db) ?? { made: build(db) };
    built.set(db, known);
    return known.made;
  };
}

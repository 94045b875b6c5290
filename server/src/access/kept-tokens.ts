/** Remembers the API tokens that were asked for, so that a program that asks again and again does not ask the database each time. */
import type { AccessStore, ApiTokenRecord } from './store.ts';

/** Verbs that leave all tokens as they are; after any other one, also one that comes later, everything is asked anew. */
const KEEPING = new Set<keyof AccessStore>([
  'user',
  'userByName',
  'listUsers',
  'session',
  'listSessions',
  'touchSession',
  'endSession',
  'dropSessions',
  'apiToken',
  'listApiTokens',
  'appendAudit',
  'listAudit',
  'readAudit',
]);

/**
 * The same store. A token that another verb may have changed or removed is forgotten before that verb begins and again when it is
 * done, and an answer that was under way meanwhile is not kept: once a removal resolved, nobody is told of the token any more. Tokens
 * must be changed and removed only through it; other processes may add some. What was not found is not remembered.
 */
export function keepTokens(store: AccessStore): AccessStore {
  const kept = new Map<string, ApiTokenRecord>();
  let changes = 0;
  const forget = () => {
    changes += 1;
    kept.clear();
  };
  const forgetting =
    <A extends unknown[], R>(verb: (...given: A) => Promise<R>) =>
    (...given: A) => {
      forget();
      return verb(...given).finally(forget);
    };
  const verbs = Object.entries(store).map(
    ([name, verb]: [string, (...given: unknown[]) => Promise<unknown>]) => [
      name,
      KEEPING.has(name as keyof AccessStore) ? verb : forgetting(verb),
    ],
  );
  return {
    ...(Object.fromEntries(verbs) as AccessStore),
    apiToken: async (tokenHash) => {
      const known = kept.get(tokenHash);
      if (known !== undefined) return known;
      const before = changes;
      const found = await store.apiToken(tokenHash);
      if (found !== null && changes === before) kept.set(tokenHash, found);
      return found;
    },
  };
}

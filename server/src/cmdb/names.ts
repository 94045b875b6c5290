/** Names of CIs and parts, for what points at them. */
import type { CmdbStore } from './store.ts';

/** What is not known is left out. */
export async function ciNames(
  store: Pick<CmdbStore, 'cis' | 'part'>,
  ids: readonly string[],
): Promise<Map<string, { name: string; class: string }>> {
  const names = new Map<string, { name: string; class: string }>();
  for (const ci of await store.cis(ids)) names.set(ci.id, { name: ci.name, class: ci.class });
  for (const id of new Set(ids)) {
    if (names.has(id)) continue;
    const part = await store.part(id);
    if (part) names.set(id, { name: part.name, class: part.class });
  }
  return names;
}

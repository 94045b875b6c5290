/** The names of the rules that come with the product, in both languages; stored rules and alerts hold the English one. */
import type { Words } from '@muster/shared/api/incidents.ts';
import { PACKS } from './all.ts';

const BY_NAME: ReadonlyMap<string, Words> = new Map(
  PACKS.flatMap(({ rules }) => rules.map(({ name }) => [name.en, name])),
);

/** undefined: the name is a person's own text, the same in every language. */
export function nameWordsOf(name: string): Words | undefined {
  return BY_NAME.get(name);
}

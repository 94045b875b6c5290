/** A pack: rules that come with the product, as data. */
import type { Rule } from '@muster/shared/api/rules.ts';
import type { Words } from '@muster/shared/api/incidents.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { StoredRule } from '../rule.ts';

export interface PackRule {
  /** Stays for ever: by it an installation knows what it has, and has deleted. */
  readonly key: string;
  /** The English one is what is stored, so that people can rename the rule. */
  readonly name: Words;
  readonly condition: Rule['condition'];
  /** What it means, and what to do. */
  readonly explanation: Words;
}

export interface Pack {
  readonly id: string;
  readonly classes: readonly string[];
  readonly rules: readonly PackRule[];
}

export function packRules(
  packs: readonly Pack[],
  newId: (prefix: string, nowMs: Millis) => string,
  nowMs: Millis,
): StoredRule[] {
  return packs.flatMap((pack) =>
    pack.rules.map(({ key, ...rule }) => ({
      ...rule,
      name: rule.name.en,
      id: newId('rul', nowMs),
      enabled: true,
      selector: { class: [...pack.classes], tag: null, ciId: null, instance: null },
      owner: null,
      agreedOn: null,
      pack: `${pack.id}/${key}`,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    })),
  );
}

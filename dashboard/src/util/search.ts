/** Building blocks for what the address of a page holds beside its path. Bad values fall back, never fail. */
import { LABEL_LENGTH_MAX } from '@muster/shared/api/choices.ts';
import { z } from 'zod';

const SEARCH_TEXT_LENGTH_MAX = 128;

/** A filter or a question a person typed. The router reads `?q=95` as a number and `?q=true` as a truth. */
export const searchText = z
  .union([z.string(), z.number(), z.boolean()])
  .transform(String)
  .pipe(z.string().max(SEARCH_TEXT_LENGTH_MAX))
  .optional()
  .catch(undefined);

/** A label of the agent configuration: `name=value`, or a name for any value. */
export const searchLabel = z.string().max(LABEL_LENGTH_MAX).optional().catch(undefined);

/** A column to sort by; `-name`: descending. */
export const searchSort = z
  .string()
  .regex(/^-?[a-z][A-Za-z]*$/)
  .optional()
  .catch(undefined);

/** One of a fixed set of words. */
export function searchChoice<const T extends readonly [string, ...string[]]>(choices: T) {
  return z.enum(choices).optional().catch(undefined);
}

export function parseSort(value: string | undefined): { id: string; desc: boolean } | null {
  if (!value) return null;
  return value.startsWith('-') ? { id: value.slice(1), desc: true } : { id: value, desc: false };
}

export function printSort(value: { id: string; desc: boolean } | null): string | undefined {
  return value === null ? undefined : `${value.desc ? '-' : ''}${value.id}`;
}

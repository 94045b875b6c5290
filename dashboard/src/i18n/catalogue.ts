/** The words of the dashboard: which languages there are and the type of every key. */
import type { Language } from '@muster/shared/api/access.ts';
import type { catalogue as first } from './en.ts';
import type { catalogue as rest } from './en-rest.ts';

type Leaves<T> = {
  [K in keyof T & string]: T[K] extends string ? K : `${K}.${Leaves<T[K]>}`;
}[keyof T & string];

type WithoutPlural<K extends string> = K extends `${infer Base}_${'zero' | 'one' | 'other'}` ? Base : K;

/** `area.group.name`; plural forms count as one key. A key that no catalogue has does not compile. */
export type Key = WithoutPlural<Leaves<typeof first & typeof rest>>;

export type Values = Readonly<Record<string, string | number>>;
export type Translate = (key: Key, values?: Values) => string;

/** Loaded on demand, two chunks for each language: what the first page says, and the rest. */
export const CATALOGUES = {
  en: {
    first: async () => (await import('./en.ts')).catalogue,
    rest: async () => (await import('./en-rest.ts')).catalogue,
  },
  zh: {
    first: async () => (await import('./zh.ts')).catalogue,
    rest: async () => (await import('./zh-rest.ts')).catalogue,
  },
} as const satisfies Record<Language, Record<'first' | 'rest', () => Promise<object>>>;

export const HTML_LANG = { en: 'en', zh: 'zh-CN' } as const satisfies Record<Language, string>;

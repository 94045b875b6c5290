/** The languages by the names that they give themselves. */
import type { Language } from '@muster/shared/api/access.ts';

export const LANGUAGE_NAMES = { en: 'English', zh: '简体中文' } as const satisfies Record<Language, string>;

/** For a choice. */
export const LANGUAGE_OPTIONS = [
  { value: 'en', label: LANGUAGE_NAMES.en },
  { value: 'zh', label: LANGUAGE_NAMES.zh },
] as const satisfies readonly { value: Language; label: string }[];

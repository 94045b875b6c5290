/** Starts and switches the language, and gives components their words. */
import { useCallback } from 'react';
import i18next from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';
import type { Language } from '@muster/shared/api/access.ts';
import { CATALOGUES, HTML_LANG, type Key, type Translate, type Values } from './catalogue.ts';

export async function startI18n(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    nsSeparator: false,
    returnNull: false,
    interpolation: { escapeValue: false },
    resources: { [language]: { translation: await CATALOGUES[language].first() } },
    // What is drawn before the rest is there is drawn again with it.
    react: { bindI18nStore: 'added' },
  });
  document.documentElement.lang = HTML_LANG[language];
}

const rests = new Map<Language, Promise<void>>();

/** The words of every page but the first, in the language now spoken; read once. */
export function wordsOfAllPages(language = languageOf(i18next.language)): Promise<void> {
  const known = rests.get(language);
  if (known) return known;
  const reading = CATALOGUES[language].rest().then(
    (words) => void i18next.addResourceBundle(language, 'translation', words, true),
    (error: unknown) => {
      rests.delete(language);
      throw error;
    },
  );
  rests.set(language, reading);
  return reading;
}

function languageOf(tag: string): Language {
  return tag === 'zh' ? 'zh' : 'en';
}

export async function switchLanguage(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, 'translation')) {
    i18next.addResourceBundle(language, 'translation', await CATALOGUES[language].first());
  }
  await wordsOfAllPages(language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = HTML_LANG[language];
}

export function useLanguage(): Language {
  const { i18n } = useTranslation();
  return languageOf(i18n.language);
}

/** `t('machines.empty')`. Numbers in sentences are formatted with `{{count, number}}` in the catalogue. */
export function useT(): Translate {
  const { t } = useTranslation();
  return useCallback((key: Key, values?: Values) => t(key, { ...values }), [t]);
}

/** One of the two sentences the server made. */
export function useWords(): (words: { readonly en: string; readonly zh: string }) => string {
  const language = useLanguage();
  return useCallback((words) => words[language], [language]);
}

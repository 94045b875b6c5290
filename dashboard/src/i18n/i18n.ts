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
    resources: { [language]: { translation: await CATALOGUES[language]() } },
  });
  document.documentElement.lang = HTML_LANG[language];
}

export async function switchLanguage(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, 'translation')) {
    i18next.addResourceBundle(language, 'translation', await CATALOGUES[language]());
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = HTML_LANG[language];
}

export function useLanguage(): Language {
  const { i18n } = useTranslation();
  return i18n.language === 'zh' ? 'zh' : 'en';
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

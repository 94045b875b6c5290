/** What this browser remembers: theme, language, key shortcuts, columns. The user's language is kept by the server too. */
import { useSyncExternalStore } from 'react';
import type { Language } from '@muster/shared/api/access.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** Keys that `public/early.js` reads too stand first. */
const KEYS = {
  theme: 'muster.theme',
  language: 'muster.language',
  shortcuts: 'muster.shortcuts',
  navigation: 'muster.navigation',
  hiddenColumns: 'muster.columns.hidden',
  rows: 'muster.rows',
  firstSteps: 'muster.first-steps',
  nobodyTold: 'muster.nobody-told',
} as const;

const listeners = new Set<() => void>();

function read(key: keyof typeof KEYS): string | null {
  try {
    return localStorage.getItem(KEYS[key]);
  } catch {
    return null; // Storage may be refused; the defaults serve.
  }
}

function write(key: keyof typeof KEYS, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(KEYS[key]);
    else localStorage.setItem(KEYS[key], value);
  } catch {
    memory.set(key, value); // Refused storage: kept until the page closes.
  }
  for (const listener of listeners) listener();
}

const memory = new Map<keyof typeof KEYS, string | null>();

export function preference(key: keyof typeof KEYS): string | null {
  return memory.get(key) ?? read(key);
}

/** null: forgotten. */
export const setPreference = write;

export function usePreference(key: keyof typeof KEYS): string | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => preference(key),
  );
}

export function keptTheme(): Theme {
  const kept = preference('theme');
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

/** The language of this browser until somebody has signed in. */
export function firstLanguage(): Language {
  return document.documentElement.lang.startsWith('zh') ? 'zh' : 'en';
}

/** What `public/early.js` begins with where nothing is kept. */
export function browserLanguage(): Language {
  return /^zh/i.test(navigator.language) ? 'zh' : 'en';
}

const systemDark = () => window.matchMedia('(prefers-color-scheme: dark)');

export function applyTheme(theme: Theme): void {
  const dark = theme === 'dark' || (theme === 'system' && systemDark().matches);
  document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
}

export function setTheme(theme: Theme): void {
  setPreference('theme', theme);
  applyTheme(theme);
}

/** Follows the system while the theme is `system`; paper is always light. */
export function followSystemTheme(): void {
  systemDark().addEventListener('change', () => applyTheme(keptTheme()));
  window.addEventListener('beforeprint', () => applyTheme('light'));
  window.addEventListener('afterprint', () => applyTheme(keptTheme()));
}

import { expect, test } from 'vitest';
import { en, zh } from '../i18n/testing.ts';
import { TERM_GROUPS, TERM_IDS, TERMS } from './terms.ts';

test('[DB205] every term has its name and its paragraph in both languages, and the catalogues have no others', () => {
  for (const { help } of [en, zh]) {
    expect(Object.keys(help.term).toSorted()).toEqual([...TERM_IDS].toSorted());
    for (const id of TERM_IDS) {
      expect(help.term[id].name.trim()).not.toBe('');
      expect(help.term[id].text.length).toBeGreaterThan(10);
    }
  }
});

test('[DB205] a paragraph is one paragraph and no essay', () => {
  const essays = TERM_IDS.filter(
    (id) =>
      en.help.term[id].text.length > 320 ||
      zh.help.term[id].text.length > 160 ||
      /\n/.test(en.help.term[id].text + zh.help.term[id].text),
  );
  expect(essays).toEqual([]);
});

test('[DB205] every group of the glossary has terms', () => {
  for (const group of TERM_GROUPS) expect(TERM_IDS.some((id) => TERMS[id].group === group)).toBe(true);
});

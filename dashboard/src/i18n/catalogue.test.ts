import { parseSync } from 'vite';
import { expect, test } from 'vitest';
import { en, zh } from './testing.ts';

const SOURCES = import.meta.glob<string>(['../**/*.{ts,tsx}', '!../**/*.test.*'], {
  query: '?raw',
  import: 'default',
  eager: true,
});

type Tree = { readonly [key: string]: string | Tree };

function leaves(tree: Tree, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string'
      ? [[`${path}${key}`, value] as [string, string]]
      : leaves(value, `${path}${key}.`),
  );
}

const base = (key: string) => key.replace(/_(zero|one|other)$/, '');
const slots = (text: string) =>
  [...new Set([...text.matchAll(/\{\{\s*(\w+)/g)].map((match) => String(match[1])))].toSorted();
const english = leaves(en);
const chinese = leaves(zh);

test('[DB20] both languages have the same keys', () => {
  const keys = (entries: typeof english) => [...new Set(entries.map(([key]) => base(key)))].toSorted();
  expect(keys(chinese)).toEqual(keys(english));
});

test('[DB20] a counted sentence has both forms in English and one in Chinese, and that of none in both or neither', () => {
  const counted = english.filter(([key]) => /_(one|other)$/.test(key)).map(([key]) => base(key));
  for (const key of new Set(counted)) {
    const forms = (entries: typeof english) =>
      entries.map(([each]) => each).filter((each) => base(each) === key);
    const none = forms(english).filter((each) => each === `${key}_zero`);
    expect(forms(english).toSorted()).toEqual([`${key}_one`, `${key}_other`, ...none]);
    expect(forms(chinese).toSorted()).toEqual([`${key}_other`, ...none]);
  }
});

test('[DB20] a sentence has the same slots in both languages', () => {
  const of = (entries: typeof english) => new Map(entries.map(([key, text]) => [key, slots(text)]));
  const chineseSlots = of(chinese);
  for (const [key, text] of english) {
    // The singular may leave the number out.
    if (key.endsWith('_one')) continue;
    expect({ key, slots: chineseSlots.get(key) }).toEqual({ key, slots: slots(text) });
  }
});

test('[DB20] no sentence is empty, and Chinese sentences are Chinese', () => {
  expect([...english, ...chinese].filter(([, text]) => text.trim() === '')).toEqual([]);
  const latinOnly = chinese.filter(
    ([, text]) => /[A-Za-z]{3,}/.test(text.replace(/\{\{.*?\}\}/g, '')) && !/\p{Script=Han}/u.test(text),
  );
  // Names, units and abbreviations are the same in every language.
  const named =
    /^(Linux|Windows|macOS|Muster( \{\{version\}\})?|CPU|PID|UUID|SSD|NVMe|HDD|VLAN|[A-Z0-9 .%-]{2,12})$/;
  expect(latinOnly.filter(([, text]) => !named.test(text.trim()))).toEqual([]);
});

test('[DB20] every key of the catalogue is used', () => {
  const all = Object.values(SOURCES).join('\n');
  const patterns = [...all.matchAll(/`([a-z][A-Za-z]*\.[\w.]*)\$\{[^`]*`/g)].map((match) => {
    const [whole] = match;
    const parts = whole.slice(1, -1).split(/\$\{(?:[^{}]|\{[^{}]*\})*\}/);
    return new RegExp(`^${parts.map((part) => part.replaceAll('.', '\\.')).join('.+')}$`);
  });
  const quoted = new Set([...all.matchAll(/(['"])(?=([^'"\n]+)\1)/g)].map(([, , text]) => text));
  const unused = [...new Set(english.map(([key]) => base(key)))].filter(
    (key) => !quoted.has(key) && !patterns.some((pattern) => pattern.test(key)),
  );
  expect(unused).toEqual([]);
});

const KEYS = new Set(english.map(([key]) => base(key)));

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

const SPOKEN = new Set([
  'title',
  'label',
  'placeholder',
  'alt',
  'aria-label',
  'aria-description',
  'help',
  'header',
  'note',
]);

/** Words in JSX that no catalogue has; the names of keys on the keyboard are the same everywhere. */
function literals(node: unknown, found: string[]): string[] {
  if (Array.isArray(node)) for (const each of node) literals(each, found);
  if (typeof node !== 'object' || node === null || !('type' in node)) return found;
  const { type, ...rest } = node as Node;
  if (type === 'JSXElement' && nameOf(rest['openingElement']) === 'Key') return found;
  if (type === 'JSXText' && /\p{L}/u.test(String(rest['value']))) found.push(String(rest['value']).trim());
  if (type === 'JSXAttribute' && SPOKEN.has(nameOf(node)) && isWords(rest['value']))
    found.push(JSON.stringify(rest['value']));
  for (const each of Object.values(rest)) literals(each, found);
  return found;
}

function nameOf(node: unknown): string {
  const name = (node as { name?: { name?: unknown } } | null)?.name?.name;
  return typeof name === 'string' ? name : '';
}

function isWords(value: unknown): boolean {
  const literal = value as { type?: unknown; value?: unknown } | null;
  if (literal?.type !== 'Literal' || typeof literal.value !== 'string') return false;
  return /\p{L}/u.test(literal.value) && !KEYS.has(literal.value);
}

test('[DB20] no words stand in the pages outside the catalogues', () => {
  const outside = Object.entries(SOURCES)
    .filter(([file]) => file.endsWith('.tsx'))
    .flatMap(([file, source]) =>
      literals(parseSync(file, source).program, []).map((text) => `${file}: ${text}`),
    );
  expect(outside).toEqual([]);
});

/** What a machine says of an error is no sentence of a page. */
const DIAGNOSTICS = /\/api\/client\.ts$|\/ui\/ErrorPanel\.tsx$/;

/** Colons with which texts are joined, in templates and between elements. */
function colons(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(colons);
  if (typeof node !== 'object' || node === null) return [];
  const { type, value } = node as { type?: unknown; value?: { cooked?: unknown } | string };
  const text = typeof value === 'object' ? value?.cooked : value;
  const isColon =
    (type === 'TemplateElement' && text === ': ') || (type === 'JSXText' && /^\s*:\s*$/.test(String(text)));
  return isColon ? [String(text)] : Object.values(node).flatMap(colons);
}

test('[DB370] no half-width colon is put between texts: each language has its own', () => {
  const own = Object.entries(SOURCES)
    .filter(([file]) => !DIAGNOSTICS.test(file))
    .filter(([file, source]) => colons(parseSync(file, source).program).length > 0);
  expect(own.map(([file]) => file)).toEqual([]);
});

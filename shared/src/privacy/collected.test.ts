import { expect, test } from 'vitest';
import { METRIC_NAMES } from '../metrics/catalogue.ts';
import { AgentToServer } from '../wire/agent-messages.ts';
import { FRAME_TYPES } from '../wire/frames.ts';
import { INVENTORY_SECTIONS } from '../wire/inventory-sections.ts';
import { collectedKinds, MESSAGE_KINDS, PROCESS_ITEMS } from './collected.ts';
import { collectorOf } from './collectors.ts';
import { FIELD_DECISIONS } from './decisions.ts';
import { describeCollected } from './describe.ts';
import { FIELD_WORDS } from './words.ts';

const leafOf = (path: string) => path.slice(path.lastIndexOf('.') + 1);
const fields = collectedKinds().flatMap((kind) => kind.fields);
const paths = fields.map(({ path }) => path);

test('[PV20] of every field of every schema somebody has written whether it is personal, and of no field that is gone', () => {
  expect(paths.filter((path) => FIELD_DECISIONS[path] === undefined)).toEqual([]);
  expect(Object.keys(FIELD_DECISIONS).filter((path) => !paths.includes(path))).toEqual([]);
});

test('[CF30] every field has words in both languages, its own or those of its last name, and no words are of a field that is gone', () => {
  const unnamed = paths.filter((path) => !FIELD_DECISIONS[path]?.title);
  expect(unnamed.filter((path) => FIELD_WORDS[leafOf(path)] === undefined)).toEqual([]);
  const leaves = new Set(unnamed.map(leafOf));
  expect(Object.keys(FIELD_WORDS).filter((leaf) => !leaves.has(leaf))).toEqual([]);
  const texts = describeCollected().kinds.flatMap(({ title, why, fields: told }) => [
    title,
    why,
    ...told.flatMap((field) => [field.title, ...(field.personal ? [field.personal] : [])]),
  ]);
  expect(texts.filter(({ en, zh }) => en === '' || zh === '')).toEqual([]);
});

test('[CF30] every section is there, no field is twice, and none is of a form that the list cannot tell', () => {
  expect(collectedKinds().map(({ name }) => name)).toEqual(expect.arrayContaining([...INVENTORY_SECTIONS]));
  expect(fields.filter(({ kind }) => kind === 'other').map(({ path }) => path)).toEqual([]);
  expect(new Set(paths).size).toBe(paths.length);
  expect(fields.length).toBeGreaterThan(300);
});

test('[PV21] every message of an agent stands under a kind, with all its fields', () => {
  const types = AgentToServer.options.map(({ shape }) => shape.type.value);
  expect(types.filter((type) => MESSAGE_KINDS[type] === undefined)).toEqual([]);
  for (const { shape } of AgentToServer.options) {
    const kind = MESSAGE_KINDS[shape.type.value];
    const names = Object.keys(shape).filter((name) => name !== 'type' && `${kind}.${name}` !== PROCESS_ITEMS);
    const missing = names.filter((name) => !paths.some((path) => `${path}.`.startsWith(`${kind}.${name}.`)));
    expect(missing).toEqual([]);
  }
  // What goes as data: metrics (samples, live), sections (inventory) and events, which are listed whole.
  expect(Object.keys(FRAME_TYPES).toSorted()).toEqual(['events', 'inventory', 'live', 'samples']);
});

test('[PV20] a field is called by words of its own where those of its last name do not fit, and says why it is personal', () => {
  const told = describeCollected().kinds.flatMap((kind) => kind.fields);
  const of = (path: string) => told.find((field) => field.path === path);
  expect(of('connection.release.serial')?.title.en).toBe('Number of the release');
  expect(of('hardware.system.serial')?.title.en).toBe('Machine: Serial number');
  expect(of('users.users.fullName')?.personal?.en).toBe('Of the account of a person');
  expect(of('users.groups.gid')?.personal).toBeNull();
});

test('[CF30] every metric is of one collector, but for what the server says of itself', () => {
  expect(METRIC_NAMES.filter((name) => collectorOf(name) === null)).toEqual(['certificate.remaining']);
  expect(collectorOf('system.processes')).toBe('process-count');
  expect(collectorOf('system.processes.blocked')).toBe('processes');
});

test('[PV23] no two fields of one kind have one name', () => {
  for (const { name, fields } of describeCollected().kinds)
    for (const language of ['en', 'zh'] as const) {
      const below = new Map<string, string[]>();
      for (const { path, title } of fields) {
        // What stands below a list is read below it.
        const lists = fields.filter((one) => one.kind === 'list' && path.startsWith(`${one.path}.`));
        const list = lists.at(-1)?.path ?? '';
        below.set(list, [...(below.get(list) ?? []), title[language]]);
      }
      for (const [list, titles] of below)
        expect([name, list, titles.filter((title, at) => titles.indexOf(title) !== at)]).toEqual([
          name,
          list,
          [],
        ]);
    }
});

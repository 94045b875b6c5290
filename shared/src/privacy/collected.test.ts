import { expect, test } from 'vitest';
import { METRIC_NAMES } from '../metrics/catalogue.ts';
import { INVENTORY_SECTIONS } from '../wire/inventory-sections.ts';
import { collectedKinds, PERSONAL, personalWhy } from './collected.ts';
import { collectorOf } from './collectors.ts';
import { FIELD_WORDS } from './words.ts';

const leafOf = (path: string) => path.slice(path.lastIndexOf('.') + 1);
const fields = collectedKinds().flatMap((kind) => kind.fields);

test('[CF30] every field of every schema has words, and no words are of a field that is gone', () => {
  const leaves = new Set(fields.map(({ path }) => leafOf(path)));
  expect([...leaves].filter((leaf) => FIELD_WORDS[leaf] === undefined)).toEqual([]);
  expect(Object.keys(FIELD_WORDS).filter((leaf) => !leaves.has(leaf))).toEqual([]);
});

test('[CF30] every section is there, and no field is of a form that the list cannot tell', () => {
  expect(collectedKinds().map(({ name }) => name)).toEqual(expect.arrayContaining([...INVENTORY_SECTIONS]));
  expect(fields.filter(({ kind }) => kind === 'other').map(({ path }) => path)).toEqual([]);
  expect(fields.length).toBeGreaterThan(300);
});

test('[CF30] what is marked as personal exists, and so is what lies below it', () => {
  const paths = new Set(fields.map(({ path }) => path));
  expect(Object.keys(PERSONAL).filter((path) => !paths.has(path))).toEqual([]);
  expect(personalWhy('users.users.fullName')).toBe(PERSONAL['users.users']);
  expect(personalWhy('users.groups.gid')).toBeNull();
});

test('[CF30] every metric is of one collector, but for what the server says of itself', () => {
  expect(METRIC_NAMES.filter((name) => collectorOf(name) === null)).toEqual(['certificate.remaining']);
  expect(collectorOf('system.processes')).toBe('process-count');
  expect(collectorOf('system.processes.blocked')).toBe('processes');
});

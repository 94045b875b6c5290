import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { expect, test } from 'vitest';
import { openApiDocument } from './openapi.ts';
import { EVERYWHERE, NAMED_BY_ID, OF_ONE } from './parameter-descriptions.ts';

interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
}
interface Operation {
  operationId: string;
  parameters: { name: string; in: string; required: boolean; description?: string; schema: unknown }[];
  requestBody?: { content: { 'application/json': { schema: unknown } } };
  responses: Record<string, unknown>;
  security?: unknown[];
}

const document = JSON.parse(JSON.stringify(openApiDocument(ENDPOINTS, { version: '1.2.3' }))) as Document;

test('[OA1] every endpoint stands in the document, once, with its parameters and its answer', () => {
  for (const one of Object.values(ENDPOINTS)) {
    const path = one.path.replace(/:(\w+)/g, '{$1}');
    const operation = document.paths[path]?.[one.method.toLowerCase()];
    expect(operation?.operationId).toBe(one.id);
    expect(Object.keys(operation?.responses ?? {})).toEqual([String(one.status), 'default']);
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    const named = operation?.parameters.filter((parameter) => parameter.in === 'path');
    expect(named?.map((parameter) => parameter.name)).toEqual(inPath);
    expect(named?.every((parameter) => parameter.required)).toBe(true);
  }
  const count = Object.values(document.paths).flatMap((path) => Object.keys(path)).length;
  expect(count).toBe(Object.keys(ENDPOINTS).length);
});

test('[OA2] every reference points to a component that is there', () => {
  const names = new Set(Object.keys(document.components.schemas));
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(
    (match) => match[1] ?? '',
  );
  expect(references.length).toBeGreaterThan(10);
  for (const reference of references) {
    expect(reference).toMatch(/^#\/components\/schemas\//);
    expect(names).toContain(reference.split('/').at(-1));
  }
  expect(JSON.stringify(document)).not.toContain('$defs');
});

test('[OA3] what has a default may be left out of a request and is always in an answer', () => {
  const schema = (name: string) => document.components.schemas[name] as { required: string[] };
  expect(schema('Selector').required).toContain('tag');
  expect(schema('SelectorInput').required ?? []).not.toContain('tag');
  const limit = document.paths['/users']?.['get']?.parameters.find((parameter) => parameter.name === 'limit');
  expect(limit).toMatchObject({ in: 'query', required: false, schema: { type: 'integer', maximum: 500 } });
});

test('[OA4] only open endpoints need no credentials', () => {
  const open = Object.values(document.paths)
    .flatMap((path) => Object.values(path))
    .filter((operation) => operation.security?.length === 0)
    .map((operation) => operation.operationId);
  expect(open).toEqual(['signIn', 'signInWithToken']);
});

test('[OA5] every parameter of every endpoint says what it means', () => {
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  const silent = operations.flatMap(({ operationId, parameters }) =>
    parameters.filter(({ description }) => !description).map(({ name }) => `${operationId}.${name}`),
  );
  expect(silent).toEqual([]);
  const cursor = document.paths['/cis']?.['get']?.parameters.find(({ name }) => name === 'cursor');
  expect(cursor?.description).toContain('`nextCursor`');
});

test('[OA5] no description is left of a parameter that is no more', () => {
  const taken = Object.values(document.paths)
    .flatMap((path) => Object.values(path))
    .flatMap(({ operationId, parameters }) => parameters.map(({ name }) => ({ operationId, name })));
  const collections = new Set(
    Object.keys(document.paths).flatMap((path) => /([\w-]+)\/\{id\}/.exec(path)?.[1] ?? []),
  );
  const ofOne = new Set(taken.map(({ operationId, name }) => `${operationId}.${name}`));
  const everywhere = new Set(
    taken.filter(({ operationId, name }) => !(`${operationId}.${name}` in OF_ONE)).map(({ name }) => name),
  );
  expect(Object.keys(NAMED_BY_ID).filter((collection) => !collections.has(collection))).toEqual([]);
  expect(Object.keys(OF_ONE).filter((key) => !ofOne.has(key))).toEqual([]);
  expect(Object.keys(EVERYWHERE).filter((name) => !everywhere.has(name))).toEqual([]);
});

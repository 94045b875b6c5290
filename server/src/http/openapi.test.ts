import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { expect, test } from 'vitest';
import { openApiDocument } from './openapi.ts';

interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
}
interface Operation {
  operationId: string;
  parameters: { name: string; in: string; required: boolean; schema: unknown }[];
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

import { expect, test } from 'vitest';
import { z } from 'zod';
import { fitToSchema } from './fit.ts';

const Schema = z.object({
  name: z.string().max(4).nullable(),
  items: z.array(z.object({ text: z.string().max(3) })).max(2),
  size: z.number().min(0),
});

test('[IN4] what fits is left alone', () => {
  const data = { name: 'abcd', items: [{ text: 'abc' }], size: 1 };
  expect(fitToSchema(Schema, data)).toEqual({ ok: true, data, listsCut: false });
});

test('[IN4] long text is cut, and the given data stays as it is', () => {
  const data = { name: 'abcdef', items: [{ text: 'abc' }, { text: 'abcdef' }], size: 1 };
  expect(fitToSchema(Schema, data)).toEqual({
    ok: true,
    data: { name: 'abcd', items: [{ text: 'abc' }, { text: 'abc' }], size: 1 },
    listsCut: false,
  });
  expect(data.name).toBe('abcdef');
});

test('[IN4] a surrogate pair is not cut in two', () => {
  expect(fitToSchema(Schema, { name: 'abc😀def', items: [], size: 1 })).toMatchObject({
    ok: true,
    data: { name: 'abc' },
  });
});

test('[IN4] a long list is cut, and that is told', () => {
  const items = ['a', 'bbbbbb', 'c', 'dddddd'].map((text) => ({ text }));
  expect(fitToSchema(Schema, { name: null, items, size: 1 })).toEqual({
    ok: true,
    data: { name: null, items: [{ text: 'a' }, { text: 'bbb' }], size: 1 },
    listsCut: true,
  });
});

test('[IN4] what is wrong rather than long fails, and says where', () => {
  expect(fitToSchema(Schema, { name: 'abcdef', items: [{ text: 7 }], size: -1 })).toMatchObject({
    ok: false,
  });
  const fitted = fitToSchema(Schema, { name: null, items: [], size: Number.NaN });
  expect(fitted.ok ? '' : fitted.problems.join()).toMatch(/^size: /);
});

import { Page } from '@muster/shared/api/endpoint.ts';
import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from './cursor.ts';

test('the cursor behind the longest names is accepted again', () => {
  const machine = '机'.repeat(255);
  const mount = '盘'.repeat(256);
  const key = ['0', '-12.345678901234567', `${machine} ${mount}`, `${'c'.repeat(64)} ${mount}`];
  const { cursor = '' } = Page.parse({ cursor: encodeCursor(key) });
  expect(decodeCursor(cursor, key.length)).toEqual(key);
});

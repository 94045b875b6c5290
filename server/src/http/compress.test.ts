import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { compressed, COMPRESSED_BYTES_MIN } from './compress.ts';

const asked = (encodings: string) =>
  new Request('http://muster.test/', { headers: { 'accept-encoding': encodings } });
const answer = (body: unknown, headers = {}) => Response.json(body, { status: 201, headers });
const long = { text: 'muster '.repeat(COMPRESSED_BYTES_MIN) };

test('[WB1] a long answer is sent compressed to those who take it, with the same status and headers', async () => {
  const sent = await compressed(asked('gzip, br'), answer(long, { 'cache-control': 'no-store' }));
  expect([sent.status, sent.headers.get('content-encoding'), sent.headers.get('cache-control')]).toEqual([
    201,
    'gzip',
    'no-store',
  ]);
  const body = Buffer.from(await sent.arrayBuffer());
  expect(body.length).toBeLessThan(COMPRESSED_BYTES_MIN);
  expect(JSON.parse(gunzipSync(body).toString())).toEqual(long);
});

test.each([
  ['short', 'gzip', answer({})],
  ['for a caller without gzip', 'br', answer(long)],
  ['of another type', 'gzip', new Response('x'.repeat(9_999), { headers: { 'content-type': 'text/csv' } })],
])('[WB1] an answer %s stays as it is', async (_, encodings, response) => {
  const text = await response.clone().text();
  const sent = await compressed(asked(encodings), response);
  expect(sent.headers.get('content-encoding')).toBeNull();
  expect(await sent.text()).toBe(text);
});

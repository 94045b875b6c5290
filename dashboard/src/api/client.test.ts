import { afterEach, expect, test, vi } from 'vitest';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { decodeRangeStream, encodeBeginning, encodeEnd } from '@muster/shared/metrics/range-stream.ts';
import { ApiError, call, callBytes, fillPath, queryString, whenSignedOut } from './client.ts';

afterEach(() => vi.unstubAllGlobals());

/** The browser's network: answers with what the test says. */
function network(answer: () => Response | Promise<Response>) {
  const asked: { url: string; init: RequestInit | undefined }[] = [];
  vi.stubGlobal('fetch', async (url: string, init?: RequestInit) => {
    asked.push({ url, init });
    return answer();
  });
  return asked;
}

test('[DB40] path, query and body stand where the endpoint table says', async () => {
  const asked = network(() => Response.json({ items: [], nextCursor: null }));
  await call(ENDPOINTS.ciHistory, { params: { id: 'a/b' }, query: { limit: 5 } });
  expect(asked[0]?.url).toBe('/api/v1/cis/a%2Fb/history?limit=5');
  expect(asked[0]?.init?.body).toBeUndefined();
  expect(fillPath('/x/:id/y/:other', { id: '1', other: 'ü' })).toBe('/x/1/y/%C3%BC');
  expect(queryString({ q: 'a b', tag: undefined })).toBe('?q=a+b');
});

test('[DB40] a problem document becomes an error with its code', async () => {
  network(() =>
    Response.json(
      {
        type: 't',
        title: 'Conflict',
        status: 409,
        code: 'conflict',
        detail: 'INC-0001 has changed',
        hint: 'Load again',
      },
      { status: 409 },
    ),
  );
  const error = await call(ENDPOINTS.me, {}).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({
    code: 'conflict',
    status: 409,
    hint: 'Load again',
    message: 'INC-0001 has changed',
  });
});

test.each([
  ['no answer', () => Promise.reject(new TypeError('network')), 'unreachable'],
  ['a proxy page', () => new Response('<html>', { status: 502 }), 'unreachable'],
  ['another form', () => Response.json({ hello: 1 }), 'answer-invalid'],
])('[DB40] %s is told apart by its code', async (_, answer, code) => {
  network(answer);
  await expect(call(ENDPOINTS.me, {})).rejects.toMatchObject({ code });
});

test('[DB40] an answer in another form is asked for by name, and decoded', async () => {
  const whole = Buffer.concat([encodeBeginning('%'), encodeEnd(0)]);
  const asked = network(() => new Response(whole));
  const range = { ci: ['a', 'b'], metric: 'load.1m', from: '', to: '' };
  const form = { mediaType: 'application/octet-stream', decoder: async () => decodeRangeStream };
  const answer = await callBytes(ENDPOINTS.metricRange, { query: range }, form);
  expect(answer).toEqual({ unit: '%', stepMs: 0, series: [] });
  expect(asked[0]?.url).toBe('/api/v1/metrics/range?ci=a&ci=b&metric=load.1m&from=&to=');
  expect(asked[0]?.init?.headers).toEqual({ accept: 'application/octet-stream' });
  network(() => new Response(whole.subarray(0, -1)));
  await expect(callBytes(ENDPOINTS.metricRange, { query: range }, form)).rejects.toMatchObject({
    code: 'answer-invalid',
  });
  network(() => Response.json({ hello: 1 }, { status: 422 }));
  await expect(callBytes(ENDPOINTS.metricRange, { query: range }, form)).rejects.toMatchObject({
    status: 422,
  });
});

test('[DB41] the end of the session is told to whoever watches it', async () => {
  network(() =>
    Response.json(
      { type: 't', title: '', status: 401, code: 'not-signed-in', detail: '', hint: '' },
      { status: 401 },
    ),
  );
  const told = vi.fn<() => void>();
  whenSignedOut(told);
  await expect(call(ENDPOINTS.overview, {})).rejects.toMatchObject({ status: 401 });
  expect(told).toHaveBeenCalledOnce();
});

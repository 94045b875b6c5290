import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { ByteAnswer, sendBytes } from './byte-answer.ts';

const LINE = Buffer.from('{"a":[1772000000000,12.34]}\n'.repeat(1_000));

async function* pieces(count: number, fails = false): AsyncGenerator<Uint8Array, void> {
  for (let i = 0; i < count; i++) yield LINE;
  if (fails) throw new Error('the disk is gone');
}

/** Answers one request over a real connection. */
async function answered(answer: ByteAnswer, takesGzip: boolean) {
  const failed: unknown[] = [];
  const server = createServer((_request, outgoing) => {
    const headers = { 'x-own': '1' };
    sendBytes(answer, { outgoing, headers, takesGzip, failed: (error) => failed.push(error) }).catch(
      (error: unknown) => outgoing.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const chunks: Buffer[] = [];
  let response: IncomingMessage | undefined;
  const isWhole = await new Promise<boolean>((resolve) => {
    const cut = () => resolve(false);
    get({ port, host: '127.0.0.1', agent: false }, (begun) => {
      response = begun;
      begun.on('data', (chunk: Buffer) => chunks.push(chunk));
      begun.on('end', () => resolve(true));
      begun.on('error', cut);
    }).on('error', cut);
  });
  await new Promise((resolve) => server.close(resolve));
  const { statusCode: status, headers = {} } = response ?? {};
  return { status, headers, body: Buffer.concat(chunks), isWhole, failed };
}

const json = (count: number, fails = false) => new ByteAnswer('application/json', pieces(count, fails));

test('[ME72] what is ready at once has a length, and the headers of every answer', async () => {
  const { headers, body } = await answered(json(1), false);
  expect(headers).toMatchObject({
    'content-length': String(LINE.length),
    'content-type': 'application/json',
    'x-own': '1',
  });
  expect(body.equals(LINE)).toBe(true);
});

test.each([1, 5])('[ME73] %d pieces of text, compressed for a caller that takes it', async (count) => {
  const { headers, body } = await answered(json(count), true);
  expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept, accept-encoding' });
  expect(body.length).toBeLessThan(LINE.length / 10);
  expect(gunzipSync(body).equals(Buffer.concat(Array.from({ length: count }, () => LINE)))).toBe(true);
});

test('[ME73] columns go as they are', async () => {
  const answer = new ByteAnswer('application/octet-stream', pieces(1));
  expect((await answered(answer, true)).headers['content-encoding']).toBeUndefined();
});

test('[ME72] what fails before the first piece is refused', async () => {
  const { status, body, failed } = await answered(json(0, true), true);
  expect([status, body.toString(), failed]).toEqual([500, 'Error: the disk is gone', []]);
});

test.each([true, false])(
  '[ME72] what fails later is cut, never taken for whole (gzip: %s)',
  async (takesGzip) => {
    const { isWhole, failed } = await answered(json(3, true), takesGzip);
    expect([isWhole, failed.length]).toEqual([false, 1]);
  },
);

import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { openKnock } from './host-knock.ts';

test('[WN3] a port that takes the connection answers, and so does one that refuses it', async () => {
  let bytes = 0;
  const server = createServer((socket) => socket.on('data', (data) => (bytes += data.length)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  expect(await openKnock('127.0.0.1', port).result).toBe('answers');
  await new Promise((resolve) => server.close(resolve));
  expect(await openKnock('127.0.0.1', port).result).toBe('answers');
  expect(bytes).toBe(0);
});

test('[WN3] a knock that is given up has heard nothing', async () => {
  // TEST-NET-1 (RFC 5737): nobody is there.
  const knock = openKnock('192.0.2.1', 9);
  knock.end();
  expect(await knock.result).toBe('nothing');
});

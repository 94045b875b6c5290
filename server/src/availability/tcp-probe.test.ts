import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { createTcpProbe } from './tcp-probe.ts';

async function listening(): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

test('[PR8] a host that takes the connection answers', async () => {
  const { port, close } = await listening();
  expect(await createTcpProbe([port])('127.0.0.1')).toBe('answers');
  await close();
});

test('[PR8] a host that refuses the connection answers too', async () => {
  const { port, close } = await listening();
  await close();
  expect(await createTcpProbe([port])('127.0.0.1')).toBe('answers');
});

test('[PR8] an address nobody can have is silent', async () => {
  expect(await createTcpProbe([9])('not an address')).toBe('silent');
  expect(await createTcpProbe([])('127.0.0.1')).toBe('silent');
});

import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { post } from './post.ts';
import { RefusedAddressError } from './target.ts';

test('[NT6] an answer that changes the protocol is a failure, and keeps nobody waiting', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { signal } = new AbortController();
  const answer = post(`http://127.0.0.1:${port}/`, { headers: {}, body: 'x', signal });
  await expect(answer).rejects.toThrow(/without an answer/);
  server.close();
});

const refused = (address: string) => {
  const { signal } = new AbortController();
  return post(address, { headers: {}, body: 'x', signal }).catch((error: unknown) => error);
};

test.each([22, 25, 110, 143, 6000, 6667])(
  '[NT6] port %i is refused before anything connects: another service listens there',
  async (port) => {
    const error = await refused(`http://127.0.0.1:${port}/`);
    expect(error).toBeInstanceOf(RefusedAddressError);
    expect(error).toMatchObject({ message: `bad port: nothing is sent to port ${port}` });
  },
);

test.each(['http://user:pw@127.0.0.1:9/', 'http://user@127.0.0.1:9/', 'http://:pw@127.0.0.1:9/'])(
  '[NT6] %s is refused: a user and a password do not belong into an address',
  async (address) => {
    const error = await refused(address);
    expect(error).toBeInstanceOf(RefusedAddressError);
    expect(error).toMatchObject({ message: expect.stringContaining('user or password') as string });
    expect(String(error)).not.toContain('pw');
  },
);

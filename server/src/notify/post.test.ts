import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { post } from './post.ts';

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

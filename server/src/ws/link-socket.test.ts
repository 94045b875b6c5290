import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { listen } from './link-socket.ts';

test('[LK141] a message of data is whole, in one frame or in many, and the list of its pieces is emptied', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => {
    server.close();
  });
  await once(server, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => client.terminate());
  const [socket] = (await once(server, 'connection')) as [WebSocket];
  const lists: unknown[] = [];
  socket.on('message', (data, isBinary) => isBinary && lists.push(data));
  const messages: string[] = [];
  const three = new Promise<void>((resolve) => {
    listen(
      socket,
      {
        binary: (bytes) => {
          if (messages.push(Buffer.from(bytes).toString('latin1')) === 3) resolve();
        },
        text: () => undefined,
        pong: () => undefined,
        closed: () => undefined,
      },
      (error) => {
        throw error;
      },
    );
  });
  if (client.readyState !== WebSocket.OPEN) await once(client, 'open');
  client.send(Buffer.from('one frame'));
  client.send(Buffer.from('two '), { fin: false });
  client.send(Buffer.from('frames'), { fin: true });
  client.send(Buffer.alloc(0));
  await three;
  expect(messages).toEqual(['one frame', 'two frames', '']);
  expect(lists).toEqual([[], [], []]);
});

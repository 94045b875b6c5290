/** Knocks at a port of a neighbour: one TCP connection that is closed as soon as it is taken. */
import { createConnection } from 'node:net';
import type { Knock, KnockResult } from './witness.ts';

/** Answers that the other machine gives itself; others come from our own kernel or from something on the way. */
const BY_THE_HOST: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET']);

export function openKnock(address: string, port: number): Knock {
  const socket = createConnection({ host: address, port });
  const result = new Promise<KnockResult>((resolve) => {
    const over = (heard: KnockResult) => {
      socket.destroy();
      resolve(heard);
    };
    socket.once('connect', () => over('answers'));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      over(BY_THE_HOST.has(error.code ?? '') ? 'answers' : 'nothing'),
    );
    socket.once('close', () => over('nothing'));
  });
  return { result, end: () => void socket.destroy() };
}

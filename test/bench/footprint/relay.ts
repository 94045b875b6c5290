/** A TCP relay that counts: what stands between the agent and its server. */
import { connect, createServer } from 'node:net';
import { freePort } from '../../e2e/harness.ts';
import { segmentHeaderBytes } from './segments.ts';
import type { Traffic } from './subject.ts';

export interface Relay {
  readonly port: number;
  /** Headers of a connection that has ended are those up to the look before its end. */
  traffic(): Traffic;
}

export async function startRelay(target: number): Promise<Relay> {
  const counted = { upBytes: 0, downBytes: 0 };
  const headers = { ofEnded: 0, ofOpen: 0, anyEnded: false };
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    near.on('data', (bytes) => {
      counted.upBytes += bytes.length;
      far.write(bytes);
    });
    far.on('data', (bytes) => {
      counted.downBytes += bytes.length;
      near.write(bytes);
    });
    near.setNoDelay(true);
    far.setNoDelay(true);
    near.on('close', () => {
      headers.anyEnded = true;
      far.destroy();
    });
    far.on('close', () => near.destroy());
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  server.unref();
  return {
    port,
    traffic: () => {
      const open = segmentHeaderBytes(`sport = :${port}`);
      if (open === null) return { ...counted, headerBytes: null };
      if (headers.anyEnded) headers.ofEnded += headers.ofOpen;
      headers.anyEnded = false;
      headers.ofOpen = open;
      return { ...counted, headerBytes: headers.ofEnded + open };
    },
  };
}

/** What an agent with the real socket says of one attempt to connect: for tests of ways to the server. */
import { randomBytes } from 'node:crypto';
import { Connection, type LinkProblem, type LinkStatus } from '@muster/agent/connection.ts';
import { memoryIdentity } from '@muster/agent/identity.ts';
import { type SocketOptions, webSocketOpener } from '@muster/agent/socket.ts';
import { Spool } from '@muster/agent/spool.ts';
import { systemTimers } from '@muster/agent/timers.ts';

export interface Attempt {
  /** null: it is online. */
  readonly problem: LinkProblem | null;
  close(): void;
}

/** With the token 'T'. */
export function attempt(options: SocketOptions, serverKey: string | null): Promise<Attempt> {
  return new Promise((resolve) => {
    const spool = new Spool({ path: ':memory:', nowMs: () => 1, randomBytes });
    const close = () => {
      connection.stop();
      spool.close();
    };
    const connection = new Connection({
      open: webSocketOpener(options),
      spool,
      identity: memoryIdentity(),
      serverKey,
      firstSight: serverKey === null,
      token: 'T',
      capabilities: [],
      facts: { agentVersion: '0', hostname: 'h', platform: 'linux', bootId: 'b' },
      nowMs: () => 1,
      elapsedMs: () => 1,
      timers: systemTimers,
      random: { unit: () => 0.5, bytes: (count) => randomBytes(count) },
      on: {
        accepted: () => undefined,
        acknowledged: () => undefined,
        configured: () => undefined,
        live: () => undefined,
        record: () => undefined,
        witness: () => undefined,
        upgrade: () => undefined,
        rollBack: () => undefined,
        skew: () => undefined,
        restored: () => undefined,
        status: (status: LinkStatus) => {
          if (status.state === 'online') resolve({ problem: null, close });
          if (status.state === 'waiting') resolve({ problem: status.problem, close });
        },
      },
    });
    connection.start();
  });
}

/** Host probe by TCP: a connection that is taken or refused shows a running host; nothing is sent over it. */
import { createConnection } from 'node:net';
import { SECOND_MS } from '@muster/shared/time.ts';
import type { HostProbe } from './probe.ts';

/** Ports that workstations and servers answer or refuse; more would look like a scan. */
export const PROBE_PORTS = [22, 80, 135, 443, 445, 3389] as const;
export const PROBE_MS_MAX = 2 * SECOND_MS;

/** Answers by which the host itself speaks; others come from routers or from our own kernel. */
const FROM_THE_HOST: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET']);

export function createTcpProbe(ports: readonly number[] = PROBE_PORTS): HostProbe {
  return async (address) => {
    const ended = new AbortController();
    const attempts = ports.map((port) => attempt(address, port, ended.signal));
    const answers = await firstTrue(attempts);
    ended.abort();
    return answers ? 'answers' : 'silent';
  };
}

/** true as soon as one is, false when all have failed. */
function firstTrue(attempts: readonly Promise<boolean>[]): Promise<boolean> {
  return new Promise((resolve) => {
    let open = attempts.length;
    if (open === 0) resolve(false);
    for (const one of attempts) {
      void one.then((answered) => {
        open -= 1;
        if (answered || open === 0) resolve(answered);
      });
    }
  });
}

function attempt(host: string, port: number, ended: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: PROBE_MS_MAX });
    const finish = (answered: boolean): void => {
      ended.removeEventListener('abort', giveUp);
      socket.destroy();
      resolve(answered);
    };
    const giveUp = (): void => finish(false);
    ended.addEventListener('abort', giveUp);
    socket.once('connect', () => finish(true));
    socket.once('timeout', giveUp);
    socket.on('error', (error: NodeJS.ErrnoException) => finish(FROM_THE_HOST.has(error.code ?? '')));
  });
}

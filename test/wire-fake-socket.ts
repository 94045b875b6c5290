/** A socket in memory between the agent's connection and the fake server; time is a FakeTime, and messages can get lost. */
import { LinkError } from '@muster/agent/handshake.ts';
import type { OpenSocket, SocketEvents } from '@muster/agent/connection.ts';
import type { FakeTime } from '@muster/agent/time-fake.ts';
import type { FakeServer, FakeSession } from './wire-server-fake.ts';

/** One way on the wire. */
export const LATENCY_MS = 5;

export class FakeNetwork {
  readonly #server: FakeServer;
  readonly #time: FakeTime;
  /** true: nobody answers. */
  down = false;
  /** Messages of the server that arrive before the line goes dead; null: all. */
  deliver: number | null = null;
  opened = 0;
  #cut: (() => void)[] = [];

  constructor(server: FakeServer, time: FakeTime) {
    this.#server = server;
    this.#time = time;
  }

  readonly open: OpenSocket = (events) => {
    this.opened++;
    if (this.down) {
      this.#later(() => events.closed(1006, '', new LinkError('unreachable', 'connection refused')));
      return { send: () => undefined, close: () => undefined, bufferedBytes: 0, exporter: () => null };
    }
    return this.#connect(events);
  };

  /** Tears every open connection: nothing in flight arrives. */
  cut(): void {
    for (const cut of this.#cut.splice(0)) cut();
  }

  #connect(events: SocketEvents): ReturnType<OpenSocket> {
    let alive = true;
    const closed = (code: number, reason: string) => {
      if (!alive) return;
      alive = false;
      events.closed(code, reason, code === 1006 ? new LinkError('unreachable', 'connection reset') : null);
    };
    const session: FakeSession = this.#server.accept({
      text: (text) => {
        if (this.deliver !== null && this.deliver-- <= 0) return;
        this.#later(() => alive && events.text(text));
      },
      close: (code, reason) => this.#later(() => closed(code, reason)),
    });
    this.#cut.push(() => {
      session.ended();
      closed(1006, '');
    });
    this.#later(() => alive && events.opened());
    return {
      send: (data) => {
        const copy = typeof data === 'string' ? data : Uint8Array.from(data);
        this.#later(() => alive && session.receive(copy));
      },
      close: (code, reason) => {
        this.#later(() => session.ended());
        this.#later(() => closed(code, reason));
      },
      bufferedBytes: 0,
      exporter: () => null,
    };
  }

  #later(run: () => void): void {
    this.#time.timers.after(LATENCY_MS, run);
  }
}

/** One browser on `/ws/live`: its subscriptions, the heartbeat, and what happens when it reads too slowly. */
import type { Millis } from '@muster/shared/time.ts';
import {
  LIVE_CLOSE_SIGNED_OUT,
  LIVE_SUBSCRIPTIONS_MAX,
  type LiveFromServer,
  LiveToServer,
  type Topic,
} from '@muster/shared/wire/live.ts';
import type { Clock } from '../clock.ts';
import type { LiveHub, Watcher } from './live-hub.ts';
import type { LinkSocket, SocketEvents } from './link-socket.ts';

/** Above this, live points are left out; the page shows the next ones. */
export const LIVE_BUFFERED_BYTES_SOFT = 256 << 10;
/** Above this the browser has stopped reading: it is sent away and loads everything anew when it comes back. */
export const LIVE_BUFFERED_BYTES_MAX = 1 << 20;
/** One message of a browser. */
export const LIVE_MESSAGE_BYTES_MAX = 4 << 10;
/** Messages of a browser in a second: a page with all its subscriptions, twice. */
export const LIVE_MESSAGES_PER_SECOND_MAX = 2 * LIVE_SUBSCRIPTIONS_MAX;

/** Close codes of `/ws/live`. */
export const LIVE_CLOSE = {
  protocol: 4400,
  'signed-out': LIVE_CLOSE_SIGNED_OUT,
  'limit-exceeded': 4429,
  'server-stopping': 4501,
} as const;

export interface LiveConnectionDeps {
  readonly hub: LiveHub;
  readonly clock: Clock;
  readonly serverStartedAtMs: Millis;
  /** Is whoever opened this still signed in? Asked with every heartbeat. */
  readonly allowed: () => boolean;
}

interface Subscription {
  readonly topic: Topic;
  readonly watcher: Watcher;
}

export class LiveConnection implements SocketEvents {
  readonly #socket: LinkSocket;
  readonly #deps: LiveConnectionDeps;
  readonly #subscriptions = new Map<string, Subscription>();
  #open = true;
  #messages = 0;
  #dropped = 0;

  constructor(socket: LinkSocket, deps: LiveConnectionDeps) {
    this.#socket = socket;
    this.#deps = deps;
    this.#heartbeat();
  }

  get open(): boolean {
    return this.#open;
  }

  /** Messages that were left out because the browser was slow. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Once a second. */
  tick(): void {
    if (!this.#open) return;
    this.#messages = 0;
    if (!this.#deps.allowed()) return this.close('signed-out');
    this.#heartbeat();
  }

  text(text: string): void {
    if (!this.#open) return;
    if (++this.#messages > LIVE_MESSAGES_PER_SECOND_MAX) return this.close('limit-exceeded');
    const message = text.length > LIVE_MESSAGE_BYTES_MAX ? null : parsed(text);
    if (!message) return this.close('protocol');
    if (message.type === 'unsubscribe') this.#unsubscribe(message.id);
    else this.#subscribe(message.id, message.topic);
  }

  binary(): void {
    this.close('protocol');
  }

  pong(): void {}

  closed(): void {
    this.#end();
  }

  close(why: keyof typeof LIVE_CLOSE): void {
    if (!this.#open) return;
    this.#end();
    this.#socket.close(LIVE_CLOSE[why], why);
  }

  #subscribe(id: string, topic: Topic): void {
    const refuse = (code: string, detail: string) => this.#send({ type: 'refused', id, code, detail }, false);
    if (this.#subscriptions.has(id)) return refuse('id-taken', `There is a subscription "${id}" already.`);
    if (this.#subscriptions.size >= LIVE_SUBSCRIPTIONS_MAX)
      return refuse('limit-exceeded', `At most ${LIVE_SUBSCRIPTIONS_MAX} subscriptions are allowed.`);
    const watcher: Watcher = { id, send: (message, droppable) => this.#send(message, droppable) };
    this.#subscriptions.set(id, { topic, watcher });
    this.#deps.hub.watch(topic, watcher, this.#deps.clock.now());
  }

  #unsubscribe(id: string): void {
    const subscription = this.#subscriptions.get(id);
    if (!subscription) return;
    this.#subscriptions.delete(id);
    this.#deps.hub.unwatch(subscription.topic, subscription.watcher);
  }

  #heartbeat(): void {
    const { clock, serverStartedAtMs } = this.#deps;
    this.#send({ type: 'heartbeat', serverTimeMs: clock.now(), serverStartedAtMs }, true);
  }

  #send(message: LiveFromServer, droppable: boolean): void {
    if (!this.#open) return;
    const waitingBytes = this.#socket.bufferedBytes;
    if (waitingBytes > LIVE_BUFFERED_BYTES_MAX) {
      this.#end();
      return this.#socket.terminate();
    }
    if (droppable && waitingBytes > LIVE_BUFFERED_BYTES_SOFT) {
      this.#dropped++;
      return;
    }
    this.#socket.send(JSON.stringify(message));
  }

  #end(): void {
    this.#open = false;
    for (const { topic, watcher } of this.#subscriptions.values()) this.#deps.hub.unwatch(topic, watcher);
    this.#subscriptions.clear();
  }
}

function parsed(text: string): LiveToServer | null {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    // Not JSON is answered like every other message that is none of the protocol.
    return null;
  }
  return LiveToServer.safeParse(data).data ?? null;
}

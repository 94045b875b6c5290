/** One WebSocket to the server: topics by reference count, heartbeat watched, reconnects by itself. */
import {
  LIVE_CLOSE_SIGNED_OUT,
  LIVE_HEARTBEAT_MS,
  LiveFromServer,
  type LiveToServer,
  type Topic,
} from '@muster/shared/wire/live.ts';
import type { Millis } from '@muster/shared/time.ts';

/** Without a heartbeat for so long the page is not live any more. */
export const LIVE_LOST_MS = 3 * LIVE_HEARTBEAT_MS;
export const RETRY_MS_BASE = 1_000;
export const RETRY_MS_MAX = 30_000;
/** A tab hidden for longer gives its subscriptions back. */
export const HIDDEN_GRACE_MS = 5_000;

export type LiveState =
  | { readonly state: 'connecting' }
  | { readonly state: 'live'; readonly heardMs: Millis }
  | { readonly state: 'lost'; readonly sinceMs: Millis; readonly retryMs: Millis };

export type LiveMessage = Exclude<LiveFromServer, { type: 'heartbeat' }>;

/** What the client needs of the browser; time and timers are passed in, so that a test runs them. */
export interface LiveHost {
  /** `code`: why the other side closed (RFC 6455, 7.4). */
  open(events: { opened(): void; message(text: string): void; closed(code: number): void }): {
    send(text: string): void;
    close(): void;
  };
  nowMs(): Millis;
  /** Runs `action` after `delayMs` until cancelled. */
  after(delayMs: number, action: () => void): () => void;
  /** 0 to 1. */
  random(): number;
  serverTime(atMs: Millis): void;
}

interface Subscription {
  readonly id: string;
  readonly topic: Topic;
  readonly listeners: Set<(message: LiveMessage) => void>;
}

/**
 * Starts at `start()`. `subscribe` may be called at any time, connected or not; the topics held are declared
 * again on each connection. `returned` is called when the connection is back, with the length of the absence;
 * `ended` when the server says that the session behind it is over.
 */
export class LiveClient {
  readonly #host: LiveHost;
  readonly #returned: (absentMs: number, restarted: boolean) => void;
  readonly #ended: () => void;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #stateListeners = new Set<() => void>();
  #state: LiveState = { state: 'connecting' };
  #socket: ReturnType<LiveHost['open']> | null = null;
  #open = false;
  #hidden = false;
  #attempt = 0;
  #lostSinceMs: Millis | null = null;
  #serverStartedAtMs: Millis | null = null;
  #nextId = 1;
  #cancelWatch: () => void = () => {};
  #cancelRetry: () => void = () => {};
  #cancelHide: () => void = () => {};
  #running = false;

  constructor(
    host: LiveHost,
    returned: (absentMs: number, restarted: boolean) => void,
    ended: () => void = () => {},
  ) {
    this.#host = host;
    this.#returned = returned;
    this.#ended = ended;
  }

  get state(): LiveState {
    return this.#state;
  }

  onState(listener: () => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#connect();
  }

  stop(): void {
    this.#running = false;
    this.#cancelWatch();
    this.#cancelRetry();
    this.#dropSocket();
    this.#lostSinceMs = null;
    this.#attempt = 0;
    this.#set({ state: 'connecting' });
  }

  /** Messages of one topic until the returned function is called; equal topics share one subscription. */
  subscribe(topic: Topic, listener: (message: LiveMessage) => void): () => void {
    const key = JSON.stringify(topic);
    let subscription = this.#subscriptions.get(key);
    if (subscription === undefined) {
      subscription = { id: `s${this.#nextId++}`, topic, listeners: new Set() };
      this.#subscriptions.set(key, subscription);
      this.#declare(subscription);
    }
    const held = subscription;
    held.listeners.add(listener);
    return () => {
      held.listeners.delete(listener);
      if (held.listeners.size > 0) return;
      this.#subscriptions.delete(key);
      this.#send({ type: 'unsubscribe', id: held.id });
    };
  }

  /** A hidden tab costs nothing: its topics are given back after a grace and declared again on return. */
  setHidden(hidden: boolean): void {
    this.#cancelHide();
    if (hidden) {
      this.#cancelHide = this.#host.after(HIDDEN_GRACE_MS, () => {
        for (const { id } of this.#subscriptions.values()) this.#send({ type: 'unsubscribe', id });
        this.#hidden = true;
      });
    } else if (this.#hidden) {
      this.#hidden = false;
      for (const subscription of this.#subscriptions.values()) this.#declare(subscription);
      this.#returned(0, false);
    }
  }

  /** Tries now instead of waiting for the next turn. */
  retryNow(): void {
    if (this.#state.state !== 'lost') return;
    this.#cancelRetry();
    this.#connect();
  }

  #connect(): void {
    this.#dropSocket();
    const events = {
      opened: () => {
        this.#open = true;
        if (!this.#hidden)
          for (const subscription of this.#subscriptions.values()) this.#declare(subscription);
      },
      message: (text: string) => this.#hear(text),
      closed: (code: number) => {
        this.#lose();
        if (code === LIVE_CLOSE_SIGNED_OUT) this.#ended();
      },
    };
    this.#socket = this.#host.open(events);
    this.#watch();
  }

  #hear(text: string): void {
    const parsed = LiveFromServer.safeParse(JSON.parse(text));
    // A newer server may say more than this page knows; what is unknown is not for it.
    if (!parsed.success) return;
    const message = parsed.data;
    if (message.type === 'heartbeat') {
      this.#beat(message.serverTimeMs, message.serverStartedAtMs);
      return;
    }
    for (const subscription of this.#subscriptions.values()) {
      if (subscription.id !== message.id) continue;
      for (const listener of subscription.listeners) listener(message);
    }
  }

  #beat(serverTimeMs: Millis, serverStartedAtMs: Millis): void {
    this.#host.serverTime(serverTimeMs);
    const now = this.#host.nowMs();
    const absentMs = this.#lostSinceMs === null ? null : now - this.#lostSinceMs;
    const restarted = this.#serverStartedAtMs !== null && this.#serverStartedAtMs !== serverStartedAtMs;
    this.#serverStartedAtMs = serverStartedAtMs;
    this.#lostSinceMs = null;
    this.#attempt = 0;
    this.#set({ state: 'live', heardMs: now });
    this.#watch();
    if (absentMs !== null) this.#returned(absentMs, restarted);
  }

  #watch(): void {
    this.#cancelWatch();
    this.#cancelWatch = this.#host.after(LIVE_LOST_MS, () => {
      // Timers of hidden tabs are slowed down; silence there proves nothing.
      if (this.#hidden) this.#watch();
      else this.#lose();
    });
  }

  #lose(): void {
    if (!this.#running) return;
    this.#cancelWatch();
    this.#cancelRetry();
    this.#dropSocket();
    const now = this.#host.nowMs();
    this.#lostSinceMs ??= this.#state.state === 'live' ? this.#state.heardMs : now;
    const delayMs = retryDelay(this.#attempt++, this.#host.random());
    this.#set({ state: 'lost', sinceMs: this.#lostSinceMs, retryMs: now + delayMs });
    this.#cancelRetry = this.#host.after(delayMs, () => this.#connect());
  }

  #dropSocket(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#open = false;
    socket?.close();
  }

  #declare(subscription: Subscription): void {
    if (!this.#hidden) this.#send({ type: 'subscribe', id: subscription.id, topic: subscription.topic });
  }

  #send(message: LiveToServer): void {
    if (this.#open) this.#socket?.send(JSON.stringify(message));
  }

  #set(state: LiveState): void {
    this.#state = state;
    for (const listener of this.#stateListeners) listener();
  }
}

/** Doubling from `RETRY_MS_BASE` to `RETRY_MS_MAX`, half of it by chance, so that pages do not return all at once. */
export function retryDelay(attempt: number, random: number): number {
  const ceilingMs = Math.min(RETRY_MS_MAX, RETRY_MS_BASE * 2 ** attempt);
  return Math.round(ceilingMs / 2 + (ceilingMs / 2) * random);
}

/** The browser's WebSocket, timers and clock. */
export function browserHost(clock: { nowMs(): Millis; setServerTime(atMs: Millis): void }): LiveHost {
  return {
    open(events) {
      const url = new URL('/ws/live', window.location.href);
      url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
      const socket = new WebSocket(url);
      let given = true;
      socket.addEventListener('open', () => given && events.opened());
      socket.addEventListener('message', (event) => given && events.message(String(event.data)));
      socket.addEventListener('close', ({ code }) => given && events.closed(code));
      return {
        send: (text) => socket.readyState === WebSocket.OPEN && socket.send(text),
        close: () => {
          given = false;
          socket.close();
        },
      };
    },
    nowMs: () => clock.nowMs(),
    after(delayMs, action) {
      const timer = window.setTimeout(action, delayMs);
      return () => window.clearTimeout(timer);
    },
    random: () => Math.random(),
    serverTime: (atMs) => clock.setServerTime(atMs),
  };
}

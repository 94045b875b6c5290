/**
 * Data that has come and waits a moment for more: a server that looks at each frame when it comes does so with cold caches, and
 * needs twice the time for it (docs/decisions/022-frames-and-pages.md). Durable is what came in groups anyway.
 */
import type { Millis } from '@muster/shared/time.ts';
import type { SocketEvents } from './link-socket.ts';

/** A frame waits for others for so long at most. */
export const TRAY_MS = 100;
/** With so many, or so much, there is no need to wait for more. */
export const TRAY_FRAMES_MAX = 64;
export const TRAY_BYTES_MAX = 1 << 20;

type FrameOwner = Pick<SocketEvents, 'binary'>;

export class FrameTray {
  readonly #later: (run: () => void, delayMs: Millis) => void;
  #owners: FrameOwner[] = [];
  #payloads: Uint8Array[] = [];
  #bytes = 0;
  /** Of those that are not handed over yet. */
  #next = 0;
  #isDue = false;

  /** `later` calls once, after the delay. */
  constructor(later: (run: () => void, delayMs: Millis) => void) {
    this.#later = later;
  }

  add(owner: FrameOwner, payload: Uint8Array): void {
    this.#owners.push(owner);
    this.#bytes += payload.length;
    if (this.#payloads.push(payload) >= TRAY_FRAMES_MAX || this.#bytes >= TRAY_BYTES_MAX) return this.clear();
    if (this.#isDue) return;
    this.#isDue = true;
    this.#later(() => {
      this.#isDue = false;
      this.clear();
    }, TRAY_MS);
  }

  /** Hands over what waits, in the order in which it came. */
  clear(): void {
    // Handing over may bring an end of a connection, which comes here again.
    for (let owner = this.#owners[this.#next]; owner !== undefined; owner = this.#owners[this.#next]) {
      const payload = this.#payloads[this.#next] as Uint8Array;
      this.#next += 1;
      owner.binary(payload);
    }
    this.#owners = [];
    this.#payloads = [];
    this.#bytes = 0;
    this.#next = 0;
  }
}

/** A connection's owner, as its socket sees it: whatever comes is looked at after the data that came before it. */
export class InOrder implements SocketEvents {
  readonly #owner: SocketEvents;
  readonly #tray: FrameTray;

  constructor(owner: SocketEvents, tray: FrameTray) {
    this.#owner = owner;
    this.#tray = tray;
  }

  text(text: string): void {
    this.#tray.clear();
    this.#owner.text(text);
  }

  binary(bytes: Uint8Array): void {
    this.#tray.add(this.#owner, bytes);
  }

  pong(payload: Uint8Array): void {
    this.#owner.pong(payload);
  }

  closed(code: number, reason: string): void {
    this.#tray.clear();
    this.#owner.closed(code, reason);
  }
}

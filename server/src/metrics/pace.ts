/** Long reading in pieces: between them others have their turn, and nobody reads on for a caller who has gone. */

/** A piece that took longer is followed by a pause. */
const PIECE_MS = 8;

export class Pace {
  readonly #signal: AbortSignal;
  readonly #pause: () => Promise<void>;
  readonly #monotonicMs: () => number;
  #beganMs: number;

  constructor(signal: AbortSignal, pause: () => Promise<void>, monotonicMs: () => number) {
    this.#signal = signal;
    this.#pause = pause;
    this.#monotonicMs = monotonicMs;
    this.#beganMs = monotonicMs();
  }

  /** To be awaited between two pieces. @throws the signal's reason once the caller has gone */
  async step(): Promise<void> {
    if (this.#monotonicMs() - this.#beganMs >= PIECE_MS) {
      await this.#pause();
      this.#beganMs = this.#monotonicMs();
    }
    this.#signal.throwIfAborted();
  }
}

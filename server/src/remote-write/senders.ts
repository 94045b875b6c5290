/** Who sent last, and how it went. */
import type { RemoteWriteIn } from '@muster/shared/api/remote-write.ts';
import { toIso, type Millis } from '@muster/shared/time.ts';
import { COUNTED_SENDERS_MAX } from './limits.ts';

/** Longer names of programs are cut. */
const PROGRAM_LENGTH_MAX = 80;

export interface Caller {
  readonly actor: string;
  readonly address: string;
  readonly program: string;
}

interface Sender extends Caller {
  requests: number;
  samples: number;
  lastMs: Millis;
  refusal: string | null;
}

export class Senders {
  /** The one that was heard last stands last. */
  readonly #byKey = new Map<string, Sender>();

  heard({ actor, address, program }: Caller, samples: number, refusal: string | null, nowMs: Millis): void {
    const named = { actor, address, program: program.slice(0, PROGRAM_LENGTH_MAX) };
    const key = JSON.stringify(named);
    const sender = this.#byKey.get(key) ?? { ...named, requests: 0, samples: 0, lastMs: nowMs, refusal };
    sender.requests += 1;
    sender.samples += samples;
    sender.lastMs = nowMs;
    sender.refusal = refusal;
    this.#byKey.delete(key);
    this.#byKey.set(key, sender);
    const [oldest] = this.#byKey.keys();
    if (this.#byKey.size > COUNTED_SENDERS_MAX && oldest !== undefined) this.#byKey.delete(oldest);
  }

  shown(): RemoteWriteIn['senders'] {
    return [...this.#byKey.values()]
      .toReversed()
      .map(({ lastMs, ...sender }) => ({ ...sender, lastAt: toIso(lastMs) }));
  }
}

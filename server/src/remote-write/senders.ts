/** Who sent last, and how it went. */
import type { KeptOut, RemoteWriteIn } from '@muster/shared/api/remote-write.ts';
import { toIso, type Millis } from '@muster/shared/time.ts';
import { COUNTED_SENDERS_MAX } from './limits.ts';
import type { Taken } from './receiver.ts';

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
  stored: number;
  readonly keptOut: Map<KeptOut, number>;
  lastMs: Millis;
  refusal: string | null;
}

export class Senders {
  /** The one that was heard last stands last. */
  readonly #byKey = new Map<string, Sender>();

  heard(
    { actor, address, program }: Caller,
    taken: Pick<Taken, 'samples' | 'stored' | 'keptOut'> | null,
    refusal: string | null,
    nowMs: Millis,
  ): void {
    const named = { actor, address, program: program.slice(0, PROGRAM_LENGTH_MAX) };
    const key = JSON.stringify(named);
    const sender = this.#byKey.get(key) ?? {
      ...named,
      requests: 0,
      samples: 0,
      stored: 0,
      keptOut: new Map<KeptOut, number>(),
      lastMs: nowMs,
      refusal,
    };
    sender.requests += 1;
    sender.samples += taken?.samples ?? 0;
    sender.stored += taken?.stored ?? 0;
    for (const [why, samples] of taken?.keptOut ?? [])
      sender.keptOut.set(why, (sender.keptOut.get(why) ?? 0) + samples);
    sender.lastMs = nowMs;
    sender.refusal = refusal;
    this.#byKey.delete(key);
    this.#byKey.set(key, sender);
    const [oldest] = this.#byKey.keys();
    if (this.#byKey.size > COUNTED_SENDERS_MAX && oldest !== undefined) this.#byKey.delete(oldest);
  }

  shown(): RemoteWriteIn['senders'] {
    return [...this.#byKey.values()].toReversed().map(({ lastMs, keptOut, ...sender }) => ({
      ...sender,
      keptOut: Array.from(keptOut, ([why, samples]) => ({ why, samples })).sort(
        (a, b) => b.samples - a.samples,
      ),
      lastAt: toIso(lastMs),
    }));
  }
}

/** Who sent last, and how it went. */
import type { KeptOut, RemoteWriteIn } from '@muster/shared/api/remote-write.ts';
import { toIso, type Millis } from '@muster/shared/time.ts';
import { COUNTED_SENDERS_MAX, TROUBLE_TOLD_MS, UNKEPT_MS } from './limits.ts';
import type { Taken } from './receiver.ts';

/** Longer names of programs are cut. */
export const PROGRAM_LENGTH_MAX = 80;

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
  /** When a request last held samples or failed, and when the last was as it should be. */
  askedMs: Millis;
  goodMs: Millis;
  /** The last request that it will not send again. */
  lost: { readonly atMs: Millis; readonly why: string } | null;
}

/** Why a request was not taken, and whether its sender comes again with it. */
export interface Refusal {
  readonly why: string;
  readonly isFinal: boolean;
}

/** Each is here, from another: of the agent, or of the other of two that send the same. */
const HERE_FROM_OTHERS: readonly KeptOut[] = ['agent-reports', 'other-series'];
/** Every exporter tells much that nothing maps. */
const NOT_MAPPED: readonly KeptOut[] = ['no-line', 'conditions'];

export class Senders {
  /** The one that was heard last stands last. */
  readonly #byKey = new Map<string, Sender>();

  heard(
    { actor, address, program }: Caller,
    taken: Pick<Taken, 'samples' | 'stored' | 'keptOut'> | null,
    refusal: Refusal | null,
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
      refusal: null,
      askedMs: nowMs,
      goodMs: nowMs,
      lost: null,
    };
    sender.requests += 1;
    sender.samples += taken?.samples ?? 0;
    sender.stored += taken?.stored ?? 0;
    for (const [why, samples] of taken?.keptOut ?? [])
      sender.keptOut.set(why, (sender.keptOut.get(why) ?? 0) + samples);
    sender.lastMs = nowMs;
    sender.refusal = refusal?.why ?? null;
    if (refusal?.isFinal) sender.lost = { atMs: nowMs, why: refusal.why };
    // Requests with words about metrics alone say nothing.
    if (taken === null || taken.samples > 0) {
      sender.askedMs = nowMs;
      if (taken !== null && isAsItShouldBe(taken, sender)) sender.goodMs = nowMs;
    }
    this.#byKey.delete(key);
    this.#byKey.set(key, sender);
    const [oldest] = this.#byKey.keys();
    if (this.#byKey.size > COUNTED_SENDERS_MAX && oldest !== undefined) this.#byKey.delete(oldest);
  }

  shown(): RemoteWriteIn['senders'] {
    return [...this.#byKey.values()]
      .toReversed()
      .map(({ actor, address, program, requests, samples, stored, keptOut, lastMs, refusal }) => ({
        actor,
        address,
        program,
        requests,
        samples,
        stored,
        keptOut: byWeight(keptOut),
        lastAt: toIso(lastMs),
        refusal,
      }));
  }

  /** Whose samples are lost now, in sentences. */
  troubles(nowMs: Millis): string[] {
    return [...this.#byKey.values()].toReversed().flatMap((sender) => {
      const { actor, address, program, askedMs, goodMs, lost, keptOut } = sender;
      const who = `${program || actor} (${actor} from ${address})`;
      if (lost !== null && nowMs - lost.atMs < TROUBLE_TOLD_MS)
        return [`${toIso(lost.atMs)}: a request of ${who} was refused and is lost: ${lost.why}`];
      if (askedMs - goodMs < UNKEPT_MS || nowMs - askedMs >= TROUBLE_TOLD_MS) return [];
      const reasons = byWeight(keptOut).map(({ why, samples }) => `${why} ${samples}`);
      const because = sender.refusal ?? `kept out: ${reasons.join(', ')}`;
      return [`Since ${toIso(goodMs)} nothing of what ${who} sends is kept; ${because}`];
    });
  }
}

/** Something of it is kept, or need not be. */
function isAsItShouldBe({ stored, keptOut }: Pick<Taken, 'stored' | 'keptOut'>, sender: Sender): boolean {
  if (stored > 0 || HERE_FROM_OTHERS.some((why) => keptOut.has(why))) return true;
  // Its machines are away: what it says of them itself was never mapped.
  return sender.stored > 0 && [...keptOut.keys()].every((why) => NOT_MAPPED.includes(why));
}

function byWeight(keptOut: ReadonlyMap<KeptOut, number>) {
  return Array.from(keptOut, ([why, samples]) => ({ why, samples })).sort((a, b) => b.samples - a.samples);
}

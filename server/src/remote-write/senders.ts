/** Who sent last, and how it went. */
import type { KeptOut, RemoteWriteIn } from '@muster/shared/api/remote-write.ts';
import { toIso, type Millis } from '@muster/shared/time.ts';
import { isLately } from '../due.ts';
import {
  COUNTED_SENDERS_MAX,
  PROGRAM_LENGTH_MAX,
  REFUSAL_LENGTH_MAX,
  TROUBLE_TOLD_MS,
  UNKEPT_MS,
} from './limits.ts';
import type { Taken } from './receiver.ts';
import { shortened } from './shortened.ts';

export interface Caller {
  readonly actor: string;
  readonly address: string;
  readonly program: string;
}

interface Sender extends Caller {
  requests: number;
  samples: number;
  stored: number;
  ahead: number;
  readonly keptOut: Map<KeptOut, number>;
  lastMs: Millis;
  refusal: string | null;
  /** When a request last held samples or failed, and when the last was as it should be. */
  askedMs: Millis;
  goodMs: Millis;
  /** What was wrong with the last one that was not. */
  fault: string;
  /** The last request of which it will not send something again. */
  lost: { readonly atMs: Millis; readonly why: string; readonly isPart: boolean } | null;
}

/** Why a request was not taken, or a part of it, and whether its sender comes again with it. */
export interface Refusal {
  readonly why: string;
  readonly isFinal: boolean;
}

/** Each is here, from another: of the agent, or of the other of two that send the same. */
const HERE_FROM_OTHERS: readonly KeptOut[] = ['agent-reports', 'other-series'];
/** Every exporter tells much that nothing maps. */
const NOT_MAPPED: readonly KeptOut[] = ['no-line', 'conditions'];

const REASONS: Readonly<Record<KeptOut | 'ahead', string>> = {
  'no-line': 'no mapping names the metric',
  conditions: 'a condition of the mapping does not hold',
  'no-machine-label': 'the label that names the machine is missing',
  'machine-unknown': 'no machine is called so',
  'machine-ambiguous': 'several machines are called so',
  'no-instance': 'the label with the instance is missing or empty',
  'kind-differs': 'a counter there and a gauge here, or the other way round',
  'agent-reports': 'the agent on the machine reports it',
  'other-series': 'another series feeds it already',
  'series-limit': 'more series than are kept',
  ahead: 'more than 24 h ahead of the clock of this server, or from before 1970',
};

export class Senders {
  /** The one that was heard last stands last. */
  readonly #byKey = new Map<string, Sender>();

  /** `taken` and `refusal` together: a part of the request was refused. */
  heard(
    { actor, address, program }: Caller,
    taken: Pick<Taken, 'samples' | 'stored' | 'ahead' | 'keptOut' | 'invalidSeries'> | null,
    refusal: Refusal | null,
    nowMs: Millis,
  ): void {
    const named = { actor, address, program: shortened(program, PROGRAM_LENGTH_MAX) };
    const key = JSON.stringify(named);
    const sender = this.#byKey.get(key) ?? {
      ...named,
      requests: 0,
      samples: 0,
      stored: 0,
      ahead: 0,
      keptOut: new Map<KeptOut, number>(),
      lastMs: nowMs,
      refusal: null,
      askedMs: nowMs,
      goodMs: nowMs,
      fault: '',
      lost: null,
    };
    sender.requests += 1;
    sender.samples += taken?.samples ?? 0;
    sender.stored += taken?.stored ?? 0;
    sender.ahead += taken?.ahead ?? 0;
    for (const [why, samples] of taken?.keptOut ?? [])
      sender.keptOut.set(why, (sender.keptOut.get(why) ?? 0) + samples);
    sender.lastMs = nowMs;
    sender.refusal = refusal && shortened(refusal.why, REFUSAL_LENGTH_MAX);
    if (refusal?.isFinal && sender.refusal !== null)
      sender.lost = { atMs: nowMs, why: sender.refusal, isPart: taken !== null };
    // A clock that was set back: nothing was good later than now.
    sender.goodMs = Math.min(sender.goodMs, nowMs);
    // Requests with words about metrics alone say nothing.
    if (taken === null || taken.samples > 0) {
      sender.askedMs = nowMs;
      if (taken !== null && isAsItShouldBe(taken, sender)) sender.goodMs = nowMs;
      else sender.fault = sender.refusal ?? (taken === null ? '' : reasonsText(taken));
    }
    this.#byKey.delete(key);
    this.#byKey.set(key, sender);
    const [oldest] = this.#byKey.keys();
    if (this.#byKey.size > COUNTED_SENDERS_MAX && oldest !== undefined) this.#byKey.delete(oldest);
  }

  shown(): RemoteWriteIn['senders'] {
    return [...this.#byKey.values()]
      .toReversed()
      .map(({ actor, address, program, requests, samples, stored, ahead, keptOut, lastMs, refusal }) => ({
        actor,
        address,
        program,
        requests,
        samples,
        stored,
        ahead,
        keptOut: byWeight(keptOut),
        lastAt: toIso(lastMs),
        refusal,
      }));
  }

  /** Whose samples are lost now, in sentences. */
  troubles(nowMs: Millis): string[] {
    return [...this.#byKey.values()].toReversed().flatMap((sender) => {
      const { actor, askedMs, goodMs, fault, lost } = sender;
      const who = `${actor} ${fromText(sender)}`;
      if (lost !== null && isLately(lost.atMs, TROUBLE_TOLD_MS, nowMs))
        return [
          `${toIso(lost.atMs)}: ${lost.isPart ? 'a part of a request' : 'a request'} of ${who} was refused for good: ${lost.why}`,
        ];
      if (askedMs - goodMs < UNKEPT_MS || !isLately(askedMs, TROUBLE_TOLD_MS, nowMs)) return [];
      return [`Since ${toIso(goodMs)} nothing of what ${who} sends is kept: ${fault}`];
    });
  }
}

/** The program in quotation marks: it is the caller's own word. */
export function fromText({ address, program }: Pick<Caller, 'address' | 'program'>): string {
  return program === '' ? `from ${address}` : `from ${address} (${JSON.stringify(program)})`;
}

function reasonsText({ ahead, keptOut }: Pick<Taken, 'ahead' | 'keptOut'>): string {
  const reasons = new Map<KeptOut | 'ahead', number>(keptOut);
  if (ahead > 0) reasons.set('ahead', ahead);
  return byWeight(reasons)
    .map(({ why, samples }) => `${REASONS[why]} (${samples})`)
    .join('; ');
}

/** Something of it is kept, or need not be. */
function isAsItShouldBe(
  { stored, ahead, keptOut, invalidSeries }: Pick<Taken, 'stored' | 'ahead' | 'keptOut' | 'invalidSeries'>,
  sender: Sender,
): boolean {
  if (stored > 0 || HERE_FROM_OTHERS.some((why) => keptOut.has(why))) return true;
  if (ahead > 0 || invalidSeries > 0) return false;
  // Its machines are away: what it says of them itself was never mapped.
  return sender.stored > 0 && [...keptOut.keys()].every((why) => NOT_MAPPED.includes(why));
}

function byWeight<T>(samplesBy: ReadonlyMap<T, number>) {
  return Array.from(samplesBy, ([why, samples]) => ({ why, samples })).sort((a, b) => b.samples - a.samples);
}

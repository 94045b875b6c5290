/**
 * A small fuzzer: seeded chance, mutations of bytes and of JSON, and a run that gives each mutated input to a decoder.
 *
 * Normally some thousand inputs. The whole trial, 1,000,000 of them:
 *   MUSTER_LONG=1 npx vitest run test/fuzz
 * The seed is in every failure; MUSTER_SEED=n plays it again. A long trial without it begins with a seed of its own and prints it.
 */
import { randomInt } from 'node:crypto';

export const LONG = process.env.MUSTER_LONG === '1';
export const SEED = Number(process.env.MUSTER_SEED ?? (LONG ? randomInt(1, 2 ** 31) : 1));
/** For the whole of one trial. */
export const TRIAL_MS_MAX = LONG ? 1_800_000 : 30_000;
/** An input that takes longer than this hangs, in effect. */
const INPUT_MS_MAX = 5_000;

if (LONG) console.log(`fuzz: MUSTER_SEED=${SEED}`);

/** 0 ≤ integer < below. */
export type Random = (below: number) => number;

/** Mulberry32. */
export function randomFrom(seed: number): Random {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

export interface Trial<Input> {
  readonly name: string;
  /** How many inputs of the whole trial; a fiftieth of them is tried normally. */
  readonly inputs: number;
  readonly make: (random: Random) => Input;
  /** Decodes; true: taken, false: refused as it should be. Throws what should not happen. */
  readonly take: (input: Input, random: Random) => boolean | Promise<boolean>;
  readonly show: (input: Input) => string;
}

export interface Outcome {
  readonly taken: number;
  readonly refused: number;
}

/** @throws an error that names trial, seed, number and bytes of the input that broke something. */
export async function run<Input>(trial: Trial<Input>): Promise<Outcome> {
  const inputs = Math.ceil(LONG ? trial.inputs : trial.inputs / 50);
  let taken = 0;
  for (let i = 0; i < inputs; i++) {
    // Each input has its own chance, so that one can be played again without those before it.
    const random = randomFrom(Math.imul(SEED, 1_000_003) + i);
    const input = trial.make(random);
    const startMs = performance.now();
    try {
      const answer = trial.take(input, random);
      if (answer instanceof Promise ? await answer : answer) taken++;
    } catch (cause) {
      throw new Error(
        `${trial.name}, MUSTER_SEED=${SEED}, input ${i}: ${trial.show(input)} broke it: ${String(cause)}`,
        { cause },
      );
    }
    const tookMs = performance.now() - startMs;
    if (tookMs > INPUT_MS_MAX)
      throw new Error(
        `${trial.name}, MUSTER_SEED=${SEED}, input ${i}: ${trial.show(input)} took ${Math.round(tookMs)} ms`,
      );
  }
  return { taken, refused: inputs - taken };
}

export const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex').slice(0, 4_000);

/** Bytes at which decoders go wrong: ends of ranges, and varints that never end. */
const INTERESTING = [0x00, 0x01, 0x02, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0xc0, 0xfe, 0xff];

/** One to three changes: bits, bytes, runs, cuts, insertions, parts moved and doubled, the end of another input. */
export function mutated(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  let now = Uint8Array.from(bytes);
  for (let left = 1 + random(3); left > 0; left--) now = mutatedOnce(now, other, random);
  return now;
}

function mutatedOnce(
  bytes: Uint8Array<ArrayBuffer>,
  other: Uint8Array,
  random: Random,
): Uint8Array<ArrayBuffer> {
  const at = random(bytes.length + 1);
  const until = Math.min(bytes.length, at + 1 + random(8));
  const some = () => (random(2) === 0 ? (INTERESTING[random(INTERESTING.length)] as number) : random(256));
  switch (random(9)) {
    case 0:
    case 1:
      if (at < bytes.length) bytes[at] = (bytes[at] as number) ^ (1 << random(8));
      return bytes;
    case 2:
      if (at < bytes.length) bytes[at] = some();
      return bytes;
    case 3:
      return bytes.fill(some(), at, until);
    case 4:
      return bytes.slice(0, at);
    case 5:
      return joined(
        bytes.subarray(0, at),
        Uint8Array.from({ length: 1 + random(9) }, some),
        bytes.subarray(at),
      );
    case 6:
      return joined(bytes.subarray(0, at), bytes.subarray(until));
    case 7:
      return joined(bytes.subarray(0, until), bytes.subarray(at));
    default:
      return joined(bytes.subarray(0, at), other.subarray(random(other.length + 1)));
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.concat(parts));
}

const AWKWARD_VALUES: readonly unknown[] = [
  null,
  true,
  '',
  'x'.repeat(70_000),
  '\u0000',
  '\ud800',
  -1,
  0,
  0.5,
  2 ** 53,
  1e308,
  -0,
  [],
  {},
  [[[[]]]],
  '__proto__',
  'constructor',
];

/** The text of a JSON value in which something was taken away, replaced, doubled or added; or the text itself broken. */
export function mutatedJson(value: unknown, random: Random): string {
  const copy = structuredClone(value);
  for (let left = 1 + random(3); left > 0; left--) mutateWithin(copy, random);
  const text = JSON.stringify(copy);
  if (random(4) > 0) return text;
  const bytes = mutated(Buffer.from(text), Buffer.from(text), random);
  return Buffer.from(bytes).toString('utf8');
}

function mutateWithin(value: unknown, random: Random): void {
  if (value === null || typeof value !== 'object') return;
  const holder = value as Record<string, unknown>;
  const keys = Object.keys(holder);
  const key = keys[random(keys.length)];
  if (key === undefined) return;
  if (typeof holder[key] === 'object' && random(3) > 0) return mutateWithin(holder[key], random);
  switch (random(5)) {
    case 0:
      delete holder[key];
      return;
    case 1:
      holder[`${key}x`] = holder[key];
      return;
    case 2:
      holder[key] = [holder[key], holder[key]];
      return;
    case 3:
      holder[key] = holder[keys[random(keys.length)] as string];
      return;
    default:
      holder[key] = AWKWARD_VALUES[random(AWKWARD_VALUES.length)];
  }
}

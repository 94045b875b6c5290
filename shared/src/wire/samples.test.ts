import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WireError } from './bytes.ts';
import { decodeFrame } from './frames.ts';
import {
  FRAME_BYTES_MAX,
  SERIES_PER_AGENT_MAX,
  TICKS_PER_FRAME_MAX,
  VALUES_PER_FRAME_MAX,
} from './limits.ts';
import { PRESENCE_LISTS_MAX } from './presence.ts';
import { checkAfter, checkBits, checkOf } from './sample-bits.ts';
import { plainTicks } from './plain-ticks.ts';
import { SamplesDecoder, SamplesEncoder, type SeriesDeclaration, type Tick } from './samples.ts';

const series: fc.Arbitrary<SeriesDeclaration> = fc.record({
  metric: fc.string({ minLength: 1, maxLength: 12 }).map((text) => text.replaceAll('\0', '').toWellFormed()),
  instance: fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replaceAll('\0', '')),
  kind: fc.constantFrom('gauge', 'counter'),
  decimals: fc.integer({ min: 0, max: 9 }),
});

const awkward = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0,
  -0,
  2 ** 51,
  -(2 ** 51),
  2 ** 51 - 1,
  -(2 ** 51 - 1),
  2 ** 53 - 1,
  2 ** 53,
  1 - 2 ** 53,
  2 ** 53 + 2,
  -(2 ** 53) - 2,
  2 ** -1022,
  2 ** -1022 - Number.MIN_VALUE,
  -Number.MIN_VALUE,
  0.12345678901234568,
  123456.78901234567,
  99999999999.99998,
  Number.MAX_VALUE,
  Number.MIN_VALUE,
  0.1,
  0.1 + 0.2,
  12.34,
  1e-9,
];
const value = fc.oneof(
  fc.double(),
  fc.integer().map(Number),
  fc.integer({ min: -100_000, max: 100_000 }).map((cents) => cents / 100),
  fc.constantFrom(...awkward),
);
const time = fc.integer({ min: 0, max: 2 ** 52 - 1 });

interface Plan {
  readonly all: SeriesDeclaration[];
  /** Frames of ticks; of each tick the series by position in `all`, ascending, with its value. */
  readonly frames: { atMs: number; readings: [number, number][] }[][];
}

const plan: fc.Arbitrary<Plan> = fc
  .uniqueArray(series, {
    minLength: 1,
    maxLength: 20,
    selector: ({ metric, instance }) => `${metric}\0${instance}`,
  })
  .chain((all) => {
    const readings = fc
      .subarray(
        all.map((_, i) => i),
        { minLength: 0 },
      )
      .chain((chosen) => fc.tuple(...chosen.map((i) => value.map((one): [number, number] => [i, one]))));
    const tick = fc.record({ atMs: time, readings });
    return fc.array(fc.array(tick, { maxLength: 4 }), { maxLength: 6 }).map((frames) => ({ all, frames }));
  });

function encodePlan({ all, frames }: Plan): { bodies: Uint8Array[]; sent: Tick[][] } {
  const encoder = new SamplesEncoder();
  const bodies: Uint8Array[] = [];
  const sent = frames.map((ticks) => {
    const wire = ticks.map(({ atMs, readings }): Tick => {
      const pairs = readings.map(([i, one]): [number, number] => [
        encoder.declare(all[i] as SeriesDeclaration),
        one,
      ]);
      pairs.sort(([a], [b]) => a - b);
      return { atMs, series: pairs.map(([number]) => number), values: pairs.map(([, one]) => one) };
    });
    bodies.push(encoder.encode(wire));
    return wire;
  });
  return { bodies, sent };
}

test('[LK10] any doubles, in any split of ticks over frames, arrive bit for bit', () => {
  fc.assert(
    fc.property(plan, (one) => {
      const { bodies, sent } = encodePlan(one);
      const decoder = new SamplesDecoder();
      const declared: SeriesDeclaration[] = [];
      bodies.forEach((body, i) => {
        const decoded = decoder.decode(body);
        expect(decoded.firstSeries).toBe(declared.length);
        declared.push(...decoded.declared);
        const ticks = plainTicks(decoded.ticks);
        expect(ticks).toEqual(sent[i]);
        ticks.forEach(({ values }, t) => {
          values.forEach((got, v) => expect(Object.is(got, sent[i]?.[t]?.values[v])).toBe(true));
        });
      });
      for (const { metric, instance } of declared)
        expect(one.all.some((other) => other.metric === metric && other.instance === instance)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('[LK10] the largest scaled values follow one another without loss', () => {
  const encoder = new SamplesEncoder();
  const number = encoder.declare({ metric: 'm', instance: '', kind: 'gauge', decimals: 0 });
  const values = [2 ** 51 - 1, -(2 ** 51 - 1), 2 ** 51 - 1, 2 ** 51, -(2 ** 51)];
  const ticks = values.map((one, i) => ({ atMs: i, series: [number], values: [one] }));
  expect(plainTicks(new SamplesDecoder().decode(encoder.encode(ticks)).ticks)).toEqual(ticks);
});

test('[LK10] any 64 bits as a double, under any decimals, arrive; every NaN as the same one', () => {
  const words = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const doubles = fc.array(fc.tuple(words, words, fc.integer({ min: 0, max: 6 })), {
    minLength: 8,
    maxLength: 40,
  });
  fc.assert(
    fc.property(doubles, fc.integer({ min: 0, max: 9 }), (list, decimals) => {
      const encoder = new SamplesEncoder();
      const number = encoder.declare({ metric: 'm', instance: '', kind: 'gauge', decimals });
      const view = new DataView(new ArrayBuffer(8));
      const values = list.map(([high, low, kind]) => {
        view.setUint32(0, high);
        view.setUint32(4, low);
        // All bits alike, integers around the limits, the smallest of all, and multiples of powers of two.
        if (kind === 0) return 2 ** 51 - (low % 5) + 2;
        if (kind === 1) return low * 2 ** -1074;
        if (kind === 2) return (low % 1_000) * 4_096;
        if (kind === 3) return low / 10 ** decimals;
        return view.getFloat64(0);
      });
      const ticks = values.map((value, i) => ({ atMs: i, series: [number], values: [value] }));
      const got = new SamplesDecoder().decode(encoder.encode(ticks)).ticks.map(({ values: [one] }) => one);
      got.forEach((one, i) => expect(Object.is(one, values[i])).toBe(true));
    }),
    { numRuns: 400 },
  );
  const encoder = new SamplesEncoder();
  const number = encoder.declare({ metric: 'm', instance: '', kind: 'gauge', decimals: 0 });
  // A NaN with bits of its own. Where the engine keeps them they go as those of every NaN.
  const [odd] = new Float64Array(Uint8Array.of(1, 2, 3, 4, 5, 6, 0xf8, 0xff).buffer);
  const [first, second] = [odd as number, Number.NaN].map((value) =>
    encoder.encode([{ atMs: 0, series: [number], values: [value] }]),
  );
  expect(first?.subarray(-11, -2)).toEqual(second?.subarray(-11, -2));
});

test('[LK120] the same series come as the same list until something is declared', () => {
  const encoder = new SamplesEncoder();
  const decoder = new SamplesDecoder();
  const numbers = Array.from({ length: 20 }, (_, i) =>
    encoder.declare({ metric: `m${i}`, instance: '', kind: 'gauge', decimals: 0 }),
  );
  let atMs = 0;
  const listOf = (series: number[]) => {
    const body = encoder.encode([{ atMs: atMs++, series, values: series.map(() => atMs) }]);
    const list = decoder.decode(body).ticks[0]?.series;
    expect(list).toEqual(series);
    return list;
  };
  const odd = numbers.filter((number) => number % 2 === 1);
  const all = listOf(numbers);
  const some = listOf(odd);
  expect(listOf(numbers)).toBe(all);
  expect(listOf(odd)).toBe(some);
  for (let i = 0; i < PRESENCE_LISTS_MAX - 1; i++) listOf([i]);
  expect(listOf(odd)).toBe(some);
  for (let i = 0; i < PRESENCE_LISTS_MAX; i++) listOf([i]);
  expect(listOf(odd)).not.toBe(some);
  numbers.push(encoder.declare({ metric: 'new', instance: '', kind: 'gauge', decimals: 0 }));
  expect(listOf(numbers)).not.toBe(all);
});

test('[LK2] 12,000 mutated bodies decode or throw WireError, nothing else', () => {
  let decodedWhole = 0;
  let refused = 0;
  const bodies = fc.sample(plan, { numRuns: 60, seed: 4711 }).flatMap((one) => encodePlan(one).bodies);
  const random = randomFrom(4711);
  for (let i = 0; i < 12_000; i++) {
    const body = mutated(bodies[random(bodies.length)] as Uint8Array, random);
    try {
      new SamplesDecoder().decode(body);
      decodedWhole++;
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      refused++;
    }
  }
  expect(decodedWhole + refused).toBe(12_000);
  expect(refused).toBeGreaterThan(1_000);
});

test('[LK2] random bytes as a frame decode or throw WireError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        const frame = decodeFrame(bytes);
        new SamplesDecoder().decode(frame.body);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
      }
    }),
    { numRuns: 3_000 },
  );
});

test.each([
  ['a series declared twice', [2, 1, 97, 0, 0, 1, 97, 0, 0, 0]],
  ['ten decimals', [1, 1, 97, 0, 20, 0]],
  ['a metric of 65 bytes', [1, 65, ...new Array(65).fill(97), 0, 0, 0]],
  ['an instance that is not UTF-8', [1, 1, 97, 1, 0xff, 0, 0]],
  ['a presence of no known kind', [1, 1, 97, 0, 0, 1, 0, 3, 0, 0]],
  ['the presence of the tick before, in the first tick', [1, 1, 97, 0, 0, 1, 0, 2, 0x80, 0, 0]],
  ['a presence bit beyond the last series', [1, 1, 97, 0, 0, 1, 0, 1, 2, 0, 0]],
  ['a check that is missing', [0, 0, 0]],
  ['a check that does not fit', [0, 0, 1, 0]],
  ['bytes after the last value', [0, 0, 0, 0, 0]],
  ['values that are missing', [1, 1, 97, 0, 0, 1, 0, 0, 0, 0]],
  ['a code of five zeros', [1, 1, 97, 0, 0, 1, 0, 0, 0x07, 0, 0]],
  ['a difference of 54 bits', [1, 1, 97, 0, 0, 1, 0, 0, 0b00001110, 0b11011111, 0, 0, 0, 0, 0, 0, 0, 0]],
  ['bits after the last value', [1, 1, 97, 0, 0, 1, 0, 0, 0b10000001, 0, 0]],
  ['a time before 1970', [0, 1, 1, 0]],
  ['a varint of nine bytes', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0]],
  ['more ticks than a frame may hold', [0, TICKS_PER_FRAME_MAX + 1]],
])('[LK3] %s is refused', (_, bytes) => {
  expect(() => new SamplesDecoder().decode(Uint8Array.from(bytes))).toThrow(WireError);
});

test('[LK122] a frame whose ends know different things of a series is refused, not taken', () => {
  const encoder = new SamplesEncoder();
  const number = encoder.declare({ metric: 'm', instance: '', kind: 'gauge', decimals: 0 });
  const bodies = [100, 107, 112].map((value, i) =>
    encoder.encode([{ atMs: i, series: [number], values: [value] }]),
  );
  const decoder = new SamplesDecoder();
  decoder.decode(bodies[0] as Uint8Array);
  expect(() => decoder.decode(bodies[2] as Uint8Array)).toThrow('the check does not fit');
});

test('[LK123] more values than a frame may hold are refused before memory is taken for them', () => {
  const encoder = new SamplesEncoder();
  for (let i = 0; i < SERIES_PER_AGENT_MAX; i++)
    encoder.declare({ metric: `m${i}`, instance: '', kind: 'gauge', decimals: 0 });
  const declarations = encoder.encode([]);
  const ticks = Math.floor(VALUES_PER_FRAME_MAX / SERIES_PER_AGENT_MAX);
  const body = (count: number) => {
    const values = new Uint8Array((count * SERIES_PER_AGENT_MAX) / 8).fill(255);
    return Uint8Array.from([0, count, ...new Array(count * 2).fill(0), ...values, 0, 0]);
  };
  // All bits are ones: no value has changed. Only the check stands against the smaller of the two.
  expect(() => decoderOf(declarations).decode(body(ticks))).toThrow('the check does not fit');
  expect(() => decoderOf(declarations).decode(body(ticks + 1))).toThrow(/values, at most/);
});

test('[LK127] a decoder that refused a frame takes no other, not even the one that was meant', () => {
  const encoder = new SamplesEncoder();
  const number = encoder.declare({ metric: 'm', instance: '', kind: 'gauge', decimals: 0 });
  const bodies = [1, 2].map((value) => encoder.encode([{ atMs: value, series: [number], values: [value] }]));
  const decoder = decoderOf(bodies[0] as Uint8Array);
  expect(() => decoder.decode(new Uint8Array(FRAME_BYTES_MAX + 1))).toThrow(WireError);
  expect(() => decoder.decode(bodies[1] as Uint8Array)).toThrow('a frame before this one was refused');
  expect(decoderOf(...bodies)).toBeInstanceOf(SamplesDecoder);
});

test('[LK10] held ticks whose clock went back, and values that are now whole and now are not, arrive', () => {
  const encoder = new SamplesEncoder();
  const numbers = [0, 2, 9].map((decimals) =>
    encoder.declare({ metric: `m${decimals}`, instance: '', kind: 'gauge', decimals }),
  );
  const readings = [12, 12.34, 12.345, 1e-9, 123_456_789.12345679, -0, 12.34, 2 ** 53, 0.1 + 0.2, 12.34, 0];
  const times = [1_700_000_000_000, 1_700_000_010_000, 1_699_996_400_000, 1_699_996_410_000, 0, 2 ** 52 - 1];
  const ticks = readings.map((value, i) => ({
    atMs: times[i % times.length] as number,
    series: numbers,
    values: numbers.map((_, n) => (n === 1 ? value : -value)),
  }));
  const bodies = [ticks.slice(0, 5), ticks.slice(5)].map((held) => encoder.encode(held));
  const decoder = new SamplesDecoder();
  expect(bodies.flatMap((body) => plainTicks(decoder.decode(body).ticks))).toEqual(ticks);
});

test("[LK10] another's NaN is the one NaN, whatever bits it has", () => {
  const encoder = new SamplesEncoder();
  const number = encoder.declare({ metric: 'm', instance: '', kind: 'gauge', decimals: 0 });
  const body = Buffer.from(encoder.encode([{ atMs: 0, series: [number], values: [Number.NaN] }]));
  // The 64 bits stand 3 bits into a byte, behind the class and the length, before padding and check.
  const at = body.length - 2 - 9;
  const odd = 0x7ff4_0000_0000_beefn;
  const bits = (0b0000_1111_111n << 69n) | (odd << 5n);
  for (let i = 0; i < 10; i++) body[at - 1 + i] = Number((bits >> BigInt(8 * (9 - i))) & 255n);
  let check = checkOf(body.subarray(0, 5));
  check = checkAfter(check, 0);
  check = checkAfter(checkAfter(check, Number(odd & 0xffff_ffffn) + number), Number(odd >> 32n));
  body.writeUInt16LE(checkBits(check), body.length - 2);
  const [tick] = new SamplesDecoder().decode(body).ticks;
  const words = new Uint32Array(Float64Array.from(tick?.values ?? []).buffer);
  expect([...words]).toEqual([0, 0x7ff8_0000]);
});

test('[LK124] what comes in multiples of a power of two costs no bits for the zeros', () => {
  const bytesOf = (unit: number) => {
    const encoder = new SamplesEncoder();
    const number = encoder.declare({ metric: 'm', instance: '', kind: 'gauge', decimals: 0 });
    const random = randomFrom(7);
    let bytes = 0;
    for (let i = 0; i < 400; i++) {
      const tick = { atMs: i, series: [number], values: [(random(500) + 1_000) * unit] };
      bytes += encoder.encode([tick]).length;
    }
    return bytes;
  };
  expect(bytesOf(4_096)).toBeLessThan(bytesOf(1) + 20);
});

test('[LK3] more series than a connection may declare are refused before memory is taken for them', () => {
  const count = SERIES_PER_AGENT_MAX + 1;
  const varint = [(count & 127) | 128, ((count >> 7) & 127) | 128, count >> 14];
  expect(() => new SamplesDecoder().decode(Uint8Array.from(varint))).toThrow(/more than/);
});

function decoderOf(...bodies: readonly Uint8Array[]): SamplesDecoder {
  const decoder = new SamplesDecoder();
  for (const body of bodies) decoder.decode(body);
  return decoder;
}

function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48271) % 0x7fffffff;
    return state % below;
  };
}

function mutated(body: Uint8Array, random: (below: number) => number): Uint8Array {
  const copy = Uint8Array.from(body);
  switch (random(4)) {
    case 0:
      return copy.subarray(0, random(copy.length + 1));
    case 1:
      return Uint8Array.from([...copy, random(256)]);
    case 2:
      return Uint8Array.from([...copy.subarray(0, random(copy.length + 1)), random(256), ...copy]);
    default:
      for (let i = 0; i <= random(3); i++) if (copy.length > 0) copy[random(copy.length)] = random(256);
      return copy;
  }
}

import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { zstdDecompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { ByteReader, ByteWriter, zigzag } from './bytes.ts';
import { AgentToServer } from './agent-messages.ts';
import { ServerToAgent } from './server-messages.ts';
import { EventsBody, InventoryBody } from './frame-bodies.ts';
import { decodeFrame, encodeFrame } from './frames.ts';
import { agentProofHashInput, agentProofInput, serverProofInput, transcriptInput } from './handshake.ts';
import { plainTicks } from './plain-ticks.ts';
import { checkAfter, checkBits, checkOf } from './sample-bits.ts';
import { SamplesDecoder, SamplesEncoder, type SeriesDeclaration, type Tick } from './samples.ts';

/** `npx vitest run shared/src/wire/vectors.test.ts -u` writes them anew; docs/WIRE.md must then follow. */
const file = (name: string) => `./testcases/${name}.json`;
const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
const counting = (from: number) => Uint8Array.from({ length: 32 }, (_, i) => from + i);

function keyFromSeed(seed: Uint8Array): KeyObject {
  // RFC 8410: the head of a PKCS 8 Ed25519 key; the seed follows.
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

function rawPublic(key: KeyObject): Buffer {
  return Buffer.from(String(createPublicKey(key).export({ format: 'jwk' }).x), 'base64url');
}

test('[LK4] golden vectors: variable-length integers', async () => {
  const values = [0, 1, 127, 128, 300, 16_383, 16_384, 2 ** 32, Number.MAX_SAFE_INTEGER];
  const varints = values.map((value) => {
    const writer = new ByteWriter();
    writer.varint(value);
    expect(new ByteReader(writer.finish()).varint()).toBe(value);
    return { value, hex: hex(writer.finish()) };
  });
  const zigzags = [0, -1, 1, -2, 2, 10_000, -10_000].map((value) => ({ value, zigzag: zigzag(value) }));
  await expect(json({ varints, zigzags })).toMatchFileSnapshot(file('integers'));
});

test('[LK5] golden vectors: the handshake with fixed keys and nonces', async () => {
  const server = keyFromSeed(counting(0x00));
  const agent = keyFromSeed(counting(0x20));
  const serverKey = rawPublic(server);
  const agentKey = rawPublic(agent);
  const agentId = hex(sha256(agentKey).subarray(0, 16));
  const hello = JSON.stringify({
    type: 'hello',
    versions: [1, 1],
    purpose: 'enrol',
    nonce: base64url(counting(0x40)),
    capabilities: [],
  } satisfies AgentToServer);
  const welcome = JSON.stringify({
    type: 'welcome',
    version: 1,
    nonce: base64url(counting(0x60)),
    serverKey: base64url(serverKey),
  } satisfies ServerToAgent);
  AgentToServer.parse(JSON.parse(hello));
  ServerToAgent.parse(JSON.parse(welcome));
  const transcriptBytes = transcriptInput(hello, welcome, null);
  const transcript = sha256(transcriptBytes);
  const serverSigned = serverProofInput(transcript);
  const serverSignature = sign(null, serverSigned, server);
  const agentHash = sha256(agentProofHashInput(transcript, serverKey, agentKey, agentId));
  const agentSigned = agentProofInput(agentHash);
  const agentSignature = sign(null, agentSigned, agent);
  expect(verify(null, serverSigned, createPublicKey(server), serverSignature)).toBe(true);
  expect(verify(null, agentSigned, createPublicKey(agent), agentSignature)).toBe(true);
  const vector = {
    serverSeed: hex(counting(0x00)),
    serverKey: base64url(serverKey),
    agentSeed: hex(counting(0x20)),
    agentKey: base64url(agentKey),
    agentId,
    hello,
    welcome,
    transcriptInputBytes: transcriptBytes.length,
    transcriptInputHead: hex(transcriptBytes.subarray(0, 12)),
    transcript: hex(transcript),
    serverSigned: hex(serverSigned),
    serverSignature: base64url(serverSignature),
    agentHash: hex(agentHash),
    agentSigned: hex(agentSigned),
    agentSignature: base64url(agentSignature),
    exporter: hex(counting(0x80)),
    transcriptWithExporter: hex(sha256(transcriptInput(hello, welcome, counting(0x80)))),
  };
  await expect(json(vector)).toMatchFileSnapshot(file('handshake'));
});

test('[LK6] golden vectors: the samples of one connection', async () => {
  const encoder = new SamplesEncoder();
  const declare = (metric: string, instance: string, kind: SeriesDeclaration['kind'], decimals: number) =>
    encoder.declare({ metric, instance, kind, decimals });
  const startMs = 1_700_000_000_000;
  const frames: { what: string; hex: string; ticks: unknown }[] = [];
  const add = (
    what: string,
    type: 'samples' | 'live',
    seq: number,
    ticks: Parameters<SamplesEncoder['encode']>[0],
  ) => frames.push({ what, hex: hex(encodeFrame(type, seq, encoder.encode(ticks))), ticks });

  const cpu = declare('cpu.utilisation', '', 'gauge', 2);
  const memory = declare('memory.used', '', 'gauge', 0);
  const received = declare('network.received', 'eth0', 'counter', 0);
  add('three series, one tick', 'samples', 1, [
    { atMs: startMs, series: [cpu, memory, received], values: [12.34, 4096, 1000] },
  ]);
  add('the same series ten seconds later', 'samples', 2, [
    { atMs: startMs + 10_000, series: [cpu, memory, received], values: [12.3, 4096, 2500] },
  ]);
  const disk = declare('filesystem.utilisation', '/', 'gauge', 2);
  add('a new series, two ticks, the second without memory and network, one value as a double', 'samples', 3, [
    { atMs: startMs + 20_000, series: [cpu, memory, received, disk], values: [0, 8192, 2500, 55.5] },
    { atMs: startMs + 30_000, series: [cpu, disk], values: [1 / 3, 55.51] },
  ]);
  add('all four again, then the same two as before: held ticks', 'samples', 4, [
    { atMs: startMs + 40_000, series: [cpu, memory, received, disk], values: [12, 8192, 4000, 55.51] },
    { atMs: startMs + 50_000, series: [cpu, disk], values: [12.01, 55.51] },
    { atMs: startMs + 60_000, series: [cpu, disk], values: [12.05, 55.52] },
  ]);
  add('live: no number, one series, one second later', 'live', 0, [
    { atMs: startMs + 61_000, series: [memory], values: [8191] },
  ]);

  const decoder = new SamplesDecoder();
  for (const { hex: text, ticks } of frames)
    expect(plainTicks(decoder.decode(decodeFrame(Buffer.from(text, 'hex')).body).ticks)).toEqual(ticks);
  await expect(json(frames)).toMatchFileSnapshot(file('samples'));
});

test('[LK121] golden vectors: every class of value, every presence, every value that goes as a double', async () => {
  const encoder = new SamplesEncoder();
  const used = encoder.declare({ metric: 'memory.used', instance: '', kind: 'gauge', decimals: 0 });
  const load = encoder.declare({ metric: 'load.1m', instance: '', kind: 'gauge', decimals: 2 });
  let atMs = 1_700_000_000_000;
  const frames: { what: string; hex: string; ticks: { atMs: number; values: Record<number, string> }[] }[] =
    [];
  const sent: Tick[] = [];
  type Pairs = [series: number, value: number][];
  const add = (what: string, ...readings: Pairs[]) =>
    addAfter(what, ...readings.map((pairs): [number, Pairs] => [10_000, pairs]));
  const addAfter = (what: string, ...readings: [stepMs: number, Pairs][]) => {
    const ticks = readings.map(([stepMs, pairs]): Tick => {
      atMs += stepMs;
      return { atMs, series: pairs.map(([one]) => one), values: pairs.map(([, value]) => value) };
    });
    sent.push(...ticks);
    frames.push({
      what,
      hex: hex(encoder.encode(ticks)),
      ticks: ticks.map((tick) => ({
        atMs: tick.atMs,
        values: Object.fromEntries(tick.series.map((one, i) => [one, textOf(tick.values[i] as number)])),
      })),
    });
  };
  add('length and bits: +100 where the width is 0', [[used, 100]]);
  add('within the width: +1 where it is 2', [[used, 101]]);
  add('two bits wider: +5 where the width is 2', [[used, 106]]);
  add('no difference where the width is 3', [[used, 106]]);
  add('five bits wider: +50 where the width is 2', [[used, 156]]);
  add('no difference where the width is 0: one bit; and in the other series too', [
    [used, 156],
    [load, 0],
  ]);
  add('doubles: a third, none, minus zero', [[load, 1 / 3]], [[load, Number.NaN]], [[load, -0]]);
  add(
    'doubles: infinite, 2^53 + 2, the smallest of all',
    [[load, Number.POSITIVE_INFINITY]],
    [[load, Number.NEGATIVE_INFINITY]],
    [[load, 2 ** 53 + 2]],
    [[load, Number.MIN_VALUE]],
  );
  add('the largest scaled values', [[load, (2 ** 51 - 1) / 100]], [[load, -(2 ** 51 - 1) / 100]]);
  let value = 156;
  for (let step = 1; step <= 3; step++) add(`+${step * 4096}`, [[used, (value += step * 4096)]]);
  add('the new shift 12, then +16384', [[used, (value += 16_384)]]);
  add('+20480 and −4096 in units of 2^12', [[used, (value += 20_480)]], [[used, (value -= 4_096)]]);
  add('the shift goes back to 0 for +1', [[used, value + 1]]);
  add('no tick at all');
  add(
    'more precision than two decimals, 2^53 − 1 and 2^53: exactly; then what fits again',
    [[load, 12.345]],
    [[load, 2 ** 53 - 1]],
    [[load, 2 ** 53]],
    [[load, 12.34]],
  );
  const swap = encoder.declare({ metric: 'swap.in', instance: '', kind: 'counter', decimals: 0 });
  add('a third series is declared; 02 still means those of the tick before', [[load, 12.35]]);
  const all: Pairs = [
    [used, 57_501],
    [load, 12.36],
    [swap, 8],
  ];
  addAfter(
    'held ticks: all three series; the clock went back an hour; on from there',
    [10_000, all],
    [-3_590_000, [[load, 12.36]]],
    [10_000, [[load, 12.37]]],
  );
  add('a tick without values, and one more', [], []);

  const decoder = new SamplesDecoder();
  const decoded = frames.flatMap((frame) => plainTicks(decoder.decode(Buffer.from(frame.hex, 'hex')).ticks));
  expect(decoded).toEqual(sent);
  await expect(json(frames)).toMatchFileSnapshot(file('sample-classes'));
});

test('[LK121] golden vectors: codes that nobody has to write and everybody takes', async () => {
  const head = new ByteWriter();
  head.varint(2);
  for (const [metric, flags] of [
    ['load.1m', 4],
    ['network.received', 1],
  ] as const) {
    head.text(metric);
    head.text(metric === 'load.1m' ? '' : 'eth0');
    head.byte(flags);
  }
  const declarations = head.finish();
  let previousMs = 0;
  let atMs = 1_700_000_000_000;
  /** A body by hand: `codes` are bits as text; `told`: what the check takes in for the values. */
  const bodyOf = (codes: string, told: readonly number[], declares = false): Uint8Array => {
    const writer = new ByteWriter();
    if (declares) writer.bytes(declarations);
    else writer.varint(0);
    writer.varint(1);
    writer.varint(zigzag(atMs - previousMs));
    writer.byte(0);
    const bits = codes.replaceAll(' ', '');
    for (let at = 0; at < bits.length; at += 8)
      writer.byte(Number.parseInt(bits.slice(at, at + 8).padEnd(8, '0'), 2));
    const check = checkBits([atMs, ...told].reduce(checkAfter, declares ? checkOf(declarations) : 0));
    writer.byte(check & 255);
    writer.byte(check >> 8);
    previousMs = atMs;
    atMs += 10_000;
    return writer.finish();
  };
  const binary = (value: number, count: number) => value.toString(2).padStart(count, '0');
  const exactly = (value: number) => {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value);
    const [high, low] = [view.getUint32(0), view.getUint32(4)];
    return { code: `00001 111111 ${binary(high, 32)} ${binary(low, 32)}`, high, low };
  };
  const [a, b, c] = [exactly(12.34), exactly(1_000), exactly(12.5)];
  const frames = [
    {
      what: 'the smallest agent: both declared, both exactly',
      hex: hex(bodyOf(a.code + b.code, [a.low + 0, a.high, b.low + 1, b.high], true)),
      values: [12.34, 1_000],
    },
    {
      what: 'exactly again; last and mean are still 0: 1003 − 0 has 11 bits, here in 16',
      hex: hex(bodyOf(`${c.code} 00001 010000 ${binary(2_006, 16)}`, [c.low + 0, c.high, 1_003 + 1])),
      values: [12.5, 1_003],
    },
    {
      what: 'the code for nothing where one bit would do; 53 bits for +1',
      hex: hex(bodyOf(`001 00001 110101 ${binary(2, 53)}`, [0, 1_004 + 1])),
      values: [0, 1_004],
    },
    {
      what: 'five bits more than the width for nothing; the shift twice before one value, then +4',
      hex: hex(bodyOf(`0001 00000 00001 111110 00011 00001 111110 00010 00001 000010 10`, [0, 1_008 + 1])),
      values: [0, 1_008],
    },
  ];
  const decoder = new SamplesDecoder();
  for (const { hex: text, values } of frames) {
    const [tick] = decoder.decode(Buffer.from(text, 'hex')).ticks;
    expect([...(tick?.values ?? [])]).toEqual(values);
  }
  await expect(json(frames)).toMatchFileSnapshot(file('sample-codes'));
});

/** JSON has neither NaN nor minus zero nor infinity. */
function textOf(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

test.each([
  [
    'events',
    'events',
    4,
    '{"events":[{"type":"stopping","atMs":1700000040000,"reason":"stop"}]}',
    EventsBody,
  ],
  [
    'inventory',
    'inventory',
    5,
    '{"atMs":1700000041000,"sections":{"users":{"hash":"d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35","complete":true}}}',
    InventoryBody,
  ],
] as const)(
  '[LK7] golden vectors: a frame of %s whose zstd holds one raw block',
  async (name, type, seq, text, schema) => {
    const body = Buffer.concat([
      Buffer.from('28b52ffda0', 'hex'),
      uint32(text.length),
      // Last block, raw, its size from bit 3 on.
      uint32(1 | (text.length << 3)).subarray(0, 3),
      Buffer.from(text),
    ]);
    expect(zstdDecompressSync(body).toString()).toBe(text);
    schema.parse(JSON.parse(text));
    const frame = encodeFrame(type, seq, body);
    expect(decodeFrame(frame)).toEqual({ type, seq, body: new Uint8Array(body) });
    await expect(json({ text, textBytes: text.length, hex: hex(frame) })).toMatchFileSnapshot(file(name));
  },
);

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

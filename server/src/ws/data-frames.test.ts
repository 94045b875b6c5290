import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { takeDataFrames } from './data-frames.ts';

/** A line of which the test says what comes, and the socket that `ws` makes of it. `head` came with the request for it. */
function lineAndSocket(head = Buffer.alloc(0)) {
  const line = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  const request = new IncomingMessage(new Socket());
  request.method = 'GET';
  request.headers = {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-key': Buffer.alloc(16, 1).toString('base64'),
    'sec-websocket-version': '13',
  };
  const made: WebSocket[] = [];
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 1 << 17 });
  server.handleUpgrade(request, line, head, (socket) => void made.push(socket));
  const [socket] = made;
  if (socket === undefined) throw new Error('the upgrade is at once');
  return { line, socket };
}

/** What comes of these pieces and then the end of the line: by `ws` alone, or with the short way before it. */
async function heard(
  pieces: readonly Buffer[],
  short: boolean,
  { head, atOnce = false }: { head?: Buffer; atOnce?: boolean } = {},
) {
  const { line, socket } = lineAndSocket(head && Buffer.from(head));
  const events: string[] = [];
  let throughWs = 0;
  const binary = (payload: Uint8Array) => void events.push(`binary ${Buffer.from(payload).toString('hex')}`);
  socket.on('message', (data: Buffer, isBinary) => {
    throughWs += 1;
    if (isBinary) binary(data);
    else events.push(`text ${data.toString('hex')}`);
  });
  socket.on('ping', (data) => events.push(`ping ${data.toString('hex')}`));
  socket.on('pong', (data) => events.push(`pong ${data.toString('hex')}`));
  socket.on('error', (error) => events.push(`error ${error.message}`));
  const closed = new Promise<number>((resolve) => void socket.once('close', resolve));
  if (short) takeDataFrames(socket, line, binary);
  await nextTurn();
  for (const piece of pieces) {
    line.push(Buffer.from(piece));
    // TLS may give several pieces in one turn.
    if (!atOnce) await nextTurn();
  }
  line.push(null);
  events.push(`close ${await closed}`);
  return { events, throughWs };
}

interface Frame {
  readonly opcode: number;
  readonly payload: Uint8Array;
  readonly final?: boolean;
  readonly masked?: boolean;
  /** Of `MASKS`. */
  readonly mask?: number;
}

/** The first changes nothing: what is sent stands on the line as it is. */
const MASKS = [
  [0, 0, 0, 0],
  [0x5a, 0x00, 0xff, 0x21],
] as const;

function frameOf({ opcode, payload, final = true, masked = true, mask = 0 }: Frame): Buffer {
  const { length } = payload;
  const key = MASKS[mask] ?? MASKS[0];
  const first = (final ? 0x80 : 0) | opcode;
  const bit = masked ? 0x80 : 0;
  const head =
    length < 126
      ? Buffer.from([first, bit | length])
      : length < 65_536
        ? Buffer.from([first, bit | 126, length >> 8, length & 255])
        : Buffer.from([first, bit | 127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 255, length & 255]);
  const body = Buffer.from(payload);
  if (!masked) return Buffer.concat([head, body]);
  for (let i = 0; i < length; i++) body[i] = (body[i] as number) ^ (key[i & 3] as number);
  return Buffer.concat([head, Buffer.from(key), body]);
}

const BINARY = 2;
/** A message like any other, if it were not within one. */
const AS_A_MESSAGE = frameOf({ opcode: BINARY, payload: Buffer.from('not me') });
const withMessagesIn = (length: number) => {
  const payload = Buffer.alloc(length, 7);
  for (let at = length % 3; at + AS_A_MESSAGE.length <= length; at += 11 * AS_A_MESSAGE.length)
    AS_A_MESSAGE.copy(payload, at);
  return payload;
};
const payloads = fc.oneof(
  { weight: 4, arbitrary: fc.uint8Array({ maxLength: 20 }) },
  { weight: 4, arbitrary: fc.integer({ min: 12, max: 300 }).map(withMessagesIn) },
  fc.constantFrom(125, 126, 127, 65_535, 65_536, 70_000).map(withMessagesIn),
);
const small = fc.integer({ min: 0, max: 125 }).map(withMessagesIn);
const control = small.chain((payload) =>
  fc.constantFrom<Frame>({ opcode: 9, payload }, { opcode: 10, payload }),
);
/** A message in several frames, others of control in between. */
const inPieces = fc
  .tuple(small, fc.option(control, { nil: undefined }), small, small)
  .map(([a, between, b, c]): Frame[] => [
    { opcode: BINARY, payload: a, final: false },
    ...(between ? [between] : []),
    { opcode: 0, payload: b, final: false },
    { opcode: 0, payload: c },
  ]);
const conversations = fc
  .array(
    fc.oneof(
      {
        weight: 60,
        arbitrary: fc
          .tuple(payloads, fc.nat({ max: 1 }))
          .map(([payload, mask]): Frame[] => [{ opcode: BINARY, payload, mask }]),
      },
      {
        weight: 10,
        arbitrary: fc
          .string({ maxLength: 200 })
          .map((text): Frame[] => [{ opcode: 1, payload: Buffer.from(text) }]),
      },
      { weight: 10, arbitrary: control.map((frame) => [frame]) },
      { weight: 10, arbitrary: inPieces },
      {
        weight: 4,
        arbitrary: fc.constant<Frame[]>([{ opcode: BINARY, payload: new Uint8Array(9), masked: false }]),
      },
      { weight: 4, arbitrary: fc.constant<Frame[]>([{ opcode: 8, payload: new Uint8Array(0) }]) },
      {
        weight: 4,
        arbitrary: fc.constant<Frame[]>([{ opcode: BINARY, payload: new Uint8Array(2), final: false }]),
      },
      {
        weight: 4,
        arbitrary: fc.constant<Frame[]>([{ opcode: 3, payload: new Uint8Array(1) }]),
      },
    ),
    { maxLength: 12 },
  )
  .map((messages) => Buffer.concat(messages.flat().map(frameOf)));

/** Where something begins that looks like a message, and elsewhere. */
const cutsOf = (bytes: Buffer) => {
  const starts = [...bytes.keys()].filter((at) => bytes[at] === 0x82);
  return fc
    .tuple(fc.subarray(starts.slice(0, 100)), fc.array(fc.nat({ max: bytes.length }), { maxLength: 6 }))
    .map((places) => [...new Set(places.flat())].toSorted((a, b) => a - b))
    .map((ends) => [0, ...ends].map((start, i) => bytes.subarray(start, ends[i] ?? bytes.length)))
    .map((pieces) => pieces.filter(({ length }) => length > 0));
};

test('[LK142] whatever comes in whatever pieces, the short way gives what ws alone would have given', async () => {
  await fc.assert(
    fc.asyncProperty(conversations.chain(cutsOf), fc.boolean(), async (pieces, atOnce) => {
      const { events } = await heard(pieces, true, { atOnce });
      expect(events).toEqual((await heard(pieces, false, { atOnce })).events);
    }),
    { numRuns: 300 },
  );
});

const data = frameOf({ opcode: BINARY, payload: Buffer.from('data') });
const close = frameOf({ opcode: 8, payload: Buffer.from([0x03, 0xe8]) });
const unmasked = frameOf({ opcode: BINARY, payload: Buffer.from('data'), masked: false });
test.each([
  ['data after the close', [close, data, data]],
  ['data in one piece with the close', [Buffer.concat([data, close, data])]],
  ['a close in two pieces, and data', [close.subarray(0, 3), close.subarray(3), data]],
  ['data after what was wrong', [data, unmasked, data, data]],
])('[LK142] %s: as ws alone', async (_what, pieces) => {
  for (const atOnce of [false, true]) {
    const { events } = await heard(pieces, true, { atOnce });
    expect(events).toEqual((await heard(pieces, false, { atOnce })).events);
  }
});

test('[LK142] data that came with the request for the connection is not lost', async () => {
  const head = Buffer.concat([data, data.subarray(0, 4)]);
  const { events } = await heard([data.subarray(4), data], true, { head });
  expect(events.filter((event) => event.startsWith('binary'))).toHaveLength(3);
});

test.each([4, 200, 70_000])(
  '[LK142] whole binary messages do not pass through ws, also behind one of %i bytes that was cut',
  async (length) => {
    const inTwo = frameOf({ opcode: BINARY, payload: Buffer.alloc(length) });
    const ping = frameOf({ opcode: 9, payload: Buffer.from('?') });
    const pieces = [data, Buffer.concat([data, data]), inTwo.subarray(0, 5), inTwo.subarray(5), ping, data];
    const { events, throughWs } = await heard(pieces, true);
    expect(events.filter((event) => event.startsWith('binary'))).toHaveLength(5);
    expect(throughWs).toBe(1);
  },
);

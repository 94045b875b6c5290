/** Bodies of inventory and events frames: inflated within a limit, parsed, times moved into the server's clock. */
import { promisify } from 'node:util';
import { constants, zstdDecompress } from 'node:zlib';
import type { Millis } from '@muster/shared/time.ts';
import { type AgentEvent, EventsBody, InventoryBody } from '@muster/shared/wire/frame-bodies.ts';
import { INFLATED_BYTES_MAX } from '@muster/shared/wire/limits.ts';
import type { z } from 'zod';
import { Refusal } from '../fleet/refusal.ts';

const inflate = promisify(zstdDecompress);
/** Window that a frame may ask for: as large as what it may inflate to. */
const WINDOW_LOG_MAX = 24;

/** From the agent's clock into the server's. */
export type ToServerTime = (atMs: Millis) => Millis;

/** @throws Refusal `frame-invalid`, `frame-too-large` */
export async function parseInventory(body: Uint8Array, moved: ToServerTime): Promise<InventoryBody> {
  const inventory = await parseBody(body, InventoryBody);
  return { ...inventory, atMs: moved(inventory.atMs) };
}

/** @throws Refusal `frame-invalid`, `frame-too-large` */
export async function parseEvents(body: Uint8Array, moved: ToServerTime): Promise<readonly AgentEvent[]> {
  const { events } = await parseBody(body, EventsBody);
  return events.map((event) => movedEvent(event, moved));
}

async function parseBody<T extends z.ZodType>(body: Uint8Array, schema: T): Promise<z.output<T>> {
  const parsed = schema.safeParse(parseJson(await inflated(body)));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Refusal(
    'frame-invalid',
    `the body of a frame is not of the known form: ${issue?.path.join('.')}: ${issue?.message}`,
  );
}

async function inflated(body: Uint8Array): Promise<Buffer> {
  try {
    return await inflate(body, {
      maxOutputLength: INFLATED_BYTES_MAX,
      params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG_MAX },
    });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new Refusal(
        'frame-too-large',
        `the body of a frame inflates to more than ${INFLATED_BYTES_MAX} bytes`,
        { cause },
      );
    throw new Refusal('frame-invalid', 'the body of a frame is not zstd', { cause });
  }
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new Refusal('frame-invalid', 'the body of a frame is not JSON', { cause });
  }
}

function movedEvent(event: AgentEvent, moved: ToServerTime): AgentEvent {
  const atMs = moved(event.atMs);
  switch (event.type) {
    case 'started':
      return { ...event, atMs, bootedAtMs: moved(event.bootedAtMs) };
    case 'dropped':
      return { ...event, atMs, fromMs: moved(event.fromMs), toMs: moved(event.toMs) };
    case 'flight':
      return { ...event, atMs, timesMs: event.timesMs.map(moved) };
    case 'stopping':
    case 'collector-failed':
      return { ...event, atMs };
  }
}

/**
 * What this machine would send, from the agent itself: it runs with a spool in memory and no way to any server, the connection's own
 * writer makes the frames, and they are read back from their bytes. Nothing leaves the machine.
 */
import { zstdDecompressSync } from 'node:zlib';
import type { Millis } from '@muster/shared/time.ts';
import type { AgentConfig } from '@muster/shared/wire/server-messages.ts';
import type { TopProcess } from '@muster/shared/wire/top-process.ts';
import { type AgentEvent, EventsBody, InventoryBody } from '@muster/shared/wire/frame-bodies.ts';
import { decodeFrame } from '@muster/shared/wire/frames.ts';
import { INFLATED_BYTES_MAX } from '@muster/shared/wire/limits.ts';
import { SamplesDecoder, type SeriesDeclaration } from '@muster/shared/wire/samples.ts';
import { Agent, type AgentOptions, askedBy, CONFIG_DEFAULT, type Machine } from '../agent.ts';
import type { Configuration } from '../configuration.ts';
import { FrameWriter } from '../frame-writer.ts';
import type { Host } from '../host.ts';
import { memoryIdentity } from '../identity.ts';
import { collectInventory, SECTION_COLLECTORS, type SectionFailure } from '../inventory/index.ts';
import { inventoryReport, sectionBySection } from '../inventory-report.ts';
import { Spool } from '../spool.ts';
import { allowedProcesses } from '../switched-off.ts';
import type { Timers } from '../timers.ts';

export interface SentSample {
  readonly metric: string;
  readonly instance: string;
  readonly value: number;
}

/** One frame, read back; `bytes` as on the wire, without the 2 to 14 of a WebSocket frame and those of TLS. */
export type SentFrame = { readonly bytes: number } & (
  | { readonly type: 'samples'; readonly ticks: readonly { atMs: Millis; samples: readonly SentSample[] }[] }
  | { readonly type: 'events'; readonly events: readonly AgentEvent[] }
  | { readonly type: 'inventory'; readonly sections: InventoryBody['sections'] }
);

export interface Sent {
  /** What it says about itself with each connection, beside its key. */
  readonly introduction: Readonly<Record<string, string>>;
  readonly frames: readonly SentFrame[];
  readonly topProcesses: { readonly bytes: number; readonly items: readonly TopProcess[] };
  /** Why something is missing, by section; for people, not sent. */
  readonly notes: Readonly<Record<string, readonly string[]>>;
}

export interface SentOptions {
  readonly host: Host;
  readonly machine: Machine;
  readonly facts: AgentOptions['link']['facts'];
  /** By which the agent here works; null: the server has told it none that is signed. */
  readonly configuration: Pick<Configuration, 'current' | 'take' | 'status'> | null;
  readonly timers: Timers;
  readonly randomBytes: (count: number) => Uint8Array;
  /** Lets so much time pass. */
  readonly wait: (durationMs: Millis) => Promise<void>;
}

/** The second tick comes a second after the first, and with it all that needs a difference. */
const RUN_MS = 1_100;

export async function wouldSend(options: SentOptions): Promise<Sent> {
  const { host, machine, facts, configuration, wait } = options;
  const config = configuration?.current?.config ?? CONFIG_DEFAULT;
  const spool = new Spool({ path: ':memory:', nowMs: () => host.now(), randomBytes: options.randomBytes });
  const before = machine.topProcesses(null, 0);
  await runAgent(options, spool);
  const items = allowedProcesses(machine.topProcesses(before.state, RUN_MS).items, config);
  await wait(0);
  const notes = await spoolInventory(host, spool, config);
  const checks = config.checks?.length ?? 0;
  if (checks > 0)
    notes['checks'] = [
      `${checks} are run while the agent runs, each adds up to five series named check.* to the samples; none was run now`,
    ];
  const frames = readBack(spool);
  spool.close();
  return {
    introduction: { ...facts, bootId: machine.bootId },
    frames,
    topProcesses: {
      bytes: Buffer.byteLength(JSON.stringify({ type: 'processes', atMs: host.now(), items })),
      items,
    },
    notes,
  };
}

async function runAgent(
  { machine, facts, configuration, timers, randomBytes, wait }: SentOptions,
  spool: Spool,
): Promise<void> {
  const agent = new Agent({
    machine,
    spool,
    link: {
      open: () => ({
        send: () => undefined,
        close: () => undefined,
        bufferedBytes: 0,
        exporter: () => null,
      }),
      identity: memoryIdentity(),
      serverKey: null,
      firstSight: true,
      token: 'none',
      facts,
      timers,
      random: { unit: () => 0, bytes: randomBytes },
    },
    log: () => undefined,
    onStatus: () => undefined,
    recorder: false,
    ...(configuration === null ? {} : { configuration }),
  });
  agent.start();
  await wait(RUN_MS);
  agent.kill();
}

/** As the agent does it for a server that holds nothing yet. */
async function spoolInventory(
  host: Host,
  spool: Spool,
  config: AgentConfig,
): Promise<Record<string, readonly string[]>> {
  const notes: Record<string, readonly string[]> = {};
  const failed = ({ section, detail }: SectionFailure) => {
    notes[section] = [`failed, nothing is sent: ${detail}`];
  };
  const all = Object.values(SECTION_COLLECTORS);
  const inventory = await collectInventory(host, failed, all, askedBy(config));
  for (const [section, entry] of inventory) if (entry.notes.length > 0) notes[section] = entry.notes;
  const body = inventoryReport(host.now(), inventory, {}, false);
  if (!body || spool.appendInventory(body)) return notes;
  for (const [section, part] of sectionBySection(body))
    if (!spool.appendInventory(part)) notes[section] = ['larger than a frame, nothing is sent'];
  return notes;
}

function readBack(spool: Spool): SentFrame[] {
  const writer = new FrameWriter();
  const decoder = new SamplesDecoder();
  const series: SeriesDeclaration[] = [];
  const frames: SentFrame[] = [];
  for (let entry = spool.next(0); entry !== null; entry = spool.next(entry.seq)) {
    const wire = writer.frame(entry);
    if (wire === null) throw new Error('more series than one connection may declare');
    const { type, body } = decodeFrame(wire);
    const bytes = wire.length;
    if (type === 'inventory')
      frames.push({ type, bytes, sections: InventoryBody.parse(inflated(body)).sections });
    if (type === 'events') frames.push({ type, bytes, events: EventsBody.parse(inflated(body)).events });
    if (type !== 'samples') continue;
    const { declared, ticks } = decoder.decode(body);
    series.push(...declared);
    frames.push({
      type,
      bytes,
      ticks: ticks.map((tick) => ({
        atMs: tick.atMs,
        samples: tick.series.map((number, i) => {
          const { metric, instance } = series[number] as SeriesDeclaration;
          return { metric, instance, value: tick.values[i] as number };
        }),
      })),
    });
  }
  return frames;
}

function inflated(body: Uint8Array): unknown {
  return JSON.parse(zstdDecompressSync(body, { maxOutputLength: INFLATED_BYTES_MAX }).toString());
}

/** Load of Muster: agents in processes of their own, by test/bench/fleet over the real wire. */
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { ROOT } from '../../e2e/harness.ts';
import { end, start } from './children.ts';
import { InvalidRun } from './figure.ts';
import type { Muster } from './muster.ts';
import { SERIES_PER_HOST, STEP_MS } from './workload.ts';

const FLEET = join(ROOT, 'test/bench/fleet/main.ts');

export interface FleetOptions {
  readonly mode: 'burst' | 'paced' | 'storm';
  readonly agents: number;
  /** Of each agent; in a burst behind the warm ones. */
  readonly ticks: number;
  /** Ticks of a burst before the 'ready' event, or of paced agents before 'steady'. */
  readonly warmTicks: number;
  /** Ticks in one frame. */
  readonly hold: number;
  readonly seed: number;
  readonly series?: number;
  /** Of tick 0. Left out: a burst ends now, the others begin now. */
  readonly startMs?: number;
}

/** What the agents' program prints at its end; in a burst of the ticks behind the warm ones. */
export interface FleetReport {
  /** Time of tick 0. */
  readonly startMs: number;
  /** Of all agents together. */
  readonly ticksMade: number;
  readonly samplesSent: number;
  readonly samplesAcknowledged: number;
  /** WebSocket headers included. */
  readonly bytesPerSample: number;
  readonly framesSent: number;
  readonly lateFrames: number;
  readonly lateFirstFrames: number;
  readonly ackMs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly connectMs: number;
  readonly storm: { readonly allBackMs: number | null; readonly caughtUpMs: number | null } | null;
}

type FleetEvent =
  | 'connected'
  | 'ready'
  | 'steady'
  | 'burst'
  | 'lost'
  | 'listening'
  | 'back'
  | 'caught-up'
  | 'done';

export interface Fleet {
  /** Resolves with the time (wall clock) at which it came, also when it came before. */
  event(name: FleetEvent): Promise<number>;
  /** Lets the load go on that waits behind 'ready' or 'connected'. */
  go(): void;
  /** When everything that was to be sent is acknowledged. */
  report(): Promise<FleetReport>;
  stop(): Promise<void>;
}

export async function startFleet(muster: Muster, options: FleetOptions): Promise<Fleet> {
  const { tokens, serverKey } = await muster.enrolment(options.agents);
  const flags = {
    url: `ws://127.0.0.1:${muster.server.port}/ws/agent`,
    'server-key': serverKey,
    token: tokens.join(','),
    agents: options.agents,
    series: options.series ?? SERIES_PER_HOST,
    mode: options.mode,
    ticks: options.ticks,
    warm: options.warmTicks,
    'interval-ms': STEP_MS,
    hold: options.hold,
    seed: options.seed,
    ...(options.startMs === undefined ? {} : { 'start-ms': options.startMs }),
  };
  const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  const child = start(process.execPath, [FLEET, '--gate', ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const events = new Map<string, { at: Promise<number>; came: (atMs: number) => void }>();
  const eventOf = (name: string) => {
    const known = events.get(name);
    if (known) return known;
    const { promise, resolve } = Promise.withResolvers<number>();
    const made = { at: promise, came: resolve };
    events.set(name, made);
    return made;
  };
  const printed: string[] = [];
  let report: FleetReport | null = null;
  const lines = (from: NodeJS.ReadableStream | null, take: (line: string) => void) => {
    if (from) createInterface({ input: from }).on('line', take);
  };
  lines(child.stderr, (line) => {
    if (!line.startsWith('{"event"')) return void printed.push(line);
    const { event, atMs } = JSON.parse(line) as { event: string; atMs: number };
    eventOf(event).came(atMs);
  });
  lines(child.stdout, (line) => {
    if (line.startsWith('{')) report = JSON.parse(line) as FleetReport;
  });
  const ended = new Promise<FleetReport>((resolve, reject) => {
    child.once('error', reject);
    // 'close' comes after the last line of both streams.
    child.once('close', (code) => {
      if (report !== null) resolve(report);
      else reject(new InvalidRun(`the agents ended with ${code}:\n${printed.join('\n')}`));
    });
  });
  ended.catch(() => {});
  return {
    event: (name) =>
      Promise.race([
        eventOf(name).at,
        ended.then(() => {
          throw new InvalidRun(`the agents ended before "${name}"`);
        }),
      ]),
    go: () => void child.stdin?.write('\n'),
    report: () => ended,
    stop: () => end(child),
  };
}

/** Simulated machines inside a test: agents of the product with simulated readings, by the clock of the test; each can break and die. */
import { join } from 'node:path';
import { webSocketOpener } from '@muster/agent/socket.ts';
import type { Timers } from '@muster/agent/timers.ts';
import { INTERVAL_MS_DEFAULT } from '@muster/shared/wire/limits.ts';
import { simMachine } from '../sim/machine.ts';
import type { Fault } from '../sim/scenario.ts';
import { SimAgent } from '../sim/sim-agent.ts';
import type { FastClock } from './fast-clock.ts';
import { temporaryFolder } from './harness.ts';

const FOREVER_S = 1e9;

export interface SimBox {
  readonly name: string;
  /** From now on its readings show it. */
  breaks(kind: Exclude<Fault['kind'], 'offline' | 'shutdown'>): void;
  /** Its readings are as usual again. */
  mends(): void;
  /** Power off: not another word. */
  dies(): void;
  /** Power on: the operating system has started anew; what was spooled is sent. */
  boots(): void;
  stop(): void;
}

/** The first `count` indices of the seed that are servers. */
export function serversOf(seed: number, count: number): number[] {
  const found: number[] = [];
  for (let index = 0; found.length < count; index++)
    if (simMachine(seed, index).kind === 'server') found.push(index);
  return found;
}

export function startSimBox(options: {
  readonly server: string;
  readonly token: string;
  readonly seed: number;
  readonly index: number;
  readonly clock: FastClock;
}): SimBox {
  const { server, token, seed, index, clock } = options;
  const faults: Fault[] = [];
  const spoolPath = join(temporaryFolder('spool'), 'spool.db');
  const timers: Timers = { after: (delayMs, run) => ({ cancel: clock.after(delayMs, run) }) };
  const startedMs = clock.now();
  let boots = 0;
  let agent: SimAgent | null = null;
  let stopTicks = () => {};

  function boot(): void {
    const running = new SimAgent({
      seed,
      index,
      open: webSocketOpener({
        url: `${server.replace(/^http/, 'ws')}/ws/agent`,
        tls: 'none',
        tlsPin: null,
        ca: null,
        proxy: null,
        userAgent: 'muster-sim',
      }),
      serverKey: null,
      token,
      spoolPath,
      faults,
      seriesMin: 0,
      boots,
      nowMs: () => clock.now(),
      elapsedMs: () => clock.now() - startedMs,
      timers,
      onProduced: () => {},
      onStatus: () => {},
    });
    agent = running;
    running.start();
    running.tick(clock.now());
    stopTicks = clock.every(INTERVAL_MS_DEFAULT, () => running.tick(clock.now()));
  }

  function off(): void {
    stopTicks();
    agent?.close();
    agent = null;
  }

  boot();
  return {
    name: simMachine(seed, index).hostname,
    breaks: (kind) => faults.push({ kind, agents: [index, index], fromS: 0, toS: FOREVER_S }),
    mends: () => faults.splice(0),
    dies: off,
    boots: () => {
      boots += 1;
      boot();
    },
    stop: off,
  };
}

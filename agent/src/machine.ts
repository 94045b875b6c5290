/** This machine as the agent sees it: clocks and collectors behind the Host. */
import { randomUUID } from 'node:crypto';
import type { Machine } from './agent.ts';
import { collectAll } from './collectors/index.ts';
import { topProcesses, type TopProcessesState } from './collectors/top-processes/top-processes.ts';
import { FlightTape } from './flight-tape.ts';
import type { Host } from './host.ts';
import { awakeClock } from './native/awake-clock.ts';
import type { NativeSystem } from './native/system.ts';
import { NativeTopProcesses } from './native/top-processes.ts';
import { TOP_PROCESSES_MAX } from '@muster/shared/wire/limits.ts';

/** `inventory`: who collects it; the agent does so in a process of its own. */
export function machineOf(host: Host, inventory: Machine['inventory']): Machine {
  const beside = { inventory, collect: collecting(host) };
  return host.system === null
    ? { ...linuxMachine(host), ...beside }
    : { ...nativeMachine(host, host.system), ...beside };
}

type OfPlatform = Omit<Machine, 'inventory' | 'collect'>;

function collecting(host: Host): Machine['collect'] {
  return (scope, states, off) => collectAll(host, states, off, scope);
}

function linuxMachine(host: Host): OfPlatform {
  const { readRaw } = host;
  const sinceBootMs = host.sinceBootMs ?? (() => uptimeMs(host) ?? host.monotonicMs());
  return {
    bootId: host.readText('/proc/sys/kernel/random/boot_id')?.trim().slice(0, 64) || randomUUID(),
    bootedAtMs: host.now() - sinceBootMs(),
    clocks: () => ({
      wallMs: Math.round(host.now()),
      sinceBootMs: sinceBootMs(),
      awakeMs: host.monotonicMs(),
    }),
    ...(readRaw === undefined ? {} : { recorder: () => new FlightTape({ ...host, readRaw }) }),
    topProcesses: (previous, elapsedMs, largest) =>
      topProcesses(host, previous, elapsedMs, TOP_PROCESSES_MAX, largest),
  };
}

/** Windows and macOS: their lists of processes remember by themselves. */
const NOTHING_TO_REMEMBER: TopProcessesState = { pageBytes: 0, processes: new Map() };

function nativeMachine(host: Host, system: NativeSystem): OfPlatform {
  const sinceBootMs = () => Math.round(system.uptimeSeconds() * 1_000);
  const awakeMs = awakeClock(() => host.monotonicMs());
  const top = new NativeTopProcesses(system);
  return {
    bootId: system.bootId,
    bootedAtMs: host.now() - sinceBootMs(),
    clocks: () => ({ wallMs: Math.round(host.now()), sinceBootMs: sinceBootMs(), awakeMs: awakeMs() }),
    topProcesses: (_previous, _elapsedMs, largest) => ({
      items: top.list(TOP_PROCESSES_MAX, largest),
      state: NOTHING_TO_REMEMBER,
    }),
  };
}

/** proc(5), /proc/uptime: seconds since boot, sleep included, which CLOCK_MONOTONIC leaves out. */
function uptimeMs(host: Host): number | null {
  const seconds = Number.parseFloat(host.readText('/proc/uptime') ?? '');
  return Number.isFinite(seconds) ? Math.round(seconds * 1_000) : null;
}

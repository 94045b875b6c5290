/** This machine as the agent sees it: clocks, collectors and inventory behind the Host. */
import { randomUUID } from 'node:crypto';
import type { Machine } from './agent.ts';
import { collectAll } from './collectors/index.ts';
import { topProcesses, type TopProcessesState } from './collectors/top-processes/top-processes.ts';
import { FlightTape } from './flight-tape.ts';
import type { Host } from './host.ts';
import { type ChildProgram, inventoryInChild } from './inventory/child.ts';
import { awakeClock } from './native/awake-clock.ts';
import type { NativeSystem } from './native/system.ts';
import { NativeTopProcesses } from './native/top-processes.ts';
import { TOP_PROCESSES_MAX } from '@muster/shared/wire/limits.ts';

/** `inventoryProgram`: by which an inventory is collected beside this process; absent: within it. */
export function machineOf(host: Host, inventoryProgram?: ChildProgram): Machine {
  return host.system === null ? linuxMachine(host, inventoryProgram) : nativeMachine(host, host.system);
}

function linuxMachine(host: Host, inventoryProgram: ChildProgram | undefined): Machine {
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
    ...collecting(host),
    ...(inventoryProgram === undefined
      ? {}
      : { inventory: (report, asked) => inventoryBeside(host, inventoryProgram, report, asked) }),
    ...(readRaw === undefined ? {} : { recorder: () => new FlightTape({ ...host, readRaw }) }),
    topProcesses: (previous, elapsedMs, largest) =>
      topProcesses(host, previous, elapsedMs, TOP_PROCESSES_MAX, largest),
  };
}

const inventoryBeside = (
  host: Host,
  program: ChildProgram,
  ...[report, asked]: Parameters<Machine['inventory']>
): ReturnType<Machine['inventory']> =>
  // What was read of directories before is known here alone: beside it all files would be read again each time.
  asked.fingerprintDirectories.length > 0
    ? collecting(host).inventory(report, asked)
    : inventoryInChild(program, asked, report);

function collecting(host: Host): Pick<Machine, 'collect' | 'inventory'> {
  return {
    collect: (scope, states, off) => collectAll(host, states, off, scope),
    // Loaded when it is first wanted: the schemas of all sections are of no use to a tick.
    inventory: async (report, asked) => {
      const { collectInventory, SECTION_COLLECTORS } = await import('./inventory/index.ts');
      return collectInventory(host, report, Object.values(SECTION_COLLECTORS), asked);
    },
  };
}

/** Windows and macOS: their lists of processes remember by themselves. */
const NOTHING_TO_REMEMBER: TopProcessesState = { pageBytes: 0, processes: new Map() };

function nativeMachine(host: Host, system: NativeSystem): Machine {
  const sinceBootMs = () => Math.round(system.uptimeSeconds() * 1_000);
  const awakeMs = awakeClock(() => host.monotonicMs());
  const top = new NativeTopProcesses(system);
  return {
    bootId: system.bootId,
    bootedAtMs: host.now() - sinceBootMs(),
    clocks: () => ({ wallMs: Math.round(host.now()), sinceBootMs: sinceBootMs(), awakeMs: awakeMs() }),
    ...collecting(host),
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

/** What the minutes of an agent come to, the gates of ours, and both as text. Pure. */
import { median } from '../peers/figure.ts';
import type { Minute } from './watch.ts';

const KIB_PER_MIB = 1_024;

/** Of one agent, over the minutes after the first. */
export interface Footprint {
  readonly title: string;
  /** Medians. */
  readonly pssMib: number;
  readonly pssMibMax: number;
  readonly privateMib: number;
  readonly residentMib: number;
  /** Means of a minute. */
  readonly cpuMs: number;
  readonly cpuMsMax: number;
  /** Of the minute in which others disturbed it least. */
  readonly cpuMsMin: number;
  /** What TCP or UDP carried, both directions; null: it sends nothing. */
  readonly payloadBytes: number | null;
  /** With all headers. */
  readonly wireBytes: number | null;
  readonly samples: number;
  /** Living processes at the end. */
  readonly processes: number;
  /** Minutes in which a child had ended. */
  readonly minutesWithChildren: number;
  /** Started in the minute after those that count, by strace; null where that is missing. */
  readonly processesStarted: number | null;
}

/** @param minutes without the first one, in which everything starts; at least one */
export function footprintOf(
  title: string,
  minutes: readonly Minute[],
  processesStarted: number | null,
): Footprint {
  const mean = (of: (minute: Minute) => number) =>
    minutes.reduce((sum, minute) => sum + of(minute), 0) / minutes.length;
  const meanIfKnown = (of: (minute: Minute) => number | null) =>
    minutes.some((minute) => of(minute) === null) ? null : mean((minute) => of(minute) ?? 0);
  const mib = (of: (minute: Minute) => number) => median(minutes.map(of)) / KIB_PER_MIB;
  return {
    title,
    pssMib: mib(({ pssKib }) => pssKib),
    pssMibMax: Math.max(...minutes.map(({ pssKib }) => pssKib)) / KIB_PER_MIB,
    privateMib: mib(({ privateKib }) => privateKib),
    residentMib: mib(({ residentKib }) => residentKib),
    cpuMs: mean(({ cpuMs }) => cpuMs),
    cpuMsMax: Math.max(...minutes.map(({ cpuMs }) => cpuMs)),
    cpuMsMin: Math.min(...minutes.map(({ cpuMs }) => cpuMs)),
    payloadBytes: meanIfKnown(({ upBytes, downBytes }) =>
      upBytes === null || downBytes === null ? null : upBytes + downBytes,
    ),
    wireBytes: meanIfKnown(({ wireBytes }) => wireBytes),
    samples: mean(({ samples }) => samples),
    processes: minutes.at(-1)?.processes ?? 0,
    minutesWithChildren: minutes.filter(({ childPageFaults }) => childPageFaults > 0).length,
    processesStarted,
  };
}

export interface GateResult {
  readonly what: string;
  /** null: it could not be measured. */
  readonly value: number | null;
  readonly max: number;
  readonly unit: string;
  readonly passed: boolean | null;
}

interface Limits {
  readonly pssMib: number;
  readonly cpuMs: number;
}

const PRIVATE_MIB_MAX = 16;
const WIRE_BYTES_MAX = 4_000;
const INVENTORY_SECONDS_MAX = 0.2;
/** Our agent as installed, and as it would be if it gave no memory back. */
const WITH_RECLAIM: Limits = { pssMib: 28, cpuMs: 20 };
const WITHOUT_RECLAIM: Limits = { pssMib: 52, cpuMs: 10 };

/** What node_exporter took of the machine that the limits of CPU come from, in ms a minute at the same 10 s. */
const NODE_EXPORTER_CPU_MS = 31.5;

export interface Measured {
  readonly installed: Footprint;
  /** These are null where they were not measured. */
  readonly unreclaimed: Footprint | null;
  readonly nodeExporter: Footprint | null;
  readonly inventorySeconds: number | null;
}

/**
 * Ceilings of ours. Those of CPU twice: as they stand, and as shares of node_exporter in the same run, by the minute of each that was
 * disturbed least, because a millisecond is not the same on two machines, nor on one whose host takes of it what it likes.
 */
export function gatesOf({ installed, unreclaimed, nodeExporter, inventorySeconds }: Measured): GateResult[] {
  return [
    ...memoryAndCpu('as installed', installed, nodeExporter, WITH_RECLAIM),
    ...(unreclaimed === null
      ? []
      : memoryAndCpu('without reclaim', unreclaimed, nodeExporter, WITHOUT_RECLAIM)),
    gate('as installed: on the wire', installed.wireBytes, WIRE_BYTES_MAX, 'B/min'),
    gate('as installed: minutes in which a child ended', installed.minutesWithChildren, 0, ''),
    gate('as installed: processes started in a minute', installed.processesStarted, 0, ''),
    gate('inventory', inventorySeconds, INVENTORY_SECONDS_MAX, 's'),
  ];
}

function memoryAndCpu(
  which: string,
  ours: Footprint,
  nodeExporter: Footprint | null,
  max: Limits,
): GateResult[] {
  const share = nodeExporter === null ? null : ours.cpuMsMin / nodeExporter.cpuMsMin;
  return [
    gate(`${which}: PSS`, ours.pssMib, max.pssMib, 'MiB'),
    gate(`${which}: private`, ours.privateMib, PRIVATE_MIB_MAX, 'MiB'),
    gate(`${which}: CPU`, ours.cpuMs, max.cpuMs, 'ms/min'),
    gate(
      `${which}: CPU, lowest minutes`,
      share,
      Number((max.cpuMs / NODE_EXPORTER_CPU_MS).toFixed(2)),
      'of node_exporter',
    ),
  ];
}

function gate(what: string, value: number | null, max: number, unit: string): GateResult {
  return { what, value, max, unit, passed: value === null ? null : value <= max };
}

export function gatesText(gates: readonly GateResult[]): string {
  return gates
    .map(({ what, value, max, unit, passed }) => {
      const verdict = passed === null ? 'not measured' : passed ? 'passed' : 'NOT PASSED';
      return (
        `  ${what.padEnd(46)} ${number(value).padStart(8)} ≤ ${String(max)} ${unit}`.padEnd(80) + verdict
      );
    })
    .join('\n');
}

/** One row an agent; behind each figure of the others, how many times ours it is. `all` begins with ours. */
export function tableText(all: readonly Footprint[]): string {
  const [ours] = all;
  const head = [
    '',
    'PSS MiB',
    '',
    'private',
    '',
    'RSS',
    '',
    'CPU ms/min',
    '',
    'lowest',
    '',
    'payload B/min',
    '',
    'wire B/min',
    '',
  ];
  const more = ['samples/min', 'processes', 'started/min', 'child minutes'];
  const figures = [
    'pssMib',
    'privateMib',
    'residentMib',
    'cpuMs',
    'cpuMsMin',
    'payloadBytes',
    'wireBytes',
  ] as const;
  const rows = all.map((one) => [
    one.title,
    ...figures.flatMap((figure) => [number(one[figure]), ratio(one[figure], ours?.[figure] ?? null)]),
    number(one.samples),
    String(one.processes),
    number(one.processesStarted),
    String(one.minutesWithChildren),
  ]);
  return aligned([[...head, ...more], ...rows]);
}

/** Ours is 1 ×. */
function ratio(value: number | null, ours: number | null): string {
  if (value === null || ours === null || ours === 0) return '';
  const times = value / ours;
  return `${times >= 100 ? times.toFixed(0) : times.toPrecision(2)} ×`;
}

export function number(value: number | null): string {
  if (value === null) return '–';
  return value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toPrecision(3);
}

export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (all, row) => row.map((cell, column) => Math.max(all[column] ?? 0, cell.length)),
    [],
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** /proc/cpuinfo of every architecture: its records, its processors, the board named at its end. */
import { hertzOf, leadingNumber, linesOf, oneSpaced, pairOf } from './lines.ts';

/** One paragraph: lower-case key → value with single spaces; keys without a value are left out. */
export type CpuinfoRecord = Readonly<Record<string, string>>;

export interface CpuinfoProcessor {
  readonly model: string | null;
  /** As the kernel writes it: 'GenuineIntel', 'IBM' … */
  readonly vendor: string | null;
  readonly family: number | null;
  readonly modelNumber: number | null;
  readonly stepping: number | null;
  /** Nominal where the name or the firmware tells it, never the momentary clock of a power-saving CPU. */
  readonly hz: number | null;
  /** Which package it sits in; null where the kernel does not tell. */
  readonly physicalId: string | null;
  readonly coresPerPackage: number | null;
  readonly threadsPerPackage: number | null;
  readonly serial: string | null;
}

/** What ARM kernels write after the processors. Unfiltered: whether a serial is junk is judged where machines are identified. */
export interface CpuinfoBoard {
  readonly hardware: string | null;
  readonly revision: string | null;
  readonly serial: string | null;
}

/** All paragraphs in the order of the file. */
export function parseCpuinfo(text: string): CpuinfoRecord[] {
  const records: Record<string, string>[] = [];
  let current: Record<string, string> | null = null;
  for (const line of linesOf(text)) {
    const pair = pairOf(line);
    if (pair === null) {
      if (line.trim() === '') current = null;
      continue;
    }
    const value = oneSpaced(pair[1]);
    if (value === null || pair[0] === '') continue;
    if (current === null) {
      current = Object.create(null) as Record<string, string>;
      records.push(current);
    }
    current[pair[0].toLowerCase()] = value;
  }
  return records;
}

/** Paragraphs that describe a processor, not the machine. */
export function processorRecords(records: readonly CpuinfoRecord[]): CpuinfoRecord[] {
  return records.filter((record) => record['processor'] !== undefined || record['cpu'] !== undefined);
}

/** One entry per logical processor. */
export function cpuinfoProcessors(text: string): CpuinfoProcessor[] {
  return processorRecords(parseCpuinfo(text)).map((record) => {
    const model = record['model name'] ?? record['cpu model'] ?? record['cpu'] ?? wordyProcessor(record);
    return {
      model,
      vendor: record['vendor_id'] ?? record['vendor'] ?? null,
      family: leadingNumber(record['cpu family']),
      modelNumber: leadingNumber(record['model']),
      stepping: leadingNumber(record['stepping']),
      hz:
        hertzOf(record['model name']) ??
        hertzOf(record['clock']) ??
        leadingNumber(record['cycle frequency [hz]']),
      physicalId: record['physical id'] ?? null,
      coresPerPackage: leadingNumber(record['cpu cores']),
      threadsPerPackage: leadingNumber(record['siblings']),
      serial: record['cpu serial number'] ?? null,
    };
  });
}

/** Old ARM kernels put the name where others count. */
function wordyProcessor(record: CpuinfoRecord): string | null {
  const value = record['processor'];
  return value === undefined || /^\d+$/.test(value) ? null : value;
}

/** The first processor of each package; every processor where packages are not told apart. */
export function cpuPackages(processors: readonly CpuinfoProcessor[]): CpuinfoProcessor[] {
  const seen = new Set<string>();
  return processors.filter(({ physicalId }) => {
    if (physicalId === null) return true;
    if (seen.has(physicalId)) return false;
    seen.add(physicalId);
    return true;
  });
}

/** The board of an ARM or MIPS machine; null where the file names none. */
export function cpuinfoBoard(text: string): CpuinfoBoard | null {
  const record = parseCpuinfo(text).find(
    (entry) =>
      entry['hardware'] !== undefined || (entry['serial'] !== undefined && entry['revision'] !== undefined),
  );
  if (record === undefined) return null;
  return {
    hardware: record['hardware'] ?? null,
    revision: record['revision'] ?? null,
    serial: record['serial'] ?? null,
  };
}

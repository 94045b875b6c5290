/** Parser of dmidecode's report, of every version since 2.0: structures with their values. */

/** A value that says nothing is left out. */
export interface DmiStructure {
  /** Number of the structure type (DMTF DSP0134). */
  readonly type: number;
  /** '0x0011'; null where the report names none. */
  readonly handle: string | null;
  /** Name → value, blanks single. The last one counts where a name comes again. */
  readonly values: ReadonlyMap<string, string>;
}

/** More structures than any machine has. */
const STRUCTURES_MAX = 4_096;

/** The structures of a report in their order; none where the text is no report. */
export function parseDmidecode(text: string): DmiStructure[] {
  const structures: { type: number; handle: string | null; values: Map<string, string> }[] = [];
  let handle: string | null = null;
  let current: Map<string, string> | null = null;
  for (const line of text.split('\n')) {
    const named = /^\s*Handle (0x[0-9A-Fa-f]+)/.exec(line);
    if (named) {
      handle = named[1] ?? null;
      current = null;
    }
    const typed = /^\s*(?:Handle [^,]*, )?DMI type (\d{1,3}),/.exec(line);
    if (typed) {
      if (structures.length === STRUCTURES_MAX) break;
      current = new Map();
      structures.push({ type: Number(typed[1]), handle, values: current });
    } else if (current) {
      readValue(line, current);
    }
  }
  return structures;
}

/** Structures of one type. */
export function ofType(structures: readonly DmiStructure[], type: number): DmiStructure[] {
  return structures.filter((structure) => structure.type === type);
}

/** The value of the first of `names` that is there. */
export function valueOf(structure: DmiStructure | undefined, ...names: readonly string[]): string | null {
  for (const name of names) {
    const value = structure?.values.get(name);
    if (value !== undefined) return value;
  }
  return null;
}

const SIZE_UNITS: Readonly<Record<string, number>> = {
  bytes: 1,
  kb: 1024,
  kbyte: 1024,
  mb: 1024 ** 2,
  mbyte: 1024 ** 2,
  gb: 1024 ** 3,
  gbyte: 1024 ** 3,
  tb: 1024 ** 4,
};

/** '8 GB', '64 MB (Single-bank Connection)', '256Mbyte' in bytes; null where no size stands. */
export function sizeBytes(value: string | null): number | null {
  const [, digits, unit = ''] = /^(\d{1,12}) ?([A-Za-z]{2,5})(?: |$)/.exec(value ?? '') ?? [];
  const factor = SIZE_UNITS[unit.toLowerCase()];
  return digits === undefined || factor === undefined ? null : Number(digits) * factor;
}

/** An indented 'name: value'. */
function readValue(line: string, into: Map<string, string>): void {
  const colon = line.indexOf(':');
  if (colon < 1 || !/^\s/.test(line)) return;
  const name = line.slice(0, colon).trim();
  const value = line
    .slice(colon + 1)
    .replace(/\s+/g, ' ')
    .trim();
  if (name !== '' && !saysNothing(value)) into.set(name, value);
}

const NOTHING = new Set([
  '',
  'none',
  'n/a',
  'unknown',
  'not specified',
  'not present',
  'not installed',
  '<out of spec>',
  '<out of spec><out of spec>',
  '<bad index>',
  'to be filled by o.e.m.',
  'system manufacturer',
  'system product name',
  'system version',
  'system serial number',
  'chassis manufacture',
  'chassis version',
  'chassis serial number',
]);

function saysNothing(value: string): boolean {
  return NOTHING.has(value.toLowerCase());
}

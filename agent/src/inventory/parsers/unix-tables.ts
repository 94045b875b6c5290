/** Tables of Unix tools: `df`, `mount`, `netstat -rn`, `ps`. */
import { linesOf, wholeNumber, wordsOf } from './lines.ts';

export interface DfEntry {
  readonly device: string;
  /** Only where asked for with -T on Linux. */
  readonly type: string | null;
  readonly sizeBytes: number;
  readonly usedBytes: number;
  readonly freeBytes: number;
  readonly mount: string;
}

const KIBIBYTE = 1024;
const BLOCK_512 = 512;

/** `df -P -k` and kin: file systems that have blocks; those that have none (proc …) print dashes and are left out. */
export function parseDf(text: string): DfEntry[] {
  const [head = '', ...lines] = linesOf(text);
  const unit = /512-blocks/.test(head) ? BLOCK_512 : KIBIBYTE;
  // Some systems put inode columns between the percentage and the mount point.
  const inodeColumns = /\biused\b/.test(head) ? (/%iused\b/.test(head) ? 3 : 2) : 0;
  return unwrapped(lines).flatMap((line) => dfEntry(line, unit, inodeColumns, / Type /.test(head)));
}

/** A long device name pushes its numbers to the next line. */
function unwrapped(lines: readonly string[]): string[] {
  const whole: string[] = [];
  let device: string | null = null;
  for (const line of lines) {
    if (/^\S+$/.test(line.trim()) && device === null) device = line.trim();
    else {
      whole.push(device === null ? line : `${device} ${line.trim()}`);
      device = null;
    }
  }
  return whole;
}

function dfEntry(line: string, unit: number, inodeColumns: number, typed: boolean): DfEntry[] {
  const words = wordsOf(line);
  const percent = words.findIndex((word, index) => index >= 4 && /^-?\d+%$/.test(word));
  if (percent === -1) return [];
  const [size, used, free] = words.slice(percent - 3, percent).map(wholeNumber);
  const mount = words.slice(percent + 1 + inodeColumns).join(' ');
  if (size === null || used === null || free === null || mount === '') return [];
  if (size === undefined || used === undefined || free === undefined) return [];
  const names = words.slice(0, percent - 3);
  const type = typed && names.length > 1 ? (names.pop() ?? null) : null;
  return [
    {
      device: names.join(' '),
      type,
      sizeBytes: size * unit,
      usedBytes: used * unit,
      freeBytes: free * unit,
      mount,
    },
  ];
}

export interface MountEntry {
  readonly device: string;
  readonly mount: string;
  /** null where the system does not print it. */
  readonly type: string | null;
  readonly options: readonly string[];
}

/** What old BSDs and macOS print in the brackets when they do not print a type. */
const NO_TYPES: ReadonlySet<string> = new Set([
  'local',
  'union',
  'journaled',
  'automounted',
  'read-only',
  'nosuid',
  'nodev',
  'noexec',
  'asynchronous',
  'synchronous',
]);

/** `mount` without arguments: 'D on M type T (o, …)' of Linux, 'D on M (T, o, …)' of the BSDs and macOS. */
export function parseMount(text: string): MountEntry[] {
  return linesOf(text).flatMap((line) => {
    const at = line.indexOf(' on ');
    if (at <= 0) return [];
    const device = line.slice(0, at);
    const open = line.endsWith(')') ? line.lastIndexOf(' (') : -1;
    const rest = line.slice(at + ' on '.length, open === -1 ? undefined : open);
    const options = open === -1 ? [] : line.slice(open + 2, -1).split(/,\s*/);
    const typeAt = rest.lastIndexOf(' type ');
    if (typeAt !== -1)
      return [{ device, mount: rest.slice(0, typeAt), type: rest.slice(typeAt + ' type '.length), options }];
    const type = options[0] !== undefined && !NO_TYPES.has(options[0]) ? options[0] : null;
    return [{ device, mount: rest, type, options }];
  });
}

export interface RouteEntry {
  /** As printed: 'default', '10.0.1/24', '192.168.0.0' … */
  readonly destination: string;
  /** Address, MAC, 'link#4' … */
  readonly gateway: string;
  /** Linux only. */
  readonly mask: string | null;
  readonly flags: string | null;
  readonly interface: string | null;
}

/** `netstat -rn`, every family that it prints. */
export function parseNetstatRoutes(text: string): RouteEntry[] {
  let columns: string[] | null = null;
  return linesOf(text).flatMap((line) => {
    const words = wordsOf(line);
    if (words[0] === 'Destination') columns = words;
    else if (words.length < 2) columns = null;
    const [destination, gateway] = words;
    if (columns === null || columns === words || destination === undefined || gateway === undefined)
      return [];
    const cell = (...names: readonly string[]): string | null => {
      const index = columns?.findIndex((name) => names.includes(name)) ?? -1;
      return index === -1 ? null : (words[index] ?? null);
    };
    return [
      {
        destination,
        gateway,
        mask: cell('Genmask'),
        flags: cell('Flags'),
        interface: cell('Iface', 'Netif', 'Interface', 'If'),
      },
    ];
  });
}

export interface ProcessEntry {
  readonly user: string;
  readonly pid: number;
  readonly cpuPercent: number | null;
  readonly memoryPercent: number | null;
  readonly virtualBytes: number | null;
  readonly tty: string | null;
  /** How long it has been running. */
  readonly elapsedMs: number | null;
  /** With arguments: they may hold secrets and never leave the machine. */
  readonly command: string;
}

/** `ps -A -o user,pid,pcpu,pmem,vsz,tty,etime,command`, columns by their heading. */
export function parsePs(text: string): ProcessEntry[] {
  const [head = '', ...lines] = linesOf(text);
  const columns = wordsOf(head);
  const last = columns.length - 1;
  return lines.flatMap((line) => {
    const words = wordsOf(line);
    const cell = (...names: readonly string[]): string | undefined =>
      words[columns.findIndex((name) => names.includes(name))];
    const [user, pid] = [cell('USER'), wholeNumber(cell('PID'))];
    if (last < 1 || user === undefined || pid === null || words.length <= last) return [];
    const virtual = wholeNumber(cell('VSZ'));
    return [
      {
        user,
        pid,
        cpuPercent: decimal(cell('%CPU')),
        memoryPercent: decimal(cell('%MEM')),
        virtualBytes: virtual === null ? null : virtual * KIBIBYTE,
        tty: cell('TTY', 'TT') ?? null,
        elapsedMs: elapsedMs(cell('ELAPSED')),
        command: restAfter(line, last),
      },
    ];
  });
}

function decimal(word: string | undefined): number | null {
  return word !== undefined && /^\d{1,9}(?:\.\d{1,6})?$/.test(word) ? Number(word) : null;
}

/** '[[days-]hours:]minutes:seconds' */
function elapsedMs(word: string | undefined): number | null {
  const match = /^(?:(\d{1,6})-)?(?:(\d{1,2}):)?(\d{1,2}):(\d{1,2})$/.exec(word ?? '');
  if (match === null) return null;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return ((((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000;
}

/** The line from its word number `count` on, inner white space kept. */
function restAfter(line: string, count: number): string {
  let at = 0;
  for (let word = 0; word < count; word += 1) {
    while (at < line.length && /\s/.test(line[at] ?? '')) at += 1;
    while (at < line.length && !/\s/.test(line[at] ?? '')) at += 1;
  }
  return line.slice(at).trim();
}

/** From what the tools of macOS print to readings. Lines that make no sense are left out; nothing throws. */
import { parseIfconfig } from '../inventory/parsers/ifconfig.ts';
import { linesOf, wordsOf } from '../inventory/parsers/lines.ts';
import { parseMount } from '../inventory/parsers/unix-tables.ts';
import type {
  DiskCounters,
  InterfaceCounters,
  MemoryCounters,
  NativeProcess,
  Volume,
} from '../native/system.ts';

const PAGE_BYTES_USUAL = 4_096;

/** vm_stat(1): 'Pages free:   123.' in pages of the size in the first line; by name in lower case, in bytes. */
export function vmStatBytes(text: string): Map<string, number> {
  const pageBytes = Number(/page size of (\d{1,9}) bytes/.exec(text)?.[1] ?? PAGE_BYTES_USUAL);
  const figures = new Map<string, number>();
  for (const line of linesOf(text)) {
    const [, name, pages] = /^"?([^":]+)"?:\s+(\d{1,15})\.?$/.exec(line.trim()) ?? [];
    if (name !== undefined && pages !== undefined) figures.set(name.toLowerCase(), Number(pages) * pageBytes);
  }
  return figures;
}

/**
 * As the Activity Monitor counts: used is what programs made (without what they offered to lose), what the kernel
 * holds fast, and what the compressor takes; cached is what comes from files, and what programs offered. The rest
 * of the memory and the cache are available.
 */
export function memoryCounters(vmStat: string, swapUsage: string, totalBytes: number): MemoryCounters {
  const figures = vmStatBytes(vmStat);
  const [anonymous, wired, compressor, purgeable, files] = [
    'anonymous pages',
    'pages wired down',
    'pages occupied by compressor',
    'pages purgeable',
    'file-backed pages',
  ].map((name) => figures.get(name));
  const used =
    anonymous === undefined || wired === undefined || compressor === undefined
      ? null
      : Math.max(0, anonymous - (purgeable ?? 0)) + wired + compressor;
  const swap = (name: string): number | null => {
    const [, size, unit] =
      new RegExp(`\\b${name} = (\\d{1,12}(?:\\.\\d{1,4})?)([KMGT])`).exec(swapUsage) ?? [];
    return size === undefined || unit === undefined
      ? null
      : Math.round(Number(size) * 1_024 ** (1 + 'KMGT'.indexOf(unit)));
  };
  return {
    availableBytes: used === null ? null : Math.max(0, totalBytes - used),
    cachedBytes: files === undefined ? null : files + (purgeable ?? 0),
    swapTotalBytes: swap('total'),
    swapUsedBytes: swap('used'),
    swappedInBytes: figures.get('swapins') ?? null,
    swappedOutBytes: figures.get('swapouts') ?? null,
  };
}

const NANOSECONDS = 1e9;

/** ioreg(8): the statistics of a driver stand before the name of the medium beneath it. */
export function diskCounters(text: string): DiskCounters[] {
  const disks = new Map<string, DiskCounters>();
  let figures: ((name: string) => number | null) | null = null;
  for (const line of linesOf(text)) {
    const statistics = /"Statistics" = \{(.*)\}/.exec(line)?.[1];
    if (statistics !== undefined) figures = figuresIn(statistics);
    const device = /"BSD Name" = "(disk\d{1,5})"/.exec(line)?.[1];
    if (device === undefined || figures === null) continue;
    const disk = diskOf(device, figures);
    if (disk !== null) disks.set(device, disk);
    figures = null;
  }
  return [...disks.values()];
}

function figuresIn(statistics: string): (name: string) => number | null {
  const found = new Map(
    [...statistics.matchAll(/"([^"]+)"=(\d{1,20})/g)].map(([, name, value]) => [name, Number(value)]),
  );
  return (name) => found.get(name) ?? null;
}

function diskOf(device: string, figure: (name: string) => number | null): DiskCounters | null {
  const [readBytes, writtenBytes] = [figure('Bytes (Read)'), figure('Bytes (Write)')];
  const [reads, writes] = [figure('Operations (Read)'), figure('Operations (Write)')];
  if (readBytes === null || writtenBytes === null || reads === null || writes === null) return null;
  const [readTime, writeTime] = [figure('Total Time (Read)'), figure('Total Time (Write)')];
  const [readErrors, writeErrors] = [figure('Errors (Read)'), figure('Errors (Write)')];
  return {
    device,
    readBytes,
    writtenBytes,
    reads,
    writes,
    errors: readErrors === null || writeErrors === null ? null : readErrors + writeErrors,
    taken:
      readTime === null || writeTime === null
        ? null
        : {
            time: readTime + writeTime,
            requests: reads + writes,
            perSecond: NANOSECONDS,
            wrapsAt: null,
          },
    // Times of requests that overlap are added up, so nothing tells how long the disk was idle.
    idle: null,
  };
}

/**
 * netstat(1) -i: one line per interface and address; the line of the link itself counts. Columns are taken from
 * the right, because an interface without a hardware address leaves one out.
 */
export function interfaceCounters(netstat: string, ifconfig: string): InterfaceCounters[] {
  const [head = '', ...lines] = linesOf(netstat).filter((line) => line.trim() !== '');
  const columns = wordsOf(head);
  const links = new Map(parseIfconfig(ifconfig).map((one) => [one.name, one]));
  const speeds = speedsOf(ifconfig);
  const found = new Map<string, InterfaceCounters>();
  for (const line of lines) {
    const words = wordsOf(line);
    if (!words.some((word) => word.startsWith('<Link#'))) continue;
    // A star: it is switched off.
    const name = (words[0] ?? '').replace(/\*$/, '');
    const at = (column: string): number | null => {
      const index = columns.indexOf(column);
      const word = index < 0 ? undefined : words[words.length - (columns.length - index)];
      return word !== undefined && /^\d{1,20}$/.test(word) ? Number(word) : null;
    };
    const [receivedPackets, receivedBytes] = [at('Ipkts'), at('Ibytes')];
    const [transmittedPackets, transmittedBytes] = [at('Opkts'), at('Obytes')];
    if (receivedPackets === null || receivedBytes === null) continue;
    if (transmittedPackets === null || transmittedBytes === null || found.has(name)) continue;
    const link = links.get(name);
    const hasLink = /^en\d/.test(name) && link?.flags.includes('UP') === true && link.carrier !== null;
    const up = hasLink ? link.carrier === 'active' || link.carrier === 'associated' : null;
    found.set(name, {
      name,
      receivedBytes,
      receivedPackets,
      receivedErrors: at('Ierrs'),
      receivedDrops: null,
      transmittedBytes,
      transmittedPackets,
      transmittedErrors: at('Oerrs'),
      transmittedDrops: at('Drop'),
      up,
      bytesPerSecond: up === true ? (speeds.get(name) ?? null) : null,
    });
  }
  return [...found.values()];
}

const BITS = { '': 1e6, G: 1e9 } as const;

/** From 'media: autoselect (1000baseT <full-duplex>)', '10Gbase-T'; a radio names none. In bytes per second. */
function speedsOf(ifconfig: string): Map<string, number> {
  const speeds = new Map<string, number>();
  let name = '';
  for (const line of linesOf(ifconfig)) {
    name = /^([^\s:]+):/.exec(line)?.[1] ?? name;
    const [, number, giga = ''] = /^\s+media:.*?\b(\d{1,5}(?:\.\d)?)(G?)[bB]ase/.exec(line) ?? [];
    if (number !== undefined) speeds.set(name, (Number(number) * BITS[giga === 'G' ? 'G' : '']) / 8);
  }
  return speeds;
}

/**
 * Local volumes. All of one APFS container share its space, so the one with the shortest path speaks for it: `/`
 * for the system and the data beside it. Images of software and what Finder does not show are left out, but for
 * `/` itself, which is read-only by design.
 */
export function volumesOf(mount: string): Volume[] {
  const spoken = new Set<string>();
  return parseMount(mount)
    .filter(({ device, mount: path, options }) => {
      // What the system makes up has a name and no device.
      if (!device.startsWith('/dev/') || !path.startsWith('/') || !options.includes('local')) return false;
      return path === '/' || !(options.includes('nobrowse') || options.includes('read-only'));
    })
    .toSorted((a, b) => a.mount.length - b.mount.length)
    .filter(({ device, type }) => {
      const container = type === 'apfs' ? (/^\/dev\/disk\d+/.exec(device)?.[0] ?? device) : device;
      return spoken.has(container) ? false : spoken.add(container);
    })
    .map(({ mount: path }) => ({ name: path, path }));
}

export interface ProcessTable {
  readonly processes: readonly NativeProcess[];
  readonly running: number;
  /** In a wait that nothing can interrupt: nearly always for a disk. */
  readonly blocked: number;
}

const KIBIBYTE = 1_024;
/** pid, state, resident KiB, CPU time, start (five words), user, program with its path, which may hold blanks. */
const PROCESS =
  /^\s*(\d{1,10})\s+([A-Za-z])\S*\s+(\d{1,15})\s+([\d:.-]{1,20})\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d{4})\s+(\S+)\s+(.+)$/;

/** ps(1) */
export function processTable(text: string): ProcessTable {
  const matches: RegExpExecArray[] = [];
  for (const line of linesOf(text)) {
    const match = PROCESS.exec(line);
    if (match !== null) matches.push(match);
  }
  return {
    processes: matches.map(([, pid, , residentKib, time = '', startedAt = '', user = '', path = '']) => ({
      pid: Number(pid),
      name: path.slice(path.lastIndexOf('/') + 1).trim(),
      user,
      startedAt,
      cpuSeconds: secondsOf(time),
      residentBytes: Number(residentKib) * KIBIBYTE,
    })),
    running: matches.filter(([, , state]) => state === 'R').length,
    blocked: matches.filter(([, , state]) => state === 'U').length,
  };
}

/** '1-02:03:04', '123:45.67': each part is sixty of the next, days are 24 hours. */
function secondsOf(time: string): number {
  const [, days = '0', rest = ''] = /^(?:(\d+)-)?([\d:.]+)$/.exec(time) ?? [];
  const seconds = rest.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  const total = Number(days) * 86_400 + seconds;
  return Number.isFinite(total) ? total : 0;
}

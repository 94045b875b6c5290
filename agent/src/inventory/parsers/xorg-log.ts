/** The graphics card in an X server's log, and in `ddcprobe`'s report. */
import { bytesOfSize, linesOf, oneSpaced, pairOf } from './lines.ts';

export interface XorgCard {
  /** As the driver calls it. */
  readonly name: string | null;
  /** The chip, where the driver only knows that. */
  readonly product: string | null;
  readonly memoryBytes: number | null;
  /** vendor:device[:subvendor:subdevice], four hex digits each. */
  readonly pciId: string | null;
  /** 'bus:device.function' in hex. */
  readonly pciSlot: string | null;
  /** '1920x1080' */
  readonly resolution: string | null;
}

/** What is of interest stands at the start of a line. */
const LINE_CHARS_MAX = 512;

type Draft = { -readonly [K in keyof XorgCard]: XorgCard[K] };

/** First match wins for each field. */
const PATTERNS: readonly (readonly [RegExp, (card: Draft, match: RegExpExecArray) => void])[] = [
  [/\bPCI:\s?\*\((?:\d+[:@])?(\d+):(\d+):(\d+)\) ([0-9a-f]{4}(?::[0-9a-f]{4}){1,3})?/, setPci],
  [/\bPCI:\s?\*.*\bunknown vendor \(0x([0-9a-f]{4})\) unknown chipset \(0x([0-9a-f]{4})\)/, setOldPci],
  [/\bPrimary Device is: PCI ([0-9a-f]{2}):?(?:@00:)?([0-9a-f]{2})[:.](\d)/, setSlot],
  [/\bIntegrated Graphics Chipset: (.+)$/, (card, [, name]) => (card.name ??= oneSpaced(name))],
  [/\bNVIDIA GPU (.+?) at PCI:/, (card, [, name]) => (card.name ??= oneSpaced(name))],
  [
    /\b(?:RADEON|AMDGPU|FGLRX|ATI)\(\d+\): Chipset: "([^"]+)"/i,
    (card, [, name]) => (card.name ??= oneSpaced(name)),
  ],
  [/\bVESA VBE OEM: (.+)$/, (card, [, name]) => (card.name ??= oneSpaced(name))],
  [/\bNOUVEAU\(\d+\): Chipset: "([^"]+)"/i, (card, [, name]) => (card.product ??= oneSpaced(name))],
  [/\bVESA VBE OEM Product: (.+)$/, (card, [, name]) => (card.product ??= oneSpaced(name))],
  [/\bNVIDIA\(\d+\): Memory: (\d+) kBytes/, setMemory],
  [/\bVESA VBE Total Mem: (\d+) kB/, setMemory],
  [/\bVirtual size is (\d+x\d+)/, (card, [, size]) => (card.resolution ??= size ?? null)],
  [/\busing initial mode (\d+x\d+)/, (card, [, size]) => (card.resolution ??= size ?? null)],
  [
    /\bVirtual screen size determined to be (\d+) x (\d+)/,
    (card, [, w, h]) => (card.resolution ??= `${w}x${h}`),
  ],
  [/\bSetting mode "[^"]*?(\d+x\d+)/, (card, [, size]) => (card.resolution ??= size ?? null)],
];

/** The card of the first screen. The resolution is the one in use, else the first that the monitor offers. */
export function parseXorgLog(text: string): XorgCard {
  const card: Draft = {
    name: null,
    product: null,
    memoryBytes: null,
    pciId: null,
    pciSlot: null,
    resolution: null,
  };
  let offered: string | null = null;
  for (const whole of linesOf(text)) {
    const line = whole.slice(0, LINE_CHARS_MAX);
    offered ??= /\bModeline "(\d+x\d+)/.exec(line)?.[1] ?? null;
    for (const [pattern, apply] of PATTERNS) {
      const match = pattern.exec(line);
      if (match !== null) apply(card, match);
    }
  }
  card.resolution ??= offered;
  return card;
}

function setPci(card: Draft, [, bus, device, fn, id]: RegExpExecArray): void {
  card.pciSlot ??= slot(Number(bus), Number(device), Number(fn));
  card.pciId ??= id ?? null;
}

function setOldPci(card: Draft, [, vendor, device]: RegExpExecArray): void {
  card.pciId ??= `${vendor}:${device}`;
}

function setSlot(card: Draft, [, bus, device, fn]: RegExpExecArray): void {
  card.pciSlot ??= slot(Number.parseInt(bus ?? '0', 16), Number.parseInt(device ?? '0', 16), Number(fn));
}

function slot(bus: number, device: number, fn: number): string {
  const hex = (value: number): string => value.toString(16).padStart(2, '0');
  return `${hex(bus)}:${hex(device)}.${fn.toString(16)}`;
}

function setMemory(card: Draft, [, kibibytes]: RegExpExecArray): void {
  card.memoryBytes ??= Number(kibibytes) * 1024;
}

export interface DdcReport {
  /** Every field; of a repeated one the last. */
  readonly fields: Readonly<Record<string, string>>;
  readonly product: string | null;
  readonly memoryBytes: number | null;
  readonly monitor: string | null;
}

/** `ddcprobe` of the read-edid package: 'key: value' lines. */
export function parseDdcprobe(text: string): DdcReport {
  const fields = Object.create(null) as Record<string, string>;
  for (const line of linesOf(text)) {
    const pair = pairOf(line);
    // Monitors send bytes that are no text.
    const value = oneSpaced(pair?.[1].replace(/[^\x20-\x7e]/g, ''));
    if (pair !== null && value !== null && /^\w+$/.test(pair[0])) fields[pair[0]] = value;
  }
  return {
    fields,
    product: fields['product'] ?? fields['oem'] ?? null,
    memoryBytes: bytesOfSize(fields['memory'], 1024),
    monitor: fields['monitorid'] ?? null,
  };
}

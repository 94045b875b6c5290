/** Parser of `hdparm -I`: what an ATA drive says of itself. */
import { linesOf, oneSpaced, pairOf } from './lines.ts';

export interface HdparmDrive {
  readonly model: string | null;
  readonly serial: string | null;
  readonly firmware: string | null;
  readonly transport: 'sata' | 'ata' | null;
  /** Counted in whole 1,000,000 bytes. */
  readonly sizeBytes: number | null;
  /** Sixteen hex digits. */
  readonly wwn: string | null;
}

/** @returns null where there is no drive, or one whose answer is noise (some USB and RAID bridges) */
export function parseHdparm(text: string): HdparmDrive | null {
  const values = new Map(linesOf(text).flatMap((line) => [pairOf(line)].filter((pair) => pair !== null)));
  const identity = ['Model Number', 'Serial Number', 'Firmware Revision'].map(
    (name) => values.get(name) ?? '',
  );
  if (identity.every((value) => value === '') || identity.some(isNoise)) return null;
  const [model, serial, firmware] = identity;
  const millions = /^(\d{1,12}) MBytes/.exec(values.get('device size with M = 1000*1000') ?? '')?.[1];
  return {
    model: oneSpaced(model),
    serial: oneSpaced(serial),
    firmware: oneSpaced(firmware),
    transport: transportOf(values.get('Transport') ?? ''),
    sizeBytes: millions === undefined ? null : Number(millions) * 1_000_000,
    wwn: /^[0-9a-f]{16}$/.exec(values.get('Logical Unit WWN Device Identifier') ?? '')?.[0] ?? null,
  };
}

function transportOf(words: string): HdparmDrive['transport'] {
  if (words.startsWith('Serial')) return 'sata';
  return words.startsWith('Parallel') ? 'ata' : null;
}

/** ATA strings are printable ASCII. */
function isNoise(value: string): boolean {
  return /[^\x20-\x7e]/.test(value);
}

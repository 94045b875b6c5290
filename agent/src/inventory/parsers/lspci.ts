/** Parser of `lspci -v -nn`: the PCI functions of a machine. */
import { linesOf, oneSpaced } from './lines.ts';

export interface PciFunction {
  /** '00:1f.2', with the domain where the report has it. */
  readonly slot: string;
  readonly class: string;
  /** Base class and subclass, four hex digits. */
  readonly classId: string;
  readonly vendorId: string;
  readonly productId: string;
  /** Vendor and product as the list of names has them, in one text. */
  readonly name: string;
  /** Four hex digits each; null where the function has no subsystem. */
  readonly subsystemVendorId: string | null;
  readonly subsystemProductId: string | null;
  /** Who made the card or machine. */
  readonly subsystemVendor: string | null;
  /** Two hex digits. */
  readonly revision: string | null;
  readonly driver: string | null;
  /** Sum of the prefetchable regions: of a graphics card, the window to its memory. */
  readonly prefetchableBytes: number;
}

/** A machine has at most a few hundred. */
const FUNCTIONS_MAX = 4_096;

export function parseLspci(text: string): PciFunction[] {
  const functions: { -readonly [K in keyof PciFunction]: PciFunction[K] }[] = [];
  for (const line of linesOf(text)) {
    const head = readHead(line);
    if (head) {
      if (functions.length === FUNCTIONS_MAX) break;
      functions.push(head);
    } else {
      const current = functions.at(-1);
      if (current && /^\s/.test(line)) Object.assign(current, readDetail(line.trim(), current));
    }
  }
  return functions;
}

/** Words that end the name of a company, and what may come behind them. */
const COMPANY_END =
  /^.{0,80}?\b(?:Corporation|Corp|Incorporated|Inc|Ltd|Limited|LLC|GmbH|AG|Instruments|Technologies|Technology|Semiconductors?|Systems|Electronics|Microsystems)\b\.?(?:,? (?:(?:Corporation|Corp|Company|Co|Inc|Ltd|Limited)\b\.?|and subsidiaries\b|\[[^\]]{1,40}\](?= )))*(?=,? |$)/;

/**
 * Vendor and product of a function's name.
 * @param knownVendor the vendor's name of a list of names; without it, or where the name begins otherwise, the vendor ends at
 *   the word that ends a company's name, else at the first blank
 */
export function splitPciName(
  name: string,
  knownVendor: string | null = null,
): { readonly vendor: string; readonly product: string } {
  const known = knownVendor !== null && name.startsWith(knownVendor) ? knownVendor : null;
  const vendor = known ?? COMPANY_END.exec(name)?.[0] ?? /^\S*/.exec(name)?.[0] ?? '';
  return { vendor, product: name.slice(vendor.length).replace(/^,? /, '') };
}

/** 'SLOT CLASS [0300]: NAME [8086:2a42] (rev 07)'. */
function readHead(line: string): { -readonly [K in keyof PciFunction]: PciFunction[K] } | null {
  const [, slot, classText, classId, rest = ''] =
    /^((?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]) ([^[]{1,120}) \[([0-9a-f]{4})\]: (.*)$/.exec(
      line,
    ) ?? [];
  const ids = [...rest.matchAll(/ \[([0-9a-f]{4}):([0-9a-f]{4})\]/g)].at(-1);
  const [, vendorId, productId] = ids ?? [];
  if (!slot || !classText || !classId || !vendorId || !productId) return null;
  return {
    slot,
    class: classText,
    classId,
    vendorId,
    productId,
    name: oneSpaced(rest.slice(0, ids?.index)) ?? '',
    subsystemVendorId: null,
    subsystemProductId: null,
    subsystemVendor: null,
    revision: /\(rev ([0-9a-f]{2})\)/.exec(rest)?.[1] ?? null,
    driver: null,
    prefetchableBytes: 0,
  };
}

function readDetail(line: string, { prefetchableBytes }: PciFunction): Partial<PciFunction> {
  if (line.startsWith('Subsystem: ')) return readSubsystem(line.slice('Subsystem: '.length));
  const driver = /^Kernel driver in use: (\S+)/.exec(line)?.[1];
  if (driver !== undefined) return { driver };
  const [, size, unit = ''] =
    /^Memory at .{1,40}, prefetchable\).{0,40}\[size=(\d{1,6})([KMGT]?)\]/.exec(line) ?? [];
  if (size === undefined) return {};
  const bytes = Number(size) * 1024 ** ['', 'K', 'M', 'G', 'T'].indexOf(unit);
  return { prefetchableBytes: prefetchableBytes + bytes };
}

function readSubsystem(value: string): Partial<PciFunction> {
  const ids = /\[([0-9a-f]{4}):([0-9a-f]{4})\]\s*$/.exec(value);
  if (!ids) return {};
  const name = oneSpaced(value.slice(0, ids.index)) ?? '';
  return {
    subsystemVendorId: ids[1] ?? null,
    subsystemProductId: ids[2] ?? null,
    // 'Device' stands where the list has no name for the product.
    subsystemVendor: name === 'Device' ? null : oneSpaced(name.replace(/ Device$/, '')),
  };
}

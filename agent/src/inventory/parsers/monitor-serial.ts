/** The serial number on a monitor's label, put together from its EDID as each maker does. */
import type { Edid } from './edid.ts';

export interface MonitorSerial {
  /** As on the label, as far as the EDID tells; null where the maker set nothing. */
  readonly serial: string | null;
  /** The form that other programs show, where it is another one. */
  readonly otherSerial: string | null;
}

type Known = Pick<Edid, 'vendorId' | 'productId' | 'serialNumber' | 'serialText'>;

export function monitorSerial(edid: Known): MonitorSerial {
  const text = edid.serialText === '0' ? null : edid.serialText;
  const byMaker = MAKERS[edid.vendorId]?.(edid, text) ?? null;
  if (byMaker) return byMaker;
  return { serial: text ?? hexNumber(edid.serialNumber), otherSerial: null };
}

type Rule = (edid: Known, text: string | null) => MonitorSerial | null;

const MAKERS: Readonly<Record<string, Rule>> = {
  ACR: acer,
  BNQ: benq,
  EIZ: eizo,
  ENC: eizo,
  PHL: philips,
  SAM: samsung,
};

const ACER_TEXT_LENGTH = 12;
const ACER_SPLIT_AT = 8;

/** The label has the number as hex between the eighth and the ninth character of the text. */
function acer({ serialNumber }: Known, text: string | null): MonitorSerial | null {
  const number = hexNumber(serialNumber);
  if (text?.length !== ACER_TEXT_LENGTH || number === null) return null;
  return { serial: text.slice(0, ACER_SPLIT_AT) + number + text.slice(ACER_SPLIT_AT), otherSerial: text };
}

/** The number holds the label's first letters. */
function benq({ serialNumber }: Known, text: string | null): MonitorSerial | null {
  const prefix = letters(serialNumber).reverse().join('');
  if (text === null || !/^[A-Z]{2,4}$/.test(prefix)) return null;
  return { serial: prefix + text, otherSerial: text };
}

const EIZO_DIGITS = 8;

/** The label has the number, decimal. */
function eizo({ serialNumber }: Known, text: string | null): MonitorSerial | null {
  if (text !== null || serialNumber === 0) return null;
  return { serial: String(serialNumber).padStart(EIZO_DIGITS, '0'), otherSerial: null };
}

const PHILIPS_DIGITS = 6;

/** Without a text the label ends in the number, decimal. */
function philips({ serialNumber }: Known, text: string | null): MonitorSerial | null {
  if (text !== null || serialNumber === 0) return null;
  return {
    serial: String(serialNumber).padStart(PHILIPS_DIGITS, '0'),
    otherSerial: hexNumber(serialNumber),
  };
}

/** Product number from which on (models of about 2009) the label begins with the letters in the number. */
const SAMSUNG_PREFIXED_FROM = 0x0570;

function samsung({ productId, serialNumber }: Known, text: string | null): MonitorSerial | null {
  const prefix = letters(serialNumber).join('');
  if (text === null || !/^[A-Z0-9]{4}$/.test(prefix)) return null;
  const long = prefix + text;
  return Number.parseInt(productId, 16) >= SAMSUNG_PREFIXED_FROM
    ? { serial: long, otherSerial: text }
    : { serial: text, otherSerial: long };
}

/** The four bytes as characters, highest first, without zero bytes. */
function letters(serialNumber: number): string[] {
  return [24, 16, 8, 0]
    .map((shift) => (serialNumber >>> shift) & 0xff)
    .filter((byte) => byte !== 0)
    .map((byte) => String.fromCharCode(byte));
}

function hexNumber(serialNumber: number): string | null {
  return serialNumber === 0 ? null : serialNumber.toString(16).padStart(8, '0');
}

/** macOS `ioreg -l`: objects of one class with their properties. */
import { linesOf } from './lines.ts';

/** Data is hex digits, or text where ioreg shows it as text; integers beyond 2^53 are decimal text. */
export type IoregValue = string | number | boolean | readonly string[] | Readonly<Record<string, string>>;

export interface IoregObject {
  readonly name: string;
  readonly properties: Readonly<Record<string, IoregValue>>;
}

/**
 * @param className exact: subclasses have their own name ('IOUSBRootHubDevice' is no 'IOUSBDevice')
 */
export function parseIoreg(text: string, className: string): IoregObject[] {
  const objects: { name: string; properties: Record<string, IoregValue> }[] = [];
  let current: Record<string, IoregValue> | null = null;
  for (const line of linesOf(text)) {
    const head = /^[\s|]*\+-o (.*?) {1,2}<class (\w+)[,>]/.exec(line);
    if (head !== null) {
      current = head[2] === className ? (Object.create(null) as Record<string, IoregValue>) : null;
      if (current !== null) objects.push({ name: head[1] ?? '', properties: current });
      continue;
    }
    const property = current === null ? null : /^[\s|]*"([^"]+)" ?= ?(.*)$/.exec(line);
    const value = property === null ? null : valueOf((property[2] ?? '').trim());
    if (current !== null && property?.[1] !== undefined && value !== null) current[property[1]] = value;
  }
  return objects;
}

function valueOf(text: string): IoregValue | null {
  if (text === 'Yes' || text === 'No') return text === 'Yes';
  if (/^-?\d{1,20}$/.test(text)) return Number.isSafeInteger(Number(text)) ? Number(text) : text;
  const quoted = /^<?"(.*)">?$/.exec(text)?.[1];
  if (quoted !== undefined) return quoted;
  const data = /^<([0-9a-f ]*)>$/i.exec(text)?.[1];
  if (data !== undefined) return data;
  if (text.startsWith('(') && text.endsWith(')')) return text === '()' ? [] : text.slice(1, -1).split(',');
  if (text.startsWith('{') && text.endsWith('}')) return dictOf(text);
  return null;
}

/** One level: what is nested deeper stays text. */
function dictOf(text: string): Record<string, string> {
  const dict = Object.create(null) as Record<string, string>;
  for (const [, key, quoted, bare] of text.matchAll(/"([^"]{1,256})"\s?=\s?(?:"([^"]*)"|([^,"{}()]+))/g))
    if (key !== undefined) dict[key] = quoted ?? bare?.trim() ?? '';
  return dict;
}

export interface MacUsbDevice {
  readonly name: string | null;
  readonly vendor: string | null;
  readonly vendorId: number | null;
  readonly productId: number | null;
  readonly serial: string | null;
  readonly class: number | null;
  readonly subclass: number | null;
}

/** 'IOUSBDevice' until OS X 10.10, 'IOUSBHostDevice' since. */
export function macUsbDevices(text: string): MacUsbDevice[] {
  return [...parseIoreg(text, 'IOUSBDevice'), ...parseIoreg(text, 'IOUSBHostDevice')].map(
    ({ properties }) => ({
      name: textOf(properties['USB Product Name'] ?? properties['kUSBProductString']),
      vendor: textOf(properties['USB Vendor Name'] ?? properties['kUSBVendorString']),
      vendorId: numberOf(properties['idVendor']),
      productId: numberOf(properties['idProduct']),
      serial: textOf(properties['USB Serial Number'] ?? properties['kUSBSerialNumberString']),
      class: numberOf(properties['bDeviceClass']),
      subclass: numberOf(properties['bDeviceSubClass']),
    }),
  );
}

function textOf(value: IoregValue | undefined): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

function numberOf(value: IoregValue | undefined): number | null {
  return typeof value === 'number' ? value : null;
}

/** Parser of `lsusb -v`: the USB devices of a machine. */
import { linesOf, oneSpaced } from './lines.ts';

export interface UsbDevice {
  /** Four hex digits. */
  readonly vendorId: string;
  readonly productId: string;
  /** From the list of names. */
  readonly vendorName: string | null;
  readonly productName: string | null;
  /** What the device says of itself. */
  readonly manufacturer: string | null;
  readonly product: string | null;
  readonly serial: string | null;
  /** USB class code; 0 where each interface has its own. */
  readonly classCode: number;
  readonly subclassCode: number;
  readonly interfaces: readonly { readonly classCode: number; readonly subclassCode: number }[];
}

/** USB class code of hubs. */
export const USB_CLASS_HUB = 9;

/** 127 addresses on each of a few dozen buses. */
const DEVICES_MAX = 4_096;
const INTERFACES_MAX = 256;

interface Reading {
  vendorId: string;
  productId: string;
  fields: Map<string, { code: string; words: string | null }>;
  interfaces: { classCode: number; subclassCode: number }[];
}

export function parseLsusb(text: string): UsbDevice[] {
  const devices: Reading[] = [];
  for (const line of linesOf(text)) {
    const [, vendorId, productId] =
      /^Bus \d{3} Device \d{3}: ID ([0-9a-f]{4}):([0-9a-f]{4})/.exec(line) ?? [];
    if (vendorId !== undefined && productId !== undefined) {
      if (devices.length === DEVICES_MAX) break;
      devices.push({ vendorId, productId, fields: new Map(), interfaces: [] });
    } else {
      const current = devices.at(-1);
      if (current) readField(line, current);
    }
  }
  return devices.map(finish);
}

const DEVICE_FIELDS = new Set([
  'idVendor',
  'idProduct',
  'iManufacturer',
  'iProduct',
  'iSerial',
  'bDeviceClass',
  'bDeviceSubClass',
]);

/** 'bInterfaceClass         3 Human Interface Device'. */
function readField(line: string, device: Reading): void {
  const [, name = '', code = '', words] =
    /^\s+([A-Za-z]{6,24})\s+(0x[0-9a-f]{4}|\d{1,3})(?: (.*))?$/.exec(line) ?? [];
  if (DEVICE_FIELDS.has(name) && !device.fields.has(name)) {
    device.fields.set(name, { code, words: oneSpaced(words) });
  } else if (name === 'bInterfaceClass' && device.interfaces.length < INTERFACES_MAX) {
    device.interfaces.push({ classCode: Number(code), subclassCode: 0 });
  } else if (name === 'bInterfaceSubClass') {
    const last = device.interfaces.at(-1);
    if (last) last.subclassCode = Number(code);
  }
}

function finish({ vendorId, productId, fields, interfaces }: Reading): UsbDevice {
  const words = (name: string) => fields.get(name)?.words ?? null;
  const code = (name: string) => Number(fields.get(name)?.code ?? 0);
  return {
    vendorId,
    productId,
    vendorName: words('idVendor'),
    productName: words('idProduct'),
    manufacturer: words('iManufacturer'),
    product: words('iProduct'),
    serial: words('iSerial'),
    classCode: code('bDeviceClass'),
    subclassCode: code('bDeviceSubClass'),
    interfaces,
  };
}

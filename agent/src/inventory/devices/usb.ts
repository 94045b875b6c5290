/** USB devices of a Linux machine from /sys/bus/usb. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import type { Host } from '../../host.ts';
import { byText, readValue } from '../text.ts';
import { readBusNames } from './bus-names.ts';

type UsbDevice = SectionData['devices']['usbDevices'][number];

const USB = '/sys/bus/usb/devices';
/** The Linux Foundation: root hubs, which are the controllers themselves. */
const ROOT_HUB_VENDOR = '1d6b';

/** USB-IF base classes, in words; what an interface says where the device leaves it to its interfaces. */
const CLASSES: Readonly<Record<string, string>> = {
  '01': 'audio',
  '02': 'communications',
  '03': 'human interface',
  '05': 'physical',
  '06': 'image',
  '07': 'printer',
  '08': 'storage',
  '09': 'hub',
  '0a': 'data',
  '0b': 'smart card',
  '0d': 'content security',
  '0e': 'video',
  '0f': 'health care',
  '10': 'audio and video',
  '11': 'billboard',
  dc: 'diagnostic',
  e0: 'wireless',
  ef: 'miscellaneous',
};

/** By port. Names are the device's own, else those of usb.ids. */
export function readUsbDevices(host: Host): UsbDevice[] {
  const entries = host.list(USB);
  const ports = entries.filter((name) => /^\d+-[\d.]+$/.test(name));
  if (ports.length === 0) return [];
  const names = readBusNames(host, 'usb.ids');
  return ports
    .map((port) => {
      const value = (name: string) => readValue(host, `${USB}/${port}/${name}`);
      const [vendorId, productId] = [hexId(value('idVendor')), hexId(value('idProduct'))];
      return {
        port,
        vendorId,
        productId,
        vendor: (vendorId && names.vendor(vendorId)) ?? value('manufacturer'),
        product: value('product') ?? (vendorId && productId && names.product(vendorId, productId)),
        serial: ownSerial(value('serial')),
        class: classOf(value('bDeviceClass'), () =>
          entries
            .filter((name) => name.startsWith(`${port}:`))
            .map((name) => readValue(host, `${USB}/${name}/bInterfaceClass`)),
        ),
      };
    })
    .filter(({ vendorId }) => vendorId !== ROOT_HUB_VENDOR)
    .sort((a, b) => byText(a.port, b.port));
}

function hexId(value: string | null): string | null {
  return value !== null && /^[0-9a-f]{4}$/i.test(value) ? value.toLowerCase() : null;
}

/** Makers that give each device the same "serial number" give none. */
function ownSerial(serial: string | null): string | null {
  if (serial === null || /^(0+|1?2345678(9(0)?)?|0123456789(ABCDEF)?|none|n\/a)$/i.test(serial)) return null;
  return serial;
}

/** Classes 00 and ef: each interface says its own. */
function classOf(deviceClass: string | null, interfaceClasses: () => (string | null)[]): string | null {
  if (deviceClass !== null && deviceClass !== '00' && deviceClass !== 'ef')
    return CLASSES[deviceClass] ?? null;
  const known = interfaceClasses().flatMap((one) => (one && CLASSES[one] ? [CLASSES[one]] : []));
  return known[0] ?? null;
}

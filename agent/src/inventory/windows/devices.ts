/** The section `devices` of Windows: USB devices, graphics cards and printers. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import { type CimRecord, cimFlag, cimNumber, cimText } from '../parsers/cim.ts';
import { type RegKey, regText } from '../parsers/reg-file.ts';
import { usbPrinterSerials, windowsGpus, windowsUsb } from '../parsers/windows-hardware.ts';
import type { CollectedSection } from '../section.ts';
import { sectionOf, shortName, type WindowsRecords } from './outputs.ts';

type Devices = SectionData['devices'];
type UsbDevice = Devices['usbDevices'][number];
type Printer = Devices['printers'][number];

/** Either lists every device. */
const PLUGGED = ['Win32_PnPEntity', 'CIM_LogicalDevice'] as const;
const CLASSES = ['Win32_VideoController', 'Win32_Printer', 'Win32_TCPIPPrinterPort'] as const;
const PLACES: readonly (readonly [string, RegExp])[] = [
  ['registry: Enum\\USB', /\\Enum\\USB(?:\\|$)/i],
  ['registry: Enum\\USBPRINT', /\\Enum\\USBPRINT(?:\\|$)/i],
  ['registry: class of display adapters', /\\\{4d36e968-e325-11ce-bfc1-08002be10318\}(?:\\|$)/i],
];

export function windowsDevices(records: WindowsRecords): CollectedSection<'devices'> | null {
  const plugged = PLUGGED.find((name) => records.given(name));
  const printing = records.given('Win32_Printer') || records.exported(/\\Enum\\USBPRINT(?:\\|$)/i);
  if (plugged === undefined && !records.given('Win32_VideoController') && !printing) return null;
  const printers = records.of('Win32_Printer');
  const serials = usbPrinterSerials(records.keys, records.keys);
  return sectionOf<'devices'>(
    {
      usbDevices: plugged === undefined ? [] : usbDevicesOf(records.of(plugged), records.keys),
      gpus: gpusOf(records),
      printers: records.given('Win32_Printer')
        ? printersOf(printers, records.of('Win32_TCPIPPrinterPort'), serials)
        : pluggedPrinters(records.keys, serials),
    },
    [
      ...(plugged === undefined ? [PLUGGED[0]] : []),
      ...records.missing(CLASSES),
      ...PLACES.flatMap(([name, place]) => (records.exported(place) ? [] : [name])),
    ],
  );
}

function usbDevicesOf(listed: readonly CimRecord[], keys: readonly RegKey[]): UsbDevice[] {
  const ports = portsOf(keys);
  const found = new Map<string, UsbDevice>();
  for (const record of listed) {
    const [device] = windowsUsb([record]);
    const id = cimText(record, 'PNPDeviceID') ?? cimText(record, 'DeviceID') ?? '';
    if (device === undefined || found.has(id.toUpperCase())) continue;
    found.set(id.toUpperCase(), {
      port: shortName(ports.get(id.toUpperCase()) ?? instanceOf(id)),
      vendorId: device.vendorId.toLowerCase(),
      productId: device.productId.toLowerCase(),
      vendor: device.manufacturer,
      product: device.name,
      serial: device.serial,
      class: classOf(record),
    });
  }
  return [...found.values()];
}

/** Instance → 'Port_#0003.Hub_#0002', which says more than the name that Windows made up. */
function portsOf(keys: readonly RegKey[]): Map<string, string> {
  return new Map(
    keys.flatMap((key): [string, string][] => {
      const id = /\\Enum\\(USB\\VID_[^\\]+\\[^\\]+)$/i.exec(key.path)?.[1];
      const port = regText(key, 'LocationInformation');
      return id === undefined || port === null ? [] : [[id.toUpperCase(), port]];
    }),
  );
}

/** What follows the device in its id: made of the port where the device has no serial number. */
function instanceOf(id: string): string {
  return id.slice(id.lastIndexOf('\\') + 1);
}

/** Driver or setup class → class in words of the USB class list. */
const CLASS_WORDS: Readonly<Record<string, string>> = {
  usbstor: 'storage',
  uaspstor: 'storage',
  usbhub: 'hub',
  usbhub3: 'hub',
  hidusb: 'human interface',
  hidclass: 'human interface',
  keyboard: 'human interface',
  mouse: 'human interface',
  usbprint: 'printer',
  printer: 'printer',
  usbaudio: 'audio',
  media: 'audio',
  usbvideo: 'video',
  camera: 'video',
  image: 'image',
  bthusb: 'wireless',
  bluetooth: 'wireless',
  smartcardreader: 'smart card',
  ports: 'communications',
  usbser: 'communications',
};

function classOf(record: CimRecord): string | null {
  const words = [cimText(record, 'Service'), cimText(record, 'PNPClass')];
  return words.map((word) => CLASS_WORDS[word?.toLowerCase() ?? '']).find(Boolean) ?? null;
}

function gpusOf(records: WindowsRecords): Devices['gpus'] {
  const controllers = records.of('Win32_VideoController');
  return windowsGpus(controllers, records.keys).map((gpu, index) => ({
    slot: cimText(controllers[index], 'DeviceID'),
    name: gpu.name,
    vendor: cimText(controllers[index], 'AdapterCompatibility'),
    memoryBytes: gpu.memoryBytes,
    driver: gpu.driverVersion,
  }));
}

const NAME_CHARS = 256;

type Serials = ReadonlyMap<string, string | null>;

function printersOf(
  printers: readonly CimRecord[],
  tcpPorts: readonly CimRecord[],
  serials: Serials,
): Printer[] {
  const hosts = new Map(tcpPorts.map((record) => [cimText(record, 'Name'), record]));
  return printers.flatMap((record) => {
    const name = cimText(record, 'Name');
    if (name === null) return [];
    const port = cimText(record, 'PortName');
    const server = cimText(record, 'ServerName')?.replace(/^\\+/, '') ?? null;
    return [
      {
        name: name.slice(0, NAME_CHARS),
        description: cimText(record, 'Comment'),
        location: cimText(record, 'Location'),
        driver: cimText(record, 'DriverName'),
        ...(server === null ? placeOf(port, hosts.get(port)) : { scheme: 'smb', host: server }),
        serial: serials.get(port ?? '') ?? null,
        default: cimFlag(record, 'Default'),
        shared: cimFlag(record, 'Shared'),
      },
    ];
  });
}

/** Win32_TCPIPPrinterPort.Protocol */
const PROTOCOL_LPR = 2;

/** Scheme and host of a port; never a path, a user or a query. */
function placeOf(port: string | null, tcp: CimRecord | undefined): Pick<Printer, 'scheme' | 'host'> {
  const address = cimText(tcp, 'HostAddress');
  if (address !== null)
    return { scheme: cimNumber(tcp, 'Protocol') === PROTOCOL_LPR ? 'lpd' : 'socket', host: address };
  const [, scheme, host] = /^(https?|ipps?):\/\/(?:[^/?#]*@)?([^/:?#@]+)/i.exec(port ?? '') ?? [];
  if (scheme !== undefined && host !== undefined) return { scheme: scheme.toLowerCase(), host };
  const server = /^\\\\([^\\]+)\\/.exec(port ?? '')?.[1];
  if (server !== undefined) return { scheme: 'smb', host: server };
  const local = PORTS.find(([pattern]) => pattern.test(port ?? ''))?.[1] ?? null;
  return { scheme: local, host: null };
}

const PORTS: readonly (readonly [RegExp, string])[] = [
  [/^(?:USB|DOT4_)\d/i, 'usb'],
  [/^LPT\d/i, 'parallel'],
  [/^COM\d/i, 'serial'],
  [/^WSD-/i, 'wsd'],
];

/** Where only the registry tells: the model is part of the key's path. */
function pluggedPrinters(keys: readonly RegKey[], serials: Serials): Printer[] {
  const found = new Map<string, Printer>();
  for (const key of keys) {
    const model = /\\Enum\\USBPRINT\\([^\\]+)\\[^\\]+\\Device Parameters$/i.exec(key.path)?.[1];
    const port = regText(key, 'PortName');
    if (model === undefined || port === null || found.has(port)) continue;
    found.set(port, {
      name: model.replaceAll('_', ' ').slice(0, NAME_CHARS),
      description: null,
      location: null,
      driver: null,
      ...placeOf(port, undefined),
      serial: serials.get(port) ?? null,
      default: null,
      shared: null,
    });
  }
  return [...found.values()];
}

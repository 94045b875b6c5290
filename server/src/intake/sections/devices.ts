/** controllers, monitors, USB, printers, batteries … → our section `devices`. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import type { Content } from '../message.ts';
import {
  dateMs,
  firstText,
  integer,
  type Item,
  mebibytes,
  named,
  positive,
  sortedBy,
  text,
  unique,
  yesNo,
} from '../values.ts';
import type { Context } from './context.ts';

type Devices = SectionData['devices'];
type Of<K extends keyof Devices> = Devices[K][number];

/** Ours ← theirs, and what one item becomes; null: it is left out. */
const LISTS: {
  readonly [K in keyof Devices]: { readonly from: string; readonly of: (item: Item) => Of<K> | null };
} = {
  controllers: { from: 'controllers', of: controller },
  gpus: { from: 'videos', of: gpu },
  monitors: { from: 'monitors', of: monitor },
  usbDevices: { from: 'usbdevices', of: usbDevice },
  printers: { from: 'printers', of: printer },
  batteries: { from: 'batteries', of: battery },
  powerSupplies: { from: 'powersupplies', of: powerSupply },
  expansionSlots: { from: 'slots', of: expansionSlot },
  connectors: { from: 'ports', of: connector },
  sounds: { from: 'sounds', of: sound },
  inputs: { from: 'inputs', of: input },
};
export const DEVICES_SOURCES: readonly string[] = Object.values(LISTS).map(({ from }) => from);

const DEVICES_MAX = 4_096;

export function devicesPatch({ content }: Context): object {
  return Object.fromEntries(
    Object.entries(LISTS).flatMap(([name, { from, of }]) => {
      const list = listOf(content, from, of as (item: Item) => unknown);
      return list === null ? [] : [[name, list]];
    }),
  );
}

function listOf<T>(content: Content, from: string, of: (item: Item) => T | null): T[] | null {
  const list = content[from];
  if (!list) return null;
  const made = list.flatMap((item) => of(item) ?? []);
  return unique(
    sortedBy(made, (entry) => JSON.stringify(entry)),
    (entry) => JSON.stringify(entry),
  ).slice(0, DEVICES_MAX);
}

/** '8086' of '8086', '0x8086' or '8086:1904'; `part` counts from 0. */
function busId(item: Item, key: string, part = 0): string | null {
  const told = text(item, key)?.toLowerCase().split(':')[part]?.replace(/^0x/, '');
  return told !== undefined && /^[0-9a-f]{4}$/.test(told) ? told : null;
}

function controller(item: Item): Of<'controllers'> | null {
  const slot = text(item, 'pcislot', 64);
  const names = controllerNames(item);
  if (slot === null && names.product === null) return null;
  return {
    slot: slot === null ? '' : /^[0-9a-f]{2}:[0-9a-f]{2}\.\d$/.test(slot) ? `0000:${slot}` : slot,
    ...names,
    vendorId: busId(item, 'vendorid') ?? busId(item, 'pciid', 0),
    productId: busId(item, 'productid') ?? busId(item, 'pciid', 1),
    subsystemVendorId: busId(item, 'pcisubsystemid', 0),
    subsystemProductId: busId(item, 'pcisubsystemid', 1),
    driver: text(item, 'driver'),
  };
}

type ControllerNames = Pick<Of<'controllers'>, 'class' | 'classId' | 'vendor' | 'product' | 'revision'>;

/** OCS has class and its number in NAME ('Host bridge [0600]'), maker and product in MANUFACTURER, the revision in TYPE. */
function controllerNames(item: Item): ControllerNames {
  const [, ofOcs, classId] = /^(.*) \[([0-9a-f]{4})\]$/.exec(text(item, 'name') ?? '') ?? [];
  const type = text(item, 'type');
  if (ofOcs !== undefined && classId !== undefined) {
    const revision = /^rev (\w+)$/.exec(type ?? '')?.[1] ?? null;
    return { class: ofOcs, classId, vendor: null, product: text(item, 'manufacturer'), revision };
  }
  return {
    class: type,
    classId: busId(item, 'pciclass'),
    vendor: text(item, 'manufacturer'),
    product: firstText(item, 'caption', 'name'),
    revision: text(item, 'rev'),
  };
}

function gpu(item: Item): Of<'gpus'> | null {
  const name = firstText(item, 'name', 'chipset');
  if (name === null) return null;
  return {
    slot: text(item, 'pcislot'),
    name,
    vendor: null,
    memoryBytes: mebibytes(item, 'memory'),
    driver: null,
  };
}

/** The week and year of manufacture stand in the description: '32/2015'. */
function monitor(item: Item): Of<'monitors'> | null {
  const model = firstText(item, 'caption', 'name');
  const serial = named(item, 'serial', 'altserial');
  if (model === null && serial === null) return null;
  const [, week, year] = /^(\d{1,2})\/(\d{4})$/.exec(text(item, 'description') ?? '') ?? [];
  return {
    port: text(item, 'port'),
    manufacturer: text(item, 'manufacturer'),
    vendorId: null,
    productId: null,
    model,
    serial,
    madeWeek: week === undefined ? null : Number(week),
    madeYear: year === undefined ? null : Number(year),
    widthMillimetres: null,
    heightMillimetres: null,
  };
}

/** Base classes of the USB class list. */
const USB_CLASSES: Readonly<Record<string, string>> = {
  '1': 'audio',
  '2': 'communication',
  '3': 'input',
  '6': 'imaging',
  '7': 'printer',
  '8': 'storage',
  '9': 'hub',
  '11': 'smart card',
  '14': 'video',
  '224': 'wireless',
};

function usbDevice(item: Item): Of<'usbDevices'> | null {
  const [vendorId, productId] = [busId(item, 'vendorid'), busId(item, 'productid')];
  const product = firstText(item, 'caption', 'name');
  if (vendorId === null && product === null) return null;
  return {
    port: null,
    vendorId,
    productId,
    vendor: text(item, 'manufacturer'),
    product,
    serial: named(item, 'serial'),
    class: USB_CLASSES[String(integer(item, 'class') ?? '')] ?? null,
  };
}

/** Of the address of a printer only scheme and host: it may hold a password. */
function printer(item: Item): Of<'printers'> | null {
  const name = text(item, 'name', 256);
  if (name === null) return null;
  const [, scheme, host] =
    /^([a-z][\w+.-]{0,31}):\/\/(?:[^/@]*@)?([\w.-]+)?/i.exec(text(item, 'port') ?? '') ?? [];
  return {
    name,
    description: text(item, 'description'),
    location: text(item, 'location'),
    driver: text(item, 'driver'),
    scheme: scheme?.toLowerCase() ?? null,
    host: host ?? null,
    serial: named(item, 'serial'),
    default: null,
    shared: yesNo(item, 'shared'),
  };
}

const MILLI = 1_000;
/** No battery of a computer holds less; a smaller number is mAh, as some firmware counts. */
const LEAST_MILLIWATT_HOURS = 10_000;

/** Watt-hours from mWh, or from mAh at the voltage told in mV. */
function wattHours(item: Item, key: string): number | null {
  const told = positive(item, key);
  const voltage = positive(item, 'voltage');
  if (told === null) return null;
  const isCharge = told < LEAST_MILLIWATT_HOURS && voltage !== null && voltage > 5 * MILLI;
  return (isCharge ? (told * voltage) / MILLI : told) / MILLI;
}

function battery(item: Item): Of<'batteries'> | null {
  const model = text(item, 'name');
  const serial = named(item, 'serial');
  if (model === null && serial === null && text(item, 'manufacturer') === null) return null;
  const [design, full] = [wattHours(item, 'capacity'), wattHours(item, 'real_capacity')];
  return {
    name: (model ?? 'battery').slice(0, 64),
    manufacturer: named(item, 'manufacturer'),
    model,
    chemistry: text(item, 'chemistry'),
    serial,
    madeAtMs: dateMs(text(item, 'date')),
    designWattHours: design,
    fullWattHours: design === null || full === null ? null : (Math.round((full / design) * 20) / 20) * design,
  };
}

function powerSupply(item: Item): Of<'powerSupplies'> | null {
  const name = firstText(item, 'name', 'location', 'model')?.slice(0, 256);
  if (name === undefined) return null;
  return {
    name,
    manufacturer: named(item, 'manufacturer'),
    model: named(item, 'model'),
    partNumber: named(item, 'partnum'),
    serial: named(item, 'serialnumber', 'serial'),
    maxWatts: positive(item, 'power_max'),
    hotReplaceable: yesNo(item, 'hotreplaceable'),
  };
}

function expansionSlot(item: Item): Of<'expansionSlots'> | null {
  const name = firstText(item, 'name', 'designation')?.slice(0, 256);
  if (name === undefined) return null;
  const status = text(item, 'status')?.toLowerCase();
  return {
    name,
    type: text(item, 'description'),
    usage: status === 'used' || status === 'free' ? status : 'unknown',
    slot: null,
  };
}

function connector(item: Item): Of<'connectors'> | null {
  const name = firstText(item, 'name', 'caption', 'type')?.slice(0, 256);
  return name === undefined ? null : { name, connector: named(item, 'caption'), use: named(item, 'type') };
}

function sound(item: Item): Of<'sounds'> | null {
  const name = firstText(item, 'name', 'caption')?.slice(0, 256);
  if (name === undefined) return null;
  return {
    name,
    manufacturer: text(item, 'manufacturer'),
    description: text(item, 'description'),
    driver: null,
  };
}

function input(item: Item): Of<'inputs'> | null {
  const name = firstText(item, 'name', 'caption', 'description')?.slice(0, 256);
  if (name === undefined) return null;
  const words = `${name} ${text(item, 'type') ?? ''} ${text(item, 'description') ?? ''}`;
  return {
    name,
    kind: kindOfInput(item, words),
    manufacturer: text(item, 'manufacturer'),
    connection: text(item, 'interface'),
  };
}

function kindOfInput(item: Item, words: string): Of<'inputs'>['kind'] {
  if (/touch ?(screen|pad)/i.test(words)) return 'touch';
  if (/mouse|pointing|trackpoint|trackball/i.test(words) || text(item, 'pointingtype') !== null)
    return 'pointer';
  return /keyboard|clavier|tastatur|键盘|\(10[12] /i.test(words) || text(item, 'layout') !== null
    ? 'keyboard'
    : 'other';
}

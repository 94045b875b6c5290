/** The devices of a report as parts: what has a number of its own, is handed out, or may carry data away. Pure. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import type { PartPicture, SectionPicture } from './picture.ts';

type Devices = SectionData['devices'];

/** Controllers, slots, connectors and the like are shown as reported; as parts they would be a million rows that nobody looks for. */
export function devicesPicture(devices: Devices): SectionPicture {
  return {
    section: 'devices',
    attributes: {},
    parts: distinct([
      ...devices.gpus.map(gpuPart),
      ...devices.monitors.map(monitorPart),
      ...devices.usbDevices.filter((one) => one.class !== 'hub').map(usbPart),
      ...devices.printers.map(printerPart),
      ...devices.batteries.map(batteryPart),
      ...devices.powerSupplies.map(powerSupplyPart),
    ]),
  };
}

/** Two of one model without serial numbers, or makers that number all devices alike: the second is another part. */
function distinct(parts: readonly PartPicture[]): PartPicture[] {
  const seen = new Map<string, number>();
  return parts.map((part) => ({
    ...part,
    keys: part.keys.map((key) => {
      const count = (seen.get(key) ?? 0) + 1;
      seen.set(key, count);
      return count === 1 ? key : `${key} #${count}`;
    }),
  }));
}

function gpuPart(gpu: Devices['gpus'][number]): PartPicture {
  return {
    class: 'Component',
    name: gpu.name ?? gpu.slot ?? 'gpu',
    keys: [`gpu ${gpu.slot ?? gpu.name ?? ''}`],
    attributes: {
      kind: 'gpu',
      slot: gpu.slot,
      model: gpu.name,
      manufacturer: gpu.vendor,
      sizeBytes: gpu.memoryBytes,
      driver: gpu.driver,
    },
  };
}

/** By maker and serial number wherever it is plugged in; else by model and port. */
function monitorPart(monitor: Devices['monitors'][number]): PartPicture {
  const maker = monitor.vendorId ?? monitor.manufacturer ?? '';
  return {
    class: 'Component',
    name: monitor.model ?? monitor.manufacturer ?? monitor.port ?? 'monitor',
    keys: [
      monitor.serial
        ? `monitor ${maker}:${monitor.serial}`
        : `monitor ${maker}${monitor.productId ?? ''} port ${monitor.port ?? ''}`,
    ],
    attributes: {
      kind: 'monitor',
      model: monitor.model,
      manufacturer: monitor.manufacturer ?? monitor.vendorId,
      serial: monitor.serial,
      madeIn: madeIn(monitor.madeYear, monitor.madeWeek),
    },
  };
}

/** ISO 8601 week: '2021-W12'. */
function madeIn(year: number | null, week: number | null): string | null {
  if (year === null) return null;
  return week === null ? String(year) : `${year}-W${String(week).padStart(2, '0')}`;
}

/** With a serial number it is the same device in any port; without one it is what stands in that port. */
function usbPart(usb: Devices['usbDevices'][number]): PartPicture {
  const id = `${usb.vendorId ?? ''}:${usb.productId ?? ''}`;
  return {
    class: 'Component',
    name: usb.product ?? usb.vendor ?? `USB ${id}`,
    keys: [usb.serial ? `usb ${id} ${usb.serial}` : `usb ${id} port ${usb.port ?? ''}`],
    attributes: {
      kind: 'usb',
      model: usb.product,
      manufacturer: usb.vendor,
      serial: usb.serial,
      productId: id === ':' ? null : id,
      purpose: usb.class,
    },
  };
}

function printerPart(printer: Devices['printers'][number]): PartPicture {
  return {
    class: 'Component',
    name: printer.name,
    keys: [`printer ${printer.name}`],
    attributes: {
      kind: 'printer',
      model: printer.driver,
      bus: printer.scheme,
      host: printer.host,
      location: printer.location,
      serial: printer.serial,
    },
  };
}

function batteryPart(battery: Devices['batteries'][number]): PartPicture {
  return {
    class: 'Component',
    name: battery.name,
    keys: battery.serial
      ? [`battery serial ${battery.serial} ${battery.name}`, `battery ${battery.name}`]
      : [`battery ${battery.name}`],
    attributes: {
      kind: 'battery',
      slot: battery.name,
      model: battery.model,
      manufacturer: battery.manufacturer,
      serial: battery.serial,
      type: battery.chemistry,
      designWattHours: battery.designWattHours,
      fullWattHours: battery.fullWattHours,
    },
  };
}

function powerSupplyPart(supply: Devices['powerSupplies'][number]): PartPicture {
  return {
    class: 'Component',
    name: supply.name,
    keys: supply.serial
      ? [`psu serial ${supply.serial} ${supply.name}`, `psu ${supply.name}`]
      : [`psu ${supply.name}`],
    attributes: {
      kind: 'psu',
      slot: supply.name,
      model: supply.model,
      manufacturer: supply.manufacturer,
      partNumber: supply.partNumber,
      serial: supply.serial,
      maxWatts: supply.maxWatts,
    },
  };
}

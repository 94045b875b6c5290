/** The section `devices` of a Mac: USB devices and graphics cards. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import { type IoregObject, macUsbDevices, parseIoreg } from '../parsers/ioreg.ts';
import { macGpus } from '../parsers/macos-hardware.ts';
import { profilerNode, profilerValue } from '../parsers/system-profiler.ts';
import type { CollectedSection } from '../section.ts';
import { type MacosRecords, sectionOf, shortName } from './outputs.ts';

type Devices = SectionData['devices'];

export function macosDevices(records: MacosRecords): CollectedSection<'devices'> | null {
  const graphics = records.profiled('Graphics/Displays');
  const { ioregUsb } = records.outputs;
  if (!graphics && ioregUsb === undefined) return null;
  return sectionOf<'devices'>({ usbDevices: usbDevicesOf(ioregUsb ?? ''), gpus: gpusOf(records) }, [
    !graphics && 'system_profiler: Graphics/Displays',
    ioregUsb === undefined && 'ioreg: USB',
  ]);
}

/** USB-IF base classes, by number. */
const CLASSES: Readonly<Record<number, string>> = {
  1: 'audio',
  2: 'communications',
  3: 'human interface',
  6: 'image',
  7: 'printer',
  8: 'storage',
  9: 'hub',
  11: 'smart card',
  14: 'video',
  224: 'wireless',
};

function usbDevicesOf(ioreg: string): Devices['usbDevices'] {
  // The same objects in the same order.
  const objects = [...parseIoreg(ioreg, 'IOUSBDevice'), ...parseIoreg(ioreg, 'IOUSBHostDevice')];
  return macUsbDevices(ioreg).map((device, index) => ({
    port: shortName(locationOf(objects[index]) ?? `USB ${index + 1}`),
    vendorId: hexId(device.vendorId),
    productId: hexId(device.productId),
    vendor: device.vendor,
    product: device.name,
    serial: device.serial,
    class: CLASSES[device.class ?? 0] ?? null,
  }));
}

/** Bus and ports, one hex digit each: '14200000'. Old systems write it behind the name only. */
function locationOf(object: IoregObject | undefined): string | null {
  const location = object?.properties['locationID'];
  if (typeof location === 'number') return location.toString(16).padStart(8, '0');
  return (
    /@([0-9a-f]{1,8})$/i
      .exec(object?.name ?? '')?.[1]
      ?.toLowerCase()
      .padStart(8, '0') ?? null
  );
}

const ID_MAX = 0xffff;

function hexId(number: number | null): string | null {
  return number !== null && number >= 0 && number <= ID_MAX ? number.toString(16).padStart(4, '0') : null;
}

function gpusOf({ profile }: MacosRecords): Devices['gpus'] {
  return macGpus(profile).map((gpu) => {
    const card = profilerNode(profile, 'Graphics/Displays')?.children.find(
      ({ name }) => name.trim() === gpu.name,
    );
    // 'Intel (0x8086)'
    const vendor = profilerValue(card ?? null, 'Vendor')?.replace(/ \(0x[0-9a-f]+\)$/i, '') ?? null;
    return { slot: gpu.slot, name: gpu.chip ?? gpu.name, vendor, memoryBytes: gpu.memoryBytes, driver: null };
  });
}

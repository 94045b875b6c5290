/** PCI functions of a Linux machine from /sys/bus/pci, and the graphics and sound devices among them. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import type { Host } from '../../host.ts';
import { baseName, readNumber, readValue } from '../text.ts';
import { readBusNames } from './bus-names.ts';
import { readUdev } from '../udev.ts';

type Controller = SectionData['devices']['controllers'][number];
type Gpu = SectionData['devices']['gpus'][number];
type Sound = SectionData['devices']['sounds'][number];

const PCI = '/sys/bus/pci/devices';

/** By address. Names come from pci.ids, else from the udev database. */
export function readControllers(host: Host): Controller[] {
  const slots = host.list(PCI);
  if (slots.length === 0) return [];
  const names = readBusNames(host, 'pci.ids');
  return slots.map((slot) => {
    const folder = `${PCI}/${slot}`;
    const [vendorId, productId] = [hexId(host, `${folder}/vendor`), hexId(host, `${folder}/device`)];
    const classId = readValue(host, `${folder}/class`)?.match(/^0x([0-9a-f]{4})[0-9a-f]{2}$/i)?.[1] ?? null;
    const driver = host.readLink(`${folder}/driver`);
    const udev = readUdev(host, `+pci:${slot}`);
    return {
      slot,
      class: (classId && names.class(classId)) ?? udev.get('ID_PCI_SUBCLASS_FROM_DATABASE') ?? null,
      classId: classId?.toLowerCase() ?? null,
      vendorId,
      productId,
      subsystemVendorId: hexId(host, `${folder}/subsystem_vendor`),
      subsystemProductId: hexId(host, `${folder}/subsystem_device`),
      vendor: (vendorId && names.vendor(vendorId)) ?? udev.get('ID_VENDOR_FROM_DATABASE') ?? null,
      product:
        (vendorId && productId && names.product(vendorId, productId)) ??
        udev.get('ID_MODEL_FROM_DATABASE') ??
        null,
      revision: readValue(host, `${folder}/revision`)?.replace(/^0x/, '') ?? null,
      driver: driver === null ? null : baseName(driver),
    };
  });
}

/** Four lower-case hex digits of a file such as `vendor`; all zeros and all ones name nobody. */
function hexId(host: Host, path: string): string | null {
  const id =
    readValue(host, path)
      ?.match(/^0x([0-9a-f]{4})$/i)?.[1]
      ?.toLowerCase() ?? null;
  return id === '0000' || id === 'ffff' ? null : id;
}

/** Base class 03: display controllers. The memory is told by the driver or not at all: a window into it is not its size. */
export function gpusOf(host: Host, controllers: readonly Controller[]): Gpu[] {
  return controllers
    .filter(({ classId }) => classId?.startsWith('03'))
    .map((one) => ({
      slot: one.slot,
      name: one.product,
      vendor: one.vendor,
      memoryBytes: readNumber(host, `${PCI}/${one.slot}/mem_info_vram_total`),
      driver: one.driver,
    }));
}

/** Multimedia devices for sound (classes 0401 and 0403). */
export function soundsOf(controllers: readonly Controller[]): Sound[] {
  return controllers
    .filter(({ classId }) => classId === '0401' || classId === '0403')
    .map((one) => ({
      name: one.product ?? one.slot,
      manufacturer: one.vendor,
      description: one.class,
      driver: one.driver,
    }));
}

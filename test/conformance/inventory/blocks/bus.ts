/** Blocks that are read from lists of PCI and USB devices. */
import { createLinuxHost } from '@muster/agent/host-linux.ts';
import { type BusNames, readBusNames } from '@muster/agent/inventory/devices/bus-names.ts';
import { type PciFunction, parseLspci, splitPciName } from '@muster/agent/inventory/parsers/lspci.ts';
import { parseLsusb, USB_CLASS_HUB, type UsbDevice } from '@muster/agent/inventory/parsers/lsusb.ts';
import { glpiMebibytes } from '@muster/shared/inventory/glpi.ts';
import { type Adapter, type Adapters, onlyText } from '../case.ts';

export const bus: Adapters = {
  agent__tools__generic: { lspci_tests: pci(() => true, function_) },
  tasks__inventory__generic__pci__controllers: { tests: pci(() => true, controller) },
  tasks__inventory__generic__pci__sounds: { tests: pci(({ classId }) => /^040[13]/.test(classId), sound) },
  tasks__inventory__generic__pci__videos: { tests: pci(({ classId }) => classId.startsWith('03'), video) },
  tasks__inventory__generic__usb: {
    lsusb_tests: usb(() => true, describedUsb),
    usb_tests: usb((device) => classOf(device).classCode !== 0, namedUsb),
  },
};

function pci(wanted: (one: PciFunction) => boolean, write: (one: PciFunction) => unknown): Adapter {
  return (files) => parseLspci(onlyText(files)).filter(wanted).map(write);
}

function function_(one: PciFunction): unknown {
  return {
    ...common(one),
    NAME: one.class,
    MANUFACTURER: one.name,
    PCIID: `${one.vendorId}:${one.productId}`,
    MEMORY: windowMebibytes(one),
  };
}

function common(one: PciFunction): Record<string, string | null> {
  return {
    PCICLASS: one.classId,
    PCISLOT: one.slot,
    PCISUBSYSTEMID:
      one.subsystemVendorId === null ? null : `${one.subsystemVendorId}:${one.subsystemProductId}`,
    REV: revision(one),
    DRIVER: /^\w+/.exec(one.driver ?? '')?.[0] ?? null,
  };
}

/** Revisions with letters in them are left out there. */
function revision({ revision }: PciFunction): string | null {
  return revision !== null && /^\d+$/.test(revision) ? revision : null;
}

function windowMebibytes({ classId, prefetchableBytes }: PciFunction): string | null {
  return classId.startsWith('03') && prefetchableBytes > 0 ? glpiMebibytes(prefetchableBytes) : null;
}

function controller(one: PciFunction): unknown {
  const known = pciNames().vendor(one.vendorId);
  const split = splitPciName(one.name, known);
  const product = pciNames().product(one.vendorId, one.productId) ?? split.product;
  return {
    ...common(one),
    TYPE: one.class,
    MANUFACTURER: known ?? split.vendor,
    NAME: product,
    CAPTION: product,
    VENDORID: one.vendorId,
    PRODUCTID: one.productId,
  };
}

let names: BusNames | null = null;

/** The list of this machine, as the agent uses it; the expectations were made with one too. */
function pciNames(): BusNames {
  names ??= readBusNames(createLinuxHost(), 'pci.ids');
  return names;
}

function sound(one: PciFunction): unknown {
  const rev = revision(one);
  return { NAME: one.class, MANUFACTURER: one.name, DESCRIPTION: rev === null ? null : `rev ${rev}` };
}

/** A name in brackets is the one that the card is sold under. */
function video(one: PciFunction): unknown {
  const [, chip, sold] = /^(.*) \[([^[\]]+)\]$/.exec(one.name) ?? [];
  return {
    NAME:
      sold === undefined ? one.name : [one.subsystemVendor, sold].filter((part) => part !== null).join(' '),
    CHIPSET: chip ?? one.class,
    MEMORY: windowMebibytes(one),
    PCIID: `${one.vendorId}:${one.productId}`,
    PCISLOT: one.slot,
  };
}

function usb(wanted: (one: UsbDevice) => boolean, write: (one: UsbDevice) => unknown): Adapter {
  return (files) =>
    parseLsusb(onlyText(files))
      .filter(({ classCode }) => classCode !== USB_CLASS_HUB)
      .filter(wanted)
      .map(write);
}

/** The last interface speaks for the device. */
function classOf(device: UsbDevice): { classCode: number; subclassCode: number } {
  return device.interfaces.at(-1) ?? device;
}

function describedUsb(device: UsbDevice): Record<string, unknown> {
  const { classCode, subclassCode } = classOf(device);
  return {
    VENDORID: device.vendorId,
    PRODUCTID: device.productId,
    CLASS: classCode,
    SUBCLASS: subclassCode,
    MANUFACTURER: device.manufacturer,
    NAME: device.product,
    SERIAL: device.serial,
  };
}

function namedUsb(device: UsbDevice): unknown {
  const name = device.productName ?? device.product;
  return {
    ...describedUsb(device),
    MANUFACTURER: device.vendorName ?? device.manufacturer,
    NAME: name,
    CAPTION: name,
  };
}

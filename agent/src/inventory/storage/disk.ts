/** What one block device is, from the facts that sysfs and the udev database show of it. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import { cleanText } from '../text.ts';
import { HEALTH_UNKNOWN } from './health.ts';

type Disk = SectionData['storage']['disks'][number];

/** Files of /sys/block/<name>; null where missing. */
export interface DiskFacts {
  readonly name: string;
  /** Resolved place in /sys/devices. */
  readonly path: string;
  /** In units of 512 bytes, whatever the device's own sector size. */
  readonly sectors: number | null;
  readonly rotational: boolean | null;
  readonly removable: boolean;
  readonly model: string | null;
  readonly vendor: string | null;
  readonly serial: string | null;
  readonly firmware: string | null;
  /** As the kernel writes it: 'naa.5000c500a1b2c3d4', 'eui.…', 't10.ATA …'. */
  readonly wwn: string | null;
  /** Vital product data page 80h, the serial number of a SCSI device. */
  readonly vpdPage80: Uint8Array | null;
  /** Properties of the udev database (`E:` lines). */
  readonly udev: ReadonlyMap<string, string>;
}

/** Devices that are no disks: made of files, memory or other disks, or drives for media. */
const NOT_DISKS =
  /^(loop|ram|zram|dm-|md|sr|fd|nbd|rbd|drbd|bcache|zd|mtdblock|ublkb|nullb|device-mapper)|boot\d$|rpmb$/;

export function isDisk(name: string): boolean {
  return !NOT_DISKS.test(name);
}

export function diskOf(facts: DiskFacts): Disk {
  const bus = busOf(facts);
  return {
    name: facts.name,
    model: modelOf(facts),
    serial: serialOf(facts),
    firmware: facts.firmware ?? cleanText(facts.udev.get('ID_REVISION')),
    sizeBytes: facts.sectors === null ? null : facts.sectors * SECTOR_BYTES,
    kind: kindOf(facts, bus),
    bus,
    wwn: wwnOf(facts),
    ...HEALTH_UNKNOWN,
  };
}

/** Only names of registered makers (NAA, EUI-64); a 't10' name repeats model and serial number. */
function wwnOf(facts: DiskFacts): string | null {
  const own = /^(?:naa|eui)\.([0-9a-f]{16,32})$/i.exec(facts.wwn ?? '')?.[1];
  const known = own ?? /^(?:0x|eui\.)?([0-9a-f]{16,32})$/i.exec(facts.udev.get('ID_WWN') ?? '')?.[1];
  return known?.toLowerCase() ?? null;
}

const SECTOR_BYTES = 512;

/** For a SAS disk ID_SERIAL_SHORT is its world-wide name; the number on its label is the SCSI one. */
function serialOf(facts: DiskFacts): string | null {
  const udev = (name: string) => cleanText(facts.udev.get(name));
  return (
    udev('SCSI_IDENT_SERIAL') ??
    udev('ID_SCSI_SERIAL') ??
    udev('ID_SERIAL_SHORT') ??
    vpdSerial(facts.vpdPage80) ??
    facts.serial
  );
}

/** The kernel cuts the model of an ATA disk at 16 characters; udev has it whole. */
function modelOf(facts: DiskFacts): string | null {
  const encoded = facts.udev.get('ID_MODEL_ENC');
  const whole = encoded === undefined ? null : cleanText(decodeUdev(encoded));
  const model = whole ?? facts.model ?? cleanText(facts.udev.get('ID_MODEL')?.replaceAll('_', ' '));
  // 'ATA' is the kernel's translation layer, no maker.
  const vendor = facts.vendor === 'ATA' ? null : facts.vendor;
  if (model === null || vendor === null || vendor.startsWith('0x') || model.startsWith(vendor)) return model;
  return `${vendor} ${model}`;
}

/** udev writes spaces and unsafe characters as '\x20'. */
export function decodeUdev(value: string): string {
  return value.replace(/\\x([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** SPC-4 7.8.15: four bytes of header, then the serial number in ASCII. */
export function vpdSerial(page: Uint8Array | null): string | null {
  if (page === null || page.length < 4 || page[1] !== 0x80) return null;
  const length = ((page[2] ?? 0) << 8) | (page[3] ?? 0);
  return cleanText(new TextDecoder('latin1').decode(page.subarray(4, 4 + length)));
}

function busOf(facts: DiskFacts): string | null {
  const { name, path } = facts;
  if (name.startsWith('nvme')) return 'nvme';
  if (name.startsWith('mmcblk')) return 'mmc';
  if (/\/usb\d+\//.test(path)) return 'usb';
  if (/\/virtio\d+\//.test(path)) return 'virtio';
  if (name.startsWith('xvd') || /\/vbd-\d+/.test(path)) return 'xen';
  if (/\/ata\d+\//.test(path)) return 'ata';
  if (/\/end_device-[\d:]+\//.test(path)) return 'sas';
  if (/\/rport-[\d:]+-\d+\//.test(path)) return 'fc';
  if (/\/session\d+\//.test(path)) return 'iscsi';
  if (/\/vmbus\b|\/VMBUS/.test(path)) return 'hyperv';
  return /\/host\d+\//.test(path) ? 'scsi' : cleanText(facts.udev.get('ID_BUS'));
}

const VIRTUAL_MODELS =
  /\bQEMU\b|\bVMware\b|\bVBOX\b|Virtual Disk|Virtual disk|\bPersistentDisk\b|Amazon Elastic Block Store|\bMsft\b|Amazon EC2 NVMe/;

function kindOf(facts: DiskFacts, bus: string | null): Disk['kind'] {
  if (bus === 'virtio' || bus === 'xen' || bus === 'hyperv' || VIRTUAL_MODELS.test(modelOf(facts) ?? ''))
    return 'virtual';
  if (facts.removable || bus === 'usb') return 'removable';
  if (bus === 'nvme') return 'nvme';
  if (facts.rotational === null) return 'unknown';
  return facts.rotational ? 'hdd' : 'ssd';
}

/** Memory modules and the size of memory, from the best source there is. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import type { Smbios } from './smbios.ts';

type MemoryModule = SectionData['hardware']['memoryModules'][number];

/** Filled slots only, in the order of the firmware. */
export function memoryModules(smbios: Smbios | null): MemoryModule[] {
  return (smbios?.memoryDevices ?? [])
    .filter((device) => device.sizeBytes !== 0)
    .map((device, index) => ({
      slot: slotName(device.locator, device.bank, index),
      sizeBytes: device.sizeBytes,
      type: device.type,
      manufacturer: meaningful(device.manufacturer),
      partNumber: meaningful(device.partNumber),
      serial: meaningful(device.serial),
      transfersPerSecond: device.transfersPerSecond,
    }));
}

/** Locators repeat between banks on some boards ('DIMM 0' twice), so the bank is part of the name where it says something. */
function slotName(locator: string | null, bank: string | null, index: number): string {
  const place = locator ?? `slot ${index}`;
  const name =
    bank === null || /^(not specified|unknown|none)$/i.test(bank) || bank === locator
      ? place
      : `${bank} / ${place}`;
  return name.slice(0, 64);
}

const EMPTY_WORDS =
  /^(unknown|undefined|not specified|none|n\/a|no dimm|\[?empty\]?|0+|0x0+|f{4,}|to be filled by o\.?e\.?m\.?|(manufacturer|sernum|serial|serialnum|partnum|part|array1_partnumber|modulepartnumber)\s?\d*)$/i;

function meaningful(value: string | null): string | null {
  return value === null || EMPTY_WORDS.test(value) ? null : value;
}

/**
 * The modules' sum, else the kernel's memory blocks, else MemTotal. In this order because a module's size never
 * changes, blocks change with hotplug only, and MemTotal changes by some KiB with every kernel.
 */
export function installedBytes(
  smbios: Smbios | null,
  memoryBlocksBytes: number | null,
  meminfo: string | null,
): number | null {
  const modules = (smbios?.memoryDevices ?? []).reduce((sum, device) => sum + (device.sizeBytes ?? 0), 0);
  if (modules > 0) return modules;
  if (memoryBlocksBytes !== null) return memoryBlocksBytes;
  const totalKiB = /^MemTotal:\s+(\d+) kB$/m.exec(meminfo ?? '')?.[1];
  return totalKiB === undefined ? null : Number(totalKiB) * 1024;
}

/** A dmidecode report in the shape of the raw SMBIOS table: for a machine whose table cannot be read itself. */
import type { Smbios, SmbiosVersion } from '../hardware/smbios.ts';
import { type DmiStructure, ofType, parseDmidecode, valueOf } from './dmidecode.ts';
import { dmiPorts, dmiSlots } from './dmidecode-connectors.ts';
import { dmiProcessors } from './dmidecode-cpu.ts';
import { dmiMemory } from './dmidecode-memory.ts';
import { dmiPowerSupplies } from './dmidecode-power.ts';
import { dmiSystem } from './dmidecode-system.ts';
import { leadingNumber } from './lines.ts';

/** @returns null where the text holds no structure */
export function smbiosOfDmidecode(text: string): Smbios | null {
  const report = parseDmidecode(text);
  if (report.length === 0) return null;
  const { bios, system, board, chassis } = dmiSystem(report);
  const has = (type: number) => ofType(report, type).length > 0;
  return {
    version: tableVersion(text),
    bios: has(0) ? { ...bios, virtualMachine: /^\s+System is a virtual machine\s*$/m.test(text) } : null,
    system: has(1) ? { ...system, uuid: canonicalUuid(system.uuid) } : null,
    board: has(2) ? board : null,
    chassis: has(3) ? { ...chassis, type: standardChassisType(chassis.type) } : null,
    ...parts(report),
    whole: true,
  };
}

type Parts = Pick<
  Smbios,
  'processors' | 'memorySlots' | 'memoryDevices' | 'powerSupplies' | 'slots' | 'connectors'
>;

function parts(report: readonly DmiStructure[]): Parts {
  const arrays = ofType(report, 16).filter((array) => valueOf(array, 'Use') === 'System Memory');
  return {
    processors: dmiProcessors(report).map((cpu) => ({
      socket: cpu.socket,
      manufacturer: cpu.manufacturer,
      version: cpu.model,
      inUse: cpu.enabled,
      maxHz: cpu.maxHz,
      cores: cpu.cores,
      threads: cpu.threads,
    })),
    memorySlots:
      arrays.length === 0
        ? null
        : arrays.reduce((sum, array) => sum + (leadingNumber(valueOf(array, 'Number Of Devices')) ?? 0), 0),
    memoryDevices: dmiMemory(report).map((socket) => ({
      locator: socket.locator,
      bank: socket.bank,
      sizeBytes: socket.empty ? 0 : socket.sizeBytes,
      type: socket.type,
      manufacturer: socket.manufacturer,
      serial: socket.serial,
      partNumber: socket.partNumber,
      transfersPerSecond: socket.transfersPerSecond,
    })),
    powerSupplies: dmiPowerSupplies(report).map((supply, index) => ({
      name: supply.location ?? supply.name ?? `power supply ${index + 1}`,
      manufacturer: supply.manufacturer,
      model: supply.name,
      partNumber: supply.partNumber,
      serial: supply.serial,
      maxWatts: supply.maxWatts,
      hotReplaceable: supply.hotReplaceable,
    })),
    slots: dmiSlots(report).map((slot, index) => ({
      name: slot.name ?? `slot ${index + 1}`,
      type: slot.type,
      usage: slot.inUse === null ? 'unknown' : slot.inUse ? 'used' : 'free',
      slot: slot.busAddress,
    })),
    connectors: dmiPorts(report).map((port, index) => ({
      name: port.externalName ?? port.internalName ?? `connector ${index + 1}`,
      connector: port.externalName === null ? port.internalConnector : port.externalConnector,
      use: port.type,
    })),
  };
}

/** 'SMBIOS 3.2.0 present.' */
function tableVersion(text: string): SmbiosVersion {
  const [, major = '0', minor = '0'] = /SMBIOS (\d{1,2})\.(\d{1,2})[.\d]{0,8} present/.exec(text) ?? [];
  return { major: Number(major), minor: Number(minor) };
}

function canonicalUuid(uuid: string | null): string | null {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.exec(uuid ?? '')?.[0].toLowerCase() ?? null;
}

/** It writes some names otherwise than the standard does. */
const CHASSIS_TYPES: Readonly<Record<string, string>> = {
  'All In One': 'All in One',
  'Multi-system': 'Multi-system Chassis',
  CompactPCI: 'Compact PCI',
  AdvancedTCA: 'Advanced TCA',
  'Blade Enclosing': 'Blade Enclosure',
  'Sub Chassis': 'SubChassis',
};

function standardChassisType(type: string | null): string | null {
  return type === null ? null : (CHASSIS_TYPES[type] ?? type);
}

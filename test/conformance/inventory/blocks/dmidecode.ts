/** Blocks that are read from dmidecode's report. */
import { dmiPorts, dmiSlots } from '@muster/agent/inventory/parsers/dmidecode-connectors.ts';
import { type DmiProcessor, dmiProcessors } from '@muster/agent/inventory/parsers/dmidecode-cpu.ts';
import { type DmiMemorySocket, dmiMemory } from '@muster/agent/inventory/parsers/dmidecode-memory.ts';
import { dmiBatteries, dmiPowerSupplies } from '@muster/agent/inventory/parsers/dmidecode-power.ts';
import { dmiSystem } from '@muster/agent/inventory/parsers/dmidecode-system.ts';
import { type DmiStructure, ofType, parseDmidecode } from '@muster/agent/inventory/parsers/dmidecode.ts';
import {
  glpiDay,
  glpiMaker,
  glpiMebibytes,
  glpiMegahertz,
  glpiProcessorName,
} from '@muster/shared/inventory/glpi.ts';
import { type Adapter, type Adapters, onlyText } from '../case.ts';

export const dmidecode: Adapters = {
  agent__tools__generic: { dmidecode_tests: of(structures), cpu_tests: of(processors) },
  tasks__inventory__generic__dmidecode__battery: { tests: of(batteries) },
  tasks__inventory__generic__dmidecode__bios: { tests: of(bios) },
  tasks__inventory__generic__dmidecode__hardware: { tests: of(hardware) },
  tasks__inventory__generic__dmidecode__memory: { tests: of(memory) },
  tasks__inventory__generic__dmidecode__ports: { tests: of(ports) },
  tasks__inventory__generic__dmidecode__psu: { tests: of(powerSupplies) },
  tasks__inventory__generic__dmidecode__slots: { tests: of(slots) },
};

function of(write: (report: readonly DmiStructure[]) => unknown): Adapter {
  return (files) => write(parseDmidecode(onlyText(files)));
}

/** Type → the values of each structure that has any. */
function structures(report: readonly DmiStructure[]): Record<string, Record<string, string>[]> {
  const byType: Record<string, Record<string, string>[]> = {};
  for (const { type, values } of report) {
    if (values.size > 0) (byType[type] ??= []).push(Object.fromEntries(values));
  }
  return byType;
}

function processors(report: readonly DmiStructure[]): unknown {
  return dmiProcessors(report).map((cpu) => ({
    ID: cpu.cpuid,
    NAME: glpiProcessorName(cpu.model ?? cpu.family),
    MANUFACTURER: cpu.manufacturer,
    SERIAL: cpu.serial,
    SPEED: glpiMegahertz(cpu.nominalHz),
    EXTERNAL_CLOCK: glpiMegahertz(cpu.externalHz),
    FAMILYNAME: cpu.family,
    FAMILYNUMBER: cpu.familyNumber,
    MODEL: cpu.modelNumber,
    STEPPING: cpu.stepping,
    ...coreCounts(cpu),
  }));
}

/** The total is only written where a part of the cores is switched off. */
function coreCounts({ cores, coresEnabled, threads }: DmiProcessor): Record<string, number | null> {
  const partly = cores !== null && coresEnabled !== null && coresEnabled < cores;
  return {
    CORE: coresEnabled ?? cores,
    CORECOUNT: partly ? cores : null,
    THREAD: cores === null || threads === null ? null : threads / cores,
  };
}

function batteries(report: readonly DmiStructure[]): unknown {
  const found = dmiBatteries(report).map((battery) => ({
    NAME: battery.name,
    MANUFACTURER: battery.manufacturer,
    SERIAL: battery.serial,
    CHEMISTRY: battery.chemistry,
    DATE: glpiDay(battery.madeAtMs),
    CAPACITY: thousandfold(battery.designWattHours),
    VOLTAGE: thousandfold(battery.designVolts),
  }));
  return found.length === 0 ? null : found;
}

function thousandfold(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1_000);
}

function bios(report: readonly DmiStructure[]): unknown {
  const { bios, system, board, chassis } = dmiSystem(report);
  return {
    BMANUFACTURER: bios.vendor,
    BVERSION: bios.version,
    BDATE: bios.date,
    SMANUFACTURER: system.manufacturer,
    SMODEL: system.model,
    SSN: system.serial,
    SKUNUMBER: system.sku,
    MMANUFACTURER: board.manufacturer,
    MMODEL: board.model,
    MSN: board.serial,
    ASSETTAG: chassis.assetTag,
  };
}

function hardware(report: readonly DmiStructure[]): unknown {
  const { system, chassis } = dmiSystem(report);
  return { UUID: system.uuid, CHASSIS_TYPE: chassis.type };
}

function memory(report: readonly DmiStructure[]): unknown {
  return glpiMemory(
    dmiMemory(report),
    ofType(report, 17).some(({ values }) => values.size > 0),
  );
}

/** @param named the sockets have names: they do not in tables of before SMBIOS 2.1 */
export function glpiMemory(sockets: readonly DmiMemorySocket[], named: boolean): Record<string, unknown>[] {
  return sockets.map((socket, index) => ({
    NUMSLOTS: index + 1,
    CAPTION: named ? socket.locator : null,
    DESCRIPTION: socket.formFactor,
    TYPE: socket.type,
    CAPACITY: glpiMebibytes(socket.sizeBytes),
    SPEED: glpiMegahertz(socket.transfersPerSecond),
    MANUFACTURER: glpiMaker(socket.manufacturer),
    MODEL: socket.partNumber,
    SERIALNUMBER: socket.serial,
    MEMORYCORRECTION: socket.errorCorrection,
  }));
}

function ports(report: readonly DmiStructure[]): unknown {
  const found = dmiPorts(report).map((port) => ({
    TYPE: port.type ?? 'Other',
    NAME: port.internalName ?? port.externalName,
    CAPTION: port.externalName ?? port.externalConnector,
    DESCRIPTION: port.internalConnector ?? port.externalConnector,
  }));
  return found.length === 0 ? null : found;
}

function powerSupplies(report: readonly DmiStructure[]): unknown {
  return dmiPowerSupplies(report).map((supply) => {
    const manufacturer = glpiMaker(supply.manufacturer);
    return {
      NAME: supply.name,
      LOCATION: supply.location,
      MANUFACTURER: manufacturer,
      // Dell writes the revision behind the part number.
      PARTNUM:
        manufacturer === 'Dell' ? (supply.partNumber?.replace(/[A-Z]\d\d$/, '') ?? null) : supply.partNumber,
      SERIALNUMBER: supply.serial,
      STATUS: supply.status,
      PLUGGED: yesNo(supply.plugged),
      HOTREPLACEABLE: yesNo(supply.hotReplaceable),
      POWER_MAX: supply.maxWatts,
    };
  });
}

function yesNo(value: boolean | null): string | null {
  return value === null ? null : value ? 'Yes' : 'No';
}

function slots(report: readonly DmiStructure[]): unknown {
  const found = dmiSlots(report).map((slot) => ({
    NAME: slot.name,
    DESIGNATION: slot.id,
    DESCRIPTION: slot.type,
    STATUS: slot.inUse === null ? null : slot.inUse ? 'used' : 'free',
  }));
  return found.length === 0 ? null : found;
}

/** Hardware of Windows and macOS machines, as far as systeminformation tells it. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import type { Systeminformation } from 'systeminformation';
import type { Host } from '../../host.ts';
import type { CollectedSection } from '../section.ts';
import { cleanText } from '../text.ts';

type Hardware = SectionData['hardware'];

/** What is asked of systeminformation. */
export interface HardwareAnswers {
  readonly system: Systeminformation.SystemData;
  readonly bios: Systeminformation.BiosData;
  readonly baseboard: Systeminformation.BaseboardData;
  readonly chassis: Systeminformation.ChassisData;
  readonly cpu: Systeminformation.CpuData;
  readonly mem: Pick<Systeminformation.MemData, 'total'>;
  readonly memLayout: readonly Systeminformation.MemLayoutData[];
}

export async function collectHardwareElsewhere(host: Host): Promise<CollectedSection<'hardware'>> {
  const { default: systeminformation } = await import('systeminformation');
  const [system, bios, baseboard, chassis, cpu, mem, memLayout] = await Promise.all([
    systeminformation.system(),
    systeminformation.bios(),
    systeminformation.baseboard(),
    systeminformation.chassis(),
    systeminformation.cpu(),
    systeminformation.mem(),
    systeminformation.memLayout(),
  ]);
  return {
    data: hardwareOf({ system, bios, baseboard, chassis, cpu, mem, memLayout }),
    complete: false,
    notes: [`not yet collected in full on ${host.platform}`],
  };
}

export function hardwareOf(answers: HardwareAnswers): Hardware {
  const { system, bios, baseboard, chassis, cpu } = answers;
  const packages = Math.max(1, cpu.processors);
  return {
    system: {
      manufacturer: cleanText(system.manufacturer),
      model: cleanText(system.model),
      version: cleanText(system.version),
      serial: told(system.serial),
      uuid: told(system.uuid)?.toLowerCase() ?? null,
      sku: told(system.sku),
    },
    board: {
      manufacturer: cleanText(baseboard.manufacturer),
      model: cleanText(baseboard.model),
      version: cleanText(baseboard.version),
      serial: told(baseboard.serial),
    },
    bios: {
      vendor: cleanText(bios.vendor),
      version: cleanText(bios.version),
      date: cleanText(bios.releaseDate),
    },
    chassis: {
      type: cleanText(chassis.type),
      manufacturer: cleanText(chassis.manufacturer),
      serial: told(chassis.serial),
      assetTag: told(chassis.assetTag),
    },
    virtualisation: system.virtual ? (cleanText(system.virtualHost)?.toLowerCase() ?? 'vm') : null,
    cpus: Array.from({ length: packages }, (_, index) => ({
      slot: `CPU${index}`,
      model: cleanText(`${cpu.manufacturer} ${cpu.brand}`),
      vendor: cleanText(cpu.manufacturer),
      cores: Math.ceil(cpu.physicalCores / packages),
      threads: Math.ceil(cpu.cores / packages),
      maxHz: cpu.speedMax > 0 ? Math.round(cpu.speedMax * 1_000) * 1_000_000 : null,
    })),
    memoryBytes: answers.mem.total,
    memorySlots: baseboard.memSlots,
    memoryModules: answers.memLayout
      .filter((module) => module.size > 0)
      .map((module, index) => ({
        slot: cleanText(module.bank) ?? `slot ${index}`,
        sizeBytes: module.size,
        type: cleanText(module.type),
        manufacturer: cleanText(module.manufacturer),
        partNumber: cleanText(module.partNum),
        serial: told(module.serialNum),
        transfersPerSecond: module.clockSpeed ? module.clockSpeed * 1_000_000 : null,
      })),
  };
}

/** systeminformation writes '-' and 'Default string' for what it does not know. */
function told(value: string | null | undefined): string | null {
  const clean = cleanText(value);
  return clean === null || clean === '-' ? null : clean;
}

/** Processor packages from /proc/cpuinfo and the kernel's topology. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import { cleanText, wholeNumber } from '../text.ts';
import type { SmbiosProcessor } from './smbios.ts';

type Cpu = SectionData['hardware']['cpus'][number];

/** One block of /proc/cpuinfo. */
export interface CpuinfoProcessor {
  readonly processor: number;
  readonly model: string | null;
  readonly vendor: string | null;
  readonly physicalId: number | null;
  readonly coreId: number | null;
  /** The kernel sees the `hypervisor` feature bit. */
  readonly hypervisor: boolean;
}

/** One online processor in /sys/devices/system/cpu. */
export interface CpuTopology {
  readonly processor: number;
  readonly packageId: number;
  /** The same text for all threads of one core. */
  readonly core: string;
  /** Highest frequency of cpufreq; null where there is none. */
  readonly maxHz: number | null;
}

/** Blocks without a `processor` number (the board lines of ARM) are left out, unless no block has one (old ARM kernels). */
export function parseCpuinfo(text: string): CpuinfoProcessor[] {
  const blocks = text.split(/\n\s*\n/).map(readFields);
  const numbered = blocks.flatMap((fields) => {
    const processor = wholeNumber(fields.get('processor'));
    return processor === null ? [] : [processorOf(processor, fields)];
  });
  if (numbered.length > 0) return numbered;
  return blocks.filter((fields) => fields.has(OLD_ARM_NAME)).map((fields) => processorOf(0, fields));
}

/** 'Processor' with a capital letter holds a name. */
const OLD_ARM_NAME = 'Processor';

function readFields(block: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const key = line.slice(0, colon).trim();
    fields.set(key === OLD_ARM_NAME ? key : key.toLowerCase(), line.slice(colon + 1).trim());
  }
  return fields;
}

function processorOf(processor: number, fields: Map<string, string>): CpuinfoProcessor {
  const features = (fields.get('flags') ?? fields.get('features') ?? '').split(' ');
  return {
    processor,
    model: modelOf(fields),
    vendor: vendorOf(fields),
    physicalId: wholeNumber(fields.get('physical id')),
    coreId: wholeNumber(fields.get('core id')),
    hypervisor: features.includes('hypervisor'),
  };
}

function modelOf(fields: Map<string, string>): string | null {
  const name =
    fields.get('model name') ?? fields.get(OLD_ARM_NAME) ?? fields.get('cpu model') ?? fields.get('uarch');
  if (name !== undefined) return cleanText(name.replace(/\s+/g, ' '));
  const part = fields.get('cpu part');
  if (part === undefined) return cleanText(fields.get('cpu'));
  return ARM_PARTS[`${fields.get('cpu implementer')} ${part}`] ?? `ARM part ${part}`;
}

function vendorOf(fields: Map<string, string>): string | null {
  const vendor = cleanText(fields.get('vendor_id'));
  if (vendor !== null) return VENDORS[vendor] ?? vendor;
  const implementer = fields.get('cpu implementer');
  return implementer === undefined ? null : (ARM_IMPLEMENTERS[implementer] ?? null);
}

/** CPUID vendor strings. */
const VENDORS: Readonly<Record<string, string>> = {
  GenuineIntel: 'Intel',
  AuthenticAMD: 'AMD',
  HygonGenuine: 'Hygon',
  CentaurHauls: 'Centaur',
  Shanghai: 'Zhaoxin',
};

/** MIDR implementer codes (Arm ARM, D17.2). */
const ARM_IMPLEMENTERS: Readonly<Record<string, string>> = {
  '0x41': 'ARM',
  '0x42': 'Broadcom',
  '0x43': 'Cavium',
  '0x46': 'Fujitsu',
  '0x48': 'HiSilicon',
  '0x4e': 'NVIDIA',
  '0x50': 'APM',
  '0x51': 'Qualcomm',
  '0x61': 'Apple',
  '0x70': 'Phytium',
  '0xc0': 'Ampere',
};

/** Part numbers of the cores that servers and small boards have. */
const ARM_PARTS: Readonly<Record<string, string>> = {
  '0x41 0xb76': 'ARM1176',
  '0x41 0xc07': 'Cortex-A7',
  '0x41 0xc08': 'Cortex-A8',
  '0x41 0xc09': 'Cortex-A9',
  '0x41 0xc0f': 'Cortex-A15',
  '0x41 0xd03': 'Cortex-A53',
  '0x41 0xd04': 'Cortex-A35',
  '0x41 0xd05': 'Cortex-A55',
  '0x41 0xd07': 'Cortex-A57',
  '0x41 0xd08': 'Cortex-A72',
  '0x41 0xd09': 'Cortex-A73',
  '0x41 0xd0a': 'Cortex-A75',
  '0x41 0xd0b': 'Cortex-A76',
  '0x41 0xd0c': 'Neoverse N1',
  '0x41 0xd40': 'Neoverse V1',
  '0x41 0xd49': 'Neoverse N2',
  '0x41 0xd4f': 'Neoverse V2',
  '0x48 0xd01': 'Kunpeng 920',
};

/** One entry per package, in the order of their numbers. */
export function cpuPackages(
  cpuinfo: readonly CpuinfoProcessor[],
  topology: readonly CpuTopology[],
  smbios: readonly SmbiosProcessor[],
): Cpu[] {
  const threads = topology.length > 0 ? topology : topologyOfCpuinfo(cpuinfo);
  const packageIds = [...new Set(threads.map((thread) => thread.packageId))].sort((a, b) => a - b);
  const sockets = smbios.filter((processor) => processor.inUse);
  return packageIds.map((packageId, index) => {
    const own = threads.filter((thread) => thread.packageId === packageId);
    const first =
      cpuinfo.find((info) => own.some((thread) => thread.processor === info.processor)) ?? cpuinfo[0];
    // The firmware's list is only used where it names as many processors as the kernel sees.
    const socket = sockets.length === packageIds.length ? sockets[index] : undefined;
    const model = first?.model ?? socket?.version ?? null;
    return {
      slot: socket?.socket ?? `CPU${index}`,
      model,
      vendor: first?.vendor ?? socket?.manufacturer ?? null,
      cores: new Set(own.map((thread) => thread.core)).size,
      threads: own.length,
      maxHz: highest(own.map((thread) => thread.maxHz)) ?? nominalHz(model) ?? socket?.maxHz ?? null,
    };
  });
}

/** Without sysfs: every processor its own core unless cpuinfo says otherwise. */
function topologyOfCpuinfo(cpuinfo: readonly CpuinfoProcessor[]): CpuTopology[] {
  return cpuinfo.map((info) => ({
    processor: info.processor,
    packageId: info.physicalId ?? 0,
    core: info.coreId === null ? `processor ${info.processor}` : `core ${info.coreId}`,
    maxHz: null,
  }));
}

function highest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** The frequency that Intel writes into the name: 'Xeon(R) CPU E5-2680 v4 @ 2.40GHz'. */
function nominalHz(model: string | null): number | null {
  const match = /@ (\d{1,2}\.\d{1,2})\s?GHz/.exec(model ?? '');
  return match ? Math.round(Number(match[1]) * 1_000) * 1_000_000 : null;
}

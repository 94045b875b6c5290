/** The sections `hardware` and `os` of a Mac. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import { splitHostname } from '../os/names.ts';
import { type IoregObject, parseIoreg } from '../parsers/ioreg.ts';
import { leadingNumber, trimmed, wholeNumber } from '../parsers/lines.ts';
import { macCpu, macMemory, macMemoryBytes } from '../parsers/macos-hardware.ts';
import { profilerNode, profilerValue } from '../parsers/system-profiler.ts';
import type { CollectedSection } from '../section.ts';
import { type MacosRecords, sectionOf, shortName } from './outputs.ts';

type Hardware = SectionData['hardware'];

const MAKER = 'Apple Inc.';

export function macosHardware(records: MacosRecords): CollectedSection<'hardware'> | null {
  const overview = profilerNode(records.profile, 'Hardware', 'Hardware Overview');
  const platform = platformOf(records);
  const memory = records.profiled('Memory');
  const processor = records.sysctl.has('machdep.cpu.brand_string') || overview !== null;
  if (!processor && platform === undefined && !memory) return null;
  const modules = macMemory(records.profile);
  const installed = modules.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
  return sectionOf<'hardware'>(
    {
      system: {
        manufacturer: platformText(platform, 'manufacturer') ?? MAKER,
        model: profilerValue(overview, 'Model Identifier') ?? platformText(platform, 'model'),
        version: null,
        serial:
          profilerValue(overview, 'Serial Number (system)', 'Serial Number') ??
          platformText(platform, 'IOPlatformSerialNumber'),
        uuid: uuidOf(records),
        sku: profilerValue(overview, 'Model Number'),
      },
      board: {
        manufacturer: null,
        model: platformText(platform, 'board-id'),
        version: null,
        serial: null,
      },
      bios: {
        vendor: null,
        version: profilerValue(overview, 'System Firmware Version', 'Boot ROM Version'),
        date: null,
      },
      chassis: { type: null, manufacturer: null, serial: null, assetTag: null },
      virtualisation: null,
      cpus: processor ? cpusOf(records) : [],
      memoryBytes:
        macMemoryBytes(records.profile) ??
        (installed > 0 ? installed : wholeNumber(records.sysctl.get('hw.memsize'))),
      memorySlots: null,
      memoryModules: modules.map((one, index) => ({
        slot: shortName(one.slot === '' ? `slot ${index}` : one.slot),
        sizeBytes: one.sizeBytes,
        type: one.type,
        manufacturer: one.manufacturer,
        partNumber: one.partNumber,
        serial: one.serial,
        transfersPerSecond: one.hz,
      })),
    },
    [
      overview === null && 'system_profiler: Hardware',
      !memory && 'system_profiler: Memory',
      records.outputs.sysctl === undefined && 'sysctl',
      records.outputs.ioregPlatform === undefined && 'ioreg: IOPlatformExpertDevice',
    ],
  );
}

function platformOf({ outputs }: MacosRecords): IoregObject | undefined {
  return parseIoreg(outputs.ioregPlatform ?? '', 'IOPlatformExpertDevice')[0];
}

function platformText(platform: IoregObject | undefined, name: string): string | null {
  const value = platform?.properties[name];
  return typeof value === 'string' ? trimmed(value) : null;
}

function uuidOf(records: MacosRecords): string | null {
  const overview = profilerNode(records.profile, 'Hardware', 'Hardware Overview');
  const uuid =
    profilerValue(overview, 'Hardware UUID') ?? platformText(platformOf(records), 'IOPlatformUUID');
  return uuid?.toLowerCase() ?? null;
}

const CPU_VENDORS: Readonly<Record<string, string>> = { GenuineIntel: 'Intel', AuthenticAMD: 'AMD' };

function cpusOf(records: MacosRecords): Hardware['cpus'] {
  const cpu = macCpu(records.sysctl, records.profile);
  return Array.from(
    { length: Math.min(Math.max(1, Math.trunc(cpu.packages)), PACKAGES_MAX) },
    (_, index) => ({
      slot: `CPU${index}`,
      model: cpu.model,
      vendor: cpu.vendor === null ? null : (CPU_VENDORS[cpu.vendor] ?? cpu.vendor),
      cores: cpu.coresPerPackage,
      threads: cpu.threadsPerPackage,
      maxHz: cpu.hz,
    }),
  );
}

/** No Mac had more than two processors. */
const PACKAGES_MAX = 16;

/** null where no system is named. */
export function macosOs(records: MacosRecords): CollectedSection<'os'> | null {
  const overview = profilerNode(records.profile, 'Software', 'System Software Overview');
  const told = profilerValue(overview, 'System Version');
  const [, name, version, build] = /^(\S.*?) (\d[\d.]*)(?: \(([^)]+)\))?/.exec(told ?? '') ?? [];
  if (name === undefined || version === undefined) return null;
  const { sysctl } = records;
  const host = sysctl.get('kern.hostname') ?? profilerValue(overview, 'Computer Name') ?? '';
  const bootedAt = leadingNumber(/\bsec = (\d{1,12})/.exec(sysctl.get('kern.boottime') ?? '')?.[1]);
  return sectionOf<'os'>(
    {
      family: 'macos',
      name,
      version,
      codename: null,
      build: build ?? trimmed(sysctl.get('kern.osversion')),
      architecture: architectureOf(records),
      kernel: profilerValue(overview, 'Kernel Version'),
      ...namesOf(host),
      machineId: uuidOf(records),
      bootId: trimmed(sysctl.get('kern.bootsessionuuid'))?.toLowerCase() ?? null,
      bootedAtMs: bootedAt === null ? null : bootedAt * 1000,
      installedAtMs: null,
      timeZone: null,
    },
    [!sysctl.has('kern.hostname') && 'sysctl: kern', uuidOf(records) === null && 'system_profiler: Hardware'],
  );
}

const HOST_NAME_CHARS = 255;

function namesOf(host: string): ReturnType<typeof splitHostname> {
  return splitHostname(host.slice(0, HOST_NAME_CHARS), '', '');
}

function architectureOf({ sysctl, profile }: MacosRecords): string | null {
  const told = trimmed(sysctl.get('hw.machine'));
  if (told !== null) return told;
  const chip = profilerValue(profilerNode(profile, 'Hardware', 'Hardware Overview'), 'Chip');
  return chip?.startsWith('Apple') ? 'arm64' : null;
}

/** Blocks that are read from files and tools of Linux: processors, board, distribution, volumes, disks, graphics. */
import { parseOsRelease } from '@muster/agent/inventory/os/os-release.ts';
import {
  type CpuinfoProcessor,
  cpuinfoBoard,
  cpuinfoProcessors,
  cpuPackages,
  parseCpuinfo,
  processorRecords,
} from '@muster/agent/inventory/parsers/cpuinfo.ts';
import { diskMaker } from '@muster/agent/inventory/parsers/disk-maker.ts';
import { dmiProcessors } from '@muster/agent/inventory/parsers/dmidecode-cpu.ts';
import { parseDmidecode } from '@muster/agent/inventory/parsers/dmidecode.ts';
import { halDisks, parseLshal } from '@muster/agent/inventory/parsers/hal.ts';
import { parseLvs, parsePvs, parseVgs } from '@muster/agent/inventory/parsers/lvm.ts';
import { parseMultipath, secondaryPaths } from '@muster/agent/inventory/parsers/multipath.ts';
import { parseSmartctl, type SmartDisk } from '@muster/agent/inventory/parsers/smartctl.ts';
import { parseDdcprobe, parseXorgLog } from '@muster/agent/inventory/parsers/xorg-log.ts';
import { glpiMebibytes, glpiMegahertz } from '@muster/shared/inventory/glpi.ts';
import { type Adapters, type CaseFiles, fileLike, onlyText } from '../case.ts';

export const linuxHost: Adapters = {
  agent__tools__linux: {
    cpuinfo_tests: (files) => processorRecords(parseCpuinfo(onlyText(files))),
    smartctl_tests: (files) => smartDisk(parseSmartctl(onlyText(files))),
    hal_tests: hal,
  },
  tasks__inventory__linux__arm__board: { arm: board },
  tasks__inventory__linux__cpu: {
    i386: x86,
    arm: (files) => processors(files, 'arm', (one) => ({ NAME: one.model })),
    sparc: (files) => processors(files, 'sparc', (one) => ({ NAME: one.model })),
    mips: (files) => processors(files, 'mips', (one) => ({ NAME: one.model })),
    ppc: (files) =>
      processors(files, 'powerpc', (one) => ({
        NAME: one.model,
        MANUFACTURER: one.vendor,
        SPEED: glpiMegahertz(one.hz),
      })),
    alpha: (files) =>
      processors(files, 'alpha', (one) => ({ SERIAL: one.serial, SPEED: glpiMegahertz(one.hz) })),
  },
  tasks__inventory__linux__distro: { osrelease: distribution },
  tasks__inventory__linux__lvm: { pvs, lvs, vgs },
  tasks__inventory__linux__multipath: { multipath_tests: multipath },
  tasks__inventory__linux__video: { xorg, ddcprobe: (files) => parseDdcprobe(onlyText(files)).fields },
};

const MEGABYTE = 1e6;
const BUS_NAMES = { sata: 'SATA', ata: 'ATA', sas: 'SAS', nvme: 'NVMe', usb: 'USB', fc: 'FC' } as const;

/** What is written there for disks of the old tool, which names the model otherwise, is left out. */
function smartDisk(disk: SmartDisk | null): unknown {
  if (disk === null) return null;
  const spoken = disk.bus === 'sata' || disk.bus === 'sas' ? BUS_NAMES[disk.bus] : null;
  return {
    TYPE: disk.type === null ? 'disk' : /^\w+/.exec(disk.type)?.[0],
    DESCRIPTION: disk.bus === 'sas' || disk.bus === 'nvme' ? BUS_NAMES[disk.bus] : 'SATA',
    INTERFACE: spoken,
    MANUFACTURER: maker(disk.vendor) ?? diskMaker(disk.family) ?? firstWord(disk.family) ?? maker(disk.model),
    MODEL: disk.vendor === null ? disk.model : firstWord(disk.model),
    FIRMWARE: disk.firmware,
    SERIALNUMBER: disk.serial,
    DISKSIZE: disk.sizeBytes === null ? null : Math.floor(disk.sizeBytes / MEGABYTE),
    WWN: disk.wwn,
  };
}

/** The maker where recognised, the name as it is otherwise. */
function maker(name: string | null): string | null {
  return diskMaker(name) ?? name;
}

function firstWord(text: string | null): string | null {
  return /^\S+/.exec(text ?? '')?.[0] ?? null;
}

function hal(files: CaseFiles): unknown {
  return halDisks(parseLshal(onlyText(files))).map((disk) => ({
    NAME: disk.name,
    MANUFACTURER: disk.vendor,
    MODEL: disk.model,
    SERIALNUMBER: disk.serial,
    FIRMWARE: disk.firmware,
    TYPE: disk.kind,
    DISKSIZE: glpiMebibytes(disk.sizeBytes),
  }));
}

function board(files: CaseFiles): unknown {
  const found = cpuinfoBoard(onlyText(files));
  if (found === null) return [null, null];
  return [found, { MMODEL: found.hardware, MSN: found.revision, SSN: found.serial }];
}

function processors(files: CaseFiles, ARCH: string, write: (one: CpuinfoProcessor) => object): unknown {
  return cpuinfoProcessors(onlyText(files)).map((one) => ({ ARCH, ...write(one) }));
}

/** Packages of cpuinfo, what it leaves out from dmidecode's report. */
function x86(files: CaseFiles): unknown {
  const dmi = dmiProcessors(parseDmidecode(fileLike(files, /dmidecode/)?.text ?? ''));
  return cpuPackages(cpuinfoProcessors(fileLike(files, /cpuinfo/)?.text ?? '')).map((one, index) => {
    const socket = dmi[index];
    const cores = one.coresPerPackage ?? socket?.coresEnabled ?? socket?.cores ?? 1;
    const threads = one.threadsPerPackage ?? socket?.threads ?? cores;
    return {
      ARCH: 'i386',
      NAME: one.model,
      MANUFACTURER: cpuVendor(one.vendor),
      FAMILYNUMBER: one.family,
      MODEL: one.modelNumber,
      STEPPING: one.stepping,
      SPEED: glpiMegahertz(one.hz ?? socket?.nominalHz ?? null),
      ID: socket?.cpuid,
      SERIAL: socket?.serial,
      CORE: cores,
      THREAD: threads / cores,
    };
  });
}

/** 'GenuineIntel' → 'Intel'. */
export function cpuVendor(vendor: string | null): string | null {
  return vendor?.replace(/^(?:Genuine|Authentic)/, '').replace(/Instead$/, '') ?? null;
}

/** CentOS states its point release in a file of its own, Debian too. */
function distribution(files: CaseFiles): unknown {
  const values = parseOsRelease(fileLike(files, /\/os-release/)?.text ?? '');
  const centos = /release (\d\S*(?: \([^)]*\))?)/.exec(fileLike(files, /\/centos-release/)?.text ?? '')?.[1];
  const debian = /^\d+\.\d+/.exec(fileLike(files, /\/debian_version/)?.text ?? '')?.[0];
  return {
    NAME: values.get('NAME'),
    VERSION: centos ?? debian ?? values.get('VERSION') ?? values.get('VERSION_ID'),
    FULL_NAME: values.get('PRETTY_NAME'),
  };
}

function megabytes(bytes: number | null): number | null {
  return bytes === null ? null : Math.floor(bytes / MEGABYTE);
}

function pvs(files: CaseFiles): unknown {
  return parsePvs(onlyText(files), MEGABYTE).map((one) => ({
    DEVICE: one.device,
    FORMAT: one.format,
    ATTR: one.attributes,
    SIZE: megabytes(one.sizeBytes),
    FREE: megabytes(one.freeBytes),
    PV_UUID: one.uuid,
    PV_PE_COUNT: one.extents,
    PE_SIZE:
      one.sizeBytes === null || one.extents === null || one.extents === 0
        ? null
        : megabytes(one.sizeBytes / one.extents),
    VG_UUID: one.groupUuid,
  }));
}

function lvs(files: CaseFiles): unknown {
  return parseLvs(onlyText(files), MEGABYTE).map((one) => ({
    LV_NAME: one.name,
    VG_UUID: one.groupUuid,
    ATTR: one.attributes,
    SIZE: megabytes(one.sizeBytes),
    LV_UUID: one.uuid,
    SEG_COUNT: one.segments,
  }));
}

function vgs(files: CaseFiles): unknown {
  return parseVgs(onlyText(files), MEGABYTE).map((one) => ({
    VG_NAME: one.name,
    PV_COUNT: one.physicalVolumes,
    LV_COUNT: one.logicalVolumes,
    ATTR: one.attributes,
    SIZE: megabytes(one.sizeBytes),
    FREE: megabytes(one.freeBytes),
    VG_UUID: one.uuid,
    VG_EXTENT_SIZE: one.extentBytes === null ? null : (one.extentBytes / MEGABYTE).toFixed(2),
  }));
}

/** The kernel's disks up to the last one that is a path, and those that are not another path to a disk already there. */
function multipath(files: CaseFiles): unknown {
  const maps = parseMultipath(onlyText(files));
  const again = secondaryPaths(maps);
  const last = Math.max(-1, ...maps.flatMap(({ paths }) => paths).map(diskNumber));
  const names = Array.from({ length: last + 1 }, (_, index) => diskName(index));
  return { names_in: names, names_out: names.filter((name) => !again.has(name)) };
}

const LETTERS = 26;

/** 'sda' → 0, 'sdz' → 25, 'sdaa' → 26. */
function diskNumber(name: string): number {
  const letters = /^sd([a-z]{1,4})$/.exec(name)?.[1] ?? '';
  return letters.split('').reduce((sum, letter) => sum * LETTERS + letter.charCodeAt(0) - 96, 0) - 1;
}

function diskName(index: number): string {
  const rest = Math.floor(index / LETTERS) - 1;
  return `${rest < 0 ? 'sd' : diskName(rest)}${String.fromCharCode(97 + (index % LETTERS))}`;
}

function xorg(files: CaseFiles): unknown {
  const card = parseXorgLog(onlyText(files));
  return {
    name: card.name,
    product: card.product,
    memory: card.memoryBytes === null ? null : `${card.memoryBytes / 1024}kB`,
    pciid: card.pciId,
    pcislot: card.pciSlot,
    resolution: card.resolution,
  };
}

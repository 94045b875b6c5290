/** Blocks that are read from system_profiler, ioreg and sysctl of macOS. */
import { type IoregValue, macUsbDevices, parseIoreg } from '@muster/agent/inventory/parsers/ioreg.ts';
import {
  macAtaDisks,
  macCardReaders,
  macCpu,
  type MacDisk,
  macDiscBurners,
  macFireWireDisks,
  macGpus,
  macMemory,
  macMemoryBytes,
  macUsbDisks,
  parseSysctl,
} from '@muster/agent/inventory/parsers/macos-hardware.ts';
import {
  parsePlist,
  parseSystemProfiler,
  type PlistValue,
  type ProfilerNode,
} from '@muster/agent/inventory/parsers/system-profiler.ts';
import { glpiMebibytes, glpiMegahertz } from '@muster/shared/inventory/glpi.ts';
import { type Adapter, type Adapters, type CaseFiles, fileLike, onlyText } from '../case.ts';
import { cpuVendor } from './linux-host.ts';

export const macosHost: Adapters = {
  agent__tools__macos: {
    system_profiler_tests: (files) => tree(parseSystemProfiler(onlyText(files))),
    ioreg_tests: ioreg,
  },
  tasks__inventory__macos__cpu: { tests: cpus },
  tasks__inventory__macos__memory: {
    memories_tests: (files) => modules(files),
    memory_tests: (files) => glpiMebibytes(macMemoryBytes(parseSystemProfiler(onlyText(files)))),
  },
  tasks__inventory__macos__storages: {
    testsSerialATA: disks((plist) => macAtaDisks(plist)),
    testsUSBStorage: disks(macUsbDisks),
    testsFireWireStorage: disks(macFireWireDisks),
    testsDiscBurning: disks(macDiscBurners),
    testsCardReader: disks(macCardReaders),
  },
  tasks__inventory__macos__usb: { tests: usb },
  tasks__inventory__macos__videos: { tests: videos },
};

type Tree = { [key: string]: string | null | Tree };

/** A node of the same name gets a number; an empty field before another field is null, before a heading a heading. */
function tree(nodes: readonly ProfilerNode[]): Tree {
  const all = inOrder(nodes);
  const next = new Map(all.map((node, index) => [node, all[index + 1]]));
  const build = (level: readonly ProfilerNode[]): Tree => {
    const built: Tree = {};
    for (const node of level) {
      if (node.value !== null) built[node.name] = node.value;
      else if (node.children.length === 0 && next.get(node)?.value != null) built[node.name] ??= null;
      else built[freeName(built, node.name)] = build(node.children);
    }
    return built;
  };
  return build(nodes);
}

function inOrder(nodes: readonly ProfilerNode[]): ProfilerNode[] {
  return nodes.flatMap((node) => [node, ...inOrder(node.children)]);
}

function freeName(built: Tree, name: string): string {
  if (built[name] == null) return name;
  let number = 0;
  while (built[`${name}_${number}`] !== undefined) number += 1;
  return `${name}_${number}`;
}

/** The class is the case's name without its number. Truths and lists are left out there. */
function ioreg(files: CaseFiles, name: string): unknown {
  const className = name.replace(/\d+$/, '');
  const results = parseIoreg(onlyText(files), className).map(({ properties }) =>
    Object.fromEntries(Object.entries(properties).filter(([, value]) => !isLeftOut(value))),
  );
  return { class: className, results };
}

function isLeftOut(value: IoregValue): boolean {
  return typeof value === 'boolean' || Array.isArray(value);
}

function cpus(files: CaseFiles): unknown {
  const cpu = macCpu(
    parseSysctl(fileLike(files, /sysctl/)?.text ?? ''),
    parseSystemProfiler(fileLike(files, /system_profiler/)?.text ?? ''),
  );
  return Array.from({ length: cpu.packages }, () => ({
    NAME: cpu.model,
    MANUFACTURER: cpuVendor(cpu.vendor),
    FAMILYNUMBER: cpu.family,
    MODEL: cpu.modelNumber,
    STEPPING: cpu.stepping,
    SPEED: glpiMegahertz(cpu.hz),
    CORE: cpu.coresPerPackage,
    THREAD: cpu.threadsPerPackage,
  }));
}

function modules(files: CaseFiles): unknown {
  return macMemory(parseSystemProfiler(onlyText(files))).map((one) => ({
    NUMSLOTS: /DIMM(\d+)/.exec(one.slot)?.[1],
    CAPACITY: glpiMebibytes(one.sizeBytes),
    CAPTION: one.status === null ? null : `Status: ${one.status}`,
    DESCRIPTION: one.partNumber,
    TYPE: one.type,
    SPEED: glpiMegahertz(one.hz),
    SERIALNUMBER: one.serial,
  }));
}

const KINDS = {
  disk: 'Disk drive',
  'card-reader': 'Card reader',
  card: 'SD Card',
  'disc-burner': 'Disk burning',
} as const;

function disks(read: (plist: PlistValue | null) => MacDisk[]): Adapter {
  return (files) =>
    read(parsePlist(onlyText(files))).map((disk) => ({
      NAME: disk.device ?? disk.name,
      DESCRIPTION: disk.name,
      MODEL: disk.model,
      MANUFACTURER: disk.maker ?? disk.manufacturer,
      SERIAL: disk.serial,
      FIRMWARE: disk.firmware,
      INTERFACE: disk.bus,
      TYPE: KINDS[disk.kind],
      DISKSIZE: diskMebibytes(disk),
    }));
}

/** Rounded sizes are multiplied there as they are printed. */
function diskMebibytes({ sizeBytes, sizeExact }: MacDisk): number | null {
  if (sizeBytes === null) return null;
  const mebibytes = sizeBytes / 1024 ** 2;
  return sizeExact ? Math.floor(mebibytes) : Math.round(mebibytes * 100) / 100;
}

function usb(files: CaseFiles): unknown {
  const hex = (id: number | null): string | null => (id === null ? null : `0x${id.toString(16)}`);
  return macUsbDevices(onlyText(files)).map((one) => ({
    NAME: one.name,
    VENDORID: hex(one.vendorId),
    PRODUCTID: hex(one.productId),
    SERIAL: one.serial,
    CLASS: one.class,
    SUBCLASS: one.subclass,
  }));
}

function videos(files: CaseFiles): unknown {
  return macGpus(parseSystemProfiler(onlyText(files))).map((card) => ({
    NAME: card.name,
    CHIPSET: card.chip,
    MEMORY: glpiMebibytes(card.memoryBytes),
    PCISLOT: card.slot,
    RESOLUTION: card.resolution === null ? null : `${card.resolution.width}x${card.resolution.height}`,
  }));
}

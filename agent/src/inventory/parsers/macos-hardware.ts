/** Processor, memory, disks and graphics of macOS from `system_profiler` and `sysctl`. */
import { diskMaker } from './disk-maker.ts';
import { bytesOfSize, hertzOf, leadingNumber, linesOf, oneSpaced, trimmed } from './lines.ts';
import {
  type PlistDict,
  type ProfilerNode,
  plistDicts,
  plistNumber,
  plistText,
  type PlistValue,
  profilerItems,
  profilerNode,
  profilerValue,
} from './system-profiler.ts';

export interface MacCpu {
  readonly model: string | null;
  readonly vendor: string | null;
  readonly family: number | null;
  readonly modelNumber: number | null;
  readonly stepping: number | null;
  readonly hz: number | null;
  readonly packages: number;
  readonly coresPerPackage: number | null;
  readonly threadsPerPackage: number | null;
}

/** `sysctl -a machdep.cpu` or all of sysctl: 'name: value' lines. */
export function parseSysctl(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of linesOf(text)) {
    const [, name, value] = /^([\w.-]+)\s*[:=]\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) values.set(name, value.trim());
  }
  return values;
}

/** What the profiler's hardware overview and sysctl together know of the processor. */
export function macCpu(sysctl: ReadonlyMap<string, string>, profile: readonly ProfilerNode[]): MacCpu {
  const overview = profilerNode(profile, 'Hardware', 'Hardware Overview');
  const packages =
    leadingNumber(
      profilerValue(overview, 'Number Of Processors', 'Number of Processors', 'Number Of CPUs'),
    ) ?? 1;
  const cores =
    leadingNumber(profilerValue(overview, 'Total Number Of Cores', 'Total Number of Cores')) ??
    leadingNumber(sysctl.get('machdep.cpu.core_count'));
  return {
    model: oneSpaced(
      sysctl.get('machdep.cpu.brand_string') ?? profilerValue(overview, 'Chip', 'Processor Name', 'CPU Type'),
    ),
    vendor:
      trimmed(sysctl.get('machdep.cpu.vendor')) ??
      (profilerValue(overview, 'Chip') === null ? null : 'Apple'),
    family: leadingNumber(sysctl.get('machdep.cpu.family')),
    modelNumber: leadingNumber(sysctl.get('machdep.cpu.model')),
    stepping: leadingNumber(sysctl.get('machdep.cpu.stepping')),
    hz: hertzOf(profilerValue(overview, 'Processor Speed', 'CPU Speed')),
    packages,
    coresPerPackage: cores === null ? null : cores / packages,
    threadsPerPackage: leadingNumber(sysctl.get('machdep.cpu.thread_count')),
  };
}

export interface MacMemory {
  /** 'BANK 0/DIMM1' */
  readonly slot: string;
  readonly sizeBytes: number | null;
  readonly type: string | null;
  readonly hz: number | null;
  readonly status: string | null;
  readonly manufacturer: string | null;
  readonly partNumber: string | null;
  readonly serial: string | null;
}

/** Filled memory slots; memory that is soldered in is one module without a slot. */
export function macMemory(profile: readonly ProfilerNode[]): MacMemory[] {
  const memory = profilerNode(profile, 'Memory');
  const slots = profilerNode(profile, 'Memory', 'Memory Slots') ?? memory;
  const filled = (slots?.children ?? [])
    .filter((node) => node.children.length > 0)
    .flatMap((slot) => moduleOf(slot, slot.name, 'Size'));
  return filled.length > 0 || memory === null ? filled : moduleOf(memory, '', 'Memory');
}

function moduleOf(node: ProfilerNode, slot: string, sizeName: string): MacMemory[] {
  const sizeBytes = bytesOfSize(profilerValue(node, sizeName), 1024);
  if (sizeBytes === null || sizeBytes === 0) return [];
  return [
    {
      slot,
      sizeBytes,
      type: profilerValue(node, 'Type'),
      hz: memoryHertz(profilerValue(node, 'Speed')),
      status: profilerValue(node, 'Status'),
      manufacturer: hexText(profilerValue(node, 'Manufacturer')),
      partNumber: hexText(profilerValue(node, 'Part Number')),
      serial: profilerValue(node, 'Serial Number'),
    },
  ];
}

/** '667 MHz', or the name of the module's grade: 'PC3200U-30330' moves 3,200 MB/s, eight bytes at a time. */
function memoryHertz(speed: string | null): number | null {
  const grade = /^PC\d?-?(\d{4,5})/.exec(speed ?? '')?.[1];
  return grade === undefined ? hertzOf(speed) : Math.round((Number(grade) / 8) * 1e6);
}

/** '0x3848…' as the characters it stands for; null where they are no text. */
function hexText(value: string | null): string | null {
  const hex = /^0x((?:[0-9a-f]{2}){1,128})$/i.exec(value ?? '')?.[1];
  if (hex === undefined) return value;
  const codes = hex.match(/../g)?.map((pair) => Number.parseInt(pair, 16)) ?? [];
  while (codes.at(-1) === 0) codes.pop();
  const readable = codes.every((code) => code >= 0x20 && code <= 0x7e);
  return readable ? trimmed(String.fromCharCode(...codes)) : null;
}

/** All memory of the machine in bytes. */
export function macMemoryBytes(profile: readonly ProfilerNode[]): number | null {
  return bytesOfSize(profilerValue(profilerNode(profile, 'Hardware', 'Hardware Overview'), 'Memory'), 1024);
}

export interface MacGpu {
  readonly name: string;
  readonly chip: string | null;
  readonly memoryBytes: number | null;
  readonly slot: string | null;
  readonly resolution: { readonly width: number; readonly height: number } | null;
}

/** Graphics cards, each with the resolution of its first display that is switched on. */
export function macGpus(profile: readonly ProfilerNode[]): MacGpu[] {
  const cards = profilerNode(profile, 'Graphics/Displays')?.children ?? [];
  return cards
    .filter((card) => card.children.length > 0)
    .map((card) => ({
      name: card.name.trim(),
      chip: profilerValue(card, 'Chipset Model'),
      memoryBytes: bytesOfSize(
        card.children.find(({ name, value }) => /^VRAM\b/.test(name) && value !== null)?.value,
        1024,
      ),
      slot: profilerValue(card, 'Slot', 'Bus'),
      resolution: resolutionOf(card),
    }));
}

function resolutionOf(card: ProfilerNode): MacGpu['resolution'] {
  for (const display of profilerNode(card.children, 'Displays')?.children ?? []) {
    const [, width, height] = /^(\d{3,5}) x (\d{3,5})/.exec(profilerValue(display, 'Resolution') ?? '') ?? [];
    if (width !== undefined && height !== undefined) return { width: Number(width), height: Number(height) };
  }
  return null;
}

export interface MacDisk {
  /** 'disk0'; null while no medium is in it. */
  readonly device: string | null;
  readonly name: string;
  readonly model: string | null;
  readonly maker: string | null;
  readonly manufacturer: string | null;
  readonly serial: string | null;
  readonly firmware: string | null;
  readonly bus: 'SATA' | 'USB' | 'NVMe' | 'FireWire' | null;
  readonly sizeBytes: number | null;
  /** false: rounded, as the tool printed it ('465,76 GB'). */
  readonly sizeExact: boolean;
  readonly kind: 'disk' | 'card-reader' | 'card' | 'disc-burner';
  /** 'Verified', 'Failing' …; null where not told. */
  readonly smart: string | null;
}

/** SPSerialATADataType, SPParallelATADataType, SPNVMeDataType: the drives below their controllers. */
export function macAtaDisks(plist: PlistValue | null, bus: 'SATA' | 'NVMe' = 'SATA'): MacDisk[] {
  return profilerItems(plist)
    .filter((item) => plistText(item, 'device_model', 'device_serial', 'bsd_name') !== null)
    .map((item) => {
      const model = plistText(item, 'device_model', '_name');
      return {
        ...diskOf(item, 'disk', bus),
        model,
        maker: diskMaker(plistText(item, 'device_manufacturer') ?? model),
        manufacturer: plistText(item, 'device_manufacturer'),
        serial: plistText(item, 'device_serial'),
        firmware: plistText(item, 'device_revision'),
      };
    });
}

const OPTICAL = /\b(?:optical|dvd|cd|blu-?ray|superdrive)\b/i;

/** SPUSBDataType: what holds a medium, and optical drives even when empty. Readers that are built in report as card readers. */
export function macUsbDisks(plist: PlistValue | null): MacDisk[] {
  return profilerItems(plist).flatMap((item) => {
    const media = plistDicts(item, 'Media')[0];
    const holds = plistText(item, 'bsd_name') !== null || media !== undefined;
    const name = plistText(item, '_name') ?? '';
    if ((!holds && !OPTICAL.test(name)) || plistText(item, 'Built-in_Device') === 'Yes') return [];
    if (/mouse|keyboard|tablet|hub\b/i.test(name)) return [];
    const manufacturer = plistText(item, 'manufacturer', 'f_manufacturer');
    return [
      {
        ...diskOf(item, 'disk', 'USB'),
        ...(media === undefined ? {} : sizeAndDevice(media)),
        model: name,
        maker: diskMaker(manufacturer),
        manufacturer,
        serial: plistText(item, 'serial_num', 'd_serial_num'),
        firmware: plistText(item, 'bcd_device', 'c_bcd_device'),
      },
    ];
  });
}

/** SPFireWireDataType: units that hold a medium. */
export function macFireWireDisks(plist: PlistValue | null): MacDisk[] {
  return profilerItems(plist)
    .filter((item) => plistText(item, 'bsd_name') !== null)
    .map((item) => {
      const manufacturer = plistText(item, 'device_manufacturer');
      const model = plistText(item, 'device_model', '_name');
      return {
        ...diskOf(item, 'disk', 'FireWire'),
        model,
        maker: diskMaker(manufacturer ?? model),
        manufacturer,
        serial: plistText(item, 'device_serial'),
        firmware: plistText(item, 'device_revision'),
      };
    });
}

/** SPCardReaderDataType: the reader, and the card in it. */
export function macCardReaders(plist: PlistValue | null): MacDisk[] {
  return profilerItems(plist).flatMap((item) => {
    const reader = plistText(item, 'spcardreader_vendor-id', 'spcardreader_serialnumber') !== null;
    const card = plistText(item, 'spcardreader_card_serialnumber', 'spcardreader_card_productname') !== null;
    if (reader) {
      const vendor = plistText(item, 'spcardreader_vendor-id');
      return [
        {
          ...diskOf(item, 'card-reader', null),
          model: plistText(item, '_name'),
          maker: null,
          manufacturer: vendor,
          serial: plistText(item, 'spcardreader_serialnumber'),
          firmware: plistText(item, 'spcardreader_revision-id'),
        },
      ];
    }
    if (!card) return [];
    return [
      {
        ...diskOf(item, 'card', null),
        model: plistText(item, 'spcardreader_card_productname'),
        maker: null,
        manufacturer: plistText(item, 'spcardreader_card_manufacturer-id'),
        serial: plistText(item, 'spcardreader_card_serialnumber'),
        firmware: plistText(item, 'spcardreader_card_productrevision'),
      },
    ];
  });
}

/** SPDiscBurningDataType: drives that write discs. */
export function macDiscBurners(plist: PlistValue | null): MacDisk[] {
  return profilerItems(plist)
    .filter((item) => !plistText(item, '_name')?.startsWith('SP'))
    .map((item) => {
      const manufacturer = plistText(item, 'manufacturer');
      const model = plistText(item, '_name');
      return {
        ...diskOf(item, 'disc-burner', null),
        model,
        maker: diskMaker(manufacturer ?? model),
        manufacturer,
        serial: null,
        firmware: plistText(item, 'device_firmware', 'device_revision'),
      };
    });
}

type Common = Pick<MacDisk, 'device' | 'name' | 'bus' | 'sizeBytes' | 'sizeExact' | 'kind' | 'smart'>;

function diskOf(item: PlistDict, kind: MacDisk['kind'], bus: MacDisk['bus']): Common {
  return {
    ...sizeAndDevice(item),
    name: plistText(item, '_name') ?? '',
    bus,
    kind,
    smart: plistText(item, 'smart_status'),
  };
}

function sizeAndDevice(item: PlistDict): Pick<MacDisk, 'device' | 'sizeBytes' | 'sizeExact'> {
  const exact = plistNumber(item, 'size_in_bytes');
  return {
    device: plistText(item, 'bsd_name'),
    sizeBytes: exact ?? bytesOfSize(plistText(item, 'size'), 1024),
    sizeExact: exact !== null,
  };
}

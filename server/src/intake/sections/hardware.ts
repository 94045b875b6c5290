/** bios, hardware, cpus, memories → our section `hardware`. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import { firstText, type Item, mebibytes, named, positive, sortedBy, text } from '../values.ts';
import { type Context, one } from './context.ts';

type Hardware = SectionData['hardware'];
/** Sections of theirs that this one is made of. */
export const HARDWARE_SOURCES = ['bios', 'hardware', 'cpus', 'memories'] as const;

export function hardwarePatch({ content }: Context): object {
  const bios = one(content, 'bios');
  const hardware = one(content, 'hardware');
  return {
    system: {
      manufacturer: named(bios, 'smanufacturer'),
      model: named(bios, 'smodel'),
      serial: text(bios, 'ssn'),
      uuid: text(hardware, 'uuid'),
      sku: named(bios, 'skunumber'),
    },
    board: {
      manufacturer: named(bios, 'mmanufacturer'),
      model: named(bios, 'mmodel'),
      serial: text(bios, 'msn'),
    },
    bios: {
      vendor: named(bios, 'bmanufacturer'),
      version: named(bios, 'bversion'),
      date: text(bios, 'bdate'),
    },
    chassis: {
      type: named(hardware, 'chassis_type') ?? named(bios, 'type'),
      serial: text(bios, 'enclosureserial'),
      assetTag: text(bios, 'assettag'),
    },
    virtualisation: virtualisation(content),
    memoryBytes: mebibytes(hardware, 'memory'),
    ...(content.cpus ? { cpus: content.cpus.flatMap(cpu) } : {}),
    ...(content.memories ? memoryOf(content.memories) : {}),
  };
}

/** By VMSYSTEM. */
const HYPERVISORS: readonly (readonly [RegExp, string])[] = [
  [/vmware/i, 'vmware'],
  [/virtualbox/i, 'virtualbox'],
  [/hyper-?v|virtual ?machine|virtualpc/i, 'hyperv'],
  [/xen/i, 'xen'],
  [/kvm|qemu/i, 'kvm'],
  [/parallels/i, 'parallels'],
  [/openvz|virtuozzo/i, 'openvz'],
  [/lxc/i, 'lxc'],
  [/docker/i, 'docker'],
  [/bhyve/i, 'bhyve'],
];

/** A container has no root file system of its own on a disk: agents take a file that is left over in an image for a proof. */
function virtualisation(content: Context['content']): string | null {
  const told = text(one(content, 'hardware'), 'vmsystem');
  const found = HYPERVISORS.find(([pattern]) => told !== null && pattern.test(told))?.[1] ?? null;
  const rootOnDisk = (content.drives ?? []).some(
    (drive) => text(drive, 'type') === '/' && /^\/dev\/(?!loop)/.test(text(drive, 'volumn') ?? ''),
  );
  return (found === 'docker' || found === 'lxc') && rootOnDisk ? null : found;
}

function cpu(item: Item, index: number): Hardware['cpus'] {
  const model = firstText(item, 'name', 'familyname', 'type');
  const cores = positive(item, 'core');
  if (model === null && cores === null) return [];
  const megahertz = positive(item, 'speed');
  return [
    {
      slot: `CPU${index}`,
      model,
      vendor: vendorOf(text(item, 'manufacturer')),
      cores,
      // OCS counts threads of the package, the others too; fewer than cores is a count per core.
      threads: threadsOf(positive(item, 'thread'), cores),
      maxHz: megahertz === null ? null : Math.round(megahertz * 1e6),
    },
  ];
}

function threadsOf(threads: number | null, cores: number | null): number | null {
  return threads !== null && cores !== null && threads < cores ? threads * cores : threads;
}

function vendorOf(name: string | null): string | null {
  if (name === null) return null;
  if (/intel/i.test(name)) return 'Intel';
  return /\bamd\b|authenticamd|advanced micro/i.test(name) ? 'AMD' : name;
}

function memoryOf(list: readonly Item[]): Pick<Hardware, 'memorySlots' | 'memoryModules'> {
  const captions = list.map((item) => firstText(item, 'caption', 'description') ?? 'module');
  const modules = list.flatMap((item, index): Hardware['memoryModules'] => {
    const sizeBytes = mebibytes(item, 'capacity');
    if (sizeBytes === null) return [];
    const caption = captions[index] ?? 'module';
    const isShared = captions.filter((other) => other === caption).length > 1;
    const megatransfers = positive(item, 'speed');
    return [
      {
        slot: (isShared ? `${caption} ${text(item, 'numslots') ?? index + 1}` : caption).slice(0, 64),
        sizeBytes,
        type: named(item, 'type'),
        manufacturer: named(item, 'manufacturer'),
        partNumber: named(item, 'model'),
        serial: named(item, 'serialnumber', 'serial'),
        transfersPerSecond: megatransfers === null ? null : Math.round(megatransfers * 1e6),
      },
    ];
  });
  return { memorySlots: list.length || null, memoryModules: sortedBy(modules, ({ slot }) => slot) };
}

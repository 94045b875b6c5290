/** Their sections → ours: one line per section. A section of ours is carried where one of its sources was. */
import { SECTION_SCHEMAS, type Snapshot } from '@muster/shared/inventory/sections.ts';
import { MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import { INVENTORY_SECTIONS, type InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import type { Content } from './message.ts';
import { type Context, contextOf } from './sections/context.ts';
import { DEVICES_SOURCES, devicesPatch } from './sections/devices.ts';
import { GUESTS_SOURCES, guestsPatch } from './sections/guests.ts';
import { HARDWARE_SOURCES, hardwarePatch } from './sections/hardware.ts';
import { NETWORK_SOURCES, networkPatch } from './sections/network.ts';
import { OS_SOURCES, osPatch } from './sections/os.ts';
import { SECURITY_SOURCES, securityPatch } from './sections/security.ts';
import { PATCHES_SOURCES, patchesPatch, SOFTWARE_SOURCES, softwarePatch } from './sections/software.ts';
import { STORAGE_SOURCES, storagePatch } from './sections/storage.ts';
import { USERS_SOURCES, usersPatch } from './sections/users.ts';

type Fields = Readonly<Record<string, unknown>>;
/** Per section of ours the fields that were told; what is null in it was not. */
export type Patch = { readonly [S in InventorySection]?: Fields };

const MAPPINGS: {
  readonly [S in InventorySection]?: { sources: readonly string[]; of: (context: Context) => object | null };
} = {
  hardware: { sources: HARDWARE_SOURCES, of: hardwarePatch },
  os: { sources: OS_SOURCES, of: osPatch },
  network: { sources: NETWORK_SOURCES, of: networkPatch },
  storage: { sources: STORAGE_SOURCES, of: storagePatch },
  software: { sources: SOFTWARE_SOURCES, of: softwarePatch },
  patches: { sources: PATCHES_SOURCES, of: patchesPatch },
  users: { sources: USERS_SOURCES, of: usersPatch },
  devices: { sources: DEVICES_SOURCES, of: devicesPatch },
  guests: { sources: GUESTS_SOURCES, of: guestsPatch },
  security: { sources: SECURITY_SOURCES, of: securityPatch },
};

export function patchOf(content: Content, nowMs: Millis): Patch {
  const context = contextOf(content, nowMs);
  const patch: Partial<Record<InventorySection, Fields>> = {};
  for (const section of INVENTORY_SECTIONS) {
    const mapping = MAPPINGS[section];
    if (!mapping?.sources.some((source) => content[source] !== undefined)) continue;
    const fields = mapping.of(context) as Fields | null;
    if (fields !== null && tells(fields)) patch[section] = fields;
  }
  return patch;
}

/** A section of nothing but nulls was not told. */
function tells(value: unknown): boolean {
  if (Array.isArray(value)) return true;
  return isPlain(value) ? Object.values(value).some(tells) : value !== null && value !== undefined;
}

const NO_SERIAL = { manufacturer: null, model: null, version: null, serial: null };
/** Sections before anything was told of them; those whose fields have defaults of their own need no line. */
const EMPTY: { readonly [S in InventorySection]?: Fields } = {
  hardware: {
    system: { ...NO_SERIAL, uuid: null, sku: null },
    board: NO_SERIAL,
    bios: { vendor: null, version: null, date: null },
    chassis: { type: null, manufacturer: null, serial: null, assetTag: null },
    virtualisation: null,
    cpus: [],
    memoryBytes: null,
    memorySlots: null,
    memoryModules: [],
  },
  os: {
    name: null,
    version: null,
    codename: null,
    build: null,
    architecture: null,
    kernel: null,
    hostname: '',
    domain: null,
    machineId: null,
    bootId: null,
    bootedAtMs: null,
    installedAtMs: null,
    timeZone: null,
  },
  network: { interfaces: [], gateways: [], dnsServers: [] },
  storage: { disks: [], fileSystems: [] },
  software: { packages: [] },
  users: { users: [], lastUser: null },
};

/**
 * The sections that the patch tells of, laid over `base`: an absent field is unchanged. A section that does not fit its
 * schema is left out and named in `refused`. `known` is all that is known of the machine, whoever said it.
 */
export function applyPatch(
  patch: Patch,
  base: Snapshot,
  known: Snapshot = base,
): { sections: Snapshot; refused: InventorySection[] } {
  const sections: Partial<Record<InventorySection, unknown>> = {};
  const refused: InventorySection[] = [];
  for (const section of INVENTORY_SECTIONS) {
    const fields = patch[section];
    if (!fields) continue;
    const whole = laidOver(base[section] ?? EMPTY[section] ?? {}, steady(fields, known[section]));
    // Of a machine whose system is not known nothing else can be said of it.
    if (section === 'os' && !('family' in whole)) {
      const family = known.os?.family;
      if (family === undefined) continue;
      whole.family = family;
    }
    const parsed = SECTION_SCHEMAS[section].safeParse(whole);
    if (parsed.success) sections[section] = parsed.data;
    else refused.push(section);
  }
  return { sections: sections as Snapshot, refused };
}

/** Reckoned from uptime, the same boot comes out some seconds earlier or later each time. */
const SAME_BOOT_MS = 2 * MINUTE_MS;

function steady(fields: Fields, known: Fields | undefined): Fields {
  const { bootedAtMs: told } = fields;
  const { bootedAtMs: held } = known ?? {};
  if (typeof told !== 'number' || typeof held !== 'number') return fields;
  return Math.abs(told - held) < SAME_BOOT_MS ? { ...fields, bootedAtMs: held } : fields;
}

function laidOver(base: Fields, fields: Fields): Record<string, unknown> {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(fields)) {
    if (value === null || value === undefined) continue;
    const before = result[key];
    result[key] = isPlain(value) && isPlain(before) ? laidOver(before, value) : value;
  }
  return result;
}

function isPlain(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

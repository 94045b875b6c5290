/** Parser of `ipmitool fru print`: the parts that the management controller of a server knows. */
import { cleanText } from '../text.ts';
import type { DmiMemorySocket } from './dmidecode-memory.ts';
import { linesOf, pairOf } from './lines.ts';

export interface FruDevice {
  readonly description: string;
  readonly values: ReadonlyMap<string, string>;
}

export interface FruMemory {
  /** Number of the processor that the module belongs to, and of its socket there. */
  readonly processor: number;
  readonly socket: number;
  readonly manufacturer: string | null;
  readonly partNumber: string | null;
  readonly serial: string | null;
}

export interface FruController {
  readonly name: string;
  readonly manufacturer: string | null;
  readonly product: string | null;
  readonly partNumber: string | null;
  readonly serial: string | null;
}

/** More parts than any chassis has. */
const DEVICES_MAX = 4_096;

export function parseIpmitoolFru(text: string): FruDevice[] {
  const devices: { description: string; values: Map<string, string> }[] = [];
  for (const line of linesOf(text)) {
    const pair = pairOf(line);
    if (!pair) continue;
    const [name, value] = pair;
    if (name === 'FRU Device Description') {
      if (devices.length === DEVICES_MAX) break;
      devices.push({ description: value.replace(/ \(ID \d+\)$/, ''), values: new Map() });
    } else {
      const clean = cleanText(value);
      if (clean !== null) devices.at(-1)?.values.set(name, clean);
    }
  }
  return devices;
}

/** 'CPU 1 DIMM 2', 'PROC 1 DIMM 2D': processor and socket. */
const MEMORY_PLACE = /^(?:CPU|PROC) ?(\d{1,3})\D{0,4}DIMM ?(\d{1,3})/i;

export function fruMemory(devices: readonly FruDevice[]): FruMemory[] {
  return devices.flatMap(({ description, values }) => {
    const [, processor, socket] = MEMORY_PLACE.exec(description) ?? [];
    if (processor === undefined || socket === undefined) return [];
    return [
      {
        processor: Number(processor),
        socket: Number(socket),
        manufacturer: values.get('Manufacturer') ?? null,
        partNumber: values.get('Part Number') ?? null,
        serial: values.get('Serial Number') ?? null,
      },
    ];
  });
}

/** The firmware's sockets with what only the management controller knows of the modules in them. */
export function withFruMemory(
  sockets: readonly DmiMemorySocket[],
  modules: readonly FruMemory[],
): DmiMemorySocket[] {
  const byPlace = new Map(modules.map((module) => [`${module.processor}/${module.socket}`, module]));
  return sockets.map((socket) => {
    const [, processor, number] = MEMORY_PLACE.exec(socket.locator ?? '') ?? [];
    const module = byPlace.get(`${Number(processor)}/${Number(number)}`);
    if (!module || socket.sizeBytes === null) return socket;
    return {
      ...socket,
      manufacturer: socket.manufacturer ?? module.manufacturer,
      partNumber: socket.partNumber ?? module.partNumber,
      serial: socket.serial ?? module.serial,
    };
  });
}

const CONTROLLER_NAMES = /\b(PERC|RAID|HBA|SAS|NDC|Mezz(anine)?|Ethernet|NIC|BOSS)\d*\b/i;

/** Storage and network cards. */
export function fruControllers(devices: readonly FruDevice[]): FruController[] {
  return devices
    .filter(({ description, values }) => CONTROLLER_NAMES.test(description) && values.size > 0)
    .map(({ description, values }) => ({
      name: description,
      manufacturer: values.get('Board Mfg') ?? values.get('Product Manufacturer') ?? null,
      product: values.get('Board Product') ?? values.get('Product Name') ?? null,
      partNumber: values.get('Board Part Number') ?? values.get('Product Part Number') ?? null,
      serial: values.get('Board Serial') ?? values.get('Product Serial') ?? null,
    }));
}

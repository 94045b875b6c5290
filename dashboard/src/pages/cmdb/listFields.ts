/** Which attributes the list of a class shows, in the order of its columns. Pure. */
import type { ClassRegistry } from '@muster/shared/cmdb/class-registry.ts';
import { type AttributeForm, type CiClass, isMachineClass } from '@muster/shared/cmdb/classes.ts';

export interface ListField {
  readonly name: string;
  readonly widthPx: number;
  /** As of a column: higher numbers leave first. */
  readonly priority: number;
  readonly look?: 'mono' | 'right';
}

const MACHINE: readonly ListField[] = [
  { name: 'serial', widthPx: 120, priority: 4, look: 'mono' },
  { name: 'model', widthPx: 150, priority: 5 },
  { name: 'osName', widthPx: 130, priority: 6 },
];
const OF_PARTS: Readonly<Partial<Record<CiClass, readonly ListField[]>>> = {
  Component: [
    { name: 'kind', widthPx: 96, priority: 3 },
    { name: 'model', widthPx: 150, priority: 4 },
    { name: 'serial', widthPx: 130, priority: 3, look: 'mono' },
    { name: 'sizeBytes', widthPx: 88, priority: 4, look: 'right' },
  ],
  NetworkInterface: [
    { name: 'kind', widthPx: 88, priority: 5 },
    { name: 'mac', widthPx: 140, priority: 3, look: 'mono' },
    { name: 'addresses', widthPx: 160, priority: 4 },
    { name: 'speedBitsPerSecond', widthPx: 96, priority: 6, look: 'right' },
  ],
  FileSystem: [
    { name: 'type', widthPx: 80, priority: 3 },
    { name: 'device', widthPx: 150, priority: 5, look: 'mono' },
    { name: 'sizeBytes', widthPx: 88, priority: 3, look: 'right' },
  ],
  OperatingSystem: [
    { name: 'version', widthPx: 110, priority: 3 },
    { name: 'kernel', widthPx: 150, priority: 5, look: 'mono' },
    { name: 'architecture', widthPx: 96, priority: 6 },
  ],
  IPAddress: [
    { name: 'family', widthPx: 80, priority: 4 },
    { name: 'prefix', widthPx: 80, priority: 5, look: 'right' },
    { name: 'interface', widthPx: 110, priority: 3, look: 'mono' },
  ],
  RunningService: [
    { name: 'startType', widthPx: 100, priority: 4 },
    { name: 'ports', widthPx: 160, priority: 3, look: 'mono' },
    { name: 'process', widthPx: 120, priority: 5, look: 'mono' },
  ],
  DatabaseInstance: [
    { name: 'kind', widthPx: 110, priority: 3 },
    { name: 'version', widthPx: 110, priority: 4 },
    { name: 'port', widthPx: 72, priority: 3, look: 'right' },
  ],
};

/** Names that one request may ask for, all together. */
export const FIELDS_LENGTH_MAX = 512;

/** Of a built-in or own class, with the attributes that the administrator added. `undefined`: all machines. */
export function listFieldsOf(className: string | undefined, registry: ClassRegistry): readonly ListField[] {
  const base = className === undefined ? undefined : registry.baseOf(className);
  if (base === null) return [];
  const builtIn = base === undefined || isMachineClass(base) ? MACHINE : (OF_PARTS[base] ?? []);
  const fields = [...builtIn];
  let length = fields.reduce((sum, { name }) => sum + name.length + 1, 0);
  for (const { name, own } of registry.attributesOf(className ?? 'Computer')) {
    if (own === null) continue;
    length += name.length + 1;
    if (length > FIELDS_LENGTH_MAX) break;
    fields.push(ownField(own.definition.form, name));
  }
  return fields;
}

const NUMERIC: readonly AttributeForm[] = ['number', 'money', 'bytes', 'bits-per-second', 'hertz'];

function ownField(form: AttributeForm, name: string): ListField {
  const isNumeric = NUMERIC.includes(form);
  return { name, widthPx: isNumeric ? 96 : 120, priority: 5, ...(isNumeric ? { look: 'right' } : {}) };
}

export function fieldsOf(className: string | undefined, registry: ClassRegistry): string[] {
  return listFieldsOf(className, registry).map(({ name }) => name);
}

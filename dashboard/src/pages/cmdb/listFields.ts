/** Which attributes the list of a class shows, in the order of its columns. Pure. */
import { type CiClass, isMachineClass } from '@muster/shared/cmdb/classes.ts';

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

/** `undefined`: all machines. */
export function listFieldsOf(ciClass: CiClass | undefined): readonly ListField[] {
  return ciClass === undefined || isMachineClass(ciClass) ? MACHINE : (OF_PARTS[ciClass] ?? []);
}

export function fieldsOf(ciClass: CiClass | undefined): string[] {
  return listFieldsOf(ciClass).map(({ name }) => name);
}

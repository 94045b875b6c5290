/** Builds SMBIOS tables for tests. Not part of the agent. */

/** A field: where it stands in the formatted part and what is written there. */
export type SmbiosField =
  | { readonly at: number; readonly text: string }
  | { readonly at: number; readonly value: number; readonly bytes: 1 | 2 | 4 }
  | { readonly at: number; readonly raw: readonly number[] };

export interface SmbiosStructure {
  readonly type: number;
  /** Length of the formatted part. */
  readonly length: number;
  readonly handle?: number;
  readonly fields: readonly SmbiosField[];
}

/** The structures followed by an end-of-table structure. */
export function smbiosTable(structures: readonly SmbiosStructure[]): Uint8Array {
  const all = [...structures, { type: 127, length: 4, fields: [] }];
  return Uint8Array.from(all.flatMap((structure, index) => encode(structure, structure.handle ?? index)));
}

function encode(structure: SmbiosStructure, handle: number): number[] {
  const formatted = new Array<number>(structure.length).fill(0);
  formatted.splice(0, 4, structure.type, structure.length, handle & 0xff, handle >> 8);
  const strings: string[] = [];
  for (const field of structure.fields) {
    if ('text' in field) formatted[field.at] = strings.push(field.text);
    else if ('raw' in field) formatted.splice(field.at, field.raw.length, ...field.raw);
    else
      for (let index = 0; index < field.bytes; index++)
        formatted[field.at + index] = Math.floor(field.value / 256 ** index) % 256;
  }
  const tail = strings.flatMap((text) => [...Buffer.from(text), 0]);
  return [...formatted, ...(tail.length === 0 ? [0, 0] : [...tail, 0])];
}

/** A 64-bit entry point (`_SM3_`) of a version; the address is where `dmidecode --from-dump` expects the table. */
export function entryPoint3(major: number, minor: number, tableBytes: number): Uint8Array {
  const bytes = new Uint8Array(24);
  bytes.set(Buffer.from('_SM3_'));
  bytes.set([0, 24, major, minor, 0, 1], 5);
  new DataView(bytes.buffer).setUint32(12, tableBytes, true);
  new DataView(bytes.buffer).setUint32(16, 32, true);
  bytes[5] = (256 - (bytes.reduce((sum, byte) => sum + byte, 0) % 256)) % 256;
  return bytes;
}

/** A 32-bit entry point (`_SM_`) of a version. */
export function entryPoint2(major: number, minor: number): Uint8Array {
  const bytes = new Uint8Array(31);
  bytes.set(Buffer.from('_SM_'));
  bytes.set([0, 31, major, minor], 4);
  return bytes;
}

/** A two-socket rack server with two of four memory slots filled, SMBIOS 3.2. */
export const RACK_SERVER: readonly SmbiosStructure[] = [
  {
    type: 0,
    length: 0x1a,
    fields: [
      { at: 4, text: 'Dell Inc.' },
      { at: 5, text: '2.19.1' },
      { at: 8, text: '06/04/2024' },
      { at: 0x12, value: 0x03, bytes: 1 },
      { at: 0x13, value: 0x0d, bytes: 1 },
    ],
  },
  {
    type: 1,
    length: 0x1b,
    fields: [
      { at: 4, text: 'Dell Inc.' },
      { at: 5, text: 'PowerEdge R740' },
      { at: 7, text: '7XK2QZ2' },
      {
        at: 8,
        raw: [0x44, 0x45, 0x4c, 0x4c, 0x58, 0x00, 0x10, 0x4b, 0x80, 0x32, 0xb7, 0xc0, 0x4f, 0x51, 0x5a, 0x32],
      },
      { at: 0x19, text: 'SKU=NotProvided;ModelName=PowerEdge R740' },
      { at: 0x1a, text: 'PowerEdge' },
    ],
  },
  {
    type: 2,
    length: 0x0f,
    fields: [
      { at: 4, text: 'Dell Inc.' },
      { at: 5, text: '06WXJT' },
      { at: 6, text: 'A05' },
      { at: 7, text: '.7XK2QZ2.CNFCP0089G00FZ.' },
    ],
  },
  {
    type: 3,
    length: 0x16,
    fields: [
      { at: 4, text: 'Dell Inc.' },
      { at: 5, value: 0x97, bytes: 1 },
      { at: 7, text: '7XK2QZ2' },
      { at: 8, text: 'RZ-0815' },
    ],
  },
  ...['CPU1', 'CPU2'].map(
    (socket): SmbiosStructure => ({
      type: 4,
      length: 0x30,
      fields: [
        { at: 4, text: socket },
        { at: 5, value: 3, bytes: 1 },
        { at: 7, text: 'Intel' },
        { at: 0x10, text: 'Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz' },
        { at: 0x14, value: 4000, bytes: 2 },
        { at: 0x18, value: 0x41, bytes: 1 },
        { at: 0x23, value: 16, bytes: 1 },
        { at: 0x24, value: 16, bytes: 1 },
        { at: 0x25, value: 32, bytes: 1 },
      ],
    }),
  ),
  {
    type: 16,
    length: 0x17,
    handle: 0x1000,
    fields: [
      { at: 4, value: 3, bytes: 1 },
      { at: 5, value: 3, bytes: 1 },
      { at: 0x0d, value: 4, bytes: 2 },
    ],
  },
  memoryModule('A1', { at: 0x0c, value: 16_384, bytes: 2 }, '36F2A7C1'),
  memoryModule('A2', { at: 0x0c, value: 0, bytes: 2 }, ''),
  memoryModule('B1', { at: 0x0c, value: 0x7fff, bytes: 2 }, '36F2A7C2', {
    at: 0x1c,
    value: 65_536,
    bytes: 4,
  }),
  memoryModule('B2', { at: 0x0c, value: 0, bytes: 2 }, ''),
];

function memoryModule(
  locator: string,
  size: SmbiosField,
  serial: string,
  extendedSize?: SmbiosField,
): SmbiosStructure {
  const filled = serial !== '';
  return {
    type: 17,
    length: 0x54,
    fields: [
      { at: 4, value: 0x1000, bytes: 2 },
      size,
      ...(extendedSize ? [extendedSize] : []),
      { at: 0x0e, value: 9, bytes: 1 },
      { at: 0x10, text: locator },
      { at: 0x11, text: 'Not Specified' },
      { at: 0x12, value: filled ? 0x1a : 0x02, bytes: 1 },
      ...(filled
        ? ([
            { at: 0x15, value: 2666, bytes: 2 },
            { at: 0x17, text: '00AD063200AD' },
            { at: 0x18, text: serial },
            { at: 0x1a, text: 'HMA82GR7AFR8N-VK' },
            { at: 0x20, value: 2666, bytes: 2 },
          ] as const)
        : []),
    ],
  };
}

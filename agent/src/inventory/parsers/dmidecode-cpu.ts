/** Processors (type 4) of a dmidecode report. */
import { type DmiStructure, ofType, valueOf } from './dmidecode.ts';
import { hertzOf, leadingNumber } from './lines.ts';

export interface DmiProcessor {
  readonly socket: string | null;
  /** Not switched off. */
  readonly enabled: boolean;
  readonly manufacturer: string | null;
  /** As the processor calls itself; null where the firmware only knows the family. */
  readonly model: string | null;
  /** Family in words: 'Xeon'. */
  readonly family: string | null;
  readonly serial: string | null;
  /** Result of CPUID leaf 1, 16 hex digits, EDX before EAX. */
  readonly cpuid: string | null;
  readonly familyNumber: number | null;
  readonly modelNumber: number | null;
  readonly stepping: number | null;
  /** What the model name promises, else what it runs at. */
  readonly nominalHz: number | null;
  readonly maxHz: number | null;
  readonly externalHz: number | null;
  readonly cores: number | null;
  readonly coresEnabled: number | null;
  readonly threads: number | null;
}

/** Processors of the filled sockets. */
export function dmiProcessors(structures: readonly DmiStructure[]): DmiProcessor[] {
  return ofType(structures, 4)
    .filter(({ values }) => values.size > 0)
    .filter((structure) => valueOf(structure, 'Status')?.startsWith('Unpopulated') !== true)
    .filter((structure) => isCentral(valueOf(structure, 'Type', 'Processor Type')))
    .map(processor);
}

function processor(structure: DmiStructure): DmiProcessor {
  const model = valueOf(structure, 'Version', 'Processor Version');
  const cpuid = reversedId(valueOf(structure, 'ID'));
  const hz = (name: string) => hertzOf(valueOf(structure, name));
  return {
    socket: valueOf(structure, 'Socket Designation'),
    enabled: valueOf(structure, 'Status')?.includes('Disabled') !== true,
    manufacturer: valueOf(structure, 'Manufacturer', 'Processor Manufacturer'),
    model,
    family: valueOf(structure, 'Family', 'Processor Family'),
    serial: valueOf(structure, 'Serial Number'),
    cpuid,
    ...(cpuid === null ? NO_SIGNATURE : signature(Number.parseInt(cpuid.slice(8), 16))),
    nominalHz: hertzOf(model) ?? hz('Current Speed'),
    maxHz: hz('Max Speed'),
    externalHz: hz('External Clock'),
    cores: leadingNumber(valueOf(structure, 'Core Count')),
    coresEnabled: leadingNumber(valueOf(structure, 'Core Enabled')),
    threads: leadingNumber(valueOf(structure, 'Thread Count')),
  };
}

function isCentral(type: string | null): boolean {
  return type === null || type === 'Central Processor';
}

/** The eight bytes are printed lowest first. */
function reversedId(id: string | null): string | null {
  if (id === null || !/^[0-9A-F]{2}( [0-9A-F]{2}){7}$/i.test(id)) return null;
  return id.split(' ').reverse().join('').toUpperCase();
}

type Signature = Pick<DmiProcessor, 'familyNumber' | 'modelNumber' | 'stepping'>;
const NO_SIGNATURE: Signature = { familyNumber: null, modelNumber: null, stepping: null };

/** CPUID leaf 1, EAX. The words of old reports are no use: some write hexadecimal numbers, and none the whole model. */
function signature(eax: number): Signature {
  const family = (eax >>> 8) & 0xf;
  const model = (eax >>> 4) & 0xf;
  const extended = family === 6 || family === 15;
  return {
    familyNumber: family === 15 ? family + ((eax >>> 20) & 0xff) : family,
    modelNumber: extended ? model + (((eax >>> 16) & 0xf) << 4) : model,
    stepping: eax & 0xf,
  };
}

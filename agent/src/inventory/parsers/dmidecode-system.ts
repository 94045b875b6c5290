/** Firmware, system, board and chassis (types 0 to 3) of a dmidecode report. */
import { type DmiStructure, ofType, valueOf } from './dmidecode.ts';

export interface DmiSystem {
  readonly bios: {
    readonly vendor: string | null;
    readonly version: string | null;
    readonly date: string | null;
  };
  readonly system: {
    readonly manufacturer: string | null;
    readonly model: string | null;
    readonly version: string | null;
    readonly serial: string | null;
    /** As the report writes it. */
    readonly uuid: string | null;
    readonly sku: string | null;
  };
  readonly board: {
    readonly manufacturer: string | null;
    readonly model: string | null;
    readonly version: string | null;
    readonly serial: string | null;
  };
  readonly chassis: {
    readonly type: string | null;
    readonly manufacturer: string | null;
    readonly serial: string | null;
    readonly assetTag: string | null;
  };
}

/** Of more than one structure of a type the first that says anything counts. */
export function dmiSystem(structures: readonly DmiStructure[]): DmiSystem {
  const [bios, system, board, chassis] = [0, 1, 2, 3].map((type) =>
    ofType(structures, type).find(({ values }) => values.size > 0),
  );
  return {
    bios: {
      vendor: valueOf(bios, 'Vendor'),
      version: valueOf(bios, 'Version'),
      date: valueOf(bios, 'Release Date'),
    },
    system: {
      manufacturer: valueOf(system, 'Manufacturer', 'Vendor'),
      model: valueOf(system, 'Product Name', 'Product'),
      version: valueOf(system, 'Version'),
      serial: valueOf(system, 'Serial Number'),
      uuid: valueOf(system, 'UUID'),
      sku: valueOf(system, 'SKU Number'),
    },
    board: {
      manufacturer: valueOf(board, 'Manufacturer'),
      model: valueOf(board, 'Product Name'),
      version: valueOf(board, 'Version'),
      serial: valueOf(board, 'Serial Number'),
    },
    chassis: {
      type: valueOf(chassis, 'Type'),
      manufacturer: valueOf(chassis, 'Manufacturer'),
      serial: valueOf(chassis, 'Serial Number'),
      assetTag: valueOf(chassis, 'Asset Tag'),
    },
  };
}

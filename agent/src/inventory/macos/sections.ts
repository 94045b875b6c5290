/** Whole sections of a Mac from recorded outputs of its tools. */
import type { CollectedInventory } from '../native.ts';
import { macosDevices } from './devices.ts';
import { macosHardware, macosOs } from './hardware.ts';
import { macosNetwork } from './network.ts';
import { macosRecords, type MacosOutputs } from './outputs.ts';
import { macosStorage } from './storage.ts';

/**
 * The sections that the outputs say anything about; the others are absent, which means unchanged.
 * A section is complete only when everything that it is made of was given; `notes` say what was not.
 */
export function macosSections(outputs: MacosOutputs): CollectedInventory {
  const records = macosRecords(outputs);
  const hardware = macosHardware(records);
  const os = macosOs(records);
  const network = macosNetwork(records);
  const storage = macosStorage(records);
  const devices = macosDevices(records);
  return {
    ...(hardware && { hardware }),
    ...(os && { os }),
    ...(network && { network }),
    ...(storage && { storage }),
    ...(devices && { devices }),
  };
}

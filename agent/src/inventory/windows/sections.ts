/** Whole sections of a Windows machine from recorded outputs of WMI and the registry. */
import type { CollectedInventory } from '../native.ts';
import { windowsDevices } from './devices.ts';
import { windowsHardware } from './hardware.ts';
import { windowsNetwork } from './network.ts';
import { windowsOs } from './os.ts';
import { windowsRecords, type WindowsOutputs } from './outputs.ts';
import { windowsServices } from './services.ts';
import { windowsPatchesSection, windowsSoftwareSection } from './software.ts';
import { windowsStorage } from './storage.ts';

/**
 * The sections that the outputs say anything about; the others are absent, which means unchanged.
 * A section is complete only when everything that it is made of was given; `notes` say what was not.
 */
export function windowsSections(outputs: WindowsOutputs): CollectedInventory {
  const records = windowsRecords(outputs);
  const hardware = windowsHardware(records);
  const os = windowsOs(records);
  const network = windowsNetwork(records);
  const storage = windowsStorage(records);
  const devices = windowsDevices(records);
  const software = windowsSoftwareSection(records);
  const services = windowsServices(records);
  const patches = windowsPatchesSection(records);
  return {
    ...(hardware && { hardware }),
    ...(os && { os }),
    ...(network && { network }),
    ...(storage && { storage }),
    ...(devices && { devices }),
    ...(software && { software }),
    ...(services && { services }),
    ...(patches && { patches }),
  };
}

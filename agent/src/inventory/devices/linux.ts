/** Devices of a Linux machine: what sysfs, the SMBIOS table and CUPS tell. No program is run. */
import type { Host } from '../../host.ts';
import { parseSmbios } from '../hardware/smbios.ts';
import type { CollectedSection } from '../section.ts';
import { parseInputs } from './inputs.ts';
import { readMonitors } from './monitors.ts';
import { gpusOf, readControllers, soundsOf } from './pci.ts';
import { readBatteries } from './power.ts';
import { parsePrintersConf } from './printers.ts';
import { readUsbDevices } from './usb.ts';

const TABLES = '/sys/firmware/dmi/tables';
const SMBIOS_BYTES_MAX = 1 << 20;
const CUPS = '/etc/cups';

export function collectLinuxDevices(host: Host): CollectedSection<'devices'> {
  const controllers = readControllers(host);
  const table = host.readBytes(`${TABLES}/DMI`, SMBIOS_BYTES_MAX);
  const smbios =
    table === null
      ? null
      : parseSmbios(host.readBytes(`${TABLES}/smbios_entry_point`, SMBIOS_BYTES_MAX), table);
  const printers = host.readText(`${CUPS}/printers.conf`);
  const notes = [
    ...(table === null && host.list(TABLES).includes('DMI')
      ? [`${TABLES}/DMI may only be read by root: slots, connectors and power supplies are missing`]
      : []),
    ...(printers === null && host.list(CUPS).includes('printers.conf')
      ? [`${CUPS}/printers.conf may only be read by root: printers are missing`]
      : []),
  ];
  return {
    data: {
      controllers,
      gpus: gpusOf(host, controllers),
      monitors: readMonitors(host),
      usbDevices: readUsbDevices(host),
      printers: parsePrintersConf(printers ?? ''),
      batteries: readBatteries(host),
      powerSupplies: [...(smbios?.powerSupplies ?? [])],
      expansionSlots: [...(smbios?.slots ?? [])],
      connectors: [...(smbios?.connectors ?? [])],
      sounds: soundsOf(controllers),
      inputs: parseInputs(host.readText('/proc/bus/input/devices') ?? ''),
    },
    complete: notes.length === 0,
    notes,
  };
}

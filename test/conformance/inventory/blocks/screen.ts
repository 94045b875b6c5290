/** Blocks that are read from EDIDs. */
import { parseEdid } from '@muster/agent/inventory/parsers/edid.ts';
import { monitorSerial } from '@muster/agent/inventory/parsers/monitor-serial.ts';
import { pnpVendor } from '@muster/shared/inventory/pnp-vendors.ts';
import type { Adapters, CaseFiles } from '../case.ts';

export const screen: Adapters = {
  tasks__inventory__generic__screen: { edid_tests: monitor },
};

function monitor(files: CaseFiles): unknown {
  const edid = parseEdid(files[0]?.bytes ?? new Uint8Array());
  if (edid === null) return null;
  const { serial, otherSerial } = monitorSerial(edid);
  return {
    CAPTION: edid.model,
    DESCRIPTION: `${edid.madeWeek}/${edid.madeYear}`,
    MANUFACTURER: pnpVendor(edid.vendorId) ?? edid.vendorId,
    SERIAL: serial ?? '00000000',
    ALTSERIAL: otherSerial,
  };
}

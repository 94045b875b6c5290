/** Monitors of a Linux machine from the EDID that the graphics driver keeps of each connector. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import type { Host } from '../../host.ts';
import { parseEdid } from '../parsers/edid.ts';
import { monitorSerial } from '../parsers/monitor-serial.ts';
import { readValue } from '../text.ts';
import { pnpVendorName } from './pnp-vendors.ts';

type Monitor = SectionData['devices']['monitors'][number];

const DRM = '/sys/class/drm';
/** Up to 255 extension blocks of 128 bytes may follow the first; real monitors have four. */
const EDID_BYTES_MAX = 32 << 10;

/** By connector, e.g. 'card0-HDMI-A-1'. The panel of a notebook is one too: it is replaced like any other part. */
export function readMonitors(host: Host): Monitor[] {
  return host.list(DRM).flatMap((connector): Monitor[] => {
    const port = /^card\d+-(.+)$/.exec(connector)?.[1];
    if (port === undefined || readValue(host, `${DRM}/${connector}/status`) === 'disconnected') return [];
    const bytes = host.readBytes(`${DRM}/${connector}/edid`, EDID_BYTES_MAX);
    const edid = bytes === null ? null : parseEdid(bytes);
    if (edid === null) return [];
    return [
      {
        port,
        manufacturer: pnpVendorName(edid.vendorId),
        vendorId: edid.vendorId,
        productId: edid.productId,
        model: edid.model,
        serial: monitorSerial(edid).serial,
        madeWeek: edid.madeWeek >= 1 && edid.madeWeek <= 54 ? edid.madeWeek : null,
        madeYear: edid.madeYear,
        widthMillimetres: edid.widthMillimetres,
        heightMillimetres: edid.heightMillimetres,
      },
    ];
  });
}

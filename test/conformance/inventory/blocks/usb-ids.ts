/** Names of USB vendors and products from the list that this machine has, where it has one. */
import { existsSync, readFileSync } from 'node:fs';
import { parseUsbIds, type UsbNames } from '@muster/agent/inventory/parsers/usb-ids.ts';

const LIST = ['/usr/share/misc/usb.ids', '/usr/share/hwdata/usb.ids', '/var/lib/usbutils/usb.ids'].find(
  (path) => existsSync(path),
);

/** The list is a package of its own; without it names can not be compared. */
export const HAS_USB_IDS = LIST !== undefined;

let names: ReadonlyMap<string, string> | null = null;

export function usbNames(vendorId: string, productId: string): UsbNames {
  names ??= parseUsbIds(LIST === undefined ? '' : readFileSync(LIST, 'latin1'));
  const vendor = vendorId.toLowerCase();
  return {
    vendor: names.get(vendor) ?? null,
    product: names.get(`${vendor}:${productId.toLowerCase()}`) ?? null,
  };
}

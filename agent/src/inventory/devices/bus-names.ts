/** Names of PCI and USB vendors, products and classes from the machine's own pci.ids and usb.ids; nothing is parsed that is not asked for. */
import type { Host } from '../../host.ts';
import { cleanText } from '../text.ts';

/** pci.ids has 1.5 MB. */
const LIST_BYTES_MAX = 16 << 20;
/** Where distributions keep the lists. */
const FOLDERS = ['/usr/share/misc', '/usr/share/hwdata', '/usr/share'];

/** Answers null for what the list does not know, and for everything on a machine without the list. Ids are lower-case hex. */
export interface BusNames {
  vendor(vendorId: string): string | null;
  product(vendorId: string, productId: string): string | null;
  /** Class and subclass, e.g. '0106'; the class alone where the subclass is not known. */
  class(classId: string): string | null;
}

const TAB = 9;

export function readBusNames(host: Host, file: 'pci.ids' | 'usb.ids'): BusNames {
  for (const folder of FOLDERS) {
    const bytes = host.readBytes(`${folder}/${file}`, LIST_BYTES_MAX);
    if (bytes !== null) return busNames(bytes);
  }
  return busNames(new Uint8Array());
}

/**
 * Searched as bytes: as text, a list takes three times the memory for a few names.
 * @param list text of pci.ids or usb.ids: `id  name`, products one tab deeper, classes as `C id  name`
 */
export function busNames(list: Uint8Array): BusNames {
  // The lists begin with remarks, so that every head stands after a line feed.
  const text = Buffer.from(list.buffer, list.byteOffset, list.byteLength);
  const below = (head: string, id: string): string | null => {
    const start = text.indexOf(`\n${head}  `);
    if (start === -1) return null;
    const wanted = `\t${id}  `;
    // The entries of one head end where the next line does not begin with a tab.
    let line = text.indexOf('\n', start + 1) + 1;
    while (line > 0 && text[line] === TAB) {
      const end = text.indexOf('\n', line);
      if (text.toString('latin1', line, line + wanted.length) === wanted)
        return lineAt(text, line + wanted.length);
      line = end + 1;
    }
    return null;
  };
  const named = (head: string): string | null => {
    const start = text.indexOf(`\n${head}  `);
    return start === -1 ? null : lineAt(text, start + 1 + head.length);
  };
  return {
    vendor: named,
    product: below,
    class: (classId) =>
      below(`C ${classId.slice(0, 2)}`, classId.slice(2)) ?? named(`C ${classId.slice(0, 2)}`),
  };
}

function lineAt(text: Buffer, start: number): string | null {
  const end = text.indexOf('\n', start);
  return cleanText(text.toString('utf8', start, end === -1 ? text.length : end));
}

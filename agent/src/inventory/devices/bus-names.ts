/** Names of PCI and USB vendors, products and classes from the machine's own pci.ids and usb.ids; nothing is parsed that is not asked for. */
import type { Host } from '../../host.ts';
import { cleanText } from '../text.ts';

/** Where distributions keep the lists. */
const FOLDERS = ['/usr/share/misc', '/usr/share/hwdata', '/usr/share'];

/** Answers null for what the list does not know, and for everything on a machine without the list. Ids are lower-case hex. */
export interface BusNames {
  vendor(vendorId: string): string | null;
  product(vendorId: string, productId: string): string | null;
  /** Class and subclass, e.g. '0106'; the class alone where the subclass is not known. */
  class(classId: string): string | null;
}

export function readBusNames(host: Host, file: 'pci.ids' | 'usb.ids'): BusNames {
  for (const folder of FOLDERS) {
    const text = host.readText(`${folder}/${file}`);
    if (text !== null) return busNames(text);
  }
  return busNames('');
}

/** @param list text of pci.ids or usb.ids: `id  name`, products one tab deeper, classes as `C id  name` */
export function busNames(list: string): BusNames {
  const text = `\n${list}`;
  const below = (head: string, id: string): string | null => {
    const start = text.indexOf(`\n${head}  `);
    if (start === -1) return null;
    // The entries of one head end where the next line does not begin with a tab.
    for (let at = text.indexOf('\n', start + 1); text[at + 1] === '\t'; at = text.indexOf('\n', at + 1)) {
      if (text.startsWith(`\t${id}  `, at + 1)) return lineAt(text, at + 2 + id.length);
      if (at === -1) break;
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

function lineAt(text: string, start: number): string | null {
  const end = text.indexOf('\n', start);
  return cleanText(text.slice(start, end === -1 ? undefined : end));
}

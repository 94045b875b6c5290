/** The list of USB vendors and products that Linux systems carry (usb.ids). */
import { linesOf } from './lines.ts';

export interface UsbNames {
  readonly vendor: string | null;
  readonly product: string | null;
}

/** 'vvvv' → vendor and 'vvvv:pppp' → product, ids in lower-case hex. The lists of classes that follow are not read. */
export function parseUsbIds(text: string): Map<string, string> {
  const names = new Map<string, string>();
  let vendor: string | null = null;
  for (const line of linesOf(text)) {
    const [, tab, id, name] = /^(\t?)([0-9a-f]{4}) {2}(\S.*)$/i.exec(line) ?? [];
    if (id !== undefined && name !== undefined) {
      if (tab === '') vendor = id.toLowerCase();
      if (vendor !== null) names.set(tab === '' ? vendor : `${vendor}:${id.toLowerCase()}`, name.trim());
    } else if (/^\S/.test(line) && !line.startsWith('#')) vendor = null;
  }
  return names;
}

/** Print queues of CUPS from printers.conf(5); of a device's URI only scheme and host are taken. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import { byText, cleanText } from '../text.ts';

type Printer = SectionData['devices']['printers'][number];

/** A URI may carry a password, a queue's path and a token; none of it is inventory. */
export function placeOfUri(uri: string | null): {
  scheme: string | null;
  host: string | null;
  serial: string | null;
} {
  const [, scheme = null, rest = ''] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(uri ?? '') ?? [];
  const authority = /^\/\/([^/?#]*)/.exec(rest)?.[1] ?? '';
  const host = authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d+$/, '');
  const serial = scheme === 'usb' ? (/[?&]serial=([^&]+)/.exec(rest)?.[1] ?? null) : null;
  return {
    scheme: scheme?.toLowerCase() ?? null,
    // The "host" of a USB printer is its maker.
    host: scheme === 'usb' ? null : cleanText(host),
    serial: cleanText(serial),
  };
}

/** By name. Classes of printers and everything that counts or changes by printing are left out. */
export function parsePrintersConf(text: string): Printer[] {
  const blocks = text.matchAll(/^<(Default)?Printer ([^>\n]+)>\n(.*?)^<\/(?:Default)?Printer>/gms);
  return [...blocks]
    .map(([, isDefault, name = '', body = '']): Printer => {
      const value = (key: string) => cleanText(new RegExp(`^${key} (.*)$`, 'm').exec(body)?.[1]);
      return {
        name,
        description: value('Info'),
        location: value('Location'),
        driver: value('MakeModel'),
        ...placeOfUri(value('DeviceURI')),
        default: isDefault !== undefined,
        shared: yesNo(value('Shared')),
      };
    })
    .sort((a, b) => byText(a.name, b.name));
}

function yesNo(value: string | null): boolean | null {
  if (value === null) return null;
  return /^(yes|on|true)$/i.test(value);
}

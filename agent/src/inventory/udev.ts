/** The udev database in /run/udev/data: properties of one device. */
import type { Host } from '../host.ts';

/** `E:` lines of a device such as '+pci:0000:00:02.0' or 'b8:0'; empty where udev does not run. */
export function readUdev(host: Host, id: string): Map<string, string> {
  const text = host.readText(`/run/udev/data/${id}`) ?? '';
  return new Map(
    [...text.matchAll(/^E:([A-Z0-9_]+)=(.*)$/gm)].map((match) => [match[1] ?? '', match[2] ?? '']),
  );
}

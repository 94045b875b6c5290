/** Keyboards and pointing devices from /proc/bus/input/devices. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import { byText, cleanText } from '../text.ts';

type Input = SectionData['devices']['inputs'][number];

/** linux/input.h, BUS_*. */
const BUSES: Readonly<Record<string, string>> = {
  '0003': 'usb',
  '0005': 'bluetooth',
  '0011': 'ps/2',
  '0018': 'i2c',
  '001c': 'rmi',
  '001d': 'cec',
};

/** Devices with a keyboard's or a mouse's handler on a real bus; lids, buttons and speakers are none. */
export function parseInputs(text: string): Input[] {
  const inputs = text.split('\n\n').flatMap((block): Input[] => {
    const name = cleanText(/^N: Name="(.*)"$/m.exec(block)?.[1]);
    const bus = BUSES[/^I: Bus=([0-9a-f]{4})/m.exec(block)?.[1] ?? ''];
    const handlers = (/^H: Handlers=(.*)$/m.exec(block)?.[1] ?? '').split(' ');
    const kind = kindOf(name ?? '', handlers, block);
    if (name === null || bus === undefined || kind === null) return [];
    return [{ name, kind, manufacturer: null, connection: bus }];
  });
  // One keyboard shows as several devices of one name.
  return [...new Map(inputs.map((input) => [`${input.kind} ${input.name}`, input])).values()].sort(
    (a, b) => byText(a.name, b.name) || byText(a.kind, b.kind),
  );
}

function kindOf(name: string, handlers: readonly string[], block: string): Input['kind'] | null {
  if (/touch ?(screen|pad)/i.test(name)) return 'touch';
  if (handlers.some((one) => one.startsWith('mouse'))) return 'pointer';
  // EV 120013: keys, repeat and LEDs, which only a full keyboard has.
  if (handlers.includes('kbd') && /^B: EV=120013$/m.test(block)) return 'keyboard';
  return null;
}

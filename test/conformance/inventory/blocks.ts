/** Every adapter, by expectation file and block. One line per file of `blocks/`. */
import { bus } from './blocks/bus.ts';
import { dmidecode } from './blocks/dmidecode.ts';
import { guests } from './blocks/guests.ts';
import { linuxHost } from './blocks/linux-host.ts';
import { macosHost } from './blocks/macos-host.ts';
import { networkTools } from './blocks/network-tools.ts';
import { raidControllers } from './blocks/raid-controllers.ts';
import { screen } from './blocks/screen.ts';
import { serverParts } from './blocks/server-parts.ts';
import { windowsHost } from './blocks/windows-host.ts';
import type { Adapters } from './case.ts';

const FILES: readonly Adapters[] = [
  bus,
  dmidecode,
  guests,
  linuxHost,
  macosHost,
  networkTools,
  raidControllers,
  screen,
  serverParts,
  windowsHost,
];

export const ADAPTERS: Adapters = merge(FILES);

function merge(files: readonly Adapters[]): Adapters {
  const all: Record<string, Adapters[string]> = {};
  for (const file of files) {
    for (const [stem, blocks] of Object.entries(file)) all[stem] = { ...all[stem], ...blocks };
  }
  return all;
}

/** Every adapter, by expectation file and block. One line per file of `blocks/`. */
import { bus } from './blocks/bus.ts';
import { dmidecode } from './blocks/dmidecode.ts';
import { screen } from './blocks/screen.ts';
import { serverParts } from './blocks/server-parts.ts';
import type { Adapters } from './case.ts';

const FILES: readonly Adapters[] = [bus, dmidecode, screen, serverParts];

export const ADAPTERS: Adapters = merge(FILES);

function merge(files: readonly Adapters[]): Adapters {
  const all: Record<string, Adapters[string]> = {};
  for (const file of files) {
    for (const [stem, blocks] of Object.entries(file)) all[stem] = { ...all[stem], ...blocks };
  }
  return all;
}

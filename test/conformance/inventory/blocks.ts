/** Every adapter, by expectation file and block. One line per file of `blocks/`. */
import { dmidecode } from './blocks/dmidecode.ts';
import { screen } from './blocks/screen.ts';
import type { Adapters } from './case.ts';

const FILES: readonly Adapters[] = [dmidecode, screen];

export const ADAPTERS: Adapters = merge(FILES);

function merge(files: readonly Adapters[]): Adapters {
  const all: Record<string, Adapters[string]> = {};
  for (const file of files) {
    for (const [stem, blocks] of Object.entries(file)) all[stem] = { ...all[stem], ...blocks };
  }
  return all;
}

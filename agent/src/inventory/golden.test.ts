import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { INVENTORY_SECTIONS } from '@muster/shared/wire/inventory-sections.ts';
import { expect, test } from 'vitest';
import { goldenCases } from './golden.ts';
import { SECTION_COLLECTORS } from './index.ts';

test.each(INVENTORY_SECTIONS)(
  '[IN1] section %s: every recorded machine gives what its folder expects',
  async (section) => {
    const folder = join(import.meta.dirname, section);
    const cases = await goldenCases(folder, SECTION_COLLECTORS[section]);
    expect(cases.length).toBe(readdirSync(join(folder, 'testcases')).length);
    for (const { name, collected, expected } of cases)
      expect({ name, ...collected }).toEqual({ name, ...Object(expected) });
  },
);

/** The sets that `conformance -- inventory` runs. */
import type { Report, Suite } from './case.ts';
import { glpiAgent } from './glpi-agent.ts';
import { inventoryFormat } from './inventory-format.ts';
import { platformSections } from './sections.ts';

/** Set → what runs it. */
const SUITES: Readonly<Record<string, Suite>> = {
  'glpi-agent': glpiAgent,
  inventory_format: inventoryFormat,
  sections: platformSections,
};

/** Runs every set below `testdata`; `missing` names those that are not there. */
export async function runSuites(testdata: string): Promise<{ report: Report; missing: readonly string[] }> {
  const areas: Record<string, Report[string]> = {};
  const missing: string[] = [];
  for (const [name, suite] of Object.entries(SUITES)) {
    const report = await suite(testdata);
    if (report === null) missing.push(name);
    else Object.assign(areas, report);
  }
  return { report: areas, missing };
}

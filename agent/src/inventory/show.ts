/** The text of `muster-agent inventory`: exactly what an inventory frame would carry, and nothing that it would not. */
import type { Host } from '../host.ts';
import { collectInventory } from './index.ts';

/** One line of JSON: an inventory frame's body with all sections that could be collected. */
export async function inventoryText(host: Host): Promise<string> {
  const inventory = await collectInventory(host, () => undefined);
  const sections = [...inventory].map(
    ([section, { json, complete, hash }]) =>
      `${JSON.stringify(section)}:{"hash":"${hash}","complete":${complete},"data":${json}}`,
  );
  return `{"atMs":${host.now()},"sections":{${sections.join(',')}}}`;
}

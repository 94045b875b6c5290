/** What `muster-agent inventory` prints, for people and for the agent beside it. */
import type { Host } from '../host.ts';
import type { ChildOutput } from './child.ts';
import { collectInventory, SECTION_COLLECTORS } from './index.ts';
import { InventoryAsked } from './section.ts';

/** One line of JSON: an inventory frame's body with all sections that could be collected. */
export async function inventoryText(host: Host): Promise<string> {
  const inventory = await collectInventory(host, () => undefined);
  const sections = [...inventory].map(
    ([section, { json, complete, hash }]) =>
      `${JSON.stringify(section)}:{"hash":"${hash}","complete":${complete},"data":${json}}`,
  );
  return `{"atMs":${host.now()},"sections":{${sections.join(',')}}}`;
}

/** For `inventoryInChild`. @throws ZodError where `asked` is not what an agent asks */
export async function inventoryForAgent(host: Host, asked: string): Promise<string> {
  const failures: ChildOutput['failures'] = [];
  const collected = await collectInventory(
    host,
    (failure) => failures.push(failure),
    Object.values(SECTION_COLLECTORS),
    InventoryAsked.parse(JSON.parse(asked)),
  );
  const sections: ChildOutput['sections'] = {};
  for (const [name, { hash, complete, data }] of collected) sections[name] = { hash, complete, data };
  return JSON.stringify({ sections, failures } satisfies ChildOutput);
}

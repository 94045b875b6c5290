/** The text of `muster-agent show` and `muster-agent inventory`: exactly what an inventory frame would carry, and nothing that it would not. */
import type { Host } from '../host.ts';
import { collectInventory } from './index.ts';
import type { SectionFailure } from './index.ts';

/** Per section a head line with hash, size and completeness, then its data as indented JSON. */
export async function showInventory(host: Host): Promise<string> {
  const failures: SectionFailure[] = [];
  const inventory = await collectInventory(host, (failure) => failures.push(failure));
  const parts = [...inventory].map(([section, entry]) =>
    [
      `# ${section}: ${entry.complete ? 'complete' : 'not complete'}, ${Buffer.byteLength(entry.json)} bytes, sha256 ${entry.hash}`,
      ...entry.notes.map((note) => `# ${note}`),
      JSON.stringify(entry.data, null, 2),
    ].join('\n'),
  );
  const failed = failures.map(
    (failure) => `# ${failure.section}: failed, nothing is sent: ${failure.detail}`,
  );
  return `${[...parts, ...failed].join('\n\n')}\n`;
}

/** One line of JSON: an inventory frame's body with all sections that could be collected. */
export async function inventoryText(host: Host): Promise<string> {
  const inventory = await collectInventory(host, () => undefined);
  const sections = [...inventory].map(
    ([section, { json, complete, hash }]) =>
      `${JSON.stringify(section)}:{"hash":"${hash}","complete":${complete},"data":${json}}`,
  );
  return `{"atMs":${host.now()},"sections":{${sections.join(',')}}}`;
}

/** `muster-agent inventory`, for people and for the agent beside it. */
import { join } from 'node:path';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import type { Host } from '../host.ts';
import { openHost } from '../open-host.ts';
import { print } from '../print.ts';
import type { ChildOutput } from './child.ts';
import { fingerprintsWith } from './fingerprints/fingerprints.ts';
import { type HashesPlace, hashesFile } from './fingerprints/known-hashes.ts';
import { collectInventory, type InventoryEntry, SECTION_COLLECTORS } from './index.ts';
import { HASHES_FILE } from './kept-files.ts';
import { InventoryAsked } from './section.ts';

/** With `--asked JSON DATA-FOLDER` as the agent wants it; without, for people. */
export async function runInventory([option, asked = '', dataDir = '']: readonly string[]): Promise<void> {
  const forAgent = option === '--asked';
  if (forAgent) endWithParent();
  const { host, close } = await openHost(log(forAgent ? '' : 'muster-agent: '));
  const text = await (forAgent
    ? inventoryForAgent(host, asked, hashesFile(join(dataDir, HASHES_FILE), log('')))
    : inventoryText(host));
  print(text);
  close();
}

const log = (prefix: string) => (line: string) => {
  process.stderr.write(`${prefix}${line}\n`);
};

/** The agent holds the other end of standard input. When that is gone, nobody wants the answer: the work ends within its next step. */
function endWithParent(): void {
  const end = () => process.exit(1);
  process.stdin.once('end', end).once('error', end).resume();
  if ('unref' in process.stdin) process.stdin.unref();
}

/** One line of JSON: an inventory frame's body with all sections that could be collected. */
export async function inventoryText(host: Host): Promise<string> {
  const inventory = await collectInventory(host, () => undefined);
  return `{"atMs":${host.now()},"sections":${sectionsText(inventory)}}`;
}

/** For `inventoryInChild`. @throws ZodError where `asked` is not what an agent asks */
export async function inventoryForAgent(host: Host, asked: string, place: HashesPlace): Promise<string> {
  const failures: ChildOutput['failures'] = [];
  const what = InventoryAsked.parse(JSON.parse(asked));
  // What was read while it was on must not outlive it.
  if (what.sectionsOff?.includes('fingerprints') === true) place.save(new Map());
  const collected = await collectInventory(
    host,
    (failure) => failures.push(failure),
    Object.values({ ...SECTION_COLLECTORS, fingerprints: fingerprintsWith(place) }),
    what,
  );
  return `{"sections":${sectionsText(collected)},"failures":${JSON.stringify(failures)}}`;
}

/** Each section is text already, by which it was hashed. */
function sectionsText(inventory: ReadonlyMap<InventorySection, InventoryEntry>): string {
  const sections = [...inventory].map(
    ([name, { json, complete, hash }]) =>
      `${JSON.stringify(name)}:{"hash":"${hash}","complete":${complete},"data":${json}}`,
  );
  return `{${sections.join(',')}}`;
}

/** The set `glpi-agent`: recorded outputs and, per block and case, what that agent makes of them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { ADAPTERS } from './blocks.ts';
import type { Adapter, AreaResult, Failure, RecordedFile, Report } from './case.ts';
import { difference } from './compare.ts';

const Expectations = z.record(
  z.string(),
  z.record(z.string(), z.object({ files: z.array(z.string()), expected: z.unknown() })),
);
type Block = z.infer<typeof Expectations>[string];

/** One area per block: `glpi-agent FILE/BLOCK`. */
export function glpiAgent(testdata: string): Promise<Report | null> {
  const folder = join(testdata, 'glpi-agent');
  const expectations = join(folder, 'expected');
  if (!existsSync(expectations)) return Promise.resolve(null);
  const areas: Record<string, AreaResult> = {};
  for (const file of readdirSync(expectations).sort()) {
    if (!file.endsWith('.json')) continue;
    const stem = file.slice(0, -'.json'.length);
    const blocks = Expectations.parse(JSON.parse(readFileSync(join(expectations, file), 'utf8')));
    for (const [block, cases] of Object.entries(blocks)) {
      areas[`glpi-agent ${stem}/${block}`] = runBlock(folder, ADAPTERS[stem]?.[block], cases);
    }
  }
  return Promise.resolve(areas);
}

function runBlock(folder: string, adapter: Adapter | undefined, cases: Block): AreaResult {
  const failures: Failure[] = [];
  for (const [name, { files, expected }] of Object.entries(cases)) {
    const why =
      adapter === undefined
        ? 'no adapter for this block'
        : runCase(adapter, name, () => files.map((path) => recordedFile(folder, path)), expected);
    if (why !== null) failures.push({ case: name, why });
  }
  const total = Object.keys(cases).length;
  return { pass: total - failures.length, total, failures };
}

function runCase(
  adapter: Adapter,
  name: string,
  files: () => RecordedFile[],
  expected: unknown,
): string | null {
  try {
    return difference(expected, adapter(files(), name));
  } catch (error) {
    return `threw: ${String(error)}`;
  }
}

function recordedFile(folder: string, path: string): RecordedFile {
  const bytes = readFileSync(join(folder, path));
  return { path, bytes, text: decode(bytes) };
}

function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('latin1').decode(bytes);
  }
}

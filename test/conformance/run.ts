/**
 * Runs our parsers over recorded outputs and prints how many are right.
 * Usage: npm run conformance -- inventory [--json FILE]. The sets are read below MUSTER_TESTDATA (default ../shared/testdata).
 * Ends with 1 when a case fails that no quirks file lists, with 2 when there is nothing to run.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { QUIRKS } from './inventory/quirks.ts';
import { judge, table, type Verdict, withReasons } from './inventory/report.ts';
import { runSuites } from './inventory/suites.ts';
import { testdataFolder } from './testdata.ts';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' } },
});
process.exitCode = await main(positionals, flags.json);

async function main(kinds: readonly string[], jsonFile: string | undefined): Promise<number> {
  if (kinds.length !== 1 || kinds[0] !== 'inventory') {
    console.error('Usage: npm run conformance -- inventory [--json FILE]');
    return 2;
  }
  const folder = testdataFolder();
  const { report, missing } = await runSuites(folder);
  for (const name of missing) console.error(`${name}: not in ${folder}, left out`);
  if (Object.keys(report).length === 0) return 2;
  const verdict = judge(report, QUIRKS);
  console.log(table(report));
  console.log(explain(verdict));
  if (jsonFile !== undefined) {
    writeFileSync(jsonFile, `${JSON.stringify(withReasons(report, QUIRKS), null, 2)}\n`);
  }
  return verdict.unlisted.length === 0 ? 0 : 1;
}

function explain({ unlisted, listed, stale }: Verdict): string {
  return [
    ...listed.map(({ area, failure, reason }) => `listed   ${area}: ${failure.case}: ${reason}`),
    ...stale.map((key) => `stale    ${key}: listed as a quirk, but it is right now: take it off the list`),
    ...unlisted.map(({ area, failure }) => `FAILED   ${area}: ${failure.case}: ${failure.why}`),
  ].join('\n');
}

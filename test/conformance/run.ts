/**
 * Runs our code over material of others and prints how much is right: parsers over recorded outputs (inventory), functions and thresholds over
 * Prometheus' vectors (promql), the anomaly score over labelled series (anomaly), priorities and
 * closing over a log of incidents (incidents).
 * Usage: npm run conformance -- inventory|promql|anomaly|incidents [--json FILE]. The sets are read below MUSTER_TESTDATA (default ../shared/testdata).
 * Ends with 1 when a case fails that no quirks file lists, with 2 when there is nothing to run.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { incidentsTable, runIncidents } from './incidents/run.ts';
import { QUIRKS } from './inventory/quirks.ts';
import { judge, table, type Verdict, withReasons } from './inventory/report.ts';
import { runSuites } from './inventory/suites.ts';
import { nabTable, runNab } from './nab/run.ts';
import { promqlTable, runPromql, tallyOf } from './promql/run.ts';
import { testdataFolder } from './testdata.ts';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' } },
});
process.exitCode = await main(positionals, flags.json);

type Area = (folder: string, jsonFile: string | undefined) => number | Promise<number>;

async function main(kinds: readonly string[], jsonFile: string | undefined): Promise<number> {
  const areas: Readonly<Record<string, Area>> = { inventory, promql, anomaly, incidents };
  const area = kinds.length === 1 ? areas[kinds[0] ?? ''] : undefined;
  if (area === undefined) {
    console.error(`Usage: npm run conformance -- ${Object.keys(areas).join('|')} [--json FILE]`);
    return 2;
  }
  return area(testdataFolder(), jsonFile);
}

async function inventory(folder: string, jsonFile: string | undefined): Promise<number> {
  const { report, missing } = await runSuites(folder);
  for (const name of missing) console.error(`${name}: not in ${folder}, left out`);
  if (Object.keys(report).length === 0) return 2;
  const verdict = judge(report, QUIRKS);
  console.log(table(report));
  console.log(explain(verdict));
  writeJson(jsonFile, withReasons(report, QUIRKS));
  return verdict.unlisted.length === 0 ? 0 : 1;
}

function promql(folder: string, jsonFile: string | undefined): number {
  const files = runPromql(folder);
  if (files === null) return nothing('prometheus', folder);
  const tally = tallyOf(files);
  console.log(promqlTable(tally));
  writeJson(jsonFile, files);
  return tally.wrong.length === 0 ? 0 : 1;
}

function anomaly(folder: string, jsonFile: string | undefined): number {
  const report = runNab(folder);
  if (report === null) return nothing('nab', folder);
  console.log(nabTable(report));
  writeJson(jsonFile, report);
  const standard = report.ours.scores['standard'] ?? 0;
  return report.recorded.every(({ scores }) => standard > (scores['standard'] ?? 0)) ? 0 : 1;
}

async function incidents(folder: string, jsonFile: string | undefined): Promise<number> {
  const report = await runIncidents(folder);
  if (report === null) return nothing('uci498', folder);
  console.log(incidentsTable(report));
  writeJson(jsonFile, report);
  return report.priorityExceptions.length + report.autoClose.early.length === 0 ? 0 : 1;
}

function nothing(name: string, folder: string): number {
  console.error(`${name}: not in ${folder}, left out`);
  return 2;
}

function writeJson(file: string | undefined, value: unknown): void {
  if (file !== undefined) writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}

function explain({ unlisted, listed, stale }: Verdict): string {
  return [
    ...listed.map(({ area, failure, reason }) => `listed   ${area}: ${failure.case}: ${reason}`),
    ...stale.map((key) => `stale    ${key}: listed as a quirk, but it is right now: take it off the list`),
    ...unlisted.map(({ area, failure }) => `FAILED   ${area}: ${failure.case}: ${failure.why}`),
  ].join('\n');
}

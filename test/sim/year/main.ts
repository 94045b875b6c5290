/** `npm run sim:year -- --seed N --json FILE`: a simulated year of an office, and how well the product found what was planted. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { OFFICE_SIZE } from './office.ts';
import { reportOf } from './report.ts';
import { runYear } from './run.ts';
import { saidOf, saidOfFindings } from './said.ts';
import { judge } from './score.ts';

const USAGE = `Usage: npm run sim:year -- [--seed N] [--json FILE] [--report FILE] [--days N]

A year of an office (300 laptops, 40 servers, 12 switches) through the rules, presence, availability and incidents of the
server, with planted faults (docs/YEAR.md). FILE gets { planted, found, missed, falsePer100MachineMonths, incidentsPerCause,
openP95Ms }. The same seed gives the same result.`;

const CALM_DAYS = 21;
const YEAR_DAYS = 365;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    json: { type: 'string' },
    report: { type: 'string' },
    days: { type: 'string', default: String(YEAR_DAYS) },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) console.log(USAGE);
else await main(whole('--seed', values.seed, 0, 0xffff_ffff), whole('--days', values.days, 14, YEAR_DAYS));

async function main(seed: number, days: number): Promise<void> {
  const startedMs = performance.now();
  const options = {
    seed,
    days,
    size: OFFICE_SIZE,
    calmDays: Math.min(CALM_DAYS, Math.floor(days / 4)),
    share: days / YEAR_DAYS,
  };
  const run = await runYear(options, (day) => {
    if (day % 30 === 0) console.error(`day ${day} of ${days}, ${seconds(performance.now() - startedMs)} s`);
  });
  const faults = run.plan.planted.map(({ fault }) => fault);
  const machines = run.plan.office.machines.length;
  const said = [...saidOf(run.incidents), ...saidOfFindings(run.findings)];
  const judgement = judge(faults, said, run.recorded, { machines, days });
  const tookMs = performance.now() - startedMs;
  const report = reportOf(judgement, { seed, tookMs });
  console.log(report);
  for (const [what, times] of run.complaints) console.error(`the server complained, ${times} ×: ${what}`);
  console.error(`${run.steps} steps, ${run.machineSteps} machine steps, ${seconds(tookMs)} s`);
  if (values.report) writeFileSync(values.report, report);
  if (values.json) writeFileSync(values.json, `${JSON.stringify(judgement.score, null, 2)}\n`);
}

function seconds(ms: number): number {
  return Math.round(ms / 1_000);
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max)
    throw new Error(`${name} must be a whole number from ${min} to ${max}, not ${text}`);
  return value;
}

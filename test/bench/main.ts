/**
 * Muster beside Prometheus and VictoriaMetrics of Debian, on this machine, in this run: `npm run bench`.
 * What each figure means is in docs/BENCH.md. Prints a table of ratios; `--json FILE` writes for each figure
 * `{ muster, prometheus, victoriametrics, ratio, unit, better, gate, stretch, passed, gates, spread, title }`:
 * medians of the rounds; `ratio` = Muster divided by the peer of the first gate (Prometheus where no gate names a peer);
 * `gates` has every gate with the value that it is held against; `passed` = all of them, null where one could not be
 * measured; `spread` has min and max;
 * `points` are those of a growth curve. A run whose samples were not all stored gives no figure and ends the bench with 1.
 */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, availableParallelism, cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { cleanUp as cleanUpServers } from '../e2e/harness.ts';
import { burst } from './peers/burst.ts';
import { cleanUp } from './peers/children.ts';
import { connected } from './peers/connected.ts';
import type { Bench, Trial } from './peers/figure.ts';
import { growth } from './peers/growth.ts';
import { history } from './peers/history.ts';
import { installPeers } from './peers/peer.ts';
import { paced } from './peers/paced.ts';
import { type FigureResult, resultsOf, tableOf } from './peers/report.ts';
import { storm } from './peers/storm.ts';
import { top } from './peers/top.ts';
import { wire } from './peers/wire.ts';
import { chooseGenerator } from './peers/workload.ts';

const { compileAhead } = createRequire(import.meta.url)('../../scripts/server-process.cjs') as {
  compileAhead(node: string, before: () => void): void;
};

const TRIALS: readonly Trial[] = [burst, wire, history, top, paced, connected, storm, growth];

const USAGE = `Usage: npm run bench -- [--seed N] [--only NAME,NAME] [--rounds N] [--paced-seconds N] [--quick] [--growth]
  [--json FILE] [--list]

  --seed N           of the generated values; another one makes another run (default 42)
  --only NAMES       only these trials or figures; --list names them
  --rounds N         of burst and of queries, taken in turns (default 3)
  --paced-seconds N  of each paced run that count (default 60); 1800 and more includes every piece of work put off
  --quick            small sizes, to see that it works; the figures are worth nothing
  --growth           growth curves too (some 20 minutes)`;

process.once('SIGINT', () => interrupted(130));
process.once('SIGTERM', () => interrupted(143));

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
} finally {
  await cleanUp();
  await cleanUpServers();
}

async function main(): Promise<number> {
  const { values: flags } = parseArgs({
    options: {
      seed: { type: 'string', default: '42' },
      only: { type: 'string' },
      rounds: { type: 'string', default: '3' },
      'paced-seconds': { type: 'string', default: '60' },
      quick: { type: 'boolean', default: false },
      growth: { type: 'boolean', default: false },
      json: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help || flags.list) {
    console.log(flags.help ? USAGE : TRIALS.map(listed).join('\n'));
    return 0;
  }
  const trials = chosen(flags.only?.split(',') ?? [], flags.growth);
  const bench: Bench = {
    seed: wholeNumber('seed', flags.seed),
    quick: flags.quick,
    rounds: flags.quick ? 1 : wholeNumber('rounds', flags.rounds),
    pacedSeconds: wholeNumber('paced-seconds', flags['paced-seconds']),
    peers: installPeers(say),
    say,
  };
  console.log(
    `seed ${bench.seed}; ${chooseGenerator()}; ${cpus()[0]?.model ?? 'processor'} × ${availableParallelism()}, Linux ${release()} ${arch()}, Node ${process.versions.node}${bench.quick ? '; QUICK: small sizes, the figures are worth nothing' : ''}`,
  );
  compileAhead(process.execPath, () => say('compiling Muster, as npm start does'));
  const { results, notes, failures } = await runAll(trials, bench);
  console.log(`\n${tableOf(results)}\n`);
  for (const text of notes) console.log(text);
  for (const text of failures) console.log(`NOT MEASURED: ${text}`);
  if (flags.json) writeFileSync(flags.json, `${JSON.stringify(results, null, 2)}\n`);
  return failures.length === 0 ? 0 : 1;
}

async function runAll(
  trials: readonly Trial[],
  bench: Bench,
): Promise<{ results: Record<string, FigureResult>; notes: string[]; failures: string[] }> {
  const results: Record<string, FigureResult> = {};
  const notes: string[] = [];
  const failures: string[] = [];
  for (const trial of trials) {
    try {
      const measured = await trial.run(bench);
      Object.assign(results, resultsOf(trial.figures, measured));
      notes.push(...(measured.notes ?? []));
      failures.push(...(measured.failures ?? []));
    } catch (error) {
      const [first] = (error instanceof Error ? error.message : String(error)).split('\n');
      failures.push(`${trial.name}: ${first}`);
      say(error instanceof Error ? (error.stack ?? error.message) : String(error));
      Object.assign(results, resultsOf(trial.figures, { values: {} }));
    }
    // What a failed run left behind must not burden the next one.
    await cleanUp();
    await cleanUpServers();
  }
  return { results, notes, failures };
}

function chosen(names: readonly string[], growth: boolean): Trial[] {
  const known = new Set(TRIALS.flatMap(namesOf));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw new Error(`there is no ${unknown.join(', ')}; known are ${[...known].join(', ')}`);
  if (names.length === 0) return TRIALS.filter((trial) => growth || trial.name !== 'growth');
  return TRIALS.filter((trial) => namesOf(trial).some((name) => names.includes(name)));
}

function namesOf({ name, figures }: Trial): string[] {
  return [name, ...figures.map((figure) => figure.name)];
}

function listed({ name, summary, figures }: Trial): string {
  return [`${name}: ${summary}`, ...figures.map((one) => `  ${one.name} (${one.unit}): ${one.title}`)].join(
    '\n',
  );
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`--${name} is ${text}; it takes a whole number from 1 up`);
  return value;
}

function say(text: string): void {
  console.error(`bench: ${text}`);
}

function interrupted(code: number): void {
  void Promise.allSettled([cleanUp(), cleanUpServers()]).then(() => process.exit(code));
}

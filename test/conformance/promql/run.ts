/** Prometheus' own test files through our functions: what is right, what is wrong, and what is not ours and why. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runRuleUnits } from './rule-units.ts';
import { type Outcome, runScript } from './run-script.ts';

const SCRIPTS = 'prometheus/promql/promqltest/testdata';
const UNITS = 'prometheus/cmd/promtool/testdata';

export interface FileOutcomes {
  readonly file: string;
  readonly outcomes: readonly Outcome[];
}

/** Every `*.test` and every file of rule units below the testdata. Null when there is none of either. */
export function runPromql(testdata: string): FileOutcomes[] | null {
  const scripts = filesOf(join(testdata, SCRIPTS), '.test').map((file) => ({
    file,
    outcomes: runScript(readFileSync(join(testdata, SCRIPTS, file), 'utf8')),
  }));
  const units = filesOf(join(testdata, UNITS), '.yml').flatMap((file) => {
    const outcomes = runRuleUnits(join(testdata, UNITS, file));
    return outcomes === null ? [] : [{ file, outcomes }];
  });
  const all = [...scripts, ...units];
  return all.length === 0 ? null : all;
}

function filesOf(folder: string, ending: string): string[] {
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => file.endsWith(ending))
        .toSorted()
    : [];
}

export interface Tally {
  readonly right: number;
  readonly wrong: readonly { readonly file: string; readonly outcome: Outcome; readonly why: string }[];
  readonly byArea: ReadonlyMap<string, { right: number; total: number }>;
  /** Reason → evaluations. */
  readonly notOurs: ReadonlyMap<string, number>;
}

export function tallyOf(files: readonly FileOutcomes[]): Tally {
  const byArea = new Map<string, { right: number; total: number }>();
  const notOurs = new Map<string, number>();
  const wrong: Tally['wrong'][number][] = [];
  for (const { file, outcomes } of files) {
    for (const outcome of outcomes) {
      const { area, result } = outcome;
      if (result.kind === 'not ours') {
        notOurs.set(result.reason, (notOurs.get(result.reason) ?? 0) + 1);
        continue;
      }
      const count = byArea.get(area) ?? { right: 0, total: 0 };
      count.total += 1;
      if (result.kind === 'right') count.right += 1;
      else wrong.push({ file, outcome, why: result.why });
      byArea.set(area, count);
    }
  }
  return { right: [...byArea.values()].reduce((sum, { right }) => sum + right, 0), wrong, byArea, notOurs };
}

/** One line per function, then what is not ours by reason, then what is wrong. */
export function promqlTable({ byArea, notOurs, wrong, right }: Tally): string {
  const width = 36;
  const areas = [...byArea].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const total = areas.reduce((sum, [, area]) => sum + area.total, 0);
  return [
    ...areas.map(([area, count]) => `${area.padEnd(width)}${`${count.right}/${count.total}`.padStart(9)}`),
    `${'total'.padEnd(width)}${`${right}/${total}`.padStart(9)}`,
    '',
    'not ours',
    ...[...notOurs]
      .toSorted(([, a], [, b]) => b - a)
      .map(
        ([reason, count]) => `  ${reason.padEnd(width + 14)}${String(count).padStart(5)}  ${whyNot(reason)}`,
      ),
    ...wrong.map(
      ({ file, outcome, why }) => `FAILED   ${file}:${outcome.line}: ${outcome.expression}: ${why}`,
    ),
  ].join('\n');
}

/** Why we do not answer: rules of Muster look at one series of one machine at a time. */
const QUIRKS: Readonly<Record<string, string>> = {
  'native histograms': 'our samples are numbers; what leaves histograms aside is run without them',
  'aggregation over several series': 'a rule looks at one series',
  'matching of several series': 'a rule looks at one series',
  'set operation': 'composite rules work on alerts, not on series',
  subquery: 'windows hold samples as they came',
  'arithmetic of durations': 'an experiment of theirs',
  'anchored and smoothed ranges': 'an experiment of theirs',
  'words as a value': 'labels are not rewritten',
  'expects what is no number': 'words, whole ranges, or unread',
  'pattern that is RE2 alone': 'patterns are no part of our functions',
  'labels by template': 'our sentences are written from data',
  'alert that is no comparison of one series': 'a threshold is one series against one number',
  'a series ends: ours resolves after a while, theirs at once': 'a missing sample is no good news',
  'alert on a recorded series': 'nothing is recorded from other series',
  'a file that cannot be read': 'some are there to be refused',
  'too many evaluations': 'would take minutes',
};

export function whyNot(reason: string): string {
  return QUIRKS[reason] ?? (reason.endsWith('()') ? 'no function of ours' : 'not needed by a rule');
}

/** A draft as promtool reads it: a file of rules, and a file that says which alerts fire at each step. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type Draft, type DraftRule, type SeriesRule, STEP_MS } from './draft.ts';

/** Null where there is no promtool. */
export function promtoolVersion(): string | null {
  try {
    const said = execFileSync('promtool', ['--version'], { encoding: 'utf8', stdio: 'pipe' });
    return /version (\S+)/.exec(said)?.[1] ?? 'unknown';
  } catch {
    return null;
  }
}

/** Names of the alerts that fire at each step. */
export type Firing = readonly ReadonlySet<string>[];

export const alertName = (place: number): string => `R${place}`;

/** What promtool says to the claim that just these fire: '' when it is so. */
export function judgedByPromtool(draft: Draft, firing: Firing): string {
  const folder = mkdtempSync(join(tmpdir(), 'muster-promtool-'));
  try {
    writeFileSync(join(folder, 'rules.yml'), stringify(rulesFile(draft)));
    writeFileSync(join(folder, 'unit.yml'), stringify(unitFile(draft, firing)));
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', 'unit.yml'], {
      cwd: folder,
      encoding: 'utf8',
    });
    return status === 0 ? '' : stdout + stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function rulesFile({ rules }: Draft): object {
  const of = rules.map((rule, place) => ({
    alert: alertName(place),
    expr: expressionOf(rule),
    ...(rule.kind === 'absence' ? {} : { for: seconds(rule.forSteps) }),
    ...('keepSteps' in rule ? { keep_firing_for: seconds(rule.keepSteps) } : {}),
  }));
  return { groups: [{ name: 'drawn', rules: of }] };
}

function unitFile({ rules, gauge, counter, uptime, missable }: Draft, firing: Firing): object {
  const series = { gauge, counter, uptime, missable };
  return {
    rule_files: ['rules.yml'],
    evaluation_interval: seconds(1),
    tests: [
      {
        interval: seconds(1),
        input_series: Object.entries(series).map(([name, values]) => ({
          series: `${name}{host="h"}`,
          values: values.map((value) => value ?? '_').join(' '),
        })),
        alert_rule_test: firing.flatMap((names, step) =>
          rules.map((_, place) => ({
            eval_time: seconds(step),
            alertname: alertName(place),
            exp_alerts: names.has(alertName(place)) ? [{ exp_labels: { host: 'h' } }] : [],
          })),
        ),
      },
    ],
  };
}

function expressionOf(rule: DraftRule): string {
  switch (rule.kind) {
    // What was there in the last steps is not absent; the window is open on the left in both worlds.
    case 'absence':
      return `absent_over_time(missable{host="h"}[${openLeft(rule.forSteps)}])`;
    case 'composite': {
      const names = rule.of.map(alertName).join('|');
      const count = `count by (host) (ALERTS{alertstate="firing", alertname=~"${names}"})`;
      return `${count} >= ${rule.op === 'and' ? 2 : 1}`;
    }
    case 'gauge':
    case 'counter':
    case 'uptime':
      return `${valueOf(rule)} ${rule.op === 'above' ? '>=' : '<'} ${rule.level}`;
  }
}

function valueOf({ kind, fn, windowSteps, op, n }: SeriesRule): string {
  const samples = `${kind}[${openLeft(windowSteps)}]`;
  // Of what is counted between samples, the one at the left border is the first.
  const pairs = `${kind}[${windowSteps * STEP_MS + 1}ms]`;
  switch (fn) {
    case 'last':
      return kind;
    case 'avg':
    case 'min':
    case 'max':
      return `${fn}_over_time(${samples})`;
    case 'p95':
      return `quantile_over_time(0.95, ${samples})`;
    // As many are beyond the level: the n-th worst one is.
    case 'n-of-m': {
      const share = windowSteps === 1 ? 0 : (n - 1) / (windowSteps - 1);
      return `quantile_over_time(${op === 'above' ? 1 - share : share}, ${samples})`;
    }
    case 'changes':
    case 'resets':
    case 'increase':
    case 'rate':
      return `${fn}(${pairs})`;
  }
}

function openLeft(steps: number): string {
  return `${steps * STEP_MS - 1}ms`;
}

function seconds(steps: number): string {
  return `${(steps * STEP_MS) / 1_000}s`;
}

/** The score in words, for the people who tend the rules: each kind of fault, and each false incident with examples. */
import { MINUTE_MS, SECOND_MS, toIso } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Judged, Judgement, Said } from './score.ts';

const EXAMPLES_MAX = 4;

export function reportOf(judgement: Judgement, { seed, tookMs }: { seed: number; tookMs: Millis }): string {
  const { score, judged, wrong } = judgement;
  const real = judged.filter(({ fault }) => fault.must !== 'silence');
  const ordinary = judged.filter(({ fault }) => fault.must === 'silence');
  return [
    `# Year of seed ${seed}`,
    '',
    `planted ${score.planted}, found ${score.found}, false ${wrong.length} = ${score.falsePer100MachineMonths} per 100 machines and month,`,
    `incidents per cause ${score.incidentsPerCause}, open p95 ${durationText(score.openP95Ms)}; ${Math.round(tookMs / SECOND_MS)} s`,
    '',
    '## Kinds',
    '',
    '| kind | planted | found | incidents | open, median | longest |',
    '| --- | --- | --- | --- | --- | --- |',
    ...grouped(real, ({ fault }) => fault.kind).map(([kind, list]) => kindLine(kind, list)),
    '',
    '## Ordinary, to stay silent',
    '',
    '| kind | planted | incidents in its time |',
    '| --- | --- | --- |',
    ...grouped(ordinary, ({ fault }) => fault.kind).map(
      ([kind, list]) => `| ${kind} | ${list.length} | ${saidIn(list, wrong)} |`,
    ),
    '',
    '## Missed',
    '',
    ...score.missed.map(({ kind, ci, at }) => `- ${kind}: ${ci}, ${at}`),
    '',
    '## More than one incident for a cause',
    '',
    ...real
      .filter(({ said }) => said.filter(({ isFinding }) => !isFinding).length > 1)
      .flatMap(({ fault, said }) => [
        `- ${fault.kind} of ${fault.subject}, ${toIso(fault.fromMs)}: ${said.length}`,
        ...said.slice(0, EXAMPLES_MAX).map((one) => `  - ${lineOf(one)}`),
      ]),
    '',
    '## False incidents',
    '',
    ...grouped(wrong, classOf).flatMap(([what, list]) => [
      `- ${list.length} × ${what}`,
      ...list.slice(0, EXAMPLES_MAX).map((one) => `  - ${lineOf(one)}`),
    ]),
    '',
  ].join('\n');
}

function kindLine(kind: string, list: readonly Judged[]): string {
  const waits = list.flatMap(({ openMs }) => openMs ?? []).toSorted((a, b) => a - b);
  const found = list.filter(({ isFound }) => isFound).length;
  const incidents = list.reduce((sum, { said }) => sum + said.length, 0);
  const median = waits[Math.floor((waits.length - 1) / 2)] ?? null;
  return `| ${kind} | ${list.length} | ${found} | ${incidents} | ${durationText(median)} | ${durationText(waits.at(-1) ?? null)} |`;
}

/** False incidents that stand in the time and at the CI of something ordinary. */
function saidIn(list: readonly Judged[], wrong: readonly Said[]): number {
  return list.reduce(
    (sum, { fault }) =>
      sum +
      wrong.filter(
        ({ openedMs, ciIds }) =>
          openedMs >= fault.fromMs && openedMs <= fault.toMs && ciIds.some((id) => fault.hits.has(id)),
      ).length,
    0,
  );
}

function lineOf({ ref, openedMs, what, ciIds }: Said): string {
  const others = ciIds.length > 1 ? ` (${ciIds.length} CIs)` : '';
  return `${toIso(openedMs)} ${ref}: ${what}${others}`;
}

/** Kind of machine and family: `nb-# silent`. */
function classOf({ ciId, family }: Said): string {
  return `${(ciId ?? 'no CI').replace(/^ci_/, '').replaceAll(/\d+/g, '#')} ${family ?? '?'}`;
}

function grouped<T>(list: readonly T[], keyOf: (one: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const one of list) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return [...groups].toSorted((a, b) => b[1].length - a[1].length);
}

function durationText(ms: Millis | null): string {
  if (ms === null) return '–';
  if (ms < 10 * MINUTE_MS) return `${Math.round(ms / SECOND_MS)} s`;
  const minutes = Math.round(ms / MINUTE_MS);
  return minutes < 600 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/** Series that answer a question: of the machines named, or of machines joined to one line for each class, tag or location. */
import {
  RANGE_ANSWER_POINTS_MAX,
  RANGE_GROUPS_MAX,
  type RangeAggregate,
  type RangeGroup,
} from '@muster/shared/api/metrics.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { CiEntry } from '../cmdb/directory.ts';
import { AppError } from '../errors.ts';
import { GroupedPoints } from './grouped-points.ts';
import type { Pace } from './pace.ts';
import { planRange } from './range-plan.ts';
import { type AskedRange, type RangeReaderDeps, readRanges } from './range-reader.ts';
import type { AnsweredSeries } from './range-writer.ts';

interface Answering {
  readonly asked: AskedRange;
  readonly nowMs: Millis;
  readonly reader: RangeReaderDeps;
  readonly pace: Pace;
}

/** Returns the widest step. @throws AppError question-too-large */
export async function* seriesOfMachines(
  cis: readonly CiEntry[],
  { asked, nowMs, reader, pace }: Answering,
): AsyncGenerator<AnsweredSeries, number> {
  refuseTooLarge(cis.length, asked.points, 'machines');
  let stepMs = 0;
  for (const ci of cis) {
    const series = readRanges(ci.id, asked, nowMs, reader, pace);
    for (;;) {
      const next = await series.next();
      if (next.done) {
        stepMs = Math.max(stepMs, next.value);
        break;
      }
      yield cis.length === 1 ? next.value : { ci: ci.id, ...next.value };
    }
  }
  return stepMs;
}

/** One line for each group, in order of their names. @throws AppError question-too-large */
export async function* seriesOfGroups(
  cis: readonly CiEntry[],
  { group, aggregate }: { readonly group: RangeGroup; readonly aggregate: RangeAggregate },
  { asked, nowMs, reader, pace }: Answering,
): AsyncGenerator<AnsweredSeries, number> {
  const names = [...new Set(cis.flatMap((ci) => groupsOf(ci, group)))].sort();
  if (names.length > RANGE_GROUPS_MAX)
    throw new AppError(
      'question-too-large',
      `${names.length} groups; one answer has at most ${RANGE_GROUPS_MAX}.`,
    );
  refuseTooLarge(names.length, asked.points, 'groups');
  const plan = planRange(asked, nowMs);
  const lines = new Map(
    names.map((name) => [name, { joined: new GroupedPoints(plan, aggregate), machines: 0 }]),
  );
  for (const ci of cis) {
    let isThere = false;
    const own = groupsOf(ci, group).flatMap((name) => lines.get(name) ?? []);
    for await (const { points } of readRanges(ci.id, asked, nowMs, reader, pace)) {
      isThere = true;
      for (const { joined } of own) joined.add(points);
    }
    if (isThere) for (const line of own) line.machines += 1;
    await pace.step();
  }
  for (const [name, { joined, machines }] of lines) {
    if (machines === 0) continue;
    const { tier, stepMs } = plan;
    yield { group: name, machines, instance: '', tier, stepMs, points: joined.line(aggregate) };
    await pace.step();
  }
  return plan.stepMs;
}

/** '' for a machine that has none. */
function groupsOf({ class: of, tags, site }: CiEntry, group: RangeGroup): readonly string[] {
  switch (group) {
    case 'class':
      return [of];
    case 'tag':
      return tags.length === 0 ? [''] : tags;
    case 'location':
      return [site ?? ''];
  }
}

function refuseTooLarge(lines: number, points: number, what: string): void {
  if (lines * points <= RANGE_ANSWER_POINTS_MAX) return;
  throw new AppError(
    'question-too-large',
    `${points} points of ${lines} ${what}; both together are at most ${RANGE_ANSWER_POINTS_MAX}.`,
  );
}

/** What a story may expect of availability: intervals, outages, figures, budgets and hours, in the words of the file. */
import { AVAILABILITY_FORMULAS } from '@muster/shared/api/availability.ts';
import { invariant } from '@muster/shared/invariant.ts';
import { SECOND_MS, type Millis } from '@muster/shared/time.ts';
import { type AvailabilityReport, availabilityReport } from '@muster/server/availability/report.ts';
import { stretchAt } from '@muster/server/availability/expectation.ts';
import { durationText } from './time.ts';
import type { World } from './world.ts';

/** Of a machine or a service over the whole story; a name may end in 'by ham', 'by spm', 'as recorded'. */
async function reportOf(world: World, key: string, startMs: Millis): Promise<AvailabilityReport> {
  const { monitoring, house, nowMs } = world;
  const name = key.split(' ')[0] ?? '';
  const formula = AVAILABILITY_FORMULAS.find((one) => key.endsWith(` by ${one}`)) ?? 'known-time';
  const options = { formula, reclassified: key.endsWith(' as recorded') ? 'no' : 'yes' } as const;
  const period = { fromMs: startMs, toMs: nowMs };
  const entry = house.directory.get(house.idOf(name));
  if (!entry) return monitoring.serviceAvailability.report(house.idOf(name), period, nowMs, options);
  const intervals = await world.stores.availability.intervals(entry.id, startMs, nowMs);
  return availabilityReport(entry, monitoring.agreed, intervals, period, nowMs, options);
}

const seconds = (count: number): string => durationText(count * SECOND_MS);
const percent = (share: number | null): string =>
  share === null ? 'nothing known' : `${share.toFixed(2)} %`;

/** '95.00 % of 1h; down 3m, unknown 0s, planned 0s' */
export async function availabilityLine(world: World, key: string, startMs: Millis): Promise<string> {
  const report = await reportOf(world, key, startMs);
  const parts = [
    `down ${seconds(report.downSeconds)}`,
    `unknown ${seconds(report.unknownSeconds)}`,
    `planned ${seconds(report.plannedSeconds)}`,
    ...(report.excludedSeconds > 0 ? [`excluded ${seconds(report.excludedSeconds)}`] : []),
  ];
  return `${percent(report.availability)} of ${seconds(report.agreedSeconds)}; ${parts.join(', ')}`;
}

/** '2 outages, the longest 8m; MTBF 20m, MTRS 5m, MTBSI 25m; coverage 90.00 %: 70.00 % to 80.00 %' */
export async function reliabilityLine(world: World, key: string, startMs: Millis): Promise<string> {
  const report = await reportOf(world, key, startMs);
  const { outages, mtbfSeconds, mtrsSeconds, mtbsiSeconds } = report;
  const failures =
    mtbfSeconds === null || mtrsSeconds === null || mtbsiSeconds === null
      ? 'no failure'
      : `${outages} ${outages === 1 ? 'outage' : 'outages'}, the longest ${seconds(report.longestOutageSeconds)}; ` +
        `MTBF ${seconds(mtbfSeconds)}, MTRS ${seconds(mtrsSeconds)}, MTBSI ${seconds(mtbsiSeconds)}`;
  const borders = `${percent(report.availabilityLow)} to ${percent(report.availabilityHigh)}`;
  return `${failures}; coverage ${percent(report.coverage)}: ${borders}`;
}

/** 'availability 90.00 %, down 0s, unknown 5m before the corrections; now 100.00 %, down 0s, unknown 0s' */
export async function revisionLine(world: World, key: string, startMs: Millis): Promise<string> {
  const report = await reportOf(world, key, startMs);
  const figures = (of: Pick<AvailabilityReport, 'availability' | 'downSeconds' | 'unknownSeconds'>) =>
    `${percent(of.availability)}, down ${seconds(of.downSeconds)}, unknown ${seconds(of.unknownSeconds)}`;
  const { beforeRevision, revisedAt } = report;
  if (beforeRevision === null || revisedAt === null) return 'never corrected';
  return `${figures(beforeRevision)}; since ${durationText(Date.parse(revisedAt) - startMs)} ${figures(report)}`;
}

/** '5m to 9m down, host-down, was unknown unreachable' */
export async function intervalLines(world: World, key: string, startMs: Millis): Promise<string[]> {
  const { intervals } = await reportOf(world, key, startMs);
  return intervals.map((one) =>
    [
      `${spanText(one, startMs)} ${one.presence}`,
      one.cause,
      one.expected ? null : 'outside hours',
      one.planned ? 'planned' : null,
      one.reclassified === null ? null : `judged ${one.reclassified}`,
      wasText(one.was),
      one.because.length === 0 ? null : `because of ${one.because.map(({ name }) => name).join(' ')}`,
    ]
      .filter((part) => part !== null)
      .join(', '),
  );
}

/** '5m to 9m, 4m agreed, host-down', the newest first. */
export async function outageLines(world: World, key: string, startMs: Millis): Promise<string[]> {
  const { outageList } = await reportOf(world, key, startMs);
  return outageList.map((one) =>
    [
      spanText(one, startMs),
      `${seconds(one.seconds)} agreed`,
      one.cause,
      wasText(one.was),
      one.because.length === 0 ? null : `because of ${one.because.map(({ name }) => name).join(' ')}`,
    ]
      .filter((part) => part !== null)
      .join(', '),
  );
}

function spanText(
  { from, to }: { readonly from: string; readonly to: string | null },
  startMs: Millis,
): string {
  const begin = durationText(Date.parse(from) - startMs);
  return to === null ? `from ${begin}` : `${begin} to ${durationText(Date.parse(to) - startMs)}`;
}

function wasText(was: AvailabilityReport['intervals'][number]['was']): string | null {
  return was === null ? null : ['was', was.presence, was.cause].filter((part) => part !== null).join(' ');
}

/** '99.00 % per month: 12m of 7h12m used, 7h left, burns 3.0x, lasts 2h: ok' */
export async function budgetLine(world: World, name: string): Promise<string> {
  const [target] = await world.monitoring.targets.list(world.nowMs, world.house.idOf(name));
  const current = target?.current;
  invariant(target && current, `${name} has a target with a budget`);
  const left =
    current.leftSeconds < 0
      ? `${seconds(-current.leftSeconds)} over`
      : `${seconds(current.leftSeconds)} left`;
  const rate = current.burnRate === null ? 'no rate' : `burns ${current.burnRate.toFixed(1)}x`;
  const lasts = current.lastsSeconds === null ? [] : [`lasts ${seconds(current.lastsSeconds)}`];
  const used = `${seconds(current.usedSeconds)} of ${seconds(current.allowedSeconds)} used`;
  return `${target.percent.toFixed(2)} % per ${target.period}: ${[used, left, rate, ...lasts].join(', ')}: ${current.state}`;
}

/** 'Shop by tag shop, inside, until 2h' */
export function hoursLine(world: World, name: string, startMs: Millis, zone: string): string {
  const { monitoring, house, nowMs } = world;
  const id = house.idOf(name);
  const entry = house.directory.get(id);
  const ci = entry ?? { id, class: house.nodes.get(id)?.class ?? '', tags: [] };
  const timeZone = entry?.timeZone ?? null;
  const day = Temporal.Instant.fromEpochMilliseconds(nowMs)
    .toZonedDateTimeISO(timeZone ?? zone)
    .toPlainDate();
  const { setBy, calendarId } = monitoring.calendars.sourceOf(ci, day.toString());
  const calendar = monitoring.calendars.get(calendarId).name;
  const level =
    setBy === null
      ? 'by default'
      : `by ${setBy.level === 'ci' ? 'itself' : `${setBy.level} ${house.nameOf(setBy.key)}`}`;
  const { inHours, toMs } = stretchAt(monitoring.expectations.of(ci), timeZone, nowMs);
  const until = toMs === Infinity ? 'for ever' : `until ${durationText(toMs - startMs)}`;
  return `${calendar} ${level}, ${inHours ? 'inside' : 'outside'} ${until}`;
}

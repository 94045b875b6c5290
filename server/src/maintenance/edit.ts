/** Setting, changing, prolonging and ending a window: each is a new version from now on, none touches the past. Pure. */
import { DAY_MS, MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import { checkedRule, RULE_LENGTH_MAX, RuleProblem, wallMsOf } from './recurrence.ts';
import {
  AHEAD_MS_MAX,
  coming,
  type Flexible,
  latest,
  type Occurrence,
  OCCURRENCE_MS_MAX,
  occurrenceAt,
  occurrencesOf,
  ONCE_MS_MAX,
  type Schedule,
  VERSIONS_MAX,
  type WindowRecord,
  type WindowVersion,
} from './window.ts';
import { isZone } from './wall-clock.ts';

/** What people decide about a window. */
export interface WindowFields
  extends Pick<WindowRecord, 'title' | 'reason' | 'agreedBy' | 'targets' | 'children'> {
  readonly schedule: Schedule;
  readonly timeZone: string;
  readonly flexible: Flexible | null;
}

export const EXCEPTIONS_MAX = 500;
/** By one step. */
export const PROLONG_MS_MAX = DAY_MS;

/** @throws AppError input-invalid */
export function newWindow(id: string, fields: WindowFields, actor: string, nowMs: Millis): WindowRecord {
  const { title, reason, agreedBy, targets, children } = fields;
  requireTargets(fields);
  const version = versionOf(fields, actor, nowMs);
  if (coming(version, nowMs, 1).length === 0)
    throw new AppError(
      'input-invalid',
      'The window is over already. What was planned in the past is corrected in the record of availability.',
    );
  return {
    id,
    title,
    reason,
    agreedBy,
    targets,
    children,
    createdBy: actor,
    createdAtMs: nowMs,
    changedAtMs: nowMs,
    versions: [version],
  };
}

/** @throws AppError input-invalid, transition-not-allowed (it is over, too many versions) */
export function changedWindow(
  window: WindowRecord,
  change: Partial<WindowFields>,
  actor: string,
  nowMs: Millis,
): WindowRecord {
  const now = latest(window);
  const schedule = change.schedule ?? now.schedule;
  if (schedule === null || isOver(window, nowMs))
    throw new AppError('transition-not-allowed', `"${window.title}" is over. Set a new window.`);
  const fields: WindowFields = {
    title: change.title ?? window.title,
    reason: change.reason ?? window.reason,
    agreedBy: change.agreedBy ?? window.agreedBy,
    targets: change.targets ?? window.targets,
    children: change.children ?? window.children,
    schedule,
    timeZone: change.timeZone ?? now.timeZone,
    flexible: change.flexible === undefined ? now.flexible : change.flexible,
  };
  requireTargets(fields);
  const { title, reason, agreedBy, targets, children } = fields;
  const kept = { ...window, title, reason, agreedBy, targets, children, changedAtMs: nowMs };
  const isTimed =
    change.schedule !== undefined || change.timeZone !== undefined || change.flexible !== undefined;
  if (!isTimed) return kept;
  const version = versionOf(fields, actor, nowMs);
  if (coming(version, nowMs, 1).length === 0)
    throw new AppError(
      'input-invalid',
      `At those times "${window.title}" would be over already. To stop it, end it.`,
    );
  return withVersion(kept, version);
}

/** The running occurrence lasts longer, or, where that is taken back, shorter (`byMs` below zero). @throws AppError input-invalid, transition-not-allowed (none is running) */
export function prolongedWindow(
  window: WindowRecord,
  byMs: Millis,
  actor: string,
  nowMs: Millis,
): WindowRecord {
  const now = latest(window);
  const running = occurrenceAt(window, nowMs);
  if (running === null || now.schedule === null)
    throw new AppError(
      'transition-not-allowed',
      `"${window.title}" is not running, so it cannot be prolonged.`,
    );
  const toMs = running.toMs + byMs;
  if (toMs <= nowMs)
    throw new AppError(
      'transition-not-allowed',
      `"${window.title}" would have ended by now. End it instead.`,
    );
  if (now.schedule.kind === 'once') {
    const flexible = now.flexible && { ...now.flexible, durationMs: now.flexible.durationMs + byMs };
    return changedWindow(window, { schedule: { ...now.schedule, toMs }, flexible }, actor, nowMs);
  }
  if (toMs - running.fromMs > OCCURRENCE_MS_MAX) throw tooLong();
  const [, next] = coming(now, nowMs, 2);
  if (next !== undefined && toMs > next.fromMs)
    throw new AppError('input-invalid', 'It would last into the next occurrence of the same window.');
  const prolonged = [
    ...now.schedule.prolonged.filter(({ name }) => name !== running.name),
    { name: running.name, toMs },
  ];
  return withVersion(
    { ...window, changedAtMs: nowMs },
    { ...now, agreedAtMs: nowMs, by: actor, schedule: { ...now.schedule, prolonged } },
  );
}

/**
 * One occurrence does not take place; one that runs ends now.
 * @throws AppError not-found (no such occurrence to come), transition-not-allowed
 */
export function skippedWindow(
  window: WindowRecord,
  startMs: Millis,
  actor: string,
  nowMs: Millis,
): WindowRecord {
  const now = latest(window);
  if (now.schedule === null) throw new AppError('transition-not-allowed', `"${window.title}" is over.`);
  const occurrence = occurrencesOf(now, startMs, startMs + 1).find(({ fromMs }) => fromMs === startMs);
  if (occurrence === undefined || occurrence.toMs <= nowMs)
    throw new AppError('not-found', `"${window.title}" has no occurrence to come that begins then.`);
  if (now.schedule.kind === 'once') return endedWindow(window, actor, nowMs);
  const except = [...now.schedule.except, occurrence.name];
  if (except.length > EXCEPTIONS_MAX)
    throw new AppError(
      'input-invalid',
      `At most ${EXCEPTIONS_MAX} occurrences can be taken out of one window.`,
    );
  return withVersion(
    { ...window, changedAtMs: nowMs },
    { ...now, agreedAtMs: nowMs, by: actor, schedule: { ...now.schedule, except } },
  );
}

/** Nothing more of it takes place from now on. @throws AppError transition-not-allowed */
export function endedWindow(window: WindowRecord, actor: string, nowMs: Millis): WindowRecord {
  if (isOver(window, nowMs))
    throw new AppError('transition-not-allowed', `"${window.title}" is over already.`);
  return withVersion(
    { ...window, changedAtMs: nowMs },
    { ...latest(window), agreedAtMs: nowMs, by: actor, schedule: null },
    true,
  );
}

/** Nothing of it is to come; a flexible one may have begun at the very end. */
export function isOver(window: WindowRecord, nowMs: Millis): boolean {
  const version = latest(window);
  const lastMs = version.flexible === null ? nowMs : nowMs - version.flexible.durationMs;
  return coming(version, lastMs, 1).length === 0;
}

/**
 * A version that makes sense, with the rule in its canonical spelling.
 * @throws AppError input-invalid, RuleProblem as its cause where it is the rule
 */
export function versionOf(
  { schedule, timeZone, flexible }: Pick<WindowFields, 'schedule' | 'timeZone' | 'flexible'>,
  by: string,
  nowMs: Millis,
): WindowVersion {
  const checked = checkedTime({ schedule, timeZone, flexible }, nowMs);
  if (checked instanceof RuleProblem) throw new AppError('input-invalid', checked.words.en);
  return { agreedAtMs: nowMs, by, schedule: checked, timeZone, flexible };
}

/** What is wrong with the time of a window; null: nothing. */
export function problemOf(
  fields: Pick<WindowFields, 'schedule' | 'timeZone' | 'flexible'>,
  nowMs: Millis,
): RuleProblem | null {
  const checked = checkedTime(fields, nowMs);
  return checked instanceof RuleProblem ? checked : null;
}

/** The schedule with its rule in the canonical spelling, or what is wrong with it. */
function checkedTime(
  { schedule, timeZone, flexible }: Pick<WindowFields, 'schedule' | 'timeZone' | 'flexible'>,
  nowMs: Millis,
): Schedule | RuleProblem {
  if (!isZone(timeZone))
    return new RuleProblem(`${timeZone} is no time zone (IANA name).`, `${timeZone} 不是时区（IANA 名称）。`);
  if (flexible !== null && (flexible.durationMs < MINUTE_MS || flexible.durationMs > OCCURRENCE_MS_MAX))
    return tooLongProblem();
  try {
    if (schedule.kind === 'recurring') return checkedRecurring(schedule, timeZone, nowMs);
    requireOnce(schedule, nowMs);
    return schedule;
  } catch (error) {
    if (error instanceof RuleProblem) return error;
    throw error;
  }
}

/** @throws RuleProblem */
function requireOnce(schedule: Schedule & { kind: 'once' }, nowMs: Millis): void {
  if (schedule.toMs <= schedule.fromMs)
    throw new RuleProblem('The window ends before it begins.', '窗口的结束时间早于开始时间。');
  if (schedule.toMs - schedule.fromMs > ONCE_MS_MAX)
    throw new RuleProblem(
      `A window lasts at most ${ONCE_MS_MAX / DAY_MS} days. For longer, set the life cycle of the machines.`,
      `窗口最长 ${ONCE_MS_MAX / DAY_MS} 天。需要更长时间时，请设置计算机的生命周期。`,
    );
  requireNear(schedule.fromMs, nowMs);
}

/** @throws RuleProblem */
function checkedRecurring(
  schedule: Schedule & { kind: 'recurring' },
  timeZone: string,
  nowMs: Millis,
): Schedule {
  const { start, durationMs, rule } = schedule;
  if (durationMs < MINUTE_MS || durationMs > OCCURRENCE_MS_MAX) throw tooLongProblem();
  if (rule.length > RULE_LENGTH_MAX) throw new RuleProblem('The rule is too long.', '规则过长。');
  requireNear(wallMsOf(start), nowMs);
  return { ...schedule, rule: checkedRule(schedule, timeZone, durationMs) };
}

/** @throws RuleProblem */
function requireNear(fromMs: Millis, nowMs: Millis): void {
  if (fromMs > nowMs + AHEAD_MS_MAX)
    throw new RuleProblem('Nothing is agreed more than two years ahead.', '不能提前两年以上约定窗口。');
}

function tooLongProblem(): RuleProblem {
  return new RuleProblem(
    `One occurrence lasts from 1 minute to ${OCCURRENCE_MS_MAX / DAY_MS} days.`,
    `每次窗口的时长为 1 分钟至 ${OCCURRENCE_MS_MAX / DAY_MS} 天。`,
  );
}

function tooLong(): AppError {
  return new AppError('input-invalid', tooLongProblem().words.en);
}

/** @throws AppError input-invalid */
function requireTargets({ targets }: Pick<WindowFields, 'targets'>): void {
  if (Object.values(targets).every((list: readonly string[]) => list.length === 0))
    throw new AppError(
      'input-invalid',
      'The window is for nothing: name machines, services, locations, classes or tags.',
    );
}

/** @throws AppError transition-not-allowed */
function withVersion(window: WindowRecord, version: WindowVersion, isEnd = false): WindowRecord {
  // What was agreed within the same moment was never in force.
  const before = window.versions.filter(({ agreedAtMs }) => agreedAtMs < version.agreedAtMs);
  // Ending is always possible.
  if (before.length >= VERSIONS_MAX && !isEnd)
    throw new AppError(
      'transition-not-allowed',
      `"${window.title}" was changed ${VERSIONS_MAX} times. End it and set a new window.`,
    );
  return { ...window, versions: [...before, version] };
}

export type { Occurrence };

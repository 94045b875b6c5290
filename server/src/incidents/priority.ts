/** Impact × urgency → priority, with the reason in words. Pure. */
import type { Words } from '@muster/shared/api/incidents.ts';
import type { Severity } from '@muster/shared/api/rules.ts';
import { HOUR_MS, MINUTE_MS, DAY_MS, type Millis } from '@muster/shared/time.ts';

/** Rows: impact 1 (organisation) to 4 (one user); columns: urgency 1 (now) to 4 (later). cmdb-itsm 5.4. */
export const PRIORITY_MATRIX = [
  [1, 1, 2, 3],
  [1, 2, 3, 3],
  [2, 3, 3, 4],
  [3, 3, 4, 4],
] as const;

/** Targets per priority, in elapsed time: first response, service restored. */
export const TARGETS = {
  1: { respondMs: 15 * MINUTE_MS, restoreMs: 4 * HOUR_MS },
  2: { respondMs: 30 * MINUTE_MS, restoreMs: 8 * HOUR_MS },
  3: { respondMs: 4 * HOUR_MS, restoreMs: 3 * DAY_MS },
  4: { respondMs: DAY_MS, restoreMs: 5 * DAY_MS },
} as const;

export interface PriorityFacts {
  readonly ciClass: string;
  /** 1 (highest) to 4. */
  readonly criticality: number;
  readonly severity: Severity;
  /** The machine is silent or down: the harm is there already. */
  readonly outage: boolean;
  /** Inside the hours in which the machine is expected. */
  readonly expectedNow: boolean;
}

export interface Priority {
  readonly impact: number;
  readonly urgency: number;
  readonly priority: number;
  readonly why: Words;
}

export function priorityOf(facts: PriorityFacts): Priority {
  const impact = impactOf(facts);
  const urgency = urgencyOf(facts);
  const priority = matrixPriority(impact.level, urgency.level);
  return {
    impact: impact.level,
    urgency: urgency.level,
    priority,
    why: {
      en: `P${priority}: impact ${impact.level} (${impact.words.en}), urgency ${urgency.level} (${urgency.words.en}).`,
      zh: `P${priority}：影响度 ${impact.level}（${impact.words.zh}），紧急度 ${urgency.level}（${urgency.words.zh}）。`,
    },
  };
}

export function matrixPriority(impact: number, urgency: number): 1 | 2 | 3 | 4 {
  const cell = PRIORITY_MATRIX[impact - 1]?.[urgency - 1];
  if (cell === undefined) throw new RangeError(`impact ${impact} and urgency ${urgency} must be from 1 to 4`);
  return cell;
}

export function targetsOf(
  priority: number,
  openedAtMs: Millis,
): { respondByMs: Millis; restoreByMs: Millis } {
  const target = TARGETS[priority as keyof typeof TARGETS];
  return { respondByMs: openedAtMs + target.respondMs, restoreByMs: openedAtMs + target.restoreMs };
}

/** Scale of the harm: whom the machine serves. A workstation serves one person unless somebody said otherwise. */
function impactOf({ ciClass, criticality }: PriorityFacts): { level: number; words: Words } {
  const workstation = ciClass === 'Workstation';
  const level = workstation && criticality === 3 ? 4 : criticality;
  const kind = workstation ? { en: 'workstation', zh: '工作站' } : { en: 'server', zh: '服务器' };
  const reach = [
    { en: 'the whole organisation', zh: '整个组织' },
    { en: 'a department or site', zh: '一个部门或地点' },
    { en: 'a team or several users', zh: '一个团队或多名用户' },
    { en: 'one user', zh: '一名用户' },
  ][level - 1] as Words;
  return {
    level,
    words: {
      en: `${reach.en}: ${kind.en} of criticality ${criticality}`,
      zh: `${reach.zh}：关键度 ${criticality} 的${kind.zh}`,
    },
  };
}

/** Time until it hurts. */
function urgencyOf({ severity, outage, expectedNow }: PriorityFacts): { level: number; words: Words } {
  if (outage && expectedNow)
    return {
      level: 1,
      words: { en: 'not available now, within its hours', zh: '当前不可用，且处于服务时间内' },
    };
  if (outage)
    return {
      level: 3,
      words: { en: 'not available, outside its hours', zh: '当前不可用，但不在服务时间内' },
    };
  if (severity === 'critical' && expectedNow)
    return {
      level: 2,
      words: { en: 'critical level reached, within its hours', zh: '达到严重级别，且处于服务时间内' },
    };
  if (severity === 'critical')
    return {
      level: 3,
      words: { en: 'critical level reached, outside its hours', zh: '达到严重级别，但不在服务时间内' },
    };
  return expectedNow
    ? { level: 3, words: { en: 'warning level, within its hours', zh: '达到警告级别，且处于服务时间内' } }
    : { level: 4, words: { en: 'warning level, outside its hours', zh: '达到警告级别，不在服务时间内' } };
}

/** Impact × urgency → priority by the house's matrix, with the reason in words. Pure. cmdb-itsm 5.4. */
import type { Words } from '@muster/shared/api/incidents.ts';
import type { Severity } from '@muster/shared/api/rules.ts';
import { CI_CLASSES, type CiClass } from '@muster/shared/cmdb/classes.ts';
import { INCIDENT_TARGETS, type MatrixCells, priorityIn } from '@muster/shared/incidents/matrix.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import { NO_REACH, type Reach, type ReachedService } from './surroundings.ts';

export const TARGETS = INCIDENT_TARGETS;

export interface PriorityFacts {
  readonly ciClass: string;
  /** 1 (highest) to 4. */
  readonly criticality: number;
  readonly severity: Severity;
  /** The machine is silent or down: the harm is there already. */
  readonly outage: boolean;
  /** Inside the hours in which the machine is expected. */
  readonly expectedNow: boolean;
  /** What its failure takes with it. */
  readonly reach?: Reach;
  /** CIs whose alerts the incident holds now, without the one at fault. */
  readonly affected?: number;
  /** Until the level is reached, where that is foreseen; null: it is reached. */
  readonly breachInMs?: Millis | null;
}

/** A version of the matrix. */
export interface Matrix {
  readonly version: number;
  readonly cells: MatrixCells;
}

export interface Judgement {
  readonly impact: number;
  readonly urgency: number;
  /** What the matrix says. */
  readonly judgedPriority: number;
  readonly why: Words;
  readonly matrixVersion: number;
}

interface Level {
  readonly level: number;
  readonly words: Words;
}

export function judge(facts: PriorityFacts, matrix: Matrix): Judgement {
  const impact = impactOf(facts);
  const urgency = urgencyOf(facts);
  const judgedPriority = priorityIn(matrix.cells, impact.level, urgency.level);
  return {
    impact: impact.level,
    urgency: urgency.level,
    judgedPriority,
    why: {
      en: `P${judgedPriority}: impact ${impact.level} (${impact.words.en}), urgency ${urgency.level} (${urgency.words.en}).`,
      zh: `P${judgedPriority}：影响度 ${impact.level}（${impact.words.zh}），紧急度 ${urgency.level}（${urgency.words.zh}）。`,
    },
    matrixVersion: matrix.version,
  };
}

export function targetsOf(
  priority: number,
  openedAtMs: Millis,
): { respondByMs: Millis; restoreByMs: Millis } {
  const target = TARGETS[priority as keyof typeof TARGETS];
  return { respondByMs: openedAtMs + target.respondMs, restoreByMs: openedAtMs + target.restoreMs };
}

/** So many people or machines are a whole organisation, a department, a team. */
const CROWD = [100, 20, 2] as const;
/** Services named in a reason. */
const NAMED_MAX = 3;
const LOWEST = 4;

/** Scale of the harm: of the CI itself, and of what fails with it. The worst of them counts. */
function impactOf(facts: PriorityFacts): Level {
  const { outage, reach = NO_REACH, affected = 0 } = facts;
  const own = ownImpact(facts);
  const crowd = Math.max(reach.people, reach.machines, affected);
  const byCrowd = crowd === 0 ? LOWEST : 1 + CROWD.filter((count) => crowd < count).length;
  const byServices = Math.min(LOWEST, ...reach.services.map(levelOfService));
  // What is only at risk weighs one less than what is lost.
  const risk = outage ? 0 : 1;
  const level = Math.min(own.level, Math.min(LOWEST, Math.min(byCrowd, byServices) + risk));
  const parts = [own.words, ...reachWords(facts)];
  return {
    level,
    words: {
      en: parts.map(({ en }) => en).join('; '),
      zh: parts.map(({ zh }) => zh).join('；'),
    },
  };
}

/** A workstation serves one person unless somebody said otherwise. */
function ownImpact({ ciClass, criticality }: PriorityFacts): Level {
  const level = ciClass === 'Workstation' && criticality === 3 ? LOWEST : criticality;
  const reach = [
    { en: 'the whole organisation', zh: '整个组织' },
    { en: 'a department or site', zh: '一个部门或地点' },
    { en: 'a team or several users', zh: '一个团队或多名用户' },
    { en: 'one user', zh: '一名用户' },
  ][level - 1] as Words;
  if (ciClass === '')
    return {
      level,
      words: {
        en: `counted as ${reach.en}, as no single item is at fault`,
        zh: `故障不在单个配置项，按${reach.zh}计`,
      },
    };
  const kind = Object.hasOwn(CI_CLASSES, ciClass)
    ? CI_CLASSES[ciClass as CiClass].title
    : { en: ciClass, zh: ciClass };
  return {
    level,
    words: {
      en: `${reach.en}: ${kind.en.toLowerCase()} of criticality ${criticality}`,
      zh: `${reach.zh}：关键度 ${criticality} 的${kind.zh}`,
    },
  };
}

/** A service that still works weighs one less when nothing is left to fail, two less when something is. */
function levelOfService({ state, criticality, redundancy }: ReachedService): number {
  if (state === 'lost') return criticality;
  const spare = redundancy !== null && redundancy.left > redundancy.needed;
  return Math.min(LOWEST, criticality + (spare ? 2 : 1));
}

function reachWords({ ciClass, outage, reach = NO_REACH, affected = 0 }: PriorityFacts): Words[] {
  const lost = reach.services.filter(({ state }) => state === 'lost');
  const degraded = reach.services.filter(({ state }) => state === 'degraded');
  const words: Words[] = [];
  if (lost.length > 0) words.push(serviceWords(lost, outage ? 'lost' : 'risk'));
  if (degraded.length > 0) words.push(serviceWords(degraded, outage ? 'degraded' : 'risk-degraded'));
  if (reach.people > 1) {
    const atLeast = reach.peopleAtLeast;
    words.push({
      en: `${atLeast ? 'at least ' : ''}${reach.people} ${reach.people === 1 ? 'person' : 'people'}`,
      zh: `${outage ? '影响' : '可能影响'}${atLeast ? '至少 ' : ' '}${reach.people} 人`,
    });
  }
  const [least] = degraded
    .flatMap(({ redundancy }) => redundancy ?? [])
    .toSorted((a, b) => a.left - a.needed - (b.left - b.needed));
  if (least) words.push(redundancyWords(least, outage));
  if (affected > 1)
    words.push(
      ciClass === ''
        ? { en: `${affected} items affected`, zh: `波及 ${affected} 个配置项` }
        : { en: `${affected} other items affected`, zh: `波及另外 ${affected} 个配置项` },
    );
  return words;
}

function serviceWords(
  services: readonly ReachedService[],
  how: 'lost' | 'degraded' | 'risk' | 'risk-degraded',
): Words {
  const count = services.length;
  const shown = services.slice(0, NAMED_MAX).map(({ name }) => name);
  const more = count - shown.length;
  const en = `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const zh = `${shown.join('、')}${more > 0 ? ` 等` : ''}`;
  const noun = `${count} ${count === 1 ? 'service' : 'services'}`;
  return {
    lost: { en: `${noun} lost: ${en}`, zh: `中断 ${count} 个服务：${zh}` },
    degraded: { en: `${noun} degraded: ${en}`, zh: `降级 ${count} 个服务：${zh}` },
    risk: { en: `${noun} at risk: ${en}`, zh: `${count} 个服务有中断风险：${zh}` },
    'risk-degraded': { en: `${noun} could degrade: ${en}`, zh: `${count} 个服务可能降级：${zh}` },
  }[how];
}

function redundancyWords(
  { left, of, needed }: NonNullable<ReachedService['redundancy']>,
  outage: boolean,
): Words {
  const gone = of - left;
  if (!outage)
    return left > needed
      ? { en: 'redundancy would be left', zh: '届时仍有冗余' }
      : { en: 'no redundancy would be left', zh: '届时将无冗余' };
  return left > needed
    ? { en: `redundancy left (${gone} of ${of} gone)`, zh: `仍有冗余（${of} 个中已失 ${gone} 个）` }
    : { en: `no redundancy left (${gone} of ${of} gone)`, zh: `已无冗余（${of} 个中已失 ${gone} 个）` };
}

/** Time until it hurts. What is of criticality 1 does not wait for its hours. */
function urgencyOf(facts: PriorityFacts): Level {
  const { severity, outage, expectedNow, criticality, breachInMs = null } = facts;
  if (!outage && breachInMs !== null) return urgencyOfForecast(breachInMs);
  const inHours = expectedNow ? 0 : 1;
  const base = outage ? 1 + 2 * inHours : severity === 'critical' ? 2 + inHours : 3 + inHours;
  const hurried = criticality === 1 && !expectedNow;
  const what = outage
    ? { en: 'not available now', zh: '当前不可用' }
    : severity === 'critical'
      ? { en: 'critical level reached', zh: '达到严重级别' }
      : { en: 'warning level', zh: '达到警告级别' };
  const hours = expectedNow
    ? { en: 'within its hours', zh: '且处于服务时间内' }
    : hurried
      ? { en: 'outside its hours, but of criticality 1', zh: '虽不在服务时间内，但关键度为 1' }
      : { en: 'outside its hours', zh: '但不在服务时间内' };
  return {
    level: hurried ? base - 1 : base,
    words: { en: `${what.en}, ${hours.en}`, zh: `${what.zh}，${hours.zh}` },
  };
}

const DUE = [HOUR_MS, 4 * HOUR_MS, DAY_MS] as const;

function urgencyOfForecast(breachInMs: Millis): Level {
  const level = 1 + DUE.filter((limitMs) => breachInMs >= limitMs).length;
  if (breachInMs <= 0) return { level, words: { en: 'the level is reached', zh: '已达到限值' } };
  const hours = breachInMs / HOUR_MS;
  const words =
    breachInMs < HOUR_MS
      ? span(Math.max(1, Math.round(breachInMs / MINUTE_MS)), 'min', '分钟')
      : hours < 48
        ? span(Math.round(hours), 'h', '小时')
        : span(Math.round(breachInMs / DAY_MS), 'days', '天');
  return { level, words: { en: `expected in ${words.en}`, zh: `预计 ${words.zh}后发生` } };
}

function span(count: number, en: string, zh: string): Words {
  return { en: `${count} ${en}`, zh: `${count} ${zh}` };
}

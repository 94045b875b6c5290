/** The sentences of alerts: what happened, to what, since when, and why. */
import type { Cause } from '@muster/shared/api/cmdb.ts';
import type { Words } from '@muster/shared/api/incidents.ts';
import { isMetricName, metricDefinition, shownUnit } from '@muster/shared/metrics/catalogue.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { PresenceStatus } from '../availability/status.ts';
import { durationWords, timeWords } from '../availability/words.ts';
import type { ResolvedBecause } from './alert.ts';
import type { ThresholdCondition } from './rule.ts';
import { valueWords } from './value-words.ts';

/** The series an alert is about, and the name of its machine. */
export interface Subject {
  readonly ciName: string;
  readonly metric: string;
  readonly instance: string;
  readonly timeZone: string | null;
}

export function shown(value: number | null, metric: string): Words {
  if (value === null) return { en: 'unknown', zh: '未知' };
  return isMetricName(metric) ? valueWords(value, shownUnit(metric)) : valueWords(value, '1');
}

export function metricTitle(metric: string): Words {
  return isMetricName(metric) ? metricDefinition(metric).title : { en: metric, zh: metric };
}

/** 'File system in use of /var on SRV-1', 'SRV-1 上 /var 的文件系统使用率'. */
export function seriesWords({ ciName, metric, instance }: Subject): Words {
  const title = metricTitle(metric);
  const zh = /^[A-Za-z0-9]/.test(title.zh) ? ` ${title.zh}` : title.zh;
  return instance === ''
    ? { en: `${title.en} on ${ciName}`, zh: `${ciName} 的${zh}` }
    : { en: `${title.en} of ${instance} on ${ciName}`, zh: `${ciName} 上 ${instance} 的${zh}` };
}

export function beyond(op: 'above' | 'below', level: Words): Words {
  return op === 'above'
    ? { en: `at or above ${level.en}`, zh: `达到或超过 ${level.zh}` }
    : { en: `below ${level.en}`, zh: `低于 ${level.zh}` };
}

/** What happened, to what, since when; the value, which moves on, stands with the reasons. */
export function breachTitle(
  subject: Subject,
  condition: ThresholdCondition,
  level: number,
  sinceMs: Millis,
): Words {
  const series = seriesWords(subject);
  const edge = beyond(condition.op, shown(level, subject.metric));
  const since = timeWords(sinceMs, subject.timeZone);
  return {
    en: `${series.en} has been ${edge.en} since ${since.en}`,
    zh: `${series.zh}自 ${since.zh}起${edge.zh}`,
  };
}

export function breachReasons(
  subject: Subject,
  condition: ThresholdCondition,
  found: { value: number | null; floor: number | null; floorLevel: number | null },
): Words[] {
  const is = shown(found.value, subject.metric);
  const held = durationWords(condition.forMs);
  const reasons: Words[] = [
    condition.forMs === 0
      ? { en: `It was ${is.en} when the alert opened.`, zh: `告警触发时为 ${is.zh}。` }
      : {
          en: `It was ${is.en} when the alert opened, after ${held.en} without a pause.`,
          zh: `持续越限 ${held.zh}后触发告警，当时为 ${is.zh}。`,
        },
  ];
  if (condition.floor && found.floorLevel !== null) {
    const title = metricTitle(condition.floor.metric);
    const floorIs = shown(found.floor, condition.floor.metric);
    const floorEdge = beyond(condition.floor.op, shown(found.floorLevel, condition.floor.metric));
    reasons.push({
      en: `${title.en} was ${floorIs.en}, ${floorEdge.en}.`,
      zh: `${title.zh}：${floorIs.zh}，${floorEdge.zh}。`,
    });
  }
  return reasons;
}

export function clearedTitle(
  subject: Subject,
  condition: ThresholdCondition,
  value: number | null,
  clear: number,
): Words {
  const series = seriesWords(subject);
  const is = shown(value, subject.metric);
  const edge = shown(clear, subject.metric);
  return condition.op === 'above'
    ? {
        en: `${series.en} is back at ${is.en}, clear below ${edge.en}`,
        zh: `${series.zh}已回落至 ${is.zh}（恢复值 ${edge.zh}）`,
      }
    : {
        en: `${series.en} is back at ${is.en}, clear from ${edge.en} on`,
        zh: `${series.zh}已回升至 ${is.zh}（恢复值 ${edge.zh}）`,
      };
}

export function endedTitle(subject: Subject, because: Exclude<ResolvedBecause, 'cleared'>): Words {
  const series = seriesWords(subject);
  switch (because) {
    case 'not-reported':
      return {
        en: `${series.en} is no longer reported, although the machine is up`,
        zh: `${series.zh}不再上报，但计算机在线`,
      };
    case 'rule-ended':
      return {
        en: `${series.en} is no longer watched by this rule`,
        zh: `${series.zh}不再受此规则监视`,
      };
    case 'not-expected':
      return { en: `${series.en} is not expected now`, zh: `${series.zh}当前无需关注` };
  }
}

const CAUSE_WORDS: Readonly<Record<Cause, Words>> = {
  'host-down': { en: 'the host is down', zh: '主机宕机' },
  asleep: { en: 'it is asleep', zh: '处于睡眠状态' },
  'shut-down': { en: 'it was shut down', zh: '已关机' },
  'agent-stopped': { en: 'the agent has stopped', zh: '代理程序已停止' },
  'agent-uninstalled': { en: 'the agent was uninstalled', zh: '代理程序已被卸载' },
  unreachable: { en: 'it cannot be reached', zh: '无法到达' },
  network: { en: 'a network cause', zh: '网络原因' },
  'server-self': { en: 'a cause at this server', zh: '服务器自身原因' },
};

export function silentTitle(ciName: string, status: PresenceStatus, timeZone: string | null): Words {
  const since = timeWords(status.silentSinceMs ?? status.sinceMs, timeZone);
  const cause = status.cause === null ? { en: 'no cause known', zh: '原因未知' } : CAUSE_WORDS[status.cause];
  return {
    en: `${ciName} is silent since ${since.en}: ${cause.en}`,
    zh: `${ciName} 自 ${since.zh}起失联：${cause.zh}`,
  };
}

export function heardTitle(ciName: string, because: ResolvedBecause): Words {
  switch (because) {
    case 'cleared':
      return { en: `${ciName} is heard again`, zh: `${ciName} 已恢复上报` };
    case 'not-expected':
      return {
        en: `${ciName} is not expected to be up at this time`,
        zh: `${ciName} 当前不在要求在线的时间内`,
      };
    case 'not-reported':
    case 'rule-ended':
      return { en: `${ciName} is no longer watched for silence`, zh: `${ciName} 不再受失联监视` };
  }
}

/** What each kind of condition says: of itself, when it is met, and when it is over. Both languages, from data. */
import type { Words } from '@muster/shared/api/incidents.ts';
import type { Condition } from '@muster/shared/api/rules.ts';
import { isMetricName, shownUnit } from '@muster/shared/metrics/catalogue.ts';
import type { Millis } from '@muster/shared/time.ts';
import { durationWords, timeWords } from '../availability/words.ts';
import type { SeriesCondition } from './judged.ts';
import type { CompositeCondition, ThresholdCondition } from './rule.ts';
import { beyond, metricTitle, seriesWords, shown } from './sentences.ts';
import type { Subject } from './sentences.ts';
import { valueWords } from './value-words.ts';

type Window = NonNullable<ThresholdCondition['window']>;

/** Unit of the value and the level of an alert: counts within a window have none. */
export function unitOf(condition: Condition | null, metric: string): ReturnType<typeof shownUnit> {
  const counts = condition?.type === 'threshold' && condition.window && isCount(condition.window);
  return counts || !isMetricName(metric) ? '1' : shownUnit(metric);
}

function isCount({ fn }: Window): boolean {
  return fn === 'increase' || fn === 'changes' || fn === 'resets';
}

/** What happened, to what, since when. `level` is what is shown of it. */
export function metTitle(
  said: SeriesCondition,
  subject: Subject,
  found: { readonly level: number | null; readonly judgedLevel: number; readonly sinceMs: Millis },
): Words {
  const series = seriesWords(subject);
  const since = timeWords(found.sinceMs, subject.timeZone);
  switch (said.type) {
    case 'threshold': {
      const edge = thresholdWords(said, found.judgedLevel);
      return {
        en: `${series.en} has been ${edge.en} since ${since.en}`,
        zh: `${series.zh}自 ${since.zh}起${edge.zh}`,
      };
    }
    case 'change':
      return { en: `${series.en} changed at ${since.en}`, zh: `${series.zh}于 ${since.zh}发生变化` };
    case 'forecast': {
      const level = shown(said.level, said.metric);
      const within = durationWords(found.judgedLevel);
      return {
        en: `${series.en} is heading for ${level.en}, less than ${within.en} away`,
        zh: `${series.zh}正趋向 ${level.zh}，预计不到 ${within.zh}`,
      };
    }
    case 'baseline':
      return {
        en: `${series.en} has been far from what is usual at this hour since ${since.en}`,
        zh: `${series.zh}自 ${since.zh}起明显偏离该时段的常态`,
      };
    case 'anomaly':
      return {
        en: `${series.en} has behaved unlike its own past since ${since.en}`,
        zh: `${series.zh}自 ${since.zh}起表现异于以往`,
      };
  }
}

/** It is over because it is clear. */
export function clearTitle(
  said: Exclude<SeriesCondition, { type: 'threshold' }> | ThresholdCondition,
  subject: Subject,
  value: number | null,
): Words {
  const series = seriesWords(subject);
  const is = value === null ? null : valueWords(value, unitOf(said, said.metric));
  switch (said.type) {
    case 'threshold':
    case 'forecast':
    case 'baseline':
    case 'anomaly':
      return {
        en: `${series.en} is as it should be again${is ? `, now ${is.en}` : ''}`,
        zh: `${series.zh}已恢复正常${is ? `，当前为 ${is.zh}` : ''}`,
      };
    case 'change':
      return {
        en: `${series.en} has not changed for ${durationWords(said.keepForMs).en}`,
        zh: `${series.zh}已 ${durationWords(said.keepForMs).zh}未再变化`,
      };
  }
}

export function missingTitle(subject: Subject, lastMs: Millis): Words {
  const series = seriesWords(subject);
  const since = timeWords(lastMs, subject.timeZone);
  return {
    en: `${series.en} has not been reported since ${since.en}, although the machine is up`,
    zh: `${series.zh}自 ${since.zh}起不再上报，但计算机在线`,
  };
}

export function backTitle(subject: Subject): Words {
  const series = seriesWords(subject);
  return { en: `${series.en} is reported again`, zh: `${series.zh}已恢复上报` };
}

/** Missing for so long that it is not missed any more. */
export function acceptedTitle(subject: Subject): Words {
  const series = seriesWords(subject);
  return {
    en: `${series.en} has been gone for a week and is not missed any more`,
    zh: `${series.zh}已消失一周，不再视为缺失`,
  };
}

export function compositeTitle(ruleName: Words, ciName: string, since: Words): Words {
  return {
    en: `${ruleName.en} on ${ciName} since ${since.en}`,
    zh: `${ciName} 自 ${since.zh}起：${ruleName.zh}`,
  };
}

export function compositeOverTitle(ruleName: Words, ciName: string): Words {
  return {
    en: `${ruleName.en} on ${ciName} is over`,
    zh: `${ciName} 上的“${ruleName.zh}”已结束`,
  };
}

/** 'at or above 90 %', 'at or above 90 % on average over 10 min', 'reset 3 times or more within 1 h'. */
function thresholdWords({ metric, op, window }: ThresholdCondition, level: number): Words {
  const edge = beyond(op, valueWords(level, window && isCount(window) ? '1' : levelUnit(metric)));
  if (window === undefined) return edge;
  if (window.fn === 'n-of-m')
    return {
      en: `${edge.en} in ${window.n} of the last ${window.m} samples`,
      zh: `在最近 ${window.m} 次采样中有 ${window.n} 次${edge.zh}`,
    };
  const over = durationWords(window.overMs);
  switch (window.fn) {
    case 'avg':
      return { en: `${edge.en} on average over ${over.en}`, zh: `${over.zh}平均值${edge.zh}` };
    case 'min':
      return { en: `${edge.en} at its lowest within ${over.en}`, zh: `${over.zh}内最低值${edge.zh}` };
    case 'max':
      return { en: `${edge.en} at its highest within ${over.en}`, zh: `${over.zh}内最高值${edge.zh}` };
    case 'p95':
      return {
        en: `${edge.en} in its 95th percentile over ${over.en}`,
        zh: `${over.zh}内第 95 百分位值${edge.zh}`,
      };
    case 'rate':
      return { en: `${edge.en} on average over ${over.en}`, zh: `${over.zh}平均速率${edge.zh}` };
    case 'increase':
      return { en: `${edge.en} more within ${over.en}`, zh: `${over.zh}内增量${edge.zh}` };
    case 'changes':
      return { en: `${edge.en} changes within ${over.en}`, zh: `${over.zh}内变化次数${edge.zh}` };
    case 'resets':
      return { en: `${edge.en} resets within ${over.en}`, zh: `${over.zh}内归零次数${edge.zh}` };
  }
}

function levelUnit(metric: string) {
  return isMetricName(metric) ? shownUnit(metric) : '1';
}

/** The condition in sentences, one per level. `nameOf` gives the names of other rules. */
export function saysOf(condition: Condition, nameOf: (ruleId: string) => Words): Words[] {
  switch (condition.type) {
    case 'threshold':
      return condition.levels.map(({ level }) => {
        const title = metricTitle(condition.metric);
        const edge = thresholdWords(condition, level);
        return said(`${title.en} ${edge.en}`, `${title.zh}${edge.zh}`, condition.forMs);
      });
    case 'silent':
      return [said('The machine is silent when it is expected', '应在线的计算机失联', condition.forMs ?? 0)];
    case 'absence': {
      const title = metricTitle(condition.metric);
      return [
        said(
          `Nothing of ${title.en}${condition.scope === 'instance' ? ' of one instance' : ''} while the machine is heard`,
          `计算机在线，但没有${condition.scope === 'instance' ? '某一实例的' : ''}“${title.zh}”上报`,
          condition.forMs,
        ),
      ];
    }
    case 'change':
      return [changeSays(condition)];
    case 'forecast': {
      const title = metricTitle(condition.metric);
      const level = shown(condition.level, condition.metric);
      const past = durationWords(condition.overMs);
      return condition.levels.map(({ withinMs }) => {
        const within = durationWords(withinMs);
        return {
          en: `${title.en} reaches ${level.en} within ${within.en}, if it goes on as in the last ${past.en}.`,
          zh: `按最近 ${past.zh}的趋势，${title.zh}将在 ${within.zh}内达到 ${level.zh}。`,
        };
      });
    }
    case 'baseline': {
      const title = metricTitle(condition.metric);
      const least = shown(condition.minimum, condition.metric);
      return condition.levels.map(({ deviations }) =>
        said(
          `${title.en} is ${deviations} deviations ${SIDE.en[condition.direction]} what is usual at this hour of the week, and ${least.en} is passed`,
          `${title.zh}${SIDE.zh[condition.direction]}一周中该时段的常态 ${deviations} 倍偏差，且越过 ${least.zh}`,
          condition.forMs,
        ),
      );
    }
    case 'anomaly': {
      const title = metricTitle(condition.metric);
      return [
        said(
          `${title.en} behaves unlike its own past: a score of ${condition.score} or more`,
          `${title.zh}表现异于以往：异常评分达到 ${condition.score}`,
          condition.forMs,
        ),
      ];
    }
    case 'composite':
      return [compositeSays(condition, nameOf)];
  }
}

const SIDE = {
  en: { above: 'above', below: 'below', both: 'away from' },
  zh: { above: '高于', below: '低于', both: '偏离' },
} as const;

function changeSays({ metric, direction, atLeast, overMs }: Extract<Condition, { type: 'change' }>): Words {
  const title = metricTitle(metric);
  const by = shown(atLeast, metric);
  const over = durationWords(overMs);
  const verbs = {
    any: { en: 'changes', zh: '发生变化' },
    up: { en: 'rises', zh: '上升' },
    down: { en: 'falls', zh: '下降' },
  }[direction];
  return {
    en: `${title.en} ${verbs.en}${atLeast > 0 ? ` by ${by.en} or more` : ''} within ${over.en}.`,
    zh: `${title.zh}在 ${over.zh}内${verbs.zh}${atLeast > 0 ? `，幅度不小于 ${by.zh}` : ''}。`,
  };
}

function compositeSays({ op, rules, forMs }: CompositeCondition, nameOf: (ruleId: string) => Words): Words {
  const names = rules.map(nameOf);
  return op === 'and'
    ? said(
        `These rules have alerts on one machine at the same time: ${names.map(({ en }) => en).join(', ')}`,
        `同一计算机上以下规则同时告警：${names.map(({ zh }) => zh).join('、')}`,
        forMs,
      )
    : said(
        `Any of these rules has an alert on the machine: ${names.map(({ en }) => en).join(', ')}`,
        `计算机上以下任一规则告警：${names.map(({ zh }) => zh).join('、')}`,
        forMs,
      );
}

function said(en: string, zh: string, forMs: Millis): Words {
  const held = durationWords(forMs);
  return forMs === 0
    ? { en: `${en}.`, zh: `${zh}。` }
    : { en: `${en}, for ${held.en}.`, zh: `${zh}，持续 ${held.zh}。` };
}

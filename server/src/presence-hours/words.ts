/** The sentences of suggestions about presence. */
import type { Words } from '@muster/shared/api/incidents.ts';
import type { WeekHours } from '@muster/shared/api/presence.ts';
import { CI_CLASSES } from '@muster/shared/cmdb/classes.ts';
import type { SuggestionRecord } from './store.ts';

const DAYS_EN = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
const DAYS_ZH = ['周一', '周二', '周三', '周四', '周五', '周六', '周日'] as const;

const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** 'Mon–Fri 08:15–18:00, Sat 09:00–13:00'; days of equal hours that follow each other are joined. */
export function hoursWords(week: WeekHours): Words {
  const runs: { from: number; to: number; text: string }[] = [];
  week.forEach((range, day) => {
    if (!range) return;
    const text = `${clock(range.fromMinute)}–${clock(range.toMinute)}`;
    const last = runs.at(-1);
    if (last?.to === day - 1 && last.text === text) last.to = day;
    else runs.push({ from: day, to: day, text });
  });
  const en = runs.map(({ from, to, text }) => `${span(DAYS_EN, from, to, '–')} ${text}`);
  const zh = runs.map(({ from, to, text }) => `${span(DAYS_ZH, from, to, '至')} ${text}`);
  return { en: en.join(', '), zh: zh.join('，') };
}

function span(names: readonly string[], from: number, to: number, between: string): string {
  return from === to ? (names[from] ?? '') : `${names[from]}${between}${names[to]}`;
}

export function groupTitle(className: string, locationName: string | null): Words {
  const title = CI_CLASSES[className as keyof typeof CI_CLASSES]?.title ?? { en: className, zh: className };
  return locationName === null
    ? { en: title.en, zh: title.zh }
    : { en: `${title.en}, ${locationName}`, zh: `${title.zh}（${locationName}）` };
}

export function suggestionWords(record: SuggestionRecord): Words {
  const { kind, hours, ciIds, daysShare, weeks } = record;
  const count = ciIds.length;
  const machines = count === 1 ? '1 machine' : `${count} machines`;
  const percent = Math.round(daysShare * 100);
  if (kind === 'always')
    return {
      en: `${machines} were never off in ${weeks} weeks: expect them around the clock.`,
      zh: `${count} 台计算机 ${weeks} 周内从未离线：建议按全天候（24×7）要求。`,
    };
  if (kind === 'roaming')
    return {
      en: `${machines} slept or left inside their hours on ${percent} % of their days: treat them as taken along by their users.`,
      zh: `${count} 台计算机在 ${percent}% 的使用日内于规定时段睡眠或离开：建议按移动办公设备对待。`,
    };
  const text = hoursWords(hours ?? []);
  return {
    en: `${text.en}, seen on ${percent} % of the days of ${machines} in ${weeks} weeks.`,
    zh: `${text.zh}，${weeks} 周内 ${count} 台计算机在 ${percent}% 的使用日符合。`,
  };
}

/** The sentences of correlation: why an alert is not told by itself, and what is told instead. */
import type { Words } from '@muster/shared/api/incidents.ts';
import type { SuppressedBy } from '@muster/shared/api/rules.ts';
import { MINUTE_MS, toIso, type Millis } from '@muster/shared/time.ts';
import { CI_CLASSES, type CiClass } from '@muster/shared/cmdb/classes.ts';
import type { FoundCause, How, ReleaseWhy } from './core.ts';
import { FLAP_QUIET_MS, flapCount, flapPercent, type FlapRing } from './flapping.ts';

export const PLANNED: SuppressedBy = {
  kind: 'maintenance',
  id: null,
  words: { en: 'Its absence is planned.', zh: '其离线属于计划内。' },
};

export const FLAPPING: SuppressedBy = {
  kind: 'flapping',
  id: null,
  words: {
    en: 'It comes and goes: single changes are not told until it is calm.',
    zh: '状态反复变化，平稳之前不再逐次通知。',
  },
};

export function flappingWords(title: Words, ring: FlapRing | null): Words {
  const percent = (ring === null ? 0 : flapPercent(ring.bits)).toFixed(1);
  const count = ring === null ? 0 : flapCount(ring.bits);
  return {
    en: `Flapping: ${count} of the last 20 moments brought a change (${percent} %). Single changes are not told until it is calm. Last: ${title.en}.`,
    zh: `状态抖动：最近 20 次观察中有 ${count} 次变化（${percent}%），平稳之前不再逐次通知。最近一次：${title.zh}。`,
  };
}

export function calmWords(title: Words): Words {
  const minutes = FLAP_QUIET_MS / MINUTE_MS;
  return {
    en: `It has stopped flapping (counted in steps of ${minutes} min). Now: ${title.en}.`,
    zh: `状态已不再抖动（按每 ${minutes} 分钟计）。当前：${title.zh}。`,
  };
}

function personOf(actor: string): string {
  return actor.startsWith('user:') ? actor.slice('user:'.length) : actor;
}

/** A line of the incident that holds the alerts. */
export function acknowledgedWords(
  { by, untilMs, note }: { readonly by: string; readonly untilMs: Millis | null; readonly note: string },
  count: number,
): Words {
  const who = personOf(by);
  const until = untilMs === null ? null : `${toIso(untilMs).slice(0, 16).replace('T', ' ')} UTC`;
  const what = count === 1 ? 'an alert' : `${count} alerts`;
  return {
    en: `${who} acknowledged ${what} ${until === null ? 'until the end' : `until ${until}`}: ${note}`,
    zh: `${who} 确认了 ${count} 条告警（${until === null ? '直至恢复' : `有效至 ${until}`}）：${note}`,
  };
}

export function withdrawnWords(by: string, count: number): Words {
  const who = personOf(by);
  const what = count === 1 ? 'the acknowledgement of an alert' : `the acknowledgements of ${count} alerts`;
  return { en: `${who} took back ${what}.`, zh: `${who} 撤销了对 ${count} 条告警的确认。` };
}

export function expiredWords(title: Words, by: string): Words {
  const who = personOf(by);
  return {
    en: `The acknowledgement by ${who} has run out and the alarm still stands: ${title.en}.`,
    zh: `${who} 的确认已到期，而告警仍未恢复：${title.zh}。`,
  };
}

/** What a CI is, for the sentences. */
export interface Named {
  readonly name: string;
  readonly kind: 'device' | 'subnet' | 'place' | 'other';
}

/** Title of the incident on what silences others; null: nothing but the network itself. Of those not lost: their place. */
export function causeTitle(how: How, cause: Named | null, count: number): Words {
  if (how === 'not-back')
    return {
      en: `${count} machines${cause === null ? '' : ` at ${cause.name}`} have not been switched on since their hours began`,
      zh: `${cause === null ? '' : `${cause.name} 的 `}${count} 台计算机在服务时间开始后仍未开机`,
    };
  if (how === 'quit')
    return {
      en: `${count} machines${cause === null ? '' : ` at ${cause.name}`} went off at about the same time, and said so`,
      zh: `${cause === null ? '' : `${cause.name} 的 `}${count} 台计算机几乎同时下线，且均已事先通知`,
    };
  if (how === 'stopped')
    return {
      en: `The agents of ${count} machines stopped at about the same time`,
      zh: `${count} 台计算机的代理程序几乎同时停止`,
    };
  if (cause === null)
    return {
      en: `Probably our network: ${count} machines fell silent at once`,
      zh: `可能是我方网络故障：${count} 台计算机同时失联`,
    };
  const { name, kind } = cause;
  const are = count === 1 ? '1 machine' : `${count} machines`;
  const is = count === 1 ? 'is' : 'are';
  if (kind === 'place')
    return {
      en: `Probably the network at ${name}: ${are} there ${is} silent, nothing else is`,
      zh: `可能是 ${name} 的网络故障：该处 ${count} 台计算机失联，别处正常`,
    };
  if (kind === 'subnet')
    return {
      en: `Probably the network ${name}: ${are} in it ${is} silent, nothing else is`,
      zh: `可能是网络 ${name} 故障：其中 ${count} 台计算机失联，别处正常`,
    };
  return {
    en: `Probably ${name}: ${are} behind it ${is} silent, nothing else is`,
    zh: `可能是 ${name} 故障：其下 ${count} 台计算机失联，别处正常`,
  };
}

const CAUSE_DESCRIPTION: Words = {
  en: 'Found from the relations between the items: what is silent has this in common, and what does not hang on it is heard. Look at it first; the alerts of what hangs on it are held back meanwhile.',
  zh: '根据配置项之间的关系推断：失联的设备都依赖于它，而不依赖它的设备均正常。请先检查它；依赖它的设备的告警已暂时抑制。',
};

const STORM_DESCRIPTION: Words = {
  en: 'So many machines at once have a common cause that the relations do not show: the network between them and this server, power, or this server itself. Their own alerts are held back meanwhile.',
  zh: '如此多的计算机同时失联，说明存在关系图中未体现的共同原因：它们与本服务器之间的网络、供电，或本服务器自身。各计算机的告警已暂时抑制。',
};

const NOT_BACK_DESCRIPTION: Words = {
  en: 'They went at a time at which nobody expected them, so this says nothing of the network: most likely they are still switched off. Is it a day off (then it belongs into the calendar), does the room have a master switch? Only then look at power and network there. It ends with the last that comes.',
  zh: '这些计算机在服务时间以外下线，因此不能说明网络有故障，很可能只是尚未开机。请先确认当天是否放假（若是，应录入日历）、房间是否装有总电源开关，然后再检查该处的供电和网络。最后一台上线后自动恢复。',
};

const QUIT_DESCRIPTION: Words = {
  en: 'Each of them announced that it shuts down, restarts or goes to sleep: an order given to all of them, people who leave, or a power supply that ran out of battery. It is not the network. It ends with the last that comes back.',
  zh: '每台计算机在下线前均已通知即将关机、重启或睡眠：可能是统一下发的指令、人员下班，或不间断电源电量耗尽，并非网络故障。最后一台恢复后自动结束。',
};

const STOPPED_DESCRIPTION: Words = {
  en: 'The hosts answer, or the agent said that it stops: the network to them works and nothing says that they are down, but nothing of them is measured. Look for what the agents have in common: an update, an order that ended them, a certificate or a full disk. It ends with the last that is heard again.',
  zh: '主机仍有应答，或代理程序已通知停止：到这些主机的网络正常，没有迹象表明主机宕机，但目前无法采集其数据。请查找代理程序的共同原因：升级、统一结束进程的指令、证书或磁盘已满。最后一台恢复上报后自动结束。',
};

export function causeDescription({ how, ciId }: Pick<FoundCause, 'how' | 'ciId'>): Words {
  if (how === 'not-back') return NOT_BACK_DESCRIPTION;
  if (how === 'quit') return QUIT_DESCRIPTION;
  if (how === 'stopped') return STOPPED_DESCRIPTION;
  return ciId === null ? STORM_DESCRIPTION : CAUSE_DESCRIPTION;
}

export function behindSilent(name: string): Words {
  return {
    en: `It is reached through ${name}, which is silent itself.`,
    zh: `经由 ${name} 到达，而 ${name} 自身已失联。`,
  };
}

export function behindPlanned(name: string, title: string | null): Words {
  return title === null
    ? {
        en: `It is reached through ${name}, whose absence is planned.`,
        zh: `经由 ${name} 到达，而 ${name} 正处于计划维护。`,
      }
    : {
        en: `It is reached through ${name}, which is in the maintenance window "${title}".`,
        zh: `经由 ${name} 到达，而 ${name} 正处于维护窗口“${title}”内。`,
      };
}

export function behindFound(how: How, cause: Named | null, count: number): Words {
  if (how === 'not-back')
    return {
      en: `One of ${count} machines that have not been switched on since their hours began.`,
      zh: `服务时间开始后仍未开机的 ${count} 台计算机之一。`,
    };
  if (how === 'quit')
    return {
      en: `One of ${count} machines that went off at about the same time, and said so.`,
      zh: `几乎同时下线并已事先通知的 ${count} 台计算机之一。`,
    };
  if (how === 'stopped')
    return {
      en: `One of ${count} machines whose agents stopped at about the same time.`,
      zh: `代理程序几乎同时停止的 ${count} 台计算机之一。`,
    };
  if (cause === null)
    return {
      en: `One of ${count} machines that fell silent at once.`,
      zh: `同时失联的 ${count} 台计算机之一。`,
    };
  return {
    en: `Probably an effect of ${cause.name}, by which ${count} machines fell silent.`,
    zh: `很可能受 ${cause.name} 影响：共有 ${count} 台计算机因此失联。`,
  };
}

export function joinWords(how: How, cause: Named | null): Words {
  if (how === 'stopped')
    return {
      en: 'Its agent stopped together with others.',
      zh: '其代理程序与其他计算机的代理程序同时停止。',
    };
  if (how !== 'lost') return { en: 'It went the same way as others.', zh: '它与其他计算机情况相同。' };
  return cause === null
    ? { en: 'It fell silent together with many others.', zh: '它与许多计算机同时失联。' }
    : { en: `It hangs on ${cause.name}.`, zh: `它依赖于 ${cause.name}。` };
}

export const RELEASED: Readonly<Record<ReleaseWhy, Words>> = {
  over: {
    en: 'The common cause is gone, and it is still silent: it has an incident of its own now.',
    zh: '共同原因已消除，但其仍失联，改为单独的事件处理。',
  },
  answers: {
    en: 'Its host answers, so this is not why it is silent: it has an incident of its own now.',
    zh: '其主机有应答，失联并非由此引起，改为单独的事件处理。',
  },
};

/** All that was lost in one moment, by class; `spared`: how many of them need not be up now. */
export function extentWords(
  classes: readonly (readonly [ciClass: string, count: number])[],
  spared: number,
): Words {
  const named = classes
    .toSorted((a, b) => b[1] - a[1])
    .map(([ciClass, count]) => {
      const known = Object.hasOwn(CI_CLASSES, ciClass) ? CI_CLASSES[ciClass as CiClass].title : OTHER;
      const one = known.en.toLowerCase();
      return { en: `${count} ${count === 1 ? one : `${one}s`}`, zh: `${count} 台${known.zh}` };
    });
  const [last, ...before] = named.toReversed();
  const first = before
    .toReversed()
    .map(({ en }) => en)
    .join(', ');
  const en = `${first === '' ? '' : `${first} and `}${last?.en ?? ''}`;
  const zh = named.map((one) => one.zh).join('、');
  const total = classes.reduce((sum, [, count]) => sum + count, 0);
  const need = spared === 1 ? '1 of them need not be up now' : `${spared} of them need not be up now`;
  return {
    en: `${total} machines that were online went in one moment: ${en}${spared === 0 ? '' : `; ${need}`}.`,
    zh: `原本在线的 ${total} 台计算机同时失联：${zh}${spared === 0 ? '' : `；其中 ${spared} 台此时无须在线`}。`,
  };
}

const OTHER: Words = { en: 'machine', zh: '计算机' };

export function endWords(how: How, cause: Named | null, left: number): Words {
  if (how === 'stopped')
    return { en: 'All of these agents are heard again.', zh: '这些代理程序均已恢复上报。' };
  if (how !== 'lost') return { en: 'All of them are on again.', zh: '均已恢复在线。' };
  const who = cause === null ? null : cause.name;
  const others =
    left === 1
      ? '1 is still silent and has an incident of its own.'
      : `${left} are still silent and have incidents of their own.`;
  if (left > 0)
    return {
      en: `Most machines are heard again${who === null ? '' : `: ${who} works`}. ${others}`,
      zh: `大部分计算机已恢复联络${who === null ? '' : `，${who} 工作正常`}。仍有 ${left} 台失联，另行处理。`,
    };
  return {
    en: `All machines are heard again${who === null ? '' : `: ${who} works`}.`,
    zh: `所有计算机均已恢复联络${who === null ? '' : `，${who} 工作正常`}。`,
  };
}

/** Of an alert of a machine in a maintenance window. */
export function inWindow(
  window: { readonly windowId: string; readonly title: string } | null,
): SuppressedBy | null {
  return window === null
    ? null
    : {
        kind: 'maintenance',
        id: window.windowId,
        words: {
          en: `In the maintenance window "${window.title}".`,
          zh: `处于维护窗口“${window.title}”内。`,
        },
      };
}

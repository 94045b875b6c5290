/** The sentences by which an interval of presence says why it is what it is. */
import type { Words } from '@muster/shared/api/incidents.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { LeaveReason } from '@muster/shared/wire/goodbye.ts';
import { timeWords } from './words.ts';

type Zone = string | null;

function at(atMs: Millis, zone: Zone, say: (time: Words) => Words): Words {
  return say(timeWords(atMs, zone));
}

/** 'pc-1', 'pc-1 and pc-2', 'pc-1, pc-2 and pc-3'; ' pc-1、pc-2 '. */
function listed(names: readonly string[]): Words {
  const [last = '', ...before] = [...names].reverse();
  const first = before.reverse().join(', ');
  return { en: first === '' ? last : `${first} and ${last}`, zh: ` ${names.join('、')} ` };
}

function seenBy(
  names: readonly string[],
  atMs: Millis,
  zone: Zone,
  say: (who: Words, time: Words) => Words,
): Words {
  return say(listed(names), timeWords(atMs, zone));
}

export const evidence = {
  firstHeard: (atMs: Millis, zone: Zone) =>
    at(atMs, zone, (t) => ({ en: `First heard at ${t.en}.`, zh: `首次收到上报的时间：${t.zh}。` })),
  lastHeard: (atMs: Millis, zone: Zone) =>
    at(atMs, zone, (t) => ({ en: `Last heard at ${t.en}.`, zh: `最后一次收到上报的时间：${t.zh}。` })),
  connected: (atMs: Millis, zone: Zone) =>
    at(atMs, zone, (t) => ({ en: `Connected again at ${t.en}.`, zh: `已于 ${t.zh}重新连接。` })),
  heardAgain: (atMs: Millis, zone: Zone) =>
    at(atMs, zone, (t) => ({ en: `Heard again at ${t.en}.`, zh: `${t.zh}再次收到上报。` })),
  closedByPeer: (atMs: Millis, zone: Zone) =>
    at(atMs, zone, (t) => ({
      en: `Its side closed the connection at ${t.en} without saying why.`,
      zh: `对端于 ${t.zh}关闭连接，未说明原因。`,
    })),
  timedOut: (atMs: Millis, zone: Zone) =>
    at(atMs, zone, (t) => ({
      en: `Nothing came over its connection any more; the server ended it at ${t.en}.`,
      zh: `连接上不再有任何数据，服务器于 ${t.zh}断开连接。`,
    })),
  hostAnswers: (atMs: Millis, zone: Zone) =>
    at(atMs, zone, (t) => ({
      en: `Its address answered at ${t.en}: the host runs, the agent on it does not.`,
      zh: `${t.zh}探测其地址有应答：主机仍在运行，代理程序已停止。`,
    })),
  hostAnswersAgentMute: (atMs: Millis, zone: Zone) =>
    at(atMs, zone, (t) => ({
      en: `Its address answered at ${t.en}, but the agent's connection is dead: the agent hangs or something on the way blocks it.`,
      zh: `${t.zh}探测其地址有应答，但代理程序的连接已失效：代理程序无响应，或途中被阻断。`,
    })),
  hostSilent: (atMs: Millis, zone: Zone) =>
    at(atMs, zone, (t) => ({
      en: `Nothing answered at its address at ${t.en}.`,
      zh: `${t.zh}探测其地址无应答。`,
    })),
  noWitness: (): Words => ({
    en: 'There is no witness: nothing tells whether the host itself runs.',
    zh: '没有旁证：无法判断主机本身是否仍在运行。',
  }),
  neighboursSaw: (names: readonly string[], address: string, atMs: Millis, zone: Zone) =>
    seenBy(names, atMs, zone, (who, t) => ({
      en: `${who.en} on the same network got an answer from its address ${address} at ${t.en}.`,
      zh: `同一网络中的${who.zh}于 ${t.zh}收到其地址 ${address} 的应答。`,
    })),
  neighboursKnew: (names: readonly string[], address: string, atMs: Millis, zone: Zone) =>
    seenBy(names, atMs, zone, (who, t) => ({
      en: `${who.en} on the same network still knew its address ${address} at ${t.en}, but that may be from before.`,
      zh: `${t.zh}，同一网络中的${who.zh}的邻居表中仍有其地址 ${address}，但可能是此前留下的记录。`,
    })),
  neighboursSawNothing: (names: readonly string[], address: string, atMs: Millis, zone: Zone) =>
    seenBy(names, atMs, zone, (who, t) => ({
      en: `${who.en} on the same network got no answer from its address ${address} at ${t.en}.`,
      zh: `${t.zh}，同一网络中的${who.zh}未收到其地址 ${address} 的应答。`,
    })),
  neighboursCutOff: (names: readonly string[], atMs: Millis, zone: Zone) =>
    seenBy(names, atMs, zone, (who, t) => ({
      en: `${who.en} on the same network cannot see the gateway any more, as of ${t.en}.`,
      zh: `${t.zh}，同一网络中的${who.zh}也无法连通网关。`,
    })),
  neighboursMute: (names: readonly string[], atMs: Millis, zone: Zone) =>
    seenBy(names, atMs, zone, (who, t) => ({
      en: `${who.en} on the same network was asked at ${t.en} and did not reply.`,
      zh: `${t.zh}曾询问同一网络中的${who.zh}，未得到回复。`,
    })),
  subnetLost: (count: number): Words => ({
    en: `${count} other machines on its network fell silent at about the same time, and none is left.`,
    zh: `同一网络中另有 ${count} 台计算机几乎同时失联，已无一台在线。`,
  }),
  thenAgentStopped: (): Words => ({
    en: 'So the host runs, and the agent on it does not.',
    zh: '因此判断：主机仍在运行，代理程序已停止。',
  }),
  thenHang: (): Words => ({
    en: 'So the host is on its network, but the agent says nothing: the agent or the host hangs, or something blocks its way to the server.',
    zh: '因此判断：主机仍在网络中，但代理程序没有数据：代理程序或主机无响应，或其到服务器的通路被阻断。',
  }),
  thenGone: (): Words => ({
    en: 'So it is not on its network any more: switched off, asleep or taken along.',
    zh: '因此判断：该计算机已不在原网络中：可能已关机、睡眠或被带离。',
  }),
  thenHostDown: (): Words => ({
    en: 'So the host counts as down until it returns and proves otherwise.',
    zh: '因此判断：主机宕机，直到其恢复并证明并非如此。',
  }),
  thenNetwork: (): Words => ({
    en: 'So it is the network that they share, or its power, not this machine alone.',
    zh: '因此判断：问题出在它们共用的网络或供电，而不只是这台计算机。',
  }),
  slept: (fromMs: Millis, toMs: Millis, zone: Zone): Words => {
    const [from, to] = [timeWords(fromMs, zone), timeWords(toMs, zone)];
    return {
      en: `Its clocks show afterwards that it slept from ${from.en} to ${to.en}.`,
      zh: `事后根据其时钟判断：该计算机自 ${from.zh}至 ${to.zh}处于睡眠状态。`,
    };
  },
  announced: (reason: LeaveReason, atMs: Millis, zone: Zone) => at(atMs, zone, (t) => ANNOUNCED[reason](t)),
  bootedAt: (atMs: Millis, zone: Zone) =>
    at(atMs, zone, (t) => ({
      en: `Its operating system started anew at ${t.en}: it was down until then.`,
      zh: `操作系统于 ${t.zh}重新启动：此前处于停机状态。`,
    })),
  newBoot: (): Words => ({
    en: 'It came back with a new start of its operating system.',
    zh: '恢复连接时操作系统已重新启动。',
  }),
  sameBoot: (): Words => ({
    en: 'Its operating system ran on without a restart: the host was not down.',
    zh: '期间操作系统没有重启：主机并未宕机。',
  }),
  agentEndedWithoutWord: (startedMs: Millis, zone: Zone) =>
    at(startedMs, zone, (t) => ({
      en: `The agent started again at ${t.en}; its last run had ended without a word (killed or crashed).`,
      zh: `代理程序于 ${t.zh}重新启动；上次运行未作通知即已结束（被强制终止或崩溃）。`,
    })),
  agentEndedWith: (reason: LeaveReason, startedMs: Millis, zone: Zone) =>
    at(startedMs, zone, (t) => ({
      en: `The agent started again at ${t.en}; its last run had ended with: ${REASON_WORDS[reason].en}.`,
      zh: `代理程序于 ${t.zh}重新启动；上次运行的结束原因：${REASON_WORDS[reason].zh}。`,
    })),
  agentRanAlone: (startedMs: Millis, zone: Zone) =>
    at(startedMs, zone, (t) => ({
      en: `The agent ran from ${t.en} on, without a connection to the server.`,
      zh: `代理程序自 ${t.zh}起已运行，但未连接到服务器。`,
    })),
  spoolFilled: (): Words => ({
    en: "Samples kept in the agent's spool cover this time: the machine was up, only the way to the server was not.",
    zh: '代理程序缓存的数据覆盖了这段时间：计算机在线，只是与服务器之间不通。',
  }),
  serverStarted: (atMs: Millis, zone: Zone) =>
    at(atMs, zone, (t) => ({
      en: `The server itself did not run until ${t.en}.`,
      zh: `服务器自身在 ${t.zh}之前未运行。`,
    })),
  massSilence: (atMs: Millis, zone: Zone) =>
    at(atMs, zone, (t) => ({
      en: `Most machines fell silent together, about ${t.en}: the cause is first looked for at the server and its network.`,
      zh: `多数计算机在 ${t.zh}前后同时失联：首先从服务器自身及其网络查找原因。`,
    })),
} as const;

const ANNOUNCED: Readonly<Record<LeaveReason, (time: Words) => Words>> = {
  shutdown: (t) => ({
    en: `It announced at ${t.en} that it shuts down.`,
    zh: `该计算机于 ${t.zh}通知：即将关机。`,
  }),
  restart: (t) => ({
    en: `It announced at ${t.en} that it restarts.`,
    zh: `该计算机于 ${t.zh}通知：即将重启。`,
  }),
  sleep: (t) => ({
    en: `It announced at ${t.en} that it goes to sleep.`,
    zh: `该计算机于 ${t.zh}通知：即将睡眠。`,
  }),
  stop: (t) => ({
    en: `The agent announced at ${t.en} that it was stopped on purpose.`,
    zh: `代理程序于 ${t.zh}通知：已被正常停止。`,
  }),
  uninstall: (t) => ({
    en: `The agent was uninstalled on the machine at ${t.en}: no agent has reported from it since.`,
    zh: `代理程序已于 ${t.zh}在该计算机上被卸载：此后不再有代理程序上报。`,
  }),
  upgrade: (t) => ({
    en: `The agent announced at ${t.en} that it restarts with a new version.`,
    zh: `代理程序于 ${t.zh}通知：正在升级代理并重新启动。`,
  }),
};

const REASON_WORDS: Readonly<Record<LeaveReason, Words>> = {
  shutdown: { en: 'shutdown', zh: '关机' },
  restart: { en: 'restart', zh: '重启' },
  sleep: { en: 'sleep', zh: '睡眠' },
  stop: { en: 'stopped on purpose', zh: '正常停止' },
  uninstall: { en: 'uninstalled', zh: '被卸载' },
  upgrade: { en: 'agent upgrade', zh: '升级代理' },
};

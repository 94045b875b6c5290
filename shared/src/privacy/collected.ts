/**
 * Everything that an agent tells its server, in kinds: why, and what can be switched off. The fields come from the schemas; the words,
 * and what is personal (decisions.ts), are held against them by a test.
 */
import { SECTION_TITLES } from '../inventory/section-titles.ts';
import { METRIC_NAMES, METRICS, type MetricName } from '../metrics/catalogue.ts';
import { AgentToServer } from '../wire/agent-messages.ts';
import { INVENTORY_SECTIONS, type InventorySection } from '../wire/inventory-sections.ts';
import { AgentEvent } from '../wire/frame-bodies.ts';
import { type CollectorName, collectorOf } from './collectors.ts';
import { type CollectedField, fieldsOf, fieldsOfSection, isSectionSwitchable } from './fields.ts';
import type { Words } from './words.ts';

const w = (en: string, zh: string): Words => ({ en, zh });

interface Described {
  readonly title: Words;
  /** What it is good for. */
  readonly why: Words;
}

export const SECTION_PURPOSES: Readonly<Record<InventorySection, Described>> = {
  hardware: {
    title: SECTION_TITLES.hardware,
    why: w(
      'Tells which machine it is, its warranty and what it is made of.',
      '用于识别计算机、查询保修和了解配置。',
    ),
  },
  os: {
    title: SECTION_TITLES.os,
    why: w(
      'Tells which versions run where, and what is due for an upgrade.',
      '用于了解各计算机的系统版本以及需要升级的计算机。',
    ),
  },
  network: {
    title: SECTION_TITLES.network,
    why: w(
      'Ties machines to networks, so that a broken switch is one cause and not forty.',
      '将计算机与网络关联，使一台交换机故障被视为一个原因。',
    ),
  },
  storage: {
    title: SECTION_TITLES.storage,
    why: w(
      'Warns of disks that wear out and RAID sets that are broken.',
      '用于提醒即将失效的磁盘和损坏的 RAID 阵列。',
    ),
  },
  software: {
    title: SECTION_TITLES.software,
    why: w('For licences, allowed software and known weaknesses.', '用于许可证管理、软件合规和已知漏洞。'),
  },
  services: {
    title: SECTION_TITLES.services,
    why: w('Shows what is meant to run and does not.', '用于发现应运行而未运行的服务。'),
  },
  users: {
    title: SECTION_TITLES.users,
    why: w(
      'Shows who may administer a machine and whose it is.',
      '用于了解谁能管理计算机以及计算机由谁使用。',
    ),
  },
  devices: {
    title: SECTION_TITLES.devices,
    why: w('Keeps the record of monitors, printers and cards.', '用于登记显示器、打印机和板卡。'),
  },
  drivers: {
    title: SECTION_TITLES.drivers,
    why: w('Finds machines with a driver that makes trouble.', '用于查找装有问题驱动的计算机。'),
  },
  patches: {
    title: SECTION_TITLES.patches,
    why: w('Shows which machines lack an update.', '用于了解哪些计算机缺少更新。'),
  },
  guests: {
    title: SECTION_TITLES.guests,
    why: w('Ties guests to their host.', '将虚拟机和容器与宿主机关联。'),
  },
  security: {
    title: SECTION_TITLES.security,
    why: w(
      'Shows where a firewall, encryption or virus protection is off.',
      '用于发现未启用防火墙、加密或防病毒的计算机。',
    ),
  },
  sockets: {
    title: SECTION_TITLES.sockets,
    why: w('Finds which service needs which, without anybody drawing it.', '自动发现服务之间的依赖关系。'),
  },
  fingerprints: {
    title: SECTION_TITLES.fingerprints,
    why: w('Shows that a file was changed, never what stands in it.', '用于发现文件改动，但不读取其内容。'),
  },
};

/** Of the busiest processes; 'processes' is all of it. */
export const PROCESS_SWITCHES = ['processes', 'processes.name', 'processes.user'] as const;
/** The list itself, which is all of the message but for its time. */
export const PROCESS_ITEMS = 'processes.items';

/** Under which kind each message of an agent stands. */
export const MESSAGE_KINDS = {
  hello: 'connection',
  proof: 'connection',
  epoch: 'connection',
  goodbye: 'connection',
  processes: 'processes',
  witnessed: 'witness',
  upgrading: 'upgrade',
  configured: 'configuration',
} as const satisfies Readonly<Record<AgentToServer['type'], string>>;
type MessageKind = (typeof MESSAGE_KINDS)[keyof typeof MESSAGE_KINDS];

export interface CollectedKind extends Described {
  /** A section, or 'processes', 'connection', 'events', 'witness', 'upgrade', 'configuration'. */
  readonly name: string;
  /** As a whole. */
  readonly switchable: boolean;
  readonly fields: readonly CollectedField[];
}

/** Everything but metrics. */
export function collectedKinds(): CollectedKind[] {
  const processSwitches: readonly string[] = PROCESS_SWITCHES;
  return [
    ...INVENTORY_SECTIONS.map((section) => ({
      name: section,
      ...SECTION_PURPOSES[section],
      switchable: isSectionSwitchable(section),
      fields: fieldsOfSection(section),
    })),
    {
      name: 'processes',
      title: w('Busiest processes', '占用最多的进程'),
      why: w(
        'Shows what uses a machine while somebody looks at it, and in the moment in which an alert opens.',
        '在有人查看时或告警出现时，显示占用资源的进程。',
      ),
      switchable: true,
      fields: messageFields('processes')
        .filter(({ path }) => path !== PROCESS_ITEMS)
        .map(({ path, kind }) => {
          const own = path.replace(`${PROCESS_ITEMS}.`, 'processes.');
          return { path: own, kind, switchable: processSwitches.includes(own) };
        }),
    },
    {
      name: 'connection',
      title: w('Connection', '连接'),
      why: w(
        'Proves which agent speaks, and tells a machine that was switched off from one that failed; told when a connection begins and ends.',
        '证明代理身份，并区分正常关机与故障；连接建立和断开时发送。',
      ),
      switchable: false,
      fields: fixed(messageFields('connection')),
    },
    {
      name: 'events',
      title: w('Events of the agent', '代理事件'),
      why: w(
        'Tells a machine that was shut down from one that failed; the recording of the minutes before an alert.',
        '区分正常关机与故障，并保留告警前几分钟的记录。',
      ),
      switchable: false,
      fields: fixed(once(AgentEvent.options.flatMap((option) => fieldsOf('events', option)))),
    },
    {
      name: 'witness',
      title: w('What it saw of a neighbour', '对邻近计算机的观察'),
      why: w(
        'Tells a machine that failed from a network that failed; only where it was switched on for the agent, and only when it is asked.',
        '区分计算机故障与网络故障；仅在该代理程序已启用此功能且被询问时发送。',
      ),
      switchable: false,
      fields: fixed(messageFields('witness')),
    },
    {
      name: 'upgrade',
      title: w('Progress of an upgrade', '升级进度'),
      why: w(
        'Shows how far an upgrade of the agent is, and why it does not go on.',
        '显示代理升级的进度以及未能继续的原因。',
      ),
      switchable: false,
      fields: fixed(messageFields('upgrade')),
    },
    {
      name: 'configuration',
      title: w('Configuration in use', '正在使用的配置'),
      why: w(
        'Shows by which configuration the agent works, so that what is switched off is known to be off.',
        '显示代理按哪个配置工作，以确认已关闭的项目确实关闭。',
      ),
      switchable: false,
      fields: fixed(messageFields('configuration')),
    },
  ];
}

/** Each metric of an agent with its collector. */
export function collectedMetrics(): { name: MetricName; collector: CollectorName; title: Words }[] {
  return METRIC_NAMES.flatMap((name) => {
    const collector = collectorOf(name);
    return collector === null ? [] : [{ name, collector, title: METRICS[name].title }];
  });
}

/** Of all messages under a kind. */
function messageFields(kind: MessageKind): CollectedField[] {
  const messages = AgentToServer.options.filter(({ shape }) => MESSAGE_KINDS[shape.type.value] === kind);
  return once(messages.flatMap((message) => fieldsOf(kind, message)));
}

/** Several messages have a field of the same name. */
function once(fields: readonly CollectedField[]): CollectedField[] {
  return [...new Map(fields.map((field) => [field.path, field])).values()];
}

function fixed(fields: readonly CollectedField[]): CollectedField[] {
  return fields.map((field) => ({ ...field, switchable: false }));
}

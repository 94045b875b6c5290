/**
 * Everything that an agent tells its server, in kinds: why, whether it says something of a person, what can be switched off. The
 * fields come from the schemas; the words are held against them by a test. Personal is what belongs to an identified or identifiable
 * person (GDPR art. 4 (1), PIPL art. 4): names of accounts, and what shows the habits of one.
 */
import { SECTION_TITLES } from '../inventory/section-titles.ts';
import { METRIC_NAMES, METRICS, type MetricName } from '../metrics/catalogue.ts';
import { AgentProof } from '../wire/agent-messages.ts';
import { INVENTORY_SECTIONS, type InventorySection } from '../wire/inventory-sections.ts';
import { AgentEvent } from '../wire/frame-bodies.ts';
import { TopProcess } from '../wire/top-process.ts';
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
      '用于识别机器、查询保修和了解配置。',
    ),
  },
  os: {
    title: SECTION_TITLES.os,
    why: w(
      'Tells which versions run where, and what is due for an upgrade.',
      '用于了解各机器的系统版本以及需要升级的机器。',
    ),
  },
  network: {
    title: SECTION_TITLES.network,
    why: w(
      'Ties machines to networks, so that a broken switch is one cause and not forty.',
      '将机器与网络关联，使一台交换机故障被视为一个原因。',
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
    why: w('Shows who may administer a machine and whose it is.', '用于了解谁能管理机器以及机器由谁使用。'),
  },
  devices: {
    title: SECTION_TITLES.devices,
    why: w('Keeps the record of monitors, printers and cards.', '用于登记显示器、打印机和板卡。'),
  },
  drivers: {
    title: SECTION_TITLES.drivers,
    why: w('Finds machines with a driver that makes trouble.', '用于查找装有问题驱动的机器。'),
  },
  patches: {
    title: SECTION_TITLES.patches,
    why: w('Shows which machines lack an update.', '用于了解哪些机器缺少更新。'),
  },
  guests: {
    title: SECTION_TITLES.guests,
    why: w('Ties guests to their host.', '将虚拟机和容器与宿主机关联。'),
  },
  security: {
    title: SECTION_TITLES.security,
    why: w(
      'Shows where a firewall, encryption or virus protection is off.',
      '用于发现未启用防火墙、加密或防病毒的机器。',
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

/** Why a field says something of a person; what is below a path is too. */
export const PERSONAL: Readonly<Record<string, Words>> = {
  'users.users': w('Of the account of a person', '属于个人账户的信息'),
  'users.groups.members': w('Names of accounts of people', '个人账户的名称'),
  'users.lastUser': w('Who works at the machine', '谁在使用这台机器'),
  'users.lastUserAtMs': w('When somebody came to work', '使用者何时开始工作'),
  'sockets.listening.user': w('Name of the account', '账户名称'),
  'sockets.outgoing': w('On a workstation, what its user works with', '在工作站上可反映使用者的工作内容'),
  'software.packages.installedAtMs': w(
    'On a workstation, when its user did something',
    '在工作站上可反映使用者的操作时间',
  ),
  'devices.usbDevices.serial': w('May be a device of a person', '可能是个人设备'),
  'security.remoteControls.id': w('By it the screen of a person can be reached', '可据此连接到个人的屏幕'),
  'fingerprints.files.owner': w('Name of the account', '账户名称'),
  'fingerprints.files.path': w('May lie below a folder named after a person', '路径可能含有人名'),
  'network.interfaces.addresses': w('Tells a person’s machine on the network', '可在网络上识别个人的机器'),
  'network.interfaces.mac': w('Tells a person’s machine on the network', '可在网络上识别个人的机器'),
  'os.hostname': w('May be named after a person', '可能以人名命名'),
  'os.bootedAtMs': w('On a workstation, when somebody came to work', '在工作站上可反映上班时间'),
  'storage.fileSystems.mount': w('May lie below a folder named after a person', '路径可能含有人名'),
  'processes.user': w('Name of the account', '账户名称'),
  'processes.name': w('On a workstation, what its user works with', '在工作站上可反映使用者的工作内容'),
  'events.topProcesses.user': w('Name of the account', '账户名称'),
  'events.topProcesses.name': w(
    'On a workstation, what its user works with',
    '在工作站上可反映使用者的工作内容',
  ),
  'connection.hostname': w('May be named after a person', '可能以人名命名'),
  'connection.bootId': w('On a workstation, when it was switched on', '在工作站上可反映开机时间'),
};

export function personalWhy(path: string): Words | null {
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
    const why = PERSONAL[at];
    if (why) return why;
  }
  return null;
}

/** Of the busiest processes; 'processes' is all of it. */
export const PROCESS_SWITCHES = ['processes', 'processes.name', 'processes.user'] as const;

export interface CollectedKind extends Described {
  /** A section, or 'connection', 'events', 'processes'. */
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
      fields: fieldsOf('processes', TopProcess).map((field) => ({
        ...field,
        switchable: processSwitches.includes(field.path),
      })),
    },
    {
      name: 'connection',
      title: w('Connection', '连接'),
      why: w(
        'Proves which agent speaks; told once with each connection.',
        '证明代理身份；每次连接时发送一次。',
      ),
      switchable: false,
      fields: fixed(fieldsOf('connection', AgentProof)),
    },
    {
      name: 'events',
      title: w('Events of the agent', '代理事件'),
      why: w(
        'Tells a machine that was shut down from one that failed; the recording of the minutes before an alert.',
        '区分正常关机与故障，并保留告警前几分钟的记录。',
      ),
      switchable: false,
      fields: fixed(eventFields()),
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

function eventFields(): CollectedField[] {
  const all = AgentEvent.options.flatMap((option) => fieldsOf('events', option));
  return [...new Map(all.map((field) => [field.path, field])).values()];
}

function fixed(fields: readonly CollectedField[]): CollectedField[] {
  return fields.map((field) => ({ ...field, switchable: false }));
}

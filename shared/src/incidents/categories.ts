/** Kinds of incidents as a tree, and which kind an alert is of, by what was measured on what. */

export interface IncidentCategory {
  /** Lower case words joined by dots; a child's begins with its parent's. */
  readonly id: string;
  readonly title: { readonly en: string; readonly zh: string };
  /** No longer offered; incidents that have it keep it. */
  readonly retired: boolean;
}

export const CATEGORY_ID = /^[a-z][a-z0-9-]{0,23}(?:\.[a-z][a-z0-9-]{0,23}){0,2}$/;
export const CATEGORIES_MAX = 200;

const kind = (id: string, en: string, zh: string): IncidentCategory => ({
  id,
  title: { en, zh },
  retired: false,
});

/** What a house begins with. People may rename, retire and add; the machine files under these. */
export const INCIDENT_CATEGORIES: readonly IncidentCategory[] = [
  kind('hardware', 'Hardware', '硬件'),
  kind('hardware.disk', 'Disk', '磁盘'),
  kind('hardware.temperature', 'Temperature', '温度'),
  kind('hardware.power', 'Power', '电源'),
  kind('hardware.machine', 'Machine not reachable', '计算机失联'),
  kind('software', 'Software', '软件'),
  kind('software.service', 'Service of a machine', '系统服务'),
  kind('software.application', 'Application', '应用'),
  kind('software.system', 'Operating system', '操作系统'),
  kind('software.agent', 'Agent', '代理程序'),
  kind('network', 'Network', '网络'),
  kind('network.device', 'Network device', '网络设备'),
  kind('network.link', 'Link or interface', '链路或接口'),
  kind('network.load', 'Load of a link', '链路负载'),
  kind('capacity', 'Capacity', '容量'),
  kind('capacity.cpu', 'CPU', 'CPU'),
  kind('capacity.memory', 'Memory', '内存'),
  kind('capacity.storage', 'Storage', '存储空间'),
  kind('security', 'Security', '安全'),
  kind('security.certificate', 'Certificate', '证书'),
  kind('security.access', 'Account or access', '帐号与权限'),
  kind('records', 'Records', '配置记录'),
];

/** The first that fits. An absent condition fits all. `family` is the first part of the metric; 'silent' of a silent CI. */
export const CATEGORY_RULES: readonly {
  readonly family?: readonly string[];
  readonly metric?: readonly string[];
  readonly ciClass?: readonly string[];
  readonly category: string;
}[] = [
  { family: ['silent'], ciClass: ['NetworkDevice', 'Subnet', 'Location'], category: 'network.device' },
  { family: ['silent'], ciClass: ['Service', 'BusinessApplication'], category: 'software.application' },
  { family: ['silent'], category: 'hardware.machine' },
  { metric: ['network.utilisation'], category: 'network.load' },
  { family: ['network'], category: 'network.link' },
  { family: ['sensor'], category: 'hardware.temperature' },
  { metric: ['filesystem.errors'], category: 'hardware.disk' },
  { family: ['disk', 'io'], category: 'hardware.disk' },
  { family: ['filesystem'], category: 'capacity.storage' },
  { family: ['cpu', 'load'], category: 'capacity.cpu' },
  { family: ['memory', 'swap'], category: 'capacity.memory' },
  { family: ['service'], category: 'software.service' },
  { metric: ['check.certificate.remaining'], category: 'security.certificate' },
  { family: ['check'], category: 'software.application' },
  { family: ['certificate'], category: 'security.certificate' },
  { family: ['agent'], category: 'software.agent' },
  { family: ['system', 'time', 'clock'], category: 'software.system' },
  { family: ['finding'], category: 'records' },
  { ciClass: ['NetworkDevice', 'Subnet'], category: 'network.device' },
  { ciClass: ['Service', 'BusinessApplication'], category: 'software.application' },
];

/** null: nothing is known of its kind. */
export function categoryFor(metric: string | null, ciClass: string | null): string | null {
  const family = metric === null ? null : familyOf(metric);
  const rule = CATEGORY_RULES.find(
    (one) =>
      (!one.family || (family !== null && one.family.includes(family))) &&
      (!one.metric || (metric !== null && one.metric.includes(metric))) &&
      (!one.ciClass || (ciClass !== null && one.ciClass.includes(ciClass))),
  );
  return rule?.category ?? null;
}

/** Pressure is of what it presses on. */
function familyOf(metric: string): string {
  const [first = '', second = ''] = metric.split('.');
  return first === 'pressure' ? (second === 'io' ? 'disk' : second) : first;
}

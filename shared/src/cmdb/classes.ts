/** CI classes and their attributes as data: what exists, in which unit, in which words. */

export interface AttributeDefinition {
  readonly title: { readonly en: string; readonly zh: string };
  /** How a reader meets it. */
  readonly form: 'text' | 'number' | 'bytes' | 'hertz' | 'bits-per-second' | 'time' | 'list' | 'yes-no';
  /** false: changes too often to be history (who sits there, when it was started). */
  readonly tracked: boolean;
}

const text = (en: string, zh: string): AttributeDefinition => ({
  title: { en, zh },
  form: 'text',
  tracked: true,
});
const form = (kind: AttributeDefinition['form'], en: string, zh: string): AttributeDefinition => ({
  title: { en, zh },
  form: kind,
  tracked: true,
});
const untracked = (definition: AttributeDefinition): AttributeDefinition => ({
  ...definition,
  tracked: false,
});

const COMPUTER = {
  serial: text('Serial number', '序列号'),
  uuid: text('UUID', 'UUID'),
  boardSerial: text('Board serial number', '主板序列号'),
  chassisSerial: text('Chassis serial number', '机箱序列号'),
  machineId: text('Operating system id', '系统标识'),
  manufacturer: text('Manufacturer', '制造商'),
  model: text('Model', '型号'),
  chassisType: text('Chassis', '机箱类型'),
  virtualisation: text('Virtualisation', '虚拟化'),
  hostname: text('Host name', '主机名'),
  domain: text('Domain', '域'),
  cpuModel: text('CPU', 'CPU'),
  cpuCores: form('number', 'CPU cores', 'CPU 核心数'),
  memoryBytes: form('bytes', 'Memory', '内存'),
  memorySlots: form('number', 'Memory slots', '内存插槽数'),
  biosVendor: text('Firmware vendor', '固件厂商'),
  biosVersion: text('Firmware version', '固件版本'),
  biosDate: text('Firmware date', '固件日期'),
  ipAddresses: form('list', 'IP addresses', 'IP 地址'),
  macAddresses: form('list', 'MAC addresses', 'MAC 地址'),
  gateways: form('list', 'Gateways', '网关'),
  dnsServers: form('list', 'DNS servers', 'DNS 服务器'),
  osName: text('Operating system', '操作系统'),
  osVersion: text('Operating system version', '操作系统版本'),
  kernel: text('Kernel', '内核'),
  architecture: text('Architecture', '架构'),
  timeZone: text('Time zone', '时区'),
  lastUser: untracked(text('Last user', '最近使用人')),
  bootedAt: untracked(form('time', 'Started', '开机时间')),
} as const;

export const CI_CLASSES = {
  Server: { title: { en: 'Server', zh: '服务器' }, attributes: COMPUTER },
  Workstation: { title: { en: 'Workstation', zh: '工作站' }, attributes: COMPUTER },
  VirtualMachine: { title: { en: 'Virtual machine', zh: '虚拟机' }, attributes: COMPUTER },
  Component: {
    title: { en: 'Component', zh: '部件' },
    attributes: {
      kind: text('Kind', '种类'),
      slot: text('Slot', '插槽'),
      model: text('Model', '型号'),
      manufacturer: text('Manufacturer', '制造商'),
      serial: text('Serial number', '序列号'),
      partNumber: text('Part number', '部件号'),
      firmware: text('Firmware', '固件'),
      sizeBytes: form('bytes', 'Size', '容量'),
      cores: form('number', 'Cores', '核心数'),
      threads: form('number', 'Threads', '线程数'),
      maxHz: form('hertz', 'Highest clock', '最高频率'),
      type: text('Type', '类型'),
      bus: text('Bus', '总线'),
      transfersPerSecond: form('number', 'Transfers per second', '每秒传输次数'),
    },
  },
  NetworkInterface: {
    title: { en: 'Network interface', zh: '网络接口' },
    attributes: {
      mac: text('MAC address', 'MAC 地址'),
      kind: text('Kind', '种类'),
      virtual: form('yes-no', 'Virtual', '虚拟'),
      removable: form('yes-no', 'Removable', '可移动'),
      speedBitsPerSecond: form('bits-per-second', 'Speed', '速率'),
      mtu: form('number', 'MTU', 'MTU'),
      state: untracked(text('State', '状态')),
      driver: text('Driver', '驱动'),
      addresses: form('list', 'Addresses', '地址'),
    },
  },
  FileSystem: {
    title: { en: 'File system', zh: '文件系统' },
    attributes: {
      mount: text('Mounted at', '挂载点'),
      device: text('Device', '设备'),
      type: text('Type', '类型'),
      uuid: text('UUID', 'UUID'),
      sizeBytes: form('bytes', 'Size', '容量'),
      readOnly: form('yes-no', 'Read-only', '只读'),
    },
  },
  OperatingSystem: {
    title: { en: 'Operating system', zh: '操作系统' },
    attributes: {
      family: text('Family', '系列'),
      version: text('Version', '版本'),
      codename: text('Code name', '代号'),
      build: text('Build', '内部版本'),
      kernel: text('Kernel', '内核'),
      architecture: text('Architecture', '架构'),
      installedAt: form('time', 'Installed', '安装时间'),
    },
  },
} as const satisfies Record<
  string,
  { title: { en: string; zh: string }; attributes: Record<string, AttributeDefinition> }
>;

export type CiClass = keyof typeof CI_CLASSES;
export const MACHINE_CLASSES = [
  'Server',
  'Workstation',
  'VirtualMachine',
] as const satisfies readonly CiClass[];
export type MachineClass = (typeof MACHINE_CLASSES)[number];
export const PART_CLASSES = [
  'Component',
  'NetworkInterface',
  'FileSystem',
  'OperatingSystem',
] as const satisfies readonly CiClass[];
export type PartClass = (typeof PART_CLASSES)[number];

export function isMachineClass(name: string): name is MachineClass {
  return (MACHINE_CLASSES as readonly string[]).includes(name);
}

export function isPartClass(name: string | undefined): name is PartClass {
  return name !== undefined && (PART_CLASSES as readonly string[]).includes(name);
}

export function attributeDefinition(ciClass: CiClass, name: string): AttributeDefinition | undefined {
  const attributes: Record<string, AttributeDefinition> = CI_CLASSES[ciClass].attributes;
  return Object.hasOwn(attributes, name) ? attributes[name] : undefined;
}

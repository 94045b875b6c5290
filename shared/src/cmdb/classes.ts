/** CI classes and their attributes as data: what exists, in which unit, in which words. */

/** How a reader meets a value. 'date': YYYY-MM-DD. 'money': an amount in the currency of the `currency` attribute. */
export const ATTRIBUTE_FORMS = [
  'text',
  'number',
  'bytes',
  'hertz',
  'bits-per-second',
  'time',
  'date',
  'money',
  'list',
  'yes-no',
  'choice',
] as const;
export type AttributeForm = (typeof ATTRIBUTE_FORMS)[number];

export interface AttributeDefinition {
  readonly title: { readonly en: string; readonly zh: string };
  readonly form: AttributeForm;
  /** false: changes too often to be history (who sits there, when it was started). */
  readonly tracked: boolean;
  /** 'report': machines tell it, and a person who knows better locks it. 'person': only people know it. */
  readonly by: 'report' | 'person';
  /** Of a 'choice': what may be chosen. */
  readonly options?: readonly string[];
}

const text = (en: string, zh: string): AttributeDefinition => ({
  title: { en, zh },
  form: 'text',
  tracked: true,
  by: 'report',
});
const form = (kind: AttributeForm, en: string, zh: string): AttributeDefinition => ({
  title: { en, zh },
  form: kind,
  tracked: true,
  by: 'report',
});
const entered = (en: string, zh: string, kind: AttributeForm = 'text'): AttributeDefinition => ({
  title: { en, zh },
  form: kind,
  tracked: true,
  by: 'person',
});
const choice = (en: string, zh: string, options: readonly string[]): AttributeDefinition => ({
  ...entered(en, zh, 'choice'),
  options,
});
const untracked = (definition: AttributeDefinition): AttributeDefinition => ({
  ...definition,
  tracked: false,
});

/** What a thing that was bought has in the books, whatever its class. */
const ASSET = {
  purchaseDate: entered('Purchased', '购买日期', 'date'),
  deliveryDate: entered('Delivered', '到货日期', 'date'),
  orderNumber: entered('Order number', '订单号'),
  invoiceNumber: entered('Invoice number', '发票号'),
  supplier: entered('Supplier', '供应商'),
  cost: entered('Cost', '购置成本', 'money'),
  currency: entered('Currency', '币种'),
  costCentre: entered('Cost centre', '成本中心'),
  warrantyEnd: entered('Warranty until', '保修截止', 'date'),
  warrantyContract: entered('Warranty contract', '保修合同'),
  endOfLife: entered('Replace by', '计划更换日期', 'date'),
  condition: choice('Condition', '状况', ['new', 'good', 'worn', 'damaged']),
  note: entered('Note', '备注'),
} as const;

const COMPUTER = {
  ...ASSET,
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
  Server: {
    title: { en: 'Server', zh: '服务器' },
    attributes: {
      ...COMPUTER,
      role: entered('Role', '用途'),
      rackPosition: entered('Rack position', '机架位置'),
      bmcAddress: entered('BMC address', '带外管理地址'),
    },
  },
  Workstation: {
    title: { en: 'Workstation', zh: '工作站' },
    attributes: {
      ...COMPUTER,
      form: choice('Form', '形态', ['desktop', 'laptop', 'all-in-one', 'tablet', 'thin-client']),
    },
  },
  VirtualMachine: {
    title: { en: 'Virtual machine', zh: '虚拟机' },
    attributes: { ...COMPUTER, hypervisor: text('Hypervisor', '宿主'), image: text('Image', '镜像') },
  },
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
      driver: text('Driver', '驱动'),
      /** What a device is for ('storage', 'human interface' …). */
      purpose: text('Purpose', '用途'),
      productId: text('Vendor and product id', '厂商与产品标识'),
      wwn: text('World wide name', '全球唯一名'),
      health: text('Health', '健康状况'),
      reallocatedSectors: form('number', 'Reallocated sectors', '重映射扇区数'),
      wearPercent: untracked(form('number', 'Wear in %', '磨损率（%）')),
      madeIn: text('Made in', '制造时间'),
      host: text('Host', '主机'),
      location: text('Location', '位置'),
      designWattHours: form('number', 'Design capacity in Wh', '设计容量（Wh）'),
      fullWattHours: untracked(form('number', 'Full capacity in Wh', '满充容量（Wh）')),
      maxWatts: form('number', 'Highest power in W', '最大功率（W）'),
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
  /** An address in use; its change is history of the machine, so that nothing here is tracked. */
  IPAddress: {
    title: { en: 'IP address', zh: 'IP 地址' },
    attributes: {
      address: untracked(text('Address', '地址')),
      prefix: untracked(form('number', 'Prefix length', '前缀长度')),
      family: untracked(text('Family', '地址族')),
      interface: untracked(text('Interface', '接口')),
    },
  },
  /** A service that runs or starts by itself; its start type is history of the machine, whether it runs is none. */
  RunningService: {
    title: { en: 'Running service', zh: '运行的服务' },
    attributes: {
      description: untracked(text('Description', '描述')),
      startType: untracked(text('Start type', '启动类型')),
      state: untracked(text('State', '状态')),
      ports: untracked(form('list', 'Listening on', '监听端口')),
      process: untracked(text('Process', '进程')),
    },
  },
  DatabaseInstance: {
    title: { en: 'Database instance', zh: '数据库实例' },
    attributes: {
      kind: text('Kind', '种类'),
      /** History of its package. */
      version: untracked(text('Version', '版本')),
      port: form('number', 'Port', '端口'),
      addresses: untracked(form('list', 'Listening on', '监听地址')),
      service: text('Service', '服务'),
      process: untracked(text('Process', '进程')),
    },
  },
  Organisation: {
    title: { en: 'Organisation', zh: '组织' },
    attributes: {
      kind: choice('Kind', '种类', ['internal', 'customer', 'supplier']),
      externalId: entered('External id', '外部编号'),
      contact: entered('Contact', '联系人'),
      phone: entered('Telephone', '电话'),
      mail: entered('E-mail', '电子邮件'),
      note: entered('Note', '备注'),
    },
  },
  Person: {
    title: { en: 'Person', zh: '人员' },
    attributes: {
      employeeNumber: entered('Employee number', '工号'),
      login: entered('Login', '登录名'),
      mail: entered('E-mail', '电子邮件'),
      department: entered('Department', '部门'),
      phone: entered('Telephone', '电话'),
      active: entered('Active', '在职', 'yes-no'),
      note: entered('Note', '备注'),
    },
  },
  Team: {
    title: { en: 'Team', zh: '团队' },
    attributes: {
      mail: entered('E-mail', '电子邮件'),
      onCall: entered('On call', '值班'),
      note: entered('Note', '备注'),
    },
  },
  Location: {
    title: { en: 'Location', zh: '位置' },
    attributes: {
      kind: choice('Kind', '种类', ['site', 'building', 'floor', 'room', 'rack', 'desk']),
      address: entered('Address', '地址'),
      note: entered('Note', '备注'),
    },
  },
  Service: {
    title: { en: 'Service', zh: '服务' },
    attributes: {
      code: entered('Code', '代码'),
      availabilityTarget: entered('Availability target in %', '可用性目标（%）', 'number'),
      recoveryTimeMinutes: entered('Recovery time objective in minutes', '恢复时间目标（分钟）', 'number'),
      recoveryPointMinutes: entered('Recovery point objective in minutes', '恢复点目标（分钟）', 'number'),
      users: entered('Users', '用户数', 'number'),
      note: entered('Note', '备注'),
    },
  },
  BusinessApplication: {
    title: { en: 'Business application', zh: '业务应用' },
    attributes: {
      code: entered('Code', '代码'),
      vendor: entered('Vendor', '厂商'),
      users: entered('Users', '用户数', 'number'),
      note: entered('Note', '备注'),
    },
  },
  NetworkDevice: {
    title: { en: 'Network device', zh: '网络设备' },
    attributes: {
      ...ASSET,
      kind: choice('Kind', '种类', [
        'switch',
        'router',
        'firewall',
        'access-point',
        'load-balancer',
        'other',
      ]),
      manufacturer: text('Manufacturer', '制造商'),
      model: text('Model', '型号'),
      serial: text('Serial number', '序列号'),
      firmware: text('Firmware', '固件'),
      managementAddress: text('Management address', '管理地址'),
      macAddress: text('Base MAC address', '基础 MAC 地址'),
      sysObjectId: text('System object id', '系统对象标识'),
      ports: form('number', 'Ports', '端口数'),
    },
  },
  Printer: {
    title: { en: 'Printer', zh: '打印机' },
    attributes: {
      ...ASSET,
      manufacturer: text('Manufacturer', '制造商'),
      model: text('Model', '型号'),
      serial: text('Serial number', '序列号'),
      macAddress: text('MAC address', 'MAC 地址'),
      managementAddress: text('Address', '地址'),
      firmware: text('Firmware', '固件'),
    },
  },
  Peripheral: {
    title: { en: 'Peripheral', zh: '外围设备' },
    attributes: {
      ...ASSET,
      kind: choice('Kind', '种类', ['monitor', 'ups', 'phone', 'scanner', 'dock', 'projector', 'other']),
      manufacturer: text('Manufacturer', '制造商'),
      model: text('Model', '型号'),
      serial: text('Serial number', '序列号'),
    },
  },
  Subnet: {
    title: { en: 'Subnet', zh: '子网' },
    attributes: {
      cidr: entered('Network', '网段'),
      vlan: entered('VLAN', 'VLAN', 'number'),
      zone: entered('Zone', '网络区域'),
      gateway: entered('Gateway', '网关'),
      note: entered('Note', '备注'),
    },
  },
  Licence: {
    title: { en: 'Licence', zh: '许可证' },
    attributes: {
      licenceNumber: entered('Licence number', '许可证编号'),
      supplier: entered('Supplier', '供应商'),
      cost: entered('Cost', '购置成本', 'money'),
      currency: entered('Currency', '币种'),
      purchaseDate: entered('Purchased', '购买日期', 'date'),
      note: entered('Note', '备注'),
    },
  },
  Contract: {
    title: { en: 'Contract', zh: '合同' },
    attributes: {
      number: entered('Contract number', '合同编号'),
      kind: choice('Kind', '种类', ['warranty', 'maintenance', 'lease', 'support', 'other']),
      supplier: entered('Supplier', '供应商'),
      startDate: entered('From', '开始日期', 'date'),
      endDate: entered('Until', '结束日期', 'date'),
      cost: entered('Cost', '费用', 'money'),
      currency: entered('Currency', '币种'),
      note: entered('Note', '备注'),
    },
  },
  Supplier: {
    title: { en: 'Supplier', zh: '供应商' },
    attributes: {
      contact: entered('Contact', '联系人'),
      phone: entered('Telephone', '电话'),
      mail: entered('E-mail', '电子邮件'),
      website: entered('Website', '网站'),
      note: entered('Note', '备注'),
    },
  },
  Document: {
    title: { en: 'Document', zh: '文档' },
    attributes: {
      address: entered('Where it is', '存放地址'),
      version: entered('Version', '版本'),
      sha256: entered('SHA-256', 'SHA-256'),
      reviewedOn: entered('Reviewed', '评审日期', 'date'),
      note: entered('Note', '备注'),
    },
  },
} as const satisfies Record<
  string,
  { title: { en: string; zh: string }; attributes: Record<string, AttributeDefinition> }
>;

export type CiClass = keyof typeof CI_CLASSES;
/** Products are kept in the register of software, with installations by machine: a class to look up, without items of its own here. */
export const SOFTWARE_CLASS = { name: 'Software', title: { en: 'Software', zh: '软件' } } as const;
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
  'IPAddress',
  'RunningService',
  'DatabaseInstance',
] as const satisfies readonly CiClass[];
export type PartClass = (typeof PART_CLASSES)[number];
/** CIs of their own that no agent runs on; people keep them, scans and other programs may add to them. */
export const RECORD_CLASSES = [
  'NetworkDevice',
  'Printer',
  'Peripheral',
  'Service',
  'BusinessApplication',
  'Location',
  'Person',
  'Team',
  'Organisation',
  'Subnet',
  'Licence',
  'Contract',
  'Supplier',
  'Document',
] as const satisfies readonly CiClass[];
export type RecordClass = (typeof RECORD_CLASSES)[number];
/** Classes of CIs that stand on their own: parts belong to a machine. */
export type IndependentClass = MachineClass | RecordClass;
export type ClassGroup = 'machine' | 'part' | 'record';

export function isMachineClass(name: string): name is MachineClass {
  return (MACHINE_CLASSES as readonly string[]).includes(name);
}

export function isPartClass(name: string | undefined): name is PartClass {
  return name !== undefined && (PART_CLASSES as readonly string[]).includes(name);
}

export function isRecordClass(name: string | undefined): name is RecordClass {
  return name !== undefined && (RECORD_CLASSES as readonly string[]).includes(name);
}

export function isIndependentClass(name: string): name is IndependentClass {
  return isMachineClass(name) || isRecordClass(name);
}

/** The thing can be bought, labelled, handed out and written off. */
export function isAssetClass(name: CiClass): boolean {
  return Object.hasOwn(CI_CLASSES[name].attributes, 'warrantyEnd');
}

export function attributeDefinition(ciClass: CiClass, name: string): AttributeDefinition | undefined {
  const attributes: Record<string, AttributeDefinition> = CI_CLASSES[ciClass].attributes;
  return Object.hasOwn(attributes, name) ? attributes[name] : undefined;
}

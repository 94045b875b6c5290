/** Values that the agent reports as fixed terms, in the reader's words. Pure. */
import type { Language } from '@muster/shared/api/access.ts';
import { CI_CLASSES } from '@muster/shared/cmdb/classes.ts';
import type { Key, Translate } from '../i18n/catalogue.ts';
import { attributeText, attributeTitle, isCiClass } from './attributes.ts';
import { formatNumber } from '../util/quantity.ts';

/** Chassis of SMBIOS (type 3), folded to what a reader tells apart; terms that are not here stand for themselves. */
const CHASSIS: Readonly<Record<string, Key>> = {
  Other: 'machines.hardware.chassis.other',
  Desktop: 'machines.hardware.chassis.desktop',
  'Low Profile Desktop': 'machines.hardware.chassis.desktop',
  'Space-saving': 'machines.hardware.chassis.desktop',
  'Mini Tower': 'machines.hardware.chassis.tower',
  Tower: 'machines.hardware.chassis.tower',
  Portable: 'machines.hardware.chassis.notebook',
  Laptop: 'machines.hardware.chassis.notebook',
  Notebook: 'machines.hardware.chassis.notebook',
  notebook: 'machines.hardware.chassis.notebook',
  'Sub Notebook': 'machines.hardware.chassis.notebook',
  'All in One': 'machines.hardware.chassis.allInOne',
  'Rack Mount Chassis': 'machines.hardware.chassis.rack',
  rack: 'machines.hardware.chassis.rack',
  'Main Server Chassis': 'machines.hardware.chassis.server',
  Blade: 'machines.hardware.chassis.blade',
  Tablet: 'machines.hardware.chassis.tablet',
  Convertible: 'machines.hardware.chassis.convertible',
  Detachable: 'machines.hardware.chassis.convertible',
  'Mini PC': 'machines.hardware.chassis.mini',
};

const DISK_KINDS: Readonly<Record<string, Key>> = {
  'disk-nvme': 'machines.hardware.disk.nvme',
  'disk-ssd': 'machines.hardware.disk.ssd',
  'disk-hdd': 'machines.hardware.disk.hdd',
  'disk-virtual': 'machines.hardware.disk.virtual',
  'disk-removable': 'machines.hardware.disk.removable',
  'disk-unknown': 'machines.hardware.disk.unknown',
  cpu: 'machines.hardware.cpu',
  gpu: 'machines.hardware.device.gpu',
  monitor: 'machines.hardware.device.monitor',
  usb: 'machines.hardware.device.usb',
  printer: 'machines.hardware.device.printer',
  battery: 'machines.hardware.device.battery',
  psu: 'machines.hardware.device.psu',
  memory: 'machines.hardware.memory',
};

const INTERFACE_KINDS: Readonly<Record<string, Key>> = {
  ethernet: 'machines.hardware.interface.ethernet',
  wireless: 'machines.hardware.interface.wireless',
  bridge: 'machines.hardware.interface.bridge',
  bond: 'machines.hardware.interface.bond',
  vlan: 'machines.hardware.interface.vlan',
  tunnel: 'machines.hardware.interface.tunnel',
  virtual: 'machines.hardware.interface.virtual',
  other: 'machines.hardware.interface.other',
};

const HEALTH: Readonly<Record<string, Key>> = {
  passed: 'machines.hardware.health.passed',
  failed: 'machines.hardware.health.failed',
};

const LINK_STATES: Readonly<Record<string, Key>> = {
  up: 'machines.hardware.linkUp',
  down: 'machines.hardware.linkDown',
  unknown: 'machines.hardware.linkUnknown',
};

const LIFECYCLES: Readonly<Record<string, Key>> = {
  planned: 'machines.changes.lifecycle.planned',
  ordered: 'machines.changes.lifecycle.ordered',
  in_stock: 'machines.changes.lifecycle.in_stock',
  reserved: 'machines.changes.lifecycle.reserved',
  deployed: 'machines.changes.lifecycle.deployed',
  in_use: 'machines.changes.lifecycle.in_use',
  in_maintenance: 'machines.changes.lifecycle.in_maintenance',
  defective: 'machines.changes.lifecycle.defective',
  in_repair: 'machines.changes.lifecycle.in_repair',
  retired: 'machines.changes.lifecycle.retired',
  disposed: 'machines.changes.lifecycle.disposed',
  missing: 'machines.changes.lifecycle.missing',
};

const TERMS: Readonly<Record<string, Readonly<Record<string, Key>>>> = {
  chassisType: CHASSIS,
  lifecycle: LIFECYCLES,
  'Component kind': DISK_KINDS,
  'Component health': HEALTH,
  'NetworkInterface kind': INTERFACE_KINDS,
  'NetworkInterface state': LINK_STATES,
};

/** Fields of a machine that people keep, not the agent; no class lists them. */
const FIELDS: Readonly<Record<string, Key>> = {
  name: 'machines.changes.field.name',
  class: 'machines.changes.field.class',
  lifecycle: 'machines.changes.field.lifecycle',
  criticality: 'machines.changes.field.criticality',
  assetNumber: 'machines.changes.field.assetNumber',
  owner: 'machines.changes.field.owner',
  supportGroup: 'machines.changes.field.supportGroup',
  site: 'machines.changes.field.site',
  tags: 'machines.changes.field.tags',
};

const HYPERVISORS: Readonly<Record<string, string>> = {
  kvm: 'KVM',
  qemu: 'QEMU',
  vmware: 'VMware',
  hyperv: 'Hyper-V',
  microsoft: 'Hyper-V',
  xen: 'Xen',
  firecracker: 'Firecracker',
  virtualbox: 'VirtualBox',
  oracle: 'VirtualBox',
  docker: 'Docker',
  podman: 'Podman',
  lxc: 'LXC',
  wsl: 'WSL',
};

/** A value as people read it; what is not known is `–`. */
export function valueText(
  ciClass: string,
  name: string,
  value: unknown,
  t: Translate,
  language: Language,
): string {
  if (typeof value === 'string') {
    const key = (TERMS[`${ciClass} ${name}`] ?? TERMS[name])?.[value];
    if (key !== undefined) return t(key);
    if (name === 'virtualisation') return HYPERVISORS[value] ?? value;
    if (name === 'class' && isCiClass(value)) return CI_CLASSES[value].title[language];
  }
  if (name === 'transfersPerSecond' && typeof value === 'number')
    return t('machines.hardware.transfers', { value: formatNumber(value / 1e6, 0, language) });
  // A whole number of GiB is said without `.0`: sizes are not measured values.
  return attributeText(ciClass, name, value, t, language).replace(/[.]0(?= [KMGTP]iB$| [kMGT]bit)/, '');
}

/** The word for an attribute, of the class or of the record. */
export function valueTitle(ciClass: string, name: string, t: Translate, language: Language): string {
  const field = FIELDS[name];
  const title = attributeTitle(ciClass, name, language);
  return title === name && field !== undefined ? t(field) : title;
}

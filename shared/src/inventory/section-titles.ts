/** What each section of an inventory is called. */
import type { InventorySection } from '../wire/inventory-sections.ts';

interface Title {
  readonly en: string;
  readonly zh: string;
}

export const SECTION_TITLES: Readonly<Record<InventorySection, Title>> = {
  hardware: { en: 'Hardware', zh: '硬件' },
  os: { en: 'Operating system', zh: '操作系统' },
  network: { en: 'Network', zh: '网络' },
  storage: { en: 'Storage', zh: '存储' },
  software: { en: 'Software', zh: '软件' },
  services: { en: 'Services', zh: '服务' },
  users: { en: 'Accounts', zh: '账户' },
  devices: { en: 'Devices', zh: '外设' },
  drivers: { en: 'Drivers', zh: '驱动程序' },
  patches: { en: 'Patches', zh: '补丁' },
  guests: { en: 'Virtual machines and containers', zh: '虚拟机与容器' },
  security: { en: 'Protection', zh: '安全防护' },
  sockets: { en: 'Ports and connections', zh: '端口与连接' },
  fingerprints: { en: 'Fingerprints of configuration files', zh: '配置文件指纹' },
};

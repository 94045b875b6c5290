/** What a report says the machine is: attributes of the machine and of its parts, section by section. Pure. */
import type { PartClass } from '@muster/shared/cmdb/classes.ts';
import type { SectionData, Snapshot, SoftwarePackage } from '@muster/shared/inventory/sections.ts';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import type { MachineFacts } from '../inventory/facts.ts';
import { devicesPicture } from './picture-devices.ts';
import { addressParts, databasesPicture, servicesPicture } from './picture-services.ts';

export type AttributeValue = string | number | boolean | readonly string[] | null;

export interface PartPicture {
  readonly class: PartClass;
  readonly name: string;
  /** Keys in precedence; a held part with the first key that is equal is the same part. Unique within machine, class and section. */
  readonly keys: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

export interface SectionPicture {
  readonly section: InventorySection;
  /** Attributes of the machine that this section tells. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly parts: readonly PartPicture[];
}

/**
 * Pictures of the reported sections; a section that was not reported is not there, and changes nothing. Services and databases
 * are put together of several sections, so that each of these brings them.
 *
 * @param known what is held, with what is reported now
 */
export function pictureOf(
  reported: Snapshot,
  facts: MachineFacts,
  known: Snapshot = reported,
): SectionPicture[] {
  const pictures: SectionPicture[] = [];
  if (reported.hardware) pictures.push(hardwarePicture(reported.hardware, facts));
  if (reported.os) pictures.push(osPicture(reported.os, facts));
  if (reported.network) pictures.push(networkPicture(reported.network, facts));
  if (reported.storage) pictures.push(storagePicture(reported.storage));
  if (reported.devices) pictures.push(devicesPicture(reported.devices));
  if (reported.users)
    pictures.push({ section: 'users', attributes: { lastUser: reported.users.lastUser }, parts: [] });
  if (reported.services || reported.sockets) pictures.push(...present(servicesPicture(known)));
  if (reported.sockets || reported.software) pictures.push(...present(databasesPicture(known)));
  return pictures;
}

function present<Item>(item: Item | null): Item[] {
  return item === null ? [] : [item];
}

/** Identity of an installed package: the version is an attribute, not part of it. */
export function softwareKey(item: SoftwarePackage): string {
  return `${item.source}\0${item.name}\0${item.architecture ?? ''}`;
}

function hardwarePicture(hardware: SectionData['hardware'], facts: MachineFacts): SectionPicture {
  return {
    section: 'hardware',
    attributes: {
      serial: facts.serial,
      uuid: facts.uuid,
      boardSerial: facts.boardSerial,
      chassisSerial: facts.chassisSerial,
      manufacturer: facts.manufacturer,
      model: facts.model,
      chassisType: facts.chassisType,
      virtualisation: facts.virtualisation,
      cpuModel: facts.cpuModel,
      cpuCores: facts.cpuCores,
      memoryBytes: facts.memoryBytes,
      memorySlots: hardware.memorySlots,
      biosVendor: hardware.bios.vendor,
      biosVersion: hardware.bios.version,
      biosDate: hardware.bios.date,
    },
    parts: [
      ...hardware.cpus.map((cpu) => ({
        class: 'Component' as const,
        name: cpu.model ?? cpu.slot,
        keys: [`cpu slot ${cpu.slot}`],
        attributes: {
          kind: 'cpu',
          slot: cpu.slot,
          model: cpu.model,
          manufacturer: cpu.vendor,
          cores: cpu.cores,
          threads: cpu.threads,
          maxHz: cpu.maxHz,
        },
      })),
      ...hardware.memoryModules.map((module) => ({
        class: 'Component' as const,
        name: module.slot,
        keys: module.serial
          ? [`memory serial ${module.serial} slot ${module.slot}`, `memory slot ${module.slot}`]
          : [`memory slot ${module.slot}`],
        attributes: {
          kind: 'memory',
          slot: module.slot,
          manufacturer: module.manufacturer,
          partNumber: module.partNumber,
          serial: module.serial,
          sizeBytes: module.sizeBytes,
          type: module.type,
          transfersPerSecond: module.transfersPerSecond,
        },
      })),
    ],
  };
}

function osPicture(os: SectionData['os'], facts: MachineFacts): SectionPicture {
  return {
    section: 'os',
    attributes: {
      machineId: facts.machineId,
      hostname: os.hostname || null,
      domain: facts.domain,
      osName: facts.osName,
      osVersion: facts.osVersion,
      kernel: os.kernel,
      architecture: facts.architecture,
      timeZone: os.timeZone,
      bootedAt: os.bootedAtMs,
    },
    parts: [
      {
        class: 'OperatingSystem',
        name: [os.name, os.version].filter(Boolean).join(' ') || os.family,
        keys: ['operating system'],
        attributes: {
          family: os.family,
          version: os.version,
          codename: os.codename,
          build: os.build,
          kernel: os.kernel,
          architecture: os.architecture,
          installedAt: os.installedAtMs,
        },
      },
    ],
  };
}

function networkPicture(network: SectionData['network'], facts: MachineFacts): SectionPicture {
  const interfaces = network.interfaces.filter((one) => one.kind !== 'loopback');
  return {
    section: 'network',
    attributes: {
      ipAddresses: facts.ipAddresses,
      macAddresses: [...new Set(interfaces.map((one) => one.mac).filter((mac) => mac !== null))].toSorted(),
      gateways: network.gateways.map((gateway) => gateway.address),
      dnsServers: network.dnsServers,
    },
    parts: [
      ...interfaces.map((one) => ({
        class: 'NetworkInterface' as const,
        name: one.name,
        keys:
          one.mac && !one.virtual
            ? [`mac ${one.mac} ${one.name}`, `mac ${one.mac}`, `name ${one.name}`]
            : [`name ${one.name}`],
        attributes: {
          mac: one.mac,
          kind: one.kind,
          virtual: one.virtual,
          removable: one.removable,
          speedBitsPerSecond: one.speedBitsPerSecond,
          mtu: one.mtu,
          state: one.state,
          driver: one.driver,
          addresses: one.addresses.map(({ address, prefix }) => `${address}/${prefix}`),
        },
      })),
      ...addressParts(network),
    ],
  };
}

function storagePicture(storage: SectionData['storage']): SectionPicture {
  return {
    section: 'storage',
    attributes: {},
    parts: [
      ...storage.disks.map((disk) => ({
        class: 'Component' as const,
        name: disk.name,
        keys: disk.serial
          ? [`disk serial ${disk.serial}`, `disk name ${disk.name}`]
          : [`disk name ${disk.name}`],
        attributes: {
          kind: `disk-${disk.kind}`,
          slot: disk.name,
          model: disk.model,
          serial: disk.serial,
          firmware: disk.firmware,
          sizeBytes: disk.sizeBytes,
          bus: disk.bus,
          wwn: disk.wwn,
          // A drive that sleeps or does not answer has not changed.
          health: disk.health === 'unknown' ? null : disk.health,
          reallocatedSectors: disk.reallocatedSectors,
          wearPercent: disk.wearPercent,
        },
      })),
      ...storage.fileSystems.map((fileSystem) => ({
        class: 'FileSystem' as const,
        name: fileSystem.mount,
        keys: fileSystem.uuid
          ? [`volume ${fileSystem.uuid} ${fileSystem.mount}`, `mount ${fileSystem.mount}`]
          : [`mount ${fileSystem.mount}`],
        attributes: {
          mount: fileSystem.mount,
          device: fileSystem.device,
          type: fileSystem.type,
          uuid: fileSystem.uuid,
          sizeBytes: fileSystem.sizeBytes,
          readOnly: fileSystem.readOnly,
        },
      })),
    ],
  };
}

/** Snapshot → facts: one spelling for each thing, junk out, and a record of what was thrown away. */
import type { Snapshot } from '@muster/shared/inventory/sections.ts';
import type { JudgedField, MachineFacts, RejectedValue } from './facts.ts';
import { usableAddresses } from './ip-address.ts';
import {
  type ExtraJunk,
  isJunkHostname,
  isJunkMac,
  isJunkMachineId,
  isJunkSerial,
  isJunkUuid,
  NO_EXTRA_JUNK,
} from './junk.ts';
import { canonicalMac, isLocallyAdministered } from './mac.ts';
import { isContainer, proposeClass } from './machine-class.ts';
import { canonicalManufacturer, canonicalModel } from './manufacturer.ts';
import { canonicalUuid, uuidByteOrders } from './uuid.ts';

/** Pure: the same snapshot and junk always give the same facts. Sections that are not there leave their facts null. */
export function normalise(snapshot: Snapshot, junk: ExtraJunk = NO_EXTRA_JUNK): MachineFacts {
  const judge = new Judge(isContainer(snapshot.hardware?.virtualisation ?? null), junk);
  const { hardware, os, network, users } = snapshot;
  const uuid = judge.uuid(hardware?.system.uuid);
  const serial = judge.serial('serial', hardware?.system.serial);
  const names = {
    hostname: judge.hostname(os?.hostname),
    manufacturer:
      canonicalManufacturer(hardware?.system.manufacturer ?? null) ??
      canonicalManufacturer(hardware?.board.manufacturer ?? null),
    model: modelOf(hardware),
  };
  return {
    ...names,
    domain: canonicalDomain(os?.domain),
    machineId: judge.machineId(os?.machineId),
    serial,
    uuid,
    uuidSwapped: uuid === null ? null : uuidByteOrders(uuid)[1],
    boardSerial: judge.serial('boardSerial', hardware?.board.serial),
    chassisSerial: judge.serial('chassisSerial', hardware?.chassis.serial),
    assetTag: judge.serial('assetTag', hardware?.chassis.assetTag),
    chassisType: hardware?.chassis.type ?? null,
    isVirtual: (hardware?.virtualisation ?? null) !== null,
    isContainer: judge.inContainer,
    virtualisation: hardware?.virtualisation ?? null,
    permanentMacs: judge.permanentMacs(network, (hardware?.virtualisation ?? null) !== null),
    ipAddresses: usableAddresses(network?.interfaces ?? []),
    proposedClass: proposeClass(snapshot),
    osFamily: os?.family ?? null,
    osName: os?.name ?? null,
    osVersion: os?.version ?? null,
    architecture: os?.architecture ?? null,
    bootId: os?.bootId ?? null,
    bootedAtMs: os?.bootedAtMs ?? null,
    cpuModel: hardware?.cpus[0]?.model ?? null,
    cpuCores: coresOf(hardware),
    memoryBytes: hardware?.memoryBytes ?? null,
    lastUser: users?.lastUser ?? null,
    displayName: displayName(os?.hostname, { ...names, serial }),
    rejected: judge.rejected,
  };
}

/** Decides what may be a key, and writes down what may not. */
class Judge {
  readonly inContainer: boolean;
  readonly rejected: RejectedValue[] = [];
  readonly #junk: ExtraJunk;

  constructor(inContainer: boolean, junk: ExtraJunk) {
    this.inContainer = inContainer;
    this.#junk = junk;
  }

  serial(field: JudgedField, reported: string | null | undefined): string | null {
    const value = (reported ?? '').replace(/\s+/g, '').toUpperCase();
    if (value === '') return null;
    if (isJunkSerial(value, this.#junk)) return this.#reject(field, value, 'junk');
    // Firmware tables show through into a container: they name its host.
    return this.inContainer ? this.#reject(field, value, 'host-of-container') : value;
  }

  uuid(reported: string | null | undefined): string | null {
    if (!reported) return null;
    const value = canonicalUuid(reported);
    if (value === null) return this.#reject('uuid', reported, 'malformed');
    if (isJunkUuid(value, this.#junk)) return this.#reject('uuid', value, 'junk');
    return this.inContainer ? this.#reject('uuid', value, 'host-of-container') : value;
  }

  machineId(reported: string | null | undefined): string | null {
    if (!reported) return null;
    const value = reported.trim().toLowerCase().replace(/[{}-]/g, '');
    if (!/^[0-9a-f]{32}$/.test(value)) return this.#reject('machineId', reported, 'malformed');
    return isJunkMachineId(value, this.#junk) ? this.#reject('machineId', value, 'junk') : value;
  }

  hostname(reported: string | null | undefined): string | null {
    const value = (reported ?? '').trim().toLowerCase().split('.')[0] ?? '';
    if (value === '') return null;
    return isJunkHostname(value, this.#junk) ? this.#reject('hostname', value, 'junk') : value;
  }

  permanentMacs(network: Snapshot['network'], isVirtual: boolean): string[] {
    const macs = (network?.interfaces ?? []).flatMap((entry) => this.#permanentMac(entry, isVirtual) ?? []);
    return [...new Set(macs)].sort();
  }

  #permanentMac(
    entry: NonNullable<Snapshot['network']>['interfaces'][number],
    isVirtual: boolean,
  ): string | null {
    if (entry.mac === null) return null;
    const mac = canonicalMac(entry.mac);
    if (mac === null) return this.#reject('mac', entry.mac, 'malformed');
    if (entry.virtual) return this.#reject('mac', mac, 'virtual');
    if (this.inContainer) return this.#reject('mac', mac, 'host-of-container');
    if (entry.removable) return this.#reject('mac', mac, 'removable');
    if (isJunkMac(mac, this.#junk)) return this.#reject('mac', mac, 'shared-adapter');
    if (!entry.macPermanent) return this.#reject('mac', mac, 'local');
    return isLocallyAdministered(mac) && !(isVirtual && isDrawnByHypervisor(mac))
      ? this.#reject('mac', mac, 'local')
      : mac;
  }

  #reject(field: JudgedField, value: string, reason: RejectedValue['reason']): null {
    this.rejected.push({ field, value, reason });
    return null;
  }
}

/** libvirt and its kin draw 24 random bits behind this prefix, which is locally administered by an accident of history. */
function isDrawnByHypervisor(mac: string): boolean {
  return mac.startsWith('52:54:00:');
}

function canonicalDomain(domain: string | null | undefined): string | null {
  const value = (domain ?? '')
    .trim()
    .toLowerCase()
    .replace(/^\.+|\.+$/g, '');
  return value === '' || value === 'localdomain' ? null : value;
}

/** Lenovo writes the machine type into the model and the name that people know into the version. */
function modelOf(hardware: Snapshot['hardware']): string | null {
  if (hardware === undefined) return null;
  const { system, board } = hardware;
  const model = canonicalModel(system.model);
  const version = canonicalModel(system.version);
  const isLenovo = canonicalManufacturer(system.manufacturer) === 'Lenovo';
  if (
    isLenovo &&
    model !== null &&
    version !== null &&
    /^(Think|Idea|Yoga|Legion|Lenovo|Xiaoxin)/i.test(version)
  )
    return `${version} ${model}`;
  return model ?? canonicalModel(board.model);
}

/** Of all packages; null when no package tells. */
function coresOf(hardware: Snapshot['hardware']): number | null {
  const known = (hardware?.cpus ?? []).flatMap((cpu) => cpu.cores ?? []);
  return known.length === 0 ? null : known.reduce((sum, cores) => sum + cores, 0);
}

type Names = Pick<MachineFacts, 'hostname' | 'manufacturer' | 'model' | 'serial'>;

/** The reported name keeps its capital letters: people look for what stands on the machine. */
function displayName(reported: string | undefined, names: Names): string {
  if (names.hostname !== null && reported !== undefined)
    return reported.trim().split('.')[0] ?? names.hostname;
  const words = [names.manufacturer, names.model, names.serial].filter((word) => word !== null);
  return words.length === 0 ? 'unnamed machine' : words.join(' ');
}

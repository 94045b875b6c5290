/** What normalisation makes of a machine's snapshot: the facts that identification and the CMDB read. */
import type { Millis } from '@muster/shared/time.ts';

/** Classes that normalisation proposes; the CMDB decides. */
export type ProposedClass = 'Server' | 'Workstation' | 'VirtualMachine';

/** The fields whose value can be thrown away as junk. */
export type JudgedField =
  | 'hostname'
  | 'machineId'
  | 'serial'
  | 'uuid'
  | 'boardSerial'
  | 'chassisSerial'
  | 'assetTag'
  | 'mac';

/** A reported value that identifies nothing, and why; kept for the identity trace. */
export interface RejectedValue {
  readonly field: JudgedField;
  readonly value: string;
  readonly reason:
    | 'junk'
    | 'malformed'
    | 'host-of-container'
    | 'local'
    | 'shared-adapter'
    | 'virtual'
    | 'removable';
}

/**
 * Facts about one machine. null means not known, not reported or rejected as junk: never a key.
 * Text is trimmed, sets are sorted and free of duplicates, so equal machines give equal facts.
 */
export interface MachineFacts {
  /** First label, lower case; 'localhost' and the like count as unknown. */
  readonly hostname: string | null;
  /** Lower case, without a dot at either end. */
  readonly domain: string | null;
  /** Identity of the installed operating system: /etc/machine-id, MachineGuid, IOPlatformUUID; lower-case hex without dashes. */
  readonly machineId: string | null;
  /** Upper case, without spaces. Of the system (SMBIOS type 1). */
  readonly serial: string | null;
  /** 8-4-4-4-12, lower case. */
  readonly uuid: string | null;
  /** The same with the first three groups in the other byte order: compare a key with both. */
  readonly uuidSwapped: string | null;
  /** Like `serial`, of the main board (type 2). */
  readonly boardSerial: string | null;
  /** Like `serial`, of the enclosure (type 3). */
  readonly chassisSerial: string | null;
  readonly assetTag: string | null;
  /** Known makers in one spelling: 'Dell', 'HP', 'Lenovo' … */
  readonly manufacturer: string | null;
  readonly model: string | null;
  /** Name of the SMBIOS 7.4.1 type, as reported: 'Desktop', 'Notebook', 'Rack Mount Chassis' … */
  readonly chassisType: string | null;
  /** A virtual machine or a container. */
  readonly isVirtual: boolean;
  /** A container shares hardware with its host: serial, uuid and board serial are null then. */
  readonly isContainer: boolean;
  /** 'kvm', 'vmware', 'hyperv', 'docker', 'lxc' …; null on bare metal. */
  readonly virtualisation: string | null;
  /** Burnt-in addresses of physical ports that do not move (no dock, no USB), lower case with colons, sorted. */
  readonly permanentMacs: readonly string[];
  /** Every usable address of the machine, canonical text, sorted; no loopback, link-local or multicast. */
  readonly ipAddresses: readonly string[];
  readonly proposedClass: ProposedClass;
  readonly osFamily: 'linux' | 'windows' | 'macos' | null;
  readonly osName: string | null;
  readonly osVersion: string | null;
  readonly architecture: string | null;
  readonly bootId: string | null;
  readonly bootedAtMs: Millis | null;
  readonly cpuModel: string | null;
  readonly cpuCores: number | null;
  readonly memoryBytes: number | null;
  readonly lastUser: string | null;
  /** What people call it: host name, else maker, model and serial; never empty. */
  readonly displayName: string;
  readonly rejected: readonly RejectedValue[];
}

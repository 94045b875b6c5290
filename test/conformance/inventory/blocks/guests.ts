/** Blocks that are read from hypervisors and container engines. */
import { parseWmiDump } from '@muster/agent/inventory/parsers/cim.ts';
import type { Guest, GuestState } from '@muster/agent/inventory/parsers/guest.ts';
import { parseDomainXml, parseVirshList } from '@muster/agent/inventory/parsers/libvirt.ts';
import {
  hyperVGuests,
  parseLxc,
  parseVBoxManage,
  parseXenList,
} from '@muster/agent/inventory/parsers/virtual-machines.ts';
import { glpiMebibytes } from '@muster/shared/inventory/glpi.ts';
import { type Adapters, type CaseFiles, fileLike, onlyText } from '../case.ts';

export const guests: Adapters = {
  tasks__inventory__virtualization__hyperv: { tests: hyperV },
  tasks__inventory__virtualization__libvirt: {
    list_tests: (files) =>
      parseVirshList(onlyText(files)).map(({ name, state }) => ({
        NAME: name,
        STATUS: status(state),
        VMTYPE: 'libvirt',
      })),
    dumpxml_tests: domain,
  },
  tasks__inventory__virtualization__lxc: { container_tests: container },
  tasks__inventory__virtualization__virtualbox: {
    tests: (files) =>
      parseVBoxManage(onlyText(files)).map((one) => machine(one, 'virtualbox', 'Oracle VM VirtualBox')),
  },
  tasks__inventory__virtualization__xen: {
    tests_xm_list: (files) => parseXenList(onlyText(files)).map((one) => machine(one, 'xen', 'xm')),
  },
};

function status(state: GuestState): string {
  return `STATUS_${state === 'unknown' ? 'OFF' : state.toUpperCase()}`;
}

function machine(guest: Guest, VMTYPE: string, SUBSYSTEM: string): unknown {
  return {
    NAME: guest.name,
    UUID: guest.id,
    STATUS: status(guest.state),
    VCPU: guest.cpus,
    MEMORY: glpiMebibytes(guest.memoryBytes),
    VMTYPE,
    SUBSYSTEM,
  };
}

function hyperV(files: CaseFiles): unknown {
  const records = (name: string) =>
    parseWmiDump(fileLike(files, new RegExp(`${name}\\.wmi$`, 'i'))?.text ?? '');
  return hyperVGuests(
    records('ComputerSystem'),
    records('MemorySettingData'),
    records('ProcessorSettingData'),
    records('VirtualSystemSettingData'),
  ).map((one) => machine(one, 'HyperV', 'MS HyperV'));
}

/** Thousands of kibibytes there, not mebibytes. */
function domain(files: CaseFiles): unknown {
  const guest = parseDomainXml(onlyText(files));
  if (guest === null) return null;
  return {
    uuid: guest.id,
    vcpu: guest.cpus,
    vmtype: guest.kind,
    memory: guest.memoryBytes === null ? null : Math.floor(guest.memoryBytes / 1024 / 1000),
  };
}

/** The host name of old configurations is no name of the container. */
function container(files: CaseFiles, name: string): unknown {
  const found = parseLxc(onlyText(files));
  return {
    version: found.generation,
    result: {
      NAME: found.generation === 3 ? (found.hostname ?? name) : name,
      STATUS: status(found.state),
      VCPU: found.cpus,
      MEMORY: found.memoryBytes,
      MAC: found.macs[0],
      VMTYPE: 'lxc',
    },
  };
}

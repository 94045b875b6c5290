/** Sections of the inventory as an invented machine reports them. */
import { FINGERPRINT_DIRECTORIES_DEFAULT } from '@muster/shared/api/fingerprints.ts';
import { SECTION_SCHEMAS, type SnapshotInput } from '@muster/shared/inventory/sections.ts';
import { MINUTE_MS, toIso } from '@muster/shared/time.ts';
import type { Handlers } from '../handlers.ts';
import type { World } from '../world.ts';

const REPORTED: SnapshotInput = {
  guests: {
    guests: [
      {
        name: 'shop-db',
        id: '5c3e2a10-9b1d-4a7e-8f55-0a1b2c3d4e5f',
        kind: 'virtual-machine',
        hypervisor: 'kvm',
        state: 'running',
        memoryBytes: 2 ** 33,
        cpus: 4,
        image: null,
      },
    ],
  },
  security: {
    antivirus: [{ name: 'ClamAV', version: '1.0.7', enabled: true, upToDate: true }],
    firewalls: [{ product: 'nftables', profile: null, enabled: false }],
  },
  sockets: {
    listening: [
      { protocol: 'tcp', address: '0.0.0.0', port: 22, process: 'sshd', user: 'root' },
      { protocol: 'tcp', address: '::', port: 443, process: 'nginx', user: 'root', service: 'nginx' },
    ],
    outgoing: [
      { protocol: 'tcp', address: '10.20.0.14', port: 5432, process: 'nginx' },
      { protocol: 'tcp', address: '10.20.0.2', port: 636, process: 'sssd' },
    ],
  },
  patches: {
    patches: Array.from({ length: 34 }, (_, index) => ({
      id: `KB50${String(34_441 + index * 17)}`,
      title: 'Cumulative update',
      installedAtMs: Date.UTC(2026, index % 12, 10),
    })),
  },
  storage: {
    disks: [],
    fileSystems: [],
    volumeGroups: [{ name: 'vg0', uuid: null, sizeBytes: 2 ** 40, freeBytes: 2 ** 37 }],
    physicalVolumes: [
      {
        device: '/dev/nvme0n1p3',
        volumeGroup: 'vg0',
        uuid: null,
        format: 'lvm2',
        sizeBytes: 2 ** 40,
        freeBytes: 2 ** 37,
      },
    ],
    logicalVolumes: [{ name: 'root', volumeGroup: 'vg0', uuid: null, kind: 'linear', sizeBytes: 2 ** 38 }],
  },
  devices: {
    expansionSlots: [
      { name: 'PCIe Slot 1', type: 'x16 PCI Express 4', usage: 'used', slot: '0000:3b:00.0' },
      { name: 'PCIe Slot 2', type: 'x8 PCI Express 4', usage: 'free', slot: null },
    ],
    connectors: [{ name: 'J1B1', connector: 'RJ-45', use: 'Network' }],
    sounds: [{ name: 'HDA Intel PCH', manufacturer: 'Intel', description: null, driver: 'snd_hda_intel' }],
  },
  users: {
    users: [
      { name: 'root', fullName: null, uid: 0, shell: '/bin/bash', administrator: true, system: true },
      { name: 'ada', fullName: 'Ada', uid: 1000, shell: '/bin/bash', administrator: true, system: false },
    ],
    groups: [
      { name: 'sudo', gid: 27, members: ['ada'] },
      { name: 'docker', gid: 998, members: ['ada', 'deploy'] },
    ],
    lastUser: 'ada',
    lastUserAtMs: Date.UTC(2026, 10, 20, 8, 12),
  },
  fingerprints: {
    directories: [{ path: '/etc', state: 'read' }],
    files: Array.from({ length: 260 }, (_, index) => ({
      path: `/etc/conf.d/${String(index).padStart(3, '0')}.conf`,
      owner: 'root',
      group: 'root',
      mode: '0644',
      sizeBytes: 100 + index,
      sha256: index.toString(16).padStart(2, '0').repeat(32).slice(0, 64),
      linkTarget: null,
    })),
  },
};

export function inventoryHandlers(world: World): Handlers {
  let directories = FINGERPRINT_DIRECTORIES_DEFAULT;
  return {
    getFingerprints: () => ({ directories }),
    setFingerprints: ({ body }) => {
      directories = body.directories;
      return { directories };
    },
    ciSections: () => ({
      counts: Object.fromEntries(
        Object.entries(REPORTED).flatMap(([section, data]) =>
          Object.entries(data).flatMap(([name, list]) =>
            Array.isArray(list) ? [[`${section}.${name}`, list.length]] : [],
          ),
        ),
      ),
    }),
    ciSection: ({ params }) => {
      const data = REPORTED[params.section];
      const at = toIso(world.startMs - 12 * MINUTE_MS);
      return {
        reportedAt: data === undefined ? null : at,
        confirmedAt: data === undefined ? null : at,
        complete: true,
        data: data === undefined ? null : SECTION_SCHEMAS[params.section].parse(data),
      };
    },
  };
}

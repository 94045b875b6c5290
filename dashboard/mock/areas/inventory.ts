/** Sections of the inventory as an invented machine reports them. */
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
      { protocol: 'tcp', address: '::', port: 443, process: 'nginx', user: 'root' },
    ],
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
  return {
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

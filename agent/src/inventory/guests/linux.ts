/** Guests of a Linux machine from the files of its hypervisors and container engines. No program is run. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import type { Host } from '../../host.ts';
import type { CollectedSection } from '../section.ts';
import { byText, readValue, wholeNumber } from '../text.ts';
import { dockerGuest, libvirtGuest, lxcGuest, podmanGuests, proxmoxGuest } from './formats.ts';

export type Guest = SectionData['guests']['guests'][number];

interface Found {
  readonly guests: readonly Guest[];
  readonly notes: readonly string[];
}

export function collectLinuxGuests(host: Host): CollectedSection<'guests'> {
  const found = [readDocker(host), readPodman(host), readLibvirt(host), readLxc(host), readProxmox(host)];
  const notes = found.flatMap(({ notes }) => notes);
  return {
    data: {
      guests: found
        .flatMap(({ guests }) => guests)
        .sort((a, b) => byText(a.name, b.name) || byText(a.id ?? '', b.id ?? '')),
    },
    complete: notes.length === 0,
    notes,
  };
}

const NOTHING: Found = { guests: [], notes: [] };

function readDocker(host: Host): Found {
  const root = dockerRoot(host);
  const folder = `${root}/containers`;
  const ids = host.list(folder).filter((id) => /^[0-9a-f]{64}$/.test(id));
  const guests = ids.flatMap((id) => {
    const [config, limits] = ['config.v2.json', 'hostconfig.json'].map((file) =>
      host.readText(`${folder}/${id}/${file}`),
    );
    return config ? (dockerGuest(id, config, limits ?? null) ?? []) : [];
  });
  const hidden = ids.length === 0 && host.list('/var/lib').includes('docker') && !isReadable(host, root);
  return { guests, notes: hidden ? [`${root} may only be read by root: containers are missing`] : [] };
}

const DOCKER_ROOT = '/var/lib/docker';

/** dockerd's `data-root`. */
function dockerRoot(host: Host): string {
  const set = /"data-root"\s*:\s*"(\/[^"]+)"/.exec(host.readText('/etc/docker/daemon.json') ?? '');
  return set?.[1] ?? DOCKER_ROOT;
}

function isReadable(host: Host, folder: string): boolean {
  return host.list(folder).length > 0;
}

function readPodman(host: Host): Found {
  const storage = '/var/lib/containers/storage/overlay-containers';
  const list = host.readText(`${storage}/containers.json`);
  if (list === null) return NOTHING;
  const running = (id: string) => {
    const pid = readValue(host, `/run/containers/storage/overlay-containers/${id}/userdata/pidfile`);
    return pid !== null && readValue(host, `/proc/${pid}/comm`) !== null;
  };
  return { guests: podmanGuests(list, running), notes: [] };
}

function readLibvirt(host: Host): Found {
  const guests = [
    ['kvm', '/etc/libvirt/qemu', '/run/libvirt/qemu'],
    ['xen', '/etc/libvirt/libxl', '/run/libvirt/libxl'],
    ['lxc', '/etc/libvirt/lxc', '/run/libvirt/lxc'],
  ].flatMap(([driver = '', definitions = '', states = '']) => {
    const running = new Set(host.list(states));
    return host
      .list(definitions)
      .filter((name) => name.endsWith('.xml'))
      .flatMap((file) => {
        const xml = host.readText(`${definitions}/${file}`);
        const name = file.slice(0, -'.xml'.length);
        return xml === null ? [] : (libvirtGuest(xml, driver, running.has(`${name}.pid`)) ?? []);
      });
  });
  const hidden =
    guests.length === 0 &&
    host.list('/etc/libvirt').includes('qemu') &&
    !isReadable(host, '/etc/libvirt/qemu');
  return {
    guests,
    notes: hidden ? ['/etc/libvirt/qemu may only be read by root: virtual machines are missing'] : [],
  };
}

function readLxc(host: Host): Found {
  const root = '/var/lib/lxc';
  // A running container listens on an abstract socket named after its place.
  const sockets = host.readText('/proc/net/unix') ?? '';
  const guests = host.list(root).flatMap((name) => {
    const config = host.readText(`${root}/${name}/config`);
    return config === null ? [] : [lxcGuest(name, config, sockets.includes(`@${root}/${name}/command`))];
  });
  return { guests, notes: [] };
}

function readProxmox(host: Host): Found {
  const read = (folder: string, kind: 'qemu' | 'lxc') =>
    host
      .list(`/etc/pve/${folder}`)
      .filter((file) => /^\d+\.conf$/.test(file))
      .map((file) => {
        const id = file.slice(0, -'.conf'.length);
        const config = host.readText(`/etc/pve/${folder}/${file}`) ?? '';
        const pid = wholeNumber(readValue(host, `/run/qemu-server/${id}.pid`));
        const isRunning =
          kind === 'qemu' ? pid !== null && readValue(host, `/proc/${pid}/comm`) !== null : null;
        return proxmoxGuest(id, config, kind, isRunning);
      });
  return { guests: [...read('qemu-server', 'qemu'), ...read('lxc', 'lxc')], notes: [] };
}

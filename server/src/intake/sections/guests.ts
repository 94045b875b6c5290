/** virtualmachines → our section `guests`. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import { firstText, type Item, mebibytes, positive, sortedBy, text, unique } from '../values.ts';
import type { Context } from './context.ts';

type Guest = SectionData['guests']['guests'][number];

export const GUESTS_SOURCES = ['virtualmachines'] as const;
const CONTAINERS = /docker|podman|lxc|lxd|jail|systemd-nspawn|openvz|zone|wsl/i;

export function guestsPatch({ content }: Context): object {
  const guests = (content.virtualmachines ?? []).flatMap((item) => guestOf(item) ?? []);
  return {
    guests: sortedBy(
      unique(guests, ({ name, id }) => `${name}\0${id ?? ''}`),
      ({ name, id }) => `${name}\0${id ?? ''}`,
    ),
  };
}

function guestOf(item: Item): Guest | null {
  const name = firstText(item, 'name', 'uuid')?.slice(0, 256);
  if (name === undefined) return null;
  const hypervisor = firstText(item, 'vmtype', 'subsystem')?.toLowerCase() ?? null;
  return {
    name,
    id: text(item, 'uuid')?.toLowerCase() ?? null,
    kind:
      CONTAINERS.test(`${hypervisor ?? ''} ${text(item, 'subsystem') ?? ''}`) || text(item, 'image') !== null
        ? 'container'
        : 'virtual-machine',
    hypervisor,
    state: stateOf(text(item, 'status')),
    memoryBytes: mebibytes(item, 'memory'),
    cpus: positive(item, 'vcpu'),
    image: text(item, 'image'),
  };
}

function stateOf(status: string | null): Guest['state'] {
  if (status === null) return 'unknown';
  if (/^(running|blocked|idle)$/i.test(status)) return 'running';
  if (/^paused$/i.test(status)) return 'paused';
  return /^(crashed|dying)$/i.test(status) ? 'failed' : 'stopped';
}

/** Definitions of guests as their engines store them. Only name, id, limits and image are taken: never commands, environment or mounts. */
import * as z from 'zod';
import type { Guest } from './linux.ts';
import { parseDomainXml } from '../parsers/libvirt.ts';
import { cleanText } from '../text.ts';

const DockerConfig = z.object({
  Name: z.string(),
  Config: z.object({ Image: z.string().optional() }).optional(),
  State: z.object({ Running: z.boolean().optional(), Paused: z.boolean().optional() }).optional(),
});
const DockerLimits = z.object({ Memory: z.number().optional(), NanoCpus: z.number().optional() });

/** @param config config.v2.json @param limits hostconfig.json; null for a file of another form */
export function dockerGuest(id: string, config: string, limits: string | null): Guest | null {
  const parsed = DockerConfig.safeParse(json(config));
  if (!parsed.success) return null;
  const { Name, Config, State } = parsed.data;
  const limit = DockerLimits.safeParse(json(limits ?? '{}')).data;
  return {
    name: Name.replace(/^\//, ''),
    id,
    kind: 'container',
    hypervisor: 'docker',
    state: State?.Paused ? 'paused' : State?.Running ? 'running' : 'stopped',
    // 0 is no limit.
    memoryBytes: limit?.Memory || null,
    cpus: limit?.NanoCpus ? limit.NanoCpus / 1e9 : null,
    image: imageName(Config?.Image),
  };
}

/** An image named by its address may carry a password. */
function imageName(image: string | undefined): string | null {
  return cleanText(image?.replace(/^[^/]*@(?=[^/]*\/)/, ''));
}

const PodmanList = z.array(
  z.object({ id: z.string(), names: z.array(z.string()).optional(), metadata: z.string().optional() }),
);
const PodmanMetadata = z.object({ 'image-name': z.string().optional() });

export function podmanGuests(list: string, isRunning: (id: string) => boolean): Guest[] {
  const parsed = PodmanList.safeParse(json(list));
  if (!parsed.success) return [];
  return parsed.data.map(({ id, names, metadata }) => ({
    name: names?.[0] ?? id.slice(0, 12),
    id,
    kind: 'container' as const,
    hypervisor: 'podman',
    state: isRunning(id) ? ('running' as const) : ('stopped' as const),
    memoryBytes: null,
    cpus: null,
    image: imageName(PodmanMetadata.safeParse(json(metadata ?? '{}')).data?.['image-name']),
  }));
}

/** A domain of libvirt (formatdomain); null without a name. */
export function libvirtGuest(xml: string, driver: string, isRunning: boolean): Guest | null {
  const domain = parseDomainXml(xml);
  if (domain === null) return null;
  const { name, id, cpus, memoryBytes } = domain;
  return {
    name,
    id,
    kind: driver === 'lxc' ? 'container' : 'virtual-machine',
    hypervisor: domain.kind === 'libvirt' ? driver : domain.kind,
    state: isRunning ? 'running' : 'stopped',
    memoryBytes,
    cpus,
    image: null,
  };
}

/** Suffixes of sizes in the files of LXC. */
const UNIT_BYTES: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** lxc.container.conf(5). */
export function lxcGuest(name: string, config: string, isRunning: boolean): Guest {
  const limit = /^\s*lxc\.cgroup2?\.memory\.(?:max|limit_in_bytes)\s*=\s*(\d+)([KMG]?)/m.exec(config);
  return {
    name: cleanText(/^\s*lxc\.uts\.name\s*=\s*(.+)$/m.exec(config)?.[1]) ?? name,
    id: name,
    kind: 'container',
    hypervisor: 'lxc',
    state: isRunning ? 'running' : 'stopped',
    memoryBytes: limit ? Number(limit[1]) * (UNIT_BYTES[limit[2] ?? ''] ?? 1) : null,
    cpus: null,
    image: null,
  };
}

/** Proxmox VE: `key: value` up to the first snapshot. */
export function proxmoxGuest(
  id: string,
  config: string,
  kind: 'qemu' | 'lxc',
  isRunning: boolean | null,
): Guest {
  const now = config.split(/^\[/m)[0] ?? '';
  const value = (key: string) => cleanText(new RegExp(`^${key}:(.*)$`, 'm').exec(now)?.[1]);
  const cores = Number(value('cores') ?? '') || null;
  const sockets = Number(value('sockets') ?? '1') || 1;
  return {
    name: value('name') ?? value('hostname') ?? id,
    id: /uuid=([0-9a-f-]{36})/i.exec(value('smbios1') ?? '')?.[1]?.toLowerCase() ?? id,
    kind: kind === 'qemu' ? 'virtual-machine' : 'container',
    hypervisor: kind === 'qemu' ? 'kvm' : 'lxc',
    state: isRunning === null ? 'unknown' : isRunning ? 'running' : 'stopped',
    memoryBytes: (Number(value('memory') ?? '') || 0) * 2 ** 20 || null,
    cpus: cores === null ? null : cores * sockets,
    image: null,
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // A file that is just being written; the next inventory reads it whole.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

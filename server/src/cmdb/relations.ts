/** Edges of a machine: what it is made of, and which of its parts stand on one another. Pure. */
import type { ImpactItem as FullItem, Relation } from '@muster/shared/api/cmdb.ts';
import { toIso } from '@muster/shared/time.ts';
import type { z } from 'zod';
import type { Machine, Part } from './store.ts';

export type RelationRow = z.input<typeof Relation>;
export type ImpactItem = Pick<FullItem, 'id' | 'class' | 'name' | 'path'>;

/**
 * `composes` from the machine to each part, and what follows from the agent's words: a file system depends on the disk
 * its device lies on, the operating system on the file system it is started from.
 */
export function relationsOf(machine: Machine, parts: readonly Part[]): RelationRow[] {
  const disks = parts.filter((part) => part.class === 'Component' && termOf(part, 'kind').startsWith('disk'));
  const root = parts.find(
    (part) => part.class === 'FileSystem' && isRoot(termOf(part, 'mount') || part.name),
  );
  return [
    ...parts.map((part) => edge('composes', machine, part)),
    ...parts.flatMap((part) => {
      if (part.class === 'FileSystem') {
        const disk = diskOf(termOf(part, 'device'), disks);
        return disk ? [edge('dependsOn', part, disk)] : [];
      }
      return part.class === 'OperatingSystem' && root ? [edge('dependsOn', part, root)] : [];
    }),
  ];
}

/**
 * What a failure reaches along the edges that still are, nearest first: of a machine all its parts; of a part what depends on it, then the machine it
 * is a part of. `path` names the way.
 */
export function impactOf(id: string, recorded: readonly RelationRow[]): ImpactItem[] {
  const relations = recorded.filter(({ endedAt }) => endedAt === null);
  const reached = new Map<string, ImpactItem>();
  const [start] = relations.flatMap((each) =>
    each.fromId === id ? [each.fromName] : each.toId === id ? [each.toName] : [],
  );
  if (start === undefined) return [];
  const paths = new Map([[id, [start]]]);
  const isMachine = relations.some(({ type, fromId }) => type === 'composes' && fromId === id);
  const queue = [id];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    for (const each of relations) {
      const next = hit(each, at, isMachine && at === id);
      if (next === null || next.id === id || reached.has(next.id)) continue;
      const path = [...(paths.get(at) ?? []), next.name];
      paths.set(next.id, path);
      reached.set(next.id, { ...next, path });
      // What a machine's failure reaches it reaches by itself, not by way of a part.
      if (!isMachine) queue.push(next.id);
    }
  }
  return [...reached.values()];
}

/** The CI at the other end where the failure goes along this edge. */
function hit(
  { type, fromId, fromName, fromClass, toId, toName, toClass }: RelationRow,
  at: string,
  down: boolean,
): { id: string; name: string; class: string } | null {
  if (type === 'dependsOn' && toId === at) return { id: fromId, name: fromName, class: fromClass };
  if (type !== 'composes') return null;
  if (down && fromId === at) return { id: toId, name: toName, class: toClass };
  return !down && toId === at ? { id: fromId, name: fromName, class: fromClass } : null;
}

function edge(type: 'composes' | 'dependsOn', from: Machine | Part, to: Part): RelationRow {
  const ends = [from, to].flatMap((end) =>
    'removedAtMs' in end && end.removedAtMs !== null ? [end.removedAtMs] : [],
  );
  return {
    id: `${from.id}-${type}-${to.id}`,
    type,
    fromId: from.id,
    fromName: from.name,
    fromClass: from.class,
    toId: to.id,
    toName: to.name,
    toClass: to.class,
    source: 'agent',
    since: toIso(Math.max(from.createdAtMs, to.createdAtMs)),
    endedAt: ends.length === 0 ? null : toIso(Math.min(...ends)),
  };
}

function termOf(part: Part, name: string): string {
  const value = part.attributes[name]?.value;
  return typeof value === 'string' ? value : '';
}

function isRoot(mount: string): boolean {
  return mount === '/' || /^C:[\\/]?$/i.test(mount);
}

/** `/dev/nvme0n1p2` and `/dev/sda1` lie on the disks `nvme0n1` and `sda`; the longest name that fits counts. */
function diskOf(device: string, disks: readonly Part[]): Part | undefined {
  const name = device.replace(/^\/dev\//, '');
  // A disk whose name ends with a digit sets its partitions off by a letter.
  const fits = (disk: string) =>
    disk !== '' &&
    name.startsWith(disk) &&
    (/\d$/.test(disk) ? /^([ps]\d+)?$/ : /^\d*$/).test(name.slice(disk.length));
  return disks
    .filter((disk) => fits(termOf(disk, 'slot') || disk.name) || fits(disk.name))
    .sort((a, b) => b.name.length - a.name.length)[0];
}

import { expect, test } from 'vitest';
import { impactOf, relationsOf } from './relations.ts';
import type { HeldAttribute, Machine, Part } from './store.ts';

const held = (value: string): HeldAttribute => ({
  value,
  source: 'agent',
  observedAtMs: 0,
  section: null,
  lockedBy: null,
});

const machine: Machine = {
  id: 'ci_m',
  class: 'Server',
  subclass: null,
  classLocked: false,
  name: 'SRV',
  nameLocked: false,
  lifecycle: 'in_use',
  criticality: 3,
  assetNumber: null,
  owner: null,
  supportGroup: null,
  serviceHours: null,
  site: null,
  tags: [],
  agentId: null,
  placeholder: false,
  mergedInto: null,
  createdAtMs: 1_000,
  attributes: {},
};

const part = (partClass: Part['class'], name: string, attributes: Record<string, string> = {}): Part => ({
  id: `ci_${name}`,
  machineId: machine.id,
  class: partClass,
  section: 'hardware',
  name,
  keys: [],
  attributes: Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, held(value)])),
  absentReports: 0,
  createdAtMs: 2_000,
  removedAtMs: null,
});

const parts = [
  part('Component', 'sda', { kind: 'disk-ssd' }),
  part('Component', 'nvme0n1', { kind: 'disk-nvme' }),
  part('Component', 'nvme0n10', { kind: 'disk-nvme' }),
  part('Component', 'DIMM A1', { kind: 'memory' }),
  part('FileSystem', '/', { mount: '/', device: '/dev/nvme0n1p2' }),
  part('FileSystem', '/data', { mount: '/data', device: '/dev/sda1' }),
  part('FileSystem', '/net', { mount: '/net', device: 'nas:/export' }),
  part('OperatingSystem', 'Debian'),
];
const relations = relationsOf(machine, parts);
const depends = relations
  .filter(({ type }) => type === 'dependsOn')
  .map(({ fromName, toName }) => [fromName, toName]);

test('[CI20] a machine composes each part; since the younger of both', () => {
  const composes = relations.filter(({ type }) => type === 'composes');
  expect(composes.map(({ toName }) => toName)).toEqual(parts.map(({ name }) => name));
  expect(new Set(composes.map(({ since }) => since))).toEqual(new Set([new Date(2_000).toISOString()]));
});

test('[CI21] a file system depends on the disk of its device, the operating system on the root', () => {
  expect(depends).toEqual([
    ['/', 'nvme0n1'],
    ['/data', 'sda'],
    ['Debian', '/'],
  ]);
});

test('[CI21] a network share and a disk whose name only begins alike are no relation', () => {
  const other = relationsOf(machine, [
    part('Component', 'nvme0n1', { kind: 'disk-nvme' }),
    part('FileSystem', '/x', { mount: '/x', device: '/dev/nvme0n12' }),
  ]);
  // `nvme0n12` could be the twelfth namespace: partitions of NVMe disks carry a `p`.
  expect(other.filter(({ type }) => type === 'dependsOn')).toEqual([]);
});

test('[CI22] a disk reaches its file systems, what is started from them, and the machine', () => {
  expect(impactOf('ci_nvme0n1', relations).map(({ path }) => path)).toEqual([
    ['nvme0n1', 'SRV'],
    ['nvme0n1', '/'],
    ['nvme0n1', '/', 'Debian'],
  ]);
});

test('[CI22] a machine reaches all its parts by itself; an unknown CI reaches nothing', () => {
  expect(impactOf('ci_m', relations).map(({ path }) => path)).toEqual(parts.map(({ name }) => ['SRV', name]));
  expect(impactOf('ci_x', relations)).toEqual([]);
});

test('[CI22] what is gone has no edge that lasts, carries nothing and is reached by nothing', () => {
  const gone = { ...part('FileSystem', '/old', { mount: '/old', device: '/dev/sda2' }), removedAtMs: 9_000 };
  const around = relationsOf(machine, [...parts, gone]);
  const own = around.filter(({ fromId, toId }) => [fromId, toId].includes(gone.id));
  expect(own.map(({ type, endedAt }) => [type, endedAt])).toEqual([
    ['composes', new Date(9_000).toISOString()],
    ['dependsOn', new Date(9_000).toISOString()],
  ]);
  expect(impactOf(gone.id, around)).toEqual([]);
  expect(impactOf('ci_sda', around).map(({ name }) => name)).not.toContain('/old');
});

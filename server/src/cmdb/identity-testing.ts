/** A CMDB with reporters of both kinds, for tests of identity. */
import { createHash } from 'node:crypto';
import type { Snapshot } from '@muster/shared/inventory/sections.ts';
import { createFindings } from '../findings/findings.ts';
import { createRelationGraph } from '../relations/graph.ts';
import { createMemoryCmdbStore } from '../store/memory/cmdb.ts';
import { createMemoryFindingStore } from '../store/memory/findings.ts';
import { createCmdb } from './cmdb.ts';
import { createIdentityCare } from './identity-care.ts';
import { createMerging } from './merging.ts';
import type { EnrolmentScope, Reporter } from './reports.ts';
import type { CmdbStore } from './store.ts';

export type World = Awaited<ReturnType<typeof createWorld>>;

export const ACTOR = 'user:anna';
const NO_SCOPE: EnrolmentScope = { class: null, site: null, tags: [] };

export async function createWorld(store: CmdbStore = createMemoryCmdbStore()) {
  let next = 0;
  const newId = (prefix: string) => `${prefix}_${String(++next).padStart(6, '0')}`;
  const cmdb = await createCmdb({ store, newId, recordAudit: async () => {} });
  const graph = await createRelationGraph({ cmdb, store, newId });
  const merging = createMerging({ cmdb, store, graph, newId });
  const findingStore = createMemoryFindingStore();
  const failures: unknown[] = [];
  const care = createIdentityCare({
    cmdb,
    store,
    merging,
    findings: createFindings({ store: findingStore, newId }),
    newId,
    report: (_what, error) => void failures.push(error),
  });
  let nowMs = 1_000_000;

  async function report(
    reporter: Reporter,
    sections: Snapshot,
    options: {
      evidence?: boolean;
      scope?: Partial<EnrolmentScope>;
      complete?: boolean;
      waitMs?: number;
    } = {},
  ) {
    nowMs += options.waitMs ?? 1_000;
    const known = cmdb.identity.reporter(reporter.source, reporter.id)?.ciId ?? null;
    const entries = Object.entries(sections).map(([name, data]) => [
      name,
      { hash: hashOf(data), complete: options.complete ?? true, data },
    ]);
    return cmdb.applyInventory({
      reporter,
      hostname: '',
      scope: { ...NO_SCOPE, ...options.scope },
      reporterCiId: (options.evidence ?? true) ? known : null,
      body: { atMs: nowMs, sections: Object.fromEntries(entries) },
      nowMs,
    });
  }

  const history = async (ciId: string) => (await store.history({ machineId: ciId, limit: 500 })).items;
  const findings = async () => {
    await care.settled();
    return (await findingStore.find({ limit: 100 })).items.map(({ kind, ciId, state }) => ({
      kind,
      ciId,
      state,
    }));
  };
  const now = () => ++nowMs;
  return { store, cmdb, graph, merging, care, report, history, findings, failures, now };
}

export const agent = (id: string): Reporter => ({ source: 'agent', id });
export const other = (id: string): Reporter => ({ source: 'third-party', id });

export function hashOf(data: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(data) ?? '')
    .digest('hex');
}

interface MachineWords {
  readonly serial?: string | null;
  readonly uuid?: string | null;
  readonly board?: string | null;
  readonly maker?: string | null;
  readonly model?: string | null;
  readonly virtualisation?: string | null;
  readonly assetTag?: string | null;
}

export function hardware(words: MachineWords = {}): NonNullable<Snapshot['hardware']> {
  const { maker = 'Dell Inc.', model = 'Latitude 5420' } = words;
  return {
    system: {
      manufacturer: maker,
      model,
      version: null,
      serial: words.serial === undefined ? '7XK2Q93' : words.serial,
      uuid: words.uuid === undefined ? '4c4c4544-0031-4210-8034-b7c04f4c5931' : words.uuid,
      sku: null,
    },
    board: { manufacturer: maker, model: '0X', version: null, serial: words.board ?? null },
    bios: { vendor: 'Dell', version: '2.1', date: '2026-01-01' },
    chassis: {
      type: 'Notebook',
      manufacturer: maker,
      serial: null,
      assetTag: words.assetTag ?? null,
    },
    virtualisation: words.virtualisation ?? null,
    cpus: [],
    memoryBytes: 16 * 2 ** 30,
    memorySlots: null,
    memoryModules: [],
  };
}

export function os(
  hostname: string,
  machineId: string | null = null,
  domain: string | null = null,
): NonNullable<Snapshot['os']> {
  return {
    family: 'linux',
    name: 'Debian GNU/Linux',
    version: '13',
    codename: null,
    build: null,
    architecture: 'x86_64',
    kernel: '6.12.0',
    hostname,
    domain,
    machineId,
    bootId: null,
    bootedAtMs: null,
    installedAtMs: null,
    timeZone: null,
  };
}

type Port = Partial<NonNullable<Snapshot['network']>['interfaces'][number]>;

export function network(...ports: readonly (string | Port)[]): NonNullable<Snapshot['network']> {
  return {
    interfaces: ports.map((port, index) => ({
      name: `eno${index + 1}`,
      mac: typeof port === 'string' ? port : null,
      macPermanent: true,
      kind: 'ethernet' as const,
      virtual: false,
      removable: false,
      speedBitsPerSecond: null,
      mtu: 1500,
      state: 'up' as const,
      driver: null,
      addresses: [],
      ...(typeof port === 'string' ? {} : port),
    })),
    gateways: [],
    dnsServers: [],
  };
}

export function software(packages: Readonly<Record<string, string>>): NonNullable<Snapshot['software']> {
  return {
    packages: Object.entries(packages).map(([name, version]) => ({
      name,
      version,
      architecture: 'amd64',
      publisher: null,
      source: 'dpkg' as const,
      installedAtMs: null,
      sizeBytes: null,
    })),
  };
}

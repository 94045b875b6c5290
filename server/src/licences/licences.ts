/** Licences at work: what is entitled against what is installed, what ends soon, and who tells it. */
import type {
  Compliance,
  Licence,
  LicenceDetail,
  LicenceFields,
  LicenceMetric,
} from '@muster/shared/api/software.ts';
import { HOUR_MS, type Millis, MINUTE_MS } from '@muster/shared/time.ts';
import type { Cmdb } from '../cmdb/cmdb.ts';
import type { CiEdit } from '../cmdb/edit.ts';
import type { Ci, CmdbStore } from '../cmdb/store.ts';
import { AppError } from '../errors.ts';
import type { FindingNews } from '../findings/finding.ts';
import type { FindingsQueue } from '../findings/findings.ts';
import type { FindingStore } from '../findings/store.ts';
import type { RelationGraph } from '../relations/graph.ts';
import type { SoftwareRegister } from '../software/register.ts';
import type { HolderRow, SoftwareStore, StoredLicence } from '../software/store.ts';
import { familyOf } from '../software/version.ts';
import { allocate, type Demand, type Entitlement, licenceState } from './compliance.ts';

/** Figures are made anew after this. */
const FRESH_MS = MINUTE_MS;
const LOOK_EVERY_MS = HOUR_MS;
const HOLDERS_PER_READ = 2_000;
/** As many as one read of their holders takes. */
const PACKAGES_PER_READ = 400;
const CIS_PER_READ = 200;
const UNCOVERED_MAX = 100;

interface Pool {
  readonly atMs: Millis;
  readonly compliance: Compliance;
  readonly used: ReadonlyMap<string, number>;
  readonly uncovered: LicenceDetail['uncovered'];
}

interface LicencesDeps {
  readonly store: SoftwareStore;
  readonly register: SoftwareRegister;
  readonly cmdb: Pick<Cmdb, 'create' | 'edit'>;
  readonly cmdbStore: Pick<CmdbStore, 'cis' | 'ci'>;
  readonly graph: Pick<RelationGraph, 'from' | 'to'>;
  readonly findings: FindingsQueue;
  readonly findingStore: Pick<FindingStore, 'latest'>;
  readonly breathe: () => Promise<void>;
}

export interface Licences {
  all(nowMs: Millis): Promise<{ items: Licence[]; compliance: Compliance[] }>;
  /** @throws AppError not-found */
  one(id: string, nowMs: Millis): Promise<LicenceDetail>;
  /** @throws AppError */
  create(fields: LicenceFields, actor: string, nowMs: Millis): Promise<string>;
  /** @throws AppError */
  update(id: string, fields: LicenceFields, actor: string, nowMs: Millis): Promise<void>;
  /** Once a second; looks once an hour. */
  tick(nowMs: Millis): Promise<void>;
}

export function createLicences(deps: LicencesDeps): Licences {
  const { store, register, cmdb, cmdbStore, graph, findings, findingStore, breathe } = deps;
  const pools = new Map<string, Pool>();
  let lookedMs = Number.NEGATIVE_INFINITY;

  async function installsOf(productId: string): Promise<Map<string, HolderRow[]>> {
    const byMachine = new Map<string, HolderRow[]>();
    const ids = register.packageIds(productId);
    for (let from = 0; from < ids.length; from += PACKAGES_PER_READ)
      await addHolders(byMachine, productId, ids.slice(from, from + PACKAGES_PER_READ));
    return byMachine;
  }

  async function addHolders(
    byMachine: Map<string, HolderRow[]>,
    productId: string,
    ids: readonly number[],
  ): Promise<void> {
    let cursor: string | null | undefined;
    do {
      const page = await store.holders(ids, { limit: HOLDERS_PER_READ, ...(cursor ? { cursor } : {}) });
      for (const row of page.items) {
        const known = register.package(row.packageId);
        // A package may be of another product where its publisher differs.
        if (
          !known ||
          register.productIdOf({ ...known, version: row.version, publisher: row.publisher }) !== productId
        )
          continue;
        const held = byMachine.get(row.machineId);
        if (held) held.push(row);
        else byMachine.set(row.machineId, [row]);
      }
      cursor = page.nextCursor;
      await breathe();
    } while (cursor);
  }

  async function machinesOf(ids: readonly string[]): Promise<Ci[]> {
    const cis: Ci[] = [];
    for (let from = 0; from < ids.length; from += CIS_PER_READ) {
      cis.push(...(await cmdbStore.cis(ids.slice(from, from + CIS_PER_READ))));
      await breathe();
    }
    return cis.filter(
      ({ lifecycle, mergedInto }) =>
        lifecycle !== 'retired' && lifecycle !== 'disposed' && mergedInto === null,
    );
  }

  async function poolOf(productId: string, metric: LicenceMetric, nowMs: Millis): Promise<Pool> {
    const key = `${productId} ${metric}`;
    const known = pools.get(key);
    if (known && nowMs - known.atMs < FRESH_MS) return known;
    const installs = await installsOf(productId);
    const machines = await machinesOf([...installs.keys()]);
    const demands = new Map<string, Demand>();
    let unknown = 0;
    for (const machine of machines) {
      const rows = installs.get(machine.id) ?? [];
      const versions = rows.map(({ version, packageId }) => ({
        version,
        family: familyOf(register.package(packageId)?.source ?? 'other'),
      }));
      const person = personOf(machine);
      const units = metric === 'core' ? machine.attributes['cpuCores']?.value : 1;
      if (typeof units !== 'number' || (metric === 'user' && person === null)) {
        unknown++;
        continue;
      }
      const id = metric === 'user' && person !== null ? person : machine.id;
      const before = demands.get(id);
      demands.set(id, {
        id,
        holders: [
          ...(before?.holders ?? []),
          machine.id,
          ...graph.from(machine.id, 'assignedTo').map(({ toId }) => toId),
        ],
        units,
        versions: [...(before?.versions ?? []), ...versions],
      });
    }
    const stored = (await store.licences()).filter(
      (one) =>
        register.resolve(one.productId) === productId && one.metric === metric && isInForce(one, nowMs),
    );
    const entitlements = stored.map(entitlementOf);
    const { used, uncovered } = allocate([...demands.values()], entitlements);
    const endless = stored.some(({ quantity }) => quantity === null || metric === 'site');
    const installed = sum([...demands.values()].map(({ units }) => units));
    const short = sum(uncovered.values());
    const entitled = endless ? null : sum(stored.map(({ quantity }) => quantity ?? 0));
    const nameOf = new Map(machines.map(({ id, name }) => [id, name]));
    const pool: Pool = {
      atMs: nowMs,
      used,
      uncovered: [...uncovered.keys()].slice(0, UNCOVERED_MAX).map((id) => ({
        id,
        name: nameOf.get(id) ?? id.replace(/^login:/, ''),
        version: demands.get(id)?.versions[0]?.version ?? '',
      })),
      compliance: {
        productId,
        productName: register.nameOf(productId) ?? stored[0]?.name ?? productId,
        metric,
        entitled,
        installed,
        covered: installed - short,
        short,
        spare: entitled === null ? null : entitled - (installed - short),
        unknown,
      },
    };
    pools.set(key, pool);
    return pool;
  }

  /** Who the machine is for: a person said so, else who sat there last; null: nobody knows. */
  function personOf(machine: Ci): string | null {
    const [assigned] = graph.from(machine.id, 'assignedTo');
    if (assigned) return assigned.toId;
    const last = machine.attributes['lastUser']?.value;
    return typeof last === 'string' && last !== '' ? `login:${last.toLowerCase()}` : null;
  }

  function entitlementOf(licence: StoredLicence): Entitlement {
    return { ...licence, assigned: new Set(graph.to(licence.id, 'licensedBy').map(({ fromId }) => fromId)) };
  }

  async function shown(licence: StoredLicence, nowMs: Millis): Promise<Licence> {
    const { used } = await poolOf(register.resolve(licence.productId), licence.metric, nowMs);
    return {
      ...licence,
      productName: register.nameOf(licence.productId) ?? licence.name,
      state: licenceState(licence, nowMs),
      assigned: graph.to(licence.id, 'licensedBy').length,
      used: used.get(licence.id) ?? 0,
    };
  }

  async function tell(news: FindingNews, isSo: boolean, nowMs: Millis): Promise<void> {
    const known = await findingStore.latest(news.kind, news.key);
    if (!isSo) {
      if (known?.state === 'open') await findings.settle(news.kind, news.key, 'system', nowMs);
      return;
    }
    const same = known && JSON.stringify(known.evidence) === JSON.stringify(news.evidence);
    if (!same || known.state === 'resolved') await findings.raise(news, nowMs);
  }

  async function look(nowMs: Millis): Promise<void> {
    pools.clear();
    const { items, compliance } = await all(nowMs);
    for (const { id, name, endsOn, state } of items) {
      const over = state === 'expired';
      await tell(
        {
          kind: 'licence-expiring',
          key: id,
          ciId: id,
          title: {
            en: over
              ? `The licence ${name} has expired on ${endsOn}`
              : `The licence ${name} ends on ${endsOn}`,
            zh: over ? `许可证“${name}”已于 ${endsOn} 到期` : `许可证“${name}”将于 ${endsOn} 到期`,
          },
          evidence: { endsOn, state },
        },
        over || state === 'expiring',
        nowMs,
      );
    }
    for (const { productId, productName, metric, short, installed, entitled, unknown } of compliance) {
      const { uncovered } = await poolOf(productId, metric, nowMs);
      await tell(
        {
          kind: 'software-unlicensed',
          key: `${productId}:${metric}`,
          ciId: null,
          title: {
            en: `${productName}: ${short} more in use than licensed (${installed} of ${entitled ?? '∞'})`,
            zh: `${productName}：超出许可 ${short}（已用 ${installed}，许可 ${entitled ?? '不限'}）`,
          },
          evidence: {
            productId,
            metric,
            entitled,
            installed,
            short,
            unknown,
            items: uncovered.map(({ name, version }) => ({ name, after: version })),
          },
        },
        short > 0,
        nowMs,
      );
    }
  }

  async function all(nowMs: Millis): ReturnType<Licences['all']> {
    const stored = await store.licences();
    const items: Licence[] = [];
    const compliance = new Map<string, Compliance>();
    for (const licence of stored) {
      items.push(await shown(licence, nowMs));
      const productId = register.resolve(licence.productId);
      const pool = await poolOf(productId, licence.metric, nowMs);
      compliance.set(`${productId} ${licence.metric}`, pool.compliance);
    }
    return {
      items: items.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      compliance: [...compliance.values()],
    };
  }

  function requireSense(fields: LicenceFields): void {
    if (register.nameOf(fields.productId) === null)
      throw new AppError('not-found', `There is no product ${fields.productId}.`);
    if (fields.startsOn !== null && fields.endsOn !== null && fields.endsOn < fields.startsOn)
      throw new AppError('input-invalid', 'The licence ends before it begins.');
  }

  return {
    all,
    async one(id, nowMs) {
      const licence = (await store.licences()).find((one) => one.id === id);
      if (!licence) throw new AppError('not-found', `There is no licence ${id}.`);
      const pool = await poolOf(register.resolve(licence.productId), licence.metric, nowMs);
      const edges = graph.to(id, 'licensedBy');
      const holders = new Map(
        (await cmdbStore.cis(edges.map(({ fromId }) => fromId))).map((ci) => [ci.id, ci]),
      );
      return {
        ...(await shown(licence, nowMs)),
        assignments: edges.map((edge) => ({
          relationId: edge.id,
          id: edge.fromId,
          name: holders.get(edge.fromId)?.name ?? edge.fromId,
          class: holders.get(edge.fromId)?.class ?? '',
        })),
        compliance: pool.compliance,
        uncovered: pool.uncovered,
      };
    },
    async create(fields, actor, nowMs) {
      requireSense(fields);
      const ci = await cmdb.create(
        { class: 'Licence', name: fields.name, edit: editOf(fields) },
        actor,
        nowMs,
      );
      await store.putLicence({ ...fields, id: ci.id });
      pools.clear();
      lookedMs = Number.NEGATIVE_INFINITY;
      return ci.id;
    },
    async update(id, fields, actor, nowMs) {
      requireSense(fields);
      if (!(await store.licences()).some((one) => one.id === id))
        throw new AppError('not-found', `There is no licence ${id}.`);
      await cmdb.edit(id, { name: fields.name, ...editOf(fields) }, actor, nowMs);
      await store.putLicence({ ...fields, id });
      pools.clear();
      lookedMs = Number.NEGATIVE_INFINITY;
    },
    async tick(nowMs) {
      // What is not counted yet would look like nothing installed.
      if (nowMs - lookedMs < LOOK_EVERY_MS || register.counting() !== null) return;
      lookedMs = nowMs;
      await look(nowMs);
    },
  };
}

function editOf({ licenceNumber, cost, currency }: LicenceFields): Pick<CiEdit, 'set'> {
  return { set: { licenceNumber, cost, currency } };
}

function isInForce(licence: StoredLicence, nowMs: Millis): boolean {
  const state = licenceState(licence, nowMs);
  return state === 'current' || state === 'expiring';
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const each of numbers) total += each;
  return total;
}

/** HTTP operations of the register of software, its rules and the licences. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { SoftwareRule } from '@muster/shared/api/software.ts';
import { type Millis, toIso } from '@muster/shared/time.ts';
import type { CmdbStore } from '../cmdb/store.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { AppError } from '../errors.ts';
import type { FindingsQueue } from '../findings/findings.ts';
import type { FindingStore } from '../findings/store.ts';
import type { Routes } from '../http/routes.ts';
import type { Licences } from '../licences/licences.ts';
import type { SoftwareRegister } from './register.ts';
import type { SoftwareWatch } from './software-watch.ts';
import type { SoftwareStore, StoredRule } from './store.ts';

interface SoftwareRouteDeps {
  readonly register: SoftwareRegister;
  readonly watch: SoftwareWatch;
  readonly licences: Licences;
  readonly store: SoftwareStore;
  readonly cmdbStore: Pick<CmdbStore, 'confirmations'>;
  readonly findings: Pick<FindingsQueue, 'settle'>;
  readonly findingStore: Pick<FindingStore, 'find'>;
  readonly newId: (prefix: string, nowMs: Millis) => string;
  /** Machines are looked at behind the answer. */
  readonly behind: (work: () => Promise<void>) => void;
}

const FINDINGS_PER_READ = 500;

export function addSoftwareRoutes(routes: Routes, deps: SoftwareRouteDeps): void {
  const { register, watch, licences, store, cmdbStore, findings, findingStore, newId, behind } = deps;

  routes.add(ENDPOINTS.listSoftware, async ({ query }) => {
    const { limit, cursor, outdated, ...filter } = query;
    const all = register.list({ ...filter, outdated: outdated === '1' });
    const from = cursor ? Number(decodeCursor(cursor, 1)[0]) : 0;
    const to = from + limit;
    return {
      items: all.slice(from, to),
      nextCursor: to < all.length ? encodeCursor([String(to)]) : null,
      total: all.length,
      counting: register.counting(),
    };
  });

  routes.add(ENDPOINTS.getSoftware, async ({ params }) => register.detail(params.id));

  routes.add(ENDPOINTS.listSoftwareInstalls, async ({ params, query }) => {
    const { id } = register.detail(params.id);
    const packageIds = register.packageIds(id);
    const page = await store.holders(packageIds, {
      limit: query.limit,
      ...(query.cursor ? { cursor: query.cursor } : {}),
      ...(query.version === undefined ? {} : { version: query.version }),
    });
    const seen = await cmdbStore.confirmations(page.items.map(({ machineId }) => machineId));
    const items = page.items.flatMap((row) => {
      const known = register.package(row.packageId);
      if (!known || register.productIdOf({ ...known, version: row.version, publisher: row.publisher }) !== id)
        return [];
      const seenMs = seen.get(row.machineId)?.software;
      return {
        ci: { id: row.machineId, name: row.machineName, class: row.machineClass },
        package: known.name,
        version: row.version,
        publisher: row.publisher,
        source: known.source,
        firstSeenAt: toIso(row.firstSeenAtMs),
        lastSeenAt: seenMs === undefined ? null : toIso(seenMs),
        lastUsedAt: null,
      };
    });
    return { items, nextCursor: page.nextCursor };
  });

  routes.add(ENDPOINTS.nameSoftware, async ({ params, body }) => {
    await register.rename(params.id, body.name);
    return register.detail(params.id);
  });

  routes.add(ENDPOINTS.mergeSoftware, async ({ params, body }) => {
    await register.merge(params.id, body.into);
    return register.detail(params.id);
  });

  /** Open findings by the rule that found them, in one reading. */
  async function openByRule(): Promise<Map<unknown, { key: string }[]>> {
    const found = new Map<unknown, { key: string }[]>();
    let cursor: string | null | undefined;
    do {
      const page = await findingStore.find({
        kind: 'software-denied',
        state: 'open',
        limit: FINDINGS_PER_READ,
        ...(cursor ? { cursor } : {}),
      });
      for (const { key, evidence } of page.items) {
        const held = found.get(evidence['ruleId']);
        if (held) held.push({ key });
        else found.set(evidence['ruleId'], [{ key }]);
      }
      cursor = page.nextCursor;
    } while (cursor);
    return found;
  }

  async function shown(rules: readonly StoredRule[]): Promise<SoftwareRule[]> {
    const open = await openByRule();
    return rules.map((rule) => ({ ...rule, open: open.get(rule.id)?.length ?? 0 }));
  }

  async function one(rule: StoredRule): Promise<SoftwareRule> {
    return { ...rule, open: (await openByRule()).get(rule.id)?.length ?? 0 };
  }

  routes.add(ENDPOINTS.listSoftwareRules, async () => ({
    items: await shown(await store.rules()),
    checking: watch.checking(),
  }));

  async function set(rule: StoredRule): Promise<SoftwareRule> {
    await store.putRule(rule);
    watch.forgetRules();
    behind(() => watch.lookForRule(rule));
    return one(rule);
  }

  async function requireRule(id: string): Promise<void> {
    if (!(await store.rules()).some((rule) => rule.id === id))
      throw new AppError('not-found', `There is no rule ${id}.`);
  }

  routes.add(ENDPOINTS.createSoftwareRule, async ({ body }, { nowMs }) =>
    set({ ...body, id: newId('swr', nowMs) }),
  );

  routes.add(ENDPOINTS.updateSoftwareRule, async ({ params, body }) => {
    await requireRule(params.id);
    return set({ ...body, id: params.id });
  });

  routes.add(ENDPOINTS.deleteSoftwareRule, async ({ params }, { actor, nowMs }) => {
    await requireRule(params.id);
    await store.deleteRule(params.id);
    watch.forgetRules();
    for (const { key } of (await openByRule()).get(params.id) ?? [])
      await findings.settle('software-denied', key, actor.name, nowMs);
    return {};
  });

  routes.add(ENDPOINTS.previewSoftwareRule, async ({ body }) => watch.preview(body));

  routes.add(ENDPOINTS.listLicences, async (_input, { nowMs }) => licences.all(nowMs));
  routes.add(ENDPOINTS.getLicence, async ({ params }, { nowMs }) => licences.one(params.id, nowMs));
  routes.add(ENDPOINTS.createLicence, async ({ body }, { actor, nowMs }) =>
    licences.one(await licences.create(body, actor.name, nowMs), nowMs),
  );
  routes.add(ENDPOINTS.updateLicence, async ({ params, body }, { actor, nowMs }) => {
    await licences.update(params.id, body, actor.name, nowMs);
    return licences.one(params.id, nowMs);
  });
}

/** HTTP operations of judging the record otherwise. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { Reclassification } from '@muster/shared/api/reclassifications.ts';
import { roleHas } from '@muster/shared/api/rights.ts';
import { toIso } from '@muster/shared/time.ts';
import type { CiDirectory } from '../cmdb/directory.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { AppError } from '../errors.ts';
import type { Actor, Routes } from '../http/routes.ts';
import type { NodeDirectory } from '../relations/nodes.ts';
import type { ReclassificationRecord } from './agreements-store.ts';
import { correctedSince, mayDecide } from './reclassifications.ts';
import type { Reclassifications } from './reclassifications.ts';
import type { ServiceAvailability } from './service-availability.ts';
import type { AvailabilityStore } from './store.ts';

interface ReclassificationRouteDeps {
  readonly reclassifications: Reclassifications;
  readonly directory: CiDirectory;
  readonly nodes: Pick<NodeDirectory, 'get'>;
  readonly services: Pick<ServiceAvailability, 'isService'>;
  readonly store: Pick<AvailabilityStore, 'intervals'>;
}

export function addReclassificationRoutes(
  routes: Routes,
  { reclassifications, directory, nodes, services, store }: ReclassificationRouteDeps,
): void {
  async function correctedAt(record: ReclassificationRecord): Promise<string | null> {
    if (record.state !== 'pending' || !directory.get(record.ciId)) return null;
    const atMs = correctedSince(await store.intervals(record.ciId, record.fromMs, record.toMs), record);
    return atMs === null ? null : toIso(atMs);
  }

  async function shown(record: ReclassificationRecord, { name, role }: Actor): Promise<Reclassification> {
    const { fromMs, toMs, requestedAtMs, decidedAtMs, ...rest } = record;
    return {
      ...rest,
      ciName: directory.get(record.ciId)?.name ?? nodes.get(record.ciId)?.name ?? record.ciId,
      from: toIso(fromMs),
      to: toIso(toMs),
      requestedAt: toIso(requestedAtMs),
      decidedAt: decidedAtMs === null ? null : toIso(decidedAtMs),
      correctedAt: await correctedAt(record),
      mayDecide: mayDecide(record, name) && roleHas(role, 'availability.approve'),
      mayWithdraw: record.state === 'pending' && record.requestedBy === name,
    };
  }

  routes.add(ENDPOINTS.listReclassifications, async ({ query }, { actor }) => {
    const all = reclassifications.all();
    const [after] = query.cursor === undefined ? [] : decodeCursor(query.cursor, 1);
    const found = all.filter(
      ({ id, ciId, state }) =>
        (query.ci === undefined || ciId === query.ci) &&
        (query.state === undefined || state === query.state) &&
        (after === undefined || id < after),
    );
    const page = found.slice(0, query.limit);
    const last = page.at(-1);
    return {
      items: await Promise.all(page.map((record) => shown(record, actor))),
      nextCursor: last && found.length > page.length ? encodeCursor([last.id]) : null,
      pending: all.filter(({ state }) => state === 'pending').length,
    };
  });

  routes.add(ENDPOINTS.requestReclassification, async ({ body }, { actor, nowMs }) => {
    const { ciId, from, to, as, reason } = body;
    if (!directory.get(ciId) && !services.isService(ciId))
      throw new AppError('not-found', `There is no machine and no service ${ciId}.`);
    const wish = { ciId, fromMs: Date.parse(from), toMs: Date.parse(to), as, reason };
    return shown(await reclassifications.request(wish, actor.name, nowMs), actor);
  });

  routes.add(ENDPOINTS.decideReclassification, async ({ params, body }, { actor, nowMs }) =>
    shown(await reclassifications.decide(params.id, body, actor.name, nowMs), actor),
  );

  routes.add(ENDPOINTS.withdrawReclassification, async ({ params }, { actor, nowMs }) =>
    shown(await reclassifications.withdraw(params.id, actor.name, nowMs), actor),
  );

  routes.add(ENDPOINTS.undoReclassification, async ({ params, body }, { actor, nowMs }) =>
    shown(await reclassifications.undo(params.id, body.reason, actor.name, nowMs), actor),
  );
}

/** HTTP operations of availability targets. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { Routes } from '../http/routes.ts';
import type { Targets } from './targets.ts';

export function addTargetRoutes(routes: Routes, { targets }: { readonly targets: Targets }): void {
  routes.add(ENDPOINTS.listTargets, async ({ query }, { nowMs }) => ({
    items: await targets.list(nowMs, query.ci),
  }));
  routes.add(ENDPOINTS.createTarget, ({ body }, { actor, nowMs }) => targets.create(body, actor.name, nowMs));
  routes.add(ENDPOINTS.updateTarget, ({ params, body }, { actor, nowMs }) =>
    targets.update(params.id, body, actor.name, nowMs),
  );
  routes.add(ENDPOINTS.deleteTarget, async ({ params }) => {
    await targets.remove(params.id);
    return {};
  });
}

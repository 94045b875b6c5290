/** HTTP operations of saved views. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { type View, VIEWS_PER_PERSON_MAX } from '@muster/shared/api/machines.ts';
import { roleHas } from '@muster/shared/api/rights.ts';
import { toIso } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import type { Actor, Routes } from '../http/routes.ts';
import { newId } from '../ids.ts';
import type { ViewRecord, ViewStore } from './store.ts';

export function addViewRoutes(routes: Routes, { store }: { readonly store: ViewStore }): void {
  /** A view that the actor may change; others' private views are as if they were not there. */
  async function requireView(id: string, actor: Actor): Promise<ViewRecord> {
    const view = await store.view(id);
    const mine = view?.owner === actor.name;
    if (!view || (!mine && !view.shared)) throw new AppError('not-found', `There is no view ${id}.`);
    if (!mine) requireSharing(actor);
    return view;
  }

  routes.add(ENDPOINTS.listViews, async (_input, { actor }) => ({
    items: (await store.viewsFor(actor.name)).map((view) => shown(view, actor)),
  }));

  routes.add(ENDPOINTS.createView, async ({ body }, { actor, nowMs }) => {
    if (body.shared) requireSharing(actor);
    const own = (await store.viewsFor(actor.name)).filter(({ owner }) => owner === actor.name);
    if (own.length >= VIEWS_PER_PERSON_MAX)
      throw new AppError('views-full', `${VIEWS_PER_PERSON_MAX} views are the most one person can keep.`);
    const view: ViewRecord = { id: newId('view', nowMs), owner: actor.name, ...body, updatedAtMs: nowMs };
    await store.putView(view);
    return shown(view, actor);
  });

  routes.add(ENDPOINTS.updateView, async ({ params, body }, { actor, nowMs }) => {
    const before = await requireView(params.id, actor);
    // Also an own one: its owner may have lost the right since.
    if (body.shared ?? before.shared) requireSharing(actor);
    const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
    const view: ViewRecord = { ...before, ...given, updatedAtMs: nowMs };
    await store.putView(view);
    return shown(view, actor);
  });

  routes.add(ENDPOINTS.deleteView, async ({ params }, { actor }) => {
    const view = await requireView(params.id, actor);
    await store.deleteView(view.id);
    return {};
  });
}

/** @throws AppError forbidden */
function requireSharing({ role }: Actor): void {
  if (!roleHas(role, 'views.share'))
    throw new AppError('forbidden', `The role ${role} has no right views.share.`);
}

function shown({ updatedAtMs, ...view }: ViewRecord, actor: Actor): View {
  return {
    ...view,
    hiddenColumns: view.hiddenColumns && [...view.hiddenColumns],
    mine: view.owner === actor.name,
    updatedAt: toIso(updatedAtMs),
  };
}

/** `/releases`, `/release-trust`, `/rollouts` and `/agents/:id/pin`. */
import { type Release, type Rollout, rolloutsEndpoints as endpoints } from '@muster/shared/api/rollouts.ts';
import { type Millis, toIso } from '@muster/shared/time.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { FleetStore } from '../fleet/store.ts';
import type { Routes } from '../http/routes.ts';
import { releaseKeyFingerprint } from '../release/keys.ts';
import type { KeptRelease, ReleaseCatalogue } from '../releases/catalogue.ts';
import type { Rollouts } from './rollouts.ts';
import type { RolloutRecord } from './store.ts';

export function addRolloutRoutes(
  routes: Routes,
  deps: {
    readonly rollouts: Rollouts;
    readonly catalogue: Pick<ReleaseCatalogue, 'list' | 'key' | 'refused'>;
    readonly agents: Pick<FleetStore, 'releaseCounts'>;
  },
): void {
  const { rollouts, catalogue, agents } = deps;

  routes.add(endpoints.listReleases, async ({ query: { limit, cursor } }) => {
    const below = cursor === undefined ? Number.POSITIVE_INFINITY : Number(decodeCursor(cursor, 1)[0]);
    const rest = (await catalogue.list()).filter(({ manifest }) => manifest.serial < below);
    const counts = await agents.releaseCounts();
    const items = rest.slice(0, limit).map((release) => releaseView(release, counts));
    const last = items.at(-1);
    return { items, nextCursor: rest.length > limit && last ? encodeCursor([String(last.serial)]) : null };
  });
  routes.add(endpoints.getReleaseTrust, async () => {
    await catalogue.list();
    const { key } = catalogue;
    return { keyFingerprint: key && releaseKeyFingerprint(key), refused: [...catalogue.refused()] };
  });
  routes.add(endpoints.deleteRelease, async ({ params }) => {
    await catalogue.list();
    await rollouts.removeRelease(params.serial);
    return {};
  });
  routes.add(endpoints.listRollouts, async ({ query: { limit, cursor } }) => {
    const { items, nextCursor } = await rollouts.list({ limit, cursor });
    return { items: items.map(rolloutView), nextCursor };
  });
  routes.add(endpoints.previewRollout, async ({ body }) => {
    await catalogue.list();
    return rollouts.preview(body);
  });
  routes.add(endpoints.createRollout, async ({ body }, { actor, nowMs }) => {
    await catalogue.list();
    return rolloutView(await rollouts.create(body, actor.name, nowMs));
  });
  routes.add(endpoints.getRollout, async ({ params }) => rolloutView(await rollouts.get(params.id)));
  routes.add(endpoints.listRolloutAgents, async ({ params, query: { limit, cursor, state, ring } }) => {
    const { items, nextCursor } = await rollouts.agents(params.id, { limit, cursor, state, ring });
    return { items: [...items], nextCursor };
  });
  routes.add(endpoints.moveRollout, async ({ params, body }, { actor, nowMs }) =>
    rolloutView(await rollouts.move(params.id, body.to, { note: body.note, actor: actor.name }, nowMs)),
  );
  routes.add(endpoints.pinAgent, async ({ params, body }, { actor, nowMs }) => {
    await rollouts.pin(params.id, body.pinned, { note: body.note, actor: actor.name }, nowMs);
    return {};
  });
}

function releaseView({ manifest, addedAtMs }: KeptRelease, counts: ReadonlyMap<number, number>): Release {
  const { serial, version, development, files } = manifest;
  return {
    serial,
    version,
    development,
    addedAt: toIso(addedAtMs),
    files: files.map(({ name, platform, bytes }) => ({ name, platform, bytes })),
    agents: counts.get(serial) ?? 0,
  };
}

function rolloutView({ createdAtMs, endedAtMs, rings, skipped, reason, ...record }: RolloutRecord): Rollout {
  return {
    ...record,
    reason: reason && { ...reason, step: reason.step ?? null },
    createdAt: toIso(createdAtMs),
    endedAt: isoOrNull(endedAtMs),
    rings: rings.map(({ startedAtMs, watchUntilMs, endedAtMs: ringEndedMs, ...ring }) => ({
      ...ring,
      counts: { ...ring.counts },
      startedAt: isoOrNull(startedAtMs),
      watchUntil: isoOrNull(watchUntilMs),
      endedAt: isoOrNull(ringEndedMs),
    })),
    skipped: skipped.map((some) => ({ ...some })),
  };
}

function isoOrNull(atMs: Millis | null): string | null {
  return atMs === null ? null : toIso(atMs);
}

/** HTTP operations of the change records and of the change policy. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { Change } from '@muster/shared/api/changes.ts';
import { roleHas } from '@muster/shared/api/rights.ts';
import { type Millis, toIso } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import type { Actor, Routes } from '../http/routes.ts';
import { type ChangeFields, type Changes, mayDecide } from './changes.ts';
import { POLICY_DEFAULT } from './judge.ts';
import type { ChangeRecord, ChangeStore } from './store.ts';

interface ChangesRouteDeps {
  readonly changes: Changes;
  readonly store: ChangeStore;
  /** Names of CIs; those that are not known are left out. */
  readonly ciNames: (ids: readonly string[]) => Promise<ReadonlyMap<string, { name: string; class: string }>>;
  readonly onPolicy: () => void;
  /** CIs that turned out to be this one. */
  readonly mergedIn: (ciId: string) => readonly string[];
  /** After a change was approved, rejected or cancelled. */
  readonly onDecided: (change: ChangeRecord, actor: string, nowMs: Millis) => Promise<void>;
}

export function addChangesRoutes(
  routes: Routes,
  { changes, store, ciNames, onPolicy, onDecided, mergedIn }: ChangesRouteDeps,
): void {
  async function shown(records: readonly ChangeRecord[], actor: Actor): Promise<Change[]> {
    const names = await ciNames(records.flatMap(({ ciIds }) => ciIds));
    return records.map((record) => {
      const { startsAtMs, endsAtMs, requestedAtMs, decidedAtMs, ciIds, ...rest } = record;
      return {
        ...rest,
        kinds: [...record.kinds],
        tags: [...record.tags],
        cis: ciIds.map((id) => ({ id, ...(names.get(id) ?? { name: id, class: '' }) })),
        startsAt: toIso(startsAtMs),
        endsAt: toIso(endsAtMs),
        requestedAt: toIso(requestedAtMs),
        decidedAt: decidedAtMs === null ? null : toIso(decidedAtMs),
        mayDecide: mayDecide(record, actor.name) && roleHas(actor.role, 'changes.approve'),
      };
    });
  }

  async function one(record: ChangeRecord, actor: Actor): Promise<Change> {
    const [change] = await shown([record], actor);
    return change as Change;
  }

  async function requireCis(ids: readonly string[]): Promise<void> {
    const names = await ciNames(ids);
    const missing = ids.find((id) => !names.has(id));
    if (missing !== undefined) throw new AppError('not-found', `There is no configuration item ${missing}.`);
  }

  routes.add(ENDPOINTS.listChanges, async ({ query }, { actor }) => {
    const { state, limit, cursor, ci } = query;
    const page = await store.find({
      limit,
      ...(state ? { state } : {}),
      ...(ci ? { ciId: ci, alsoOf: mergedIn(ci) } : {}),
      ...(cursor ? { cursor } : {}),
    });
    return { items: await shown(page.items, actor), nextCursor: page.nextCursor };
  });

  routes.add(ENDPOINTS.getChange, async ({ params }, { actor }) => {
    const record = await store.change(params.id);
    if (!record) throw new AppError('not-found', `There is no change ${params.id}.`);
    return one(record, actor);
  });

  routes.add(ENDPOINTS.createChange, async ({ body }, { actor, nowMs }) => {
    await requireCis(body.ciIds);
    const { startsAt, endsAt, ...rest } = body;
    const window = { startsAtMs: Date.parse(startsAt), endsAtMs: Date.parse(endsAt) };
    return one(await changes.request({ ...rest, ...window }, actor.name, nowMs), actor);
  });

  routes.add(ENDPOINTS.updateChange, async ({ params, body }, { actor }) => {
    if (body.ciIds) await requireCis(body.ciIds);
    const { startsAt, endsAt, ...rest } = body;
    const window = {
      ...(startsAt === undefined ? {} : { startsAtMs: Date.parse(startsAt) }),
      ...(endsAt === undefined ? {} : { endsAtMs: Date.parse(endsAt) }),
    };
    const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
    const fields: Partial<ChangeFields> = { ...given, ...window };
    return one(await changes.correct(params.id, fields, actor.name), actor);
  });

  routes.add(ENDPOINTS.moveChange, async ({ params, body }, { actor, nowMs }) => {
    const decides = body.to === 'approved' || body.to === 'rejected';
    if (decides && !roleHas(actor.role, 'changes.approve'))
      throw new AppError('forbidden', 'Approving and rejecting changes needs the role operator or admin.');
    const moved = await changes.move(params.id, body.to, body.note, actor.name, nowMs);
    if (moved.state !== 'closed') await onDecided(moved, actor.name, nowMs);
    return one(moved, actor);
  });

  routes.add(ENDPOINTS.getChangePolicy, async () => (await store.policy()) ?? POLICY_DEFAULT);

  routes.add(ENDPOINTS.putChangePolicy, async ({ body }) => {
    for (const { name, timeZone } of body.allowed)
      if (!isTimeZone(timeZone))
        throw new AppError('input-invalid', `${timeZone} in the rule "${name}" is no time zone (IANA name).`);
    await store.putPolicy(body);
    onPolicy();
    return body;
  });
}

function isTimeZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

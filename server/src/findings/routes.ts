/** HTTP operations of the findings. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { Finding } from '@muster/shared/api/findings.ts';
import { toIso } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import type { Routes } from '../http/routes.ts';
import type { FindingsQueue } from './findings.ts';
import { RULES_DEFAULT } from './incident-rules.ts';
import type { FindingRecord, FindingStore } from './store.ts';

interface FindingsRouteDeps {
  readonly findings: FindingsQueue;
  readonly store: FindingStore;
  /** Names of CIs and parts; those that are not known are left out. */
  /** @throws AppError where findings cannot be explained by the change: not-found, input-invalid */
  readonly requireChange: (
    id: string,
    state: 'open' | 'accepted',
    findings: readonly FindingRecord[],
  ) => Promise<void>;
  readonly onRules: () => void;
  /** CIs that turned out to be this one. */
  readonly mergedIn: (ciId: string) => readonly string[];
  readonly ciNames: (ids: readonly string[]) => Promise<ReadonlyMap<string, { name: string; class: string }>>;
}

export function addFindingsRoutes(
  routes: Routes,
  { findings, store, ciNames, requireChange, onRules, mergedIn }: FindingsRouteDeps,
): void {
  async function shown(records: readonly FindingRecord[]): Promise<Finding[]> {
    const names = await ciNames(records.flatMap(({ ciId }) => ciId ?? []));
    return records.map((record) => {
      const ci = record.ciId === null ? undefined : names.get(record.ciId);
      return {
        id: record.id,
        kind: record.kind,
        state: record.state,
        title: { ...record.title },
        ci: record.ciId !== null && ci ? { id: record.ciId, ...ci } : null,
        count: record.count,
        openedAt: toIso(record.openedAtMs),
        lastAt: toIso(record.lastAtMs),
        decidedBy: record.decidedBy,
        decidedAt: record.decidedAtMs === null ? null : toIso(record.decidedAtMs),
        note: record.note,
        changeId: record.changeId,
        incidentRef: record.incidentRef,
        evidence: { ...record.evidence },
      };
    });
  }

  routes.add(ENDPOINTS.listFindings, async ({ query }) => {
    const { state, kind, ci, limit, cursor } = query;
    const page = await store.find({
      limit,
      ...(state ? { state } : {}),
      ...(kind ? { kind } : {}),
      ...(ci ? { ciId: ci, alsoOf: mergedIn(ci) } : {}),
      ...(cursor ? { cursor } : {}),
    });
    const open = Object.fromEntries(await store.openCounts());
    return { items: await shown(page.items), nextCursor: page.nextCursor, open };
  });

  routes.add(ENDPOINTS.getFinding, async ({ params }) => {
    const record = await store.finding(params.id);
    const [finding] = record ? await shown([record]) : [];
    if (!finding) throw new AppError('not-found', `There is no finding ${params.id}.`);
    return finding;
  });

  routes.add(ENDPOINTS.getFindingRules, async () => ({ items: (await store.rules()) ?? [...RULES_DEFAULT] }));

  routes.add(ENDPOINTS.putFindingRules, async ({ body }) => {
    await store.putRules(body.items);
    onRules();
    return body;
  });

  routes.add(ENDPOINTS.decideFindings, async ({ body }, { actor, nowMs }) => {
    const { ids, ...decision } = body;
    if (decision.changeId !== null) {
      if (decision.state !== 'open' && decision.state !== 'accepted')
        throw new AppError(
          'input-invalid',
          'Only what is accepted, or waits to be, is explained by a change.',
        );
      const named = await Promise.all(ids.map((id) => store.finding(id)));
      await requireChange(
        decision.changeId,
        decision.state,
        named.filter((one) => one !== null),
      );
    }
    const failed: { id: string; code: string; detail: string }[] = [];
    let changed = 0;
    for (const id of new Set(ids)) {
      try {
        await findings.decide(id, decision, actor.name, nowMs);
        changed++;
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        failed.push({ id, code: error.code, detail: error.message });
      }
    }
    return { changed, failed };
  });
}

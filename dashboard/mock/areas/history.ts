/** The past of the invented fleet: states, changes, baselines, drift, accuracy. */
import type { Baseline, DriftItem, PeerItem } from '@muster/shared/api/history.ts';
import { DAY_MS, toIso } from '@muster/shared/time.ts';
import type { Handlers } from '../handlers.ts';
import { Refusal } from '../refusal.ts';
import { hash } from '../signal.ts';
import type { Machine, World } from '../world.ts';

export function historyHandlers(world: World): Handlers {
  const machineOf = (id: string): Machine => {
    const found = world.machines.find(({ detail }) => detail.id === id);
    if (!found) throw new Refusal(404, 'not-found', `There is no configuration item ${id}.`);
    return found;
  };
  const baselines: Baseline[] = [
    {
      id: 'base_1',
      name: 'Servers before the move',
      owner: 'user:admin',
      at: toIso(world.startMs - 20 * DAY_MS),
      createdAt: toIso(world.startMs - 20 * DAY_MS),
      createdBy: 'user:admin',
      approvedBy: 'user:chen.jie',
      approvedAt: toIso(world.startMs - 19 * DAY_MS),
      group: { class: 'Server' },
      ciCount: 12,
      storedBytes: 318_000,
    },
  ];
  const summary = ({ detail }: Machine) => ({
    id: detail.id,
    class: detail.class,
    subclass: detail.subclass,
    name: detail.name,
    lifecycle: detail.lifecycle,
    criticality: detail.criticality,
    site: detail.site,
    owner: detail.owner,
    assetNumber: detail.assetNumber,
    tags: detail.tags,
  });
  const page = <T>(all: readonly T[], { limit, cursor }: { limit: number; cursor?: string | undefined }) => {
    const from = Number(cursor ?? 0);
    return {
      items: all.slice(from, from + limit),
      nextCursor: from + limit < all.length ? String(from + limit) : null,
    };
  };
  const past = (details: Machine['detail']['details']) =>
    details.map(({ confirmedAt: _confirmedAt, ...rest }) => rest);
  const score = ({ detail }: Machine) => {
    const stale = Math.floor(hash(`stale ${detail.id}`) * 4);
    const disagrees = hash(`other ${detail.id}`) > 0.85 ? 1 : 0;
    const missing = Math.floor(hash(`missing ${detail.id}`) * 3);
    const { id, name, class: ciClass, site } = detail;
    return {
      id,
      name,
      class: ciClass,
      site,
      score: Math.floor(100 - (stale * 0.5 + disagrees + missing) * 3.4),
      stale,
      disagrees,
      missing,
    };
  };
  const tally = (rows: readonly ReturnType<typeof score>[]) => {
    const sum = (of: (row: ReturnType<typeof score>) => number) =>
      rows.reduce((all, row) => all + of(row), 0);
    return {
      count: rows.length,
      score: rows.length === 0 ? null : Math.floor(sum((row) => row.score) / rows.length),
      stale: sum((row) => row.stale),
      disagrees: sum((row) => row.disagrees),
      missing: sum((row) => row.missing),
    };
  };
  const grouped = (
    rows: readonly ReturnType<typeof score>[],
    of: (row: ReturnType<typeof score>) => string | null,
  ) => [...new Set(rows.map(of))].map((key) => [key, tally(rows.filter((row) => of(row) === key))] as const);
  const drift = (): DriftItem[] =>
    world.machines.slice(0, 6).flatMap(({ detail, history }) =>
      history
        .filter(({ kind, attribute }) => kind === 'changed' && attribute !== null)
        .slice(0, 3)
        .map((entry) => ({
          id: `${detail.id}|${entry.id}`,
          ciId: detail.id,
          ciName: detail.name,
          ciClass: detail.class,
          kind:
            entry.ciClass === 'Software'
              ? ('software' as const)
              : entry.ciId === detail.id
                ? ('attribute' as const)
                : ('part' as const),
          change: 'changed' as const,
          thing: entry.ciId === detail.id && entry.ciClass !== 'Software' ? null : entry.ciName,
          thingClass: entry.ciId === detail.id && entry.ciClass !== 'Software' ? null : entry.ciClass,
          attribute: entry.attribute,
          before: entry.before,
          after: entry.after,
        })),
    );
  const peers = (): PeerItem[] =>
    (
      [
        ['openssl', 'software', '3.0.15-1', '3.0.14-1'],
        ['kernel', 'attribute', '6.1.0-28-amd64', '6.1.0-25-amd64'],
        ['biosVersion', 'attribute', '1.12.1', '1.8.0'],
      ] as const
    ).map(([name, kind, majority, other], i) => ({
      id: name,
      kind,
      thing: kind === 'software' ? name : null,
      thingClass: kind === 'software' ? 'Software' : null,
      attribute: kind === 'software' ? 'version' : name,
      majority,
      majorityCount: 9 - i,
      outlierCount: i + 1,
      outliers: world.machines
        .slice(i, i * 2 + 1)
        .map(({ detail }) => ({ ciId: detail.id, ciName: detail.name, value: other })),
    }));
  const counts = (items: readonly { readonly kind: DriftItem['kind'] }[]) => {
    const found = { attribute: 0, part: 0, software: 0, file: 0, relation: 0 };
    for (const { kind } of items) found[kind] += 1;
    return found;
  };
  const years = { states: null, values: null, software: 5, relations: null } as Record<string, number | null>;
  const retention = () => ({
    items: (['states', 'values', 'software', 'relations'] as const).map((kind, i) => ({
      kind,
      years: years[kind] ?? null,
      rows: [8_214, 3_120, 41_380, 212][i] ?? 0,
      storedBytes: [1_420_000, 690_000, 9_800_000, 52_000][i] ?? 0,
      keptSince: null,
    })),
  });
  return {
    ciAsOf: ({ params, query }) => {
      const machine = machineOf(params.id);
      const { detail } = machine;
      return {
        at: toIso(Date.parse(query.at)),
        keptSince: null,
        ci:
          query.at < detail.createdAt
            ? null
            : {
                ...summary(machine),
                supportGroup: detail.supportGroup,
                createdAt: detail.createdAt,
                details: past(detail.details),
                parts: detail.parts.map(({ id, class: ciClass, name, details }) => ({
                  id,
                  class: ciClass,
                  name,
                  details: past(details),
                })),
                software: [
                  {
                    name: 'openssl',
                    version: '3.0.14-1',
                    architecture: 'amd64',
                    publisher: null,
                    source: 'dpkg',
                  },
                ],
                relations: [],
              },
      };
    },
    cmdbAsOf: ({ query }) => {
      const then = world.machines.filter(({ detail }) => query.at >= detail.createdAt);
      const all = then
        .map(summary)
        .filter((ci) => !query.class || ci.class === query.class)
        .filter((ci) => !query.q || ci.name.toLowerCase().includes(query.q.toLowerCase()))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1));
      const classes = [...new Set(then.map(({ detail }) => detail.class))].map((name) => ({
        class: name,
        count: then.filter(({ detail }) => detail.class === name).length,
      }));
      return {
        ...page(all, query),
        at: toIso(Date.parse(query.at)),
        keptSince: null,
        total: all.length,
        classes,
      };
    },
    listHistory: ({ query }) => {
      const all = world.machines
        .filter(({ detail }) => !query.ciId || detail.id === query.ciId)
        .flatMap(({ detail, history }) =>
          history.map((entry) => ({ ...entry, machineId: detail.id, machineName: detail.name })),
        )
        .filter((entry) => !query.kind || entry.kind === query.kind)
        .filter((entry) => !query.source || entry.source === query.source)
        .filter((entry) => !query.class || entry.ciClass === query.class)
        .filter((entry) => !query.q || entry.ciName.toLowerCase().includes(query.q.toLowerCase()))
        .toSorted((a, b) => (a.at < b.at ? 1 : -1));
      return page(all, query);
    },
    previewRestore: () => ({
      changes: [{ attribute: 'owner', before: null, after: 'Chen Jie' }],
      skipped: [{ attribute: 'lifecycle', reason: 'lifecycle' as const }],
    }),
    restoreCi: () => ({ changes: [{ attribute: 'owner', before: null, after: 'Chen Jie' }], skipped: [] }),
    listBaselines: () => ({ items: baselines }),
    createBaseline: ({ body }) => {
      const made: Baseline = {
        ...(baselines[0] as Baseline),
        id: `base_${baselines.length + 1}`,
        name: body.name,
        group: body.group,
        at: toIso(Date.now()),
        createdAt: toIso(Date.now()),
        approvedBy: null,
        approvedAt: null,
      };
      baselines.unshift(made);
      return made;
    },
    updateBaseline: ({ params, body }) => {
      const at = baselines.findIndex(({ id }) => id === params.id);
      const before = baselines[at];
      if (!before) throw new Refusal(404, 'not-found', `There is no baseline ${params.id}.`);
      const after: Baseline = {
        ...before,
        approvedBy: body.approved ? 'user:admin' : null,
        approvedAt: body.approved ? toIso(Date.now()) : null,
      };
      baselines[at] = after;
      return after;
    },
    deleteBaseline: ({ params }) => {
      baselines.splice(
        baselines.findIndex(({ id }) => id === params.id),
        1,
      );
      return {};
    },
    drift: ({ query }) => {
      const all = drift();
      const found = all.filter(({ kind }) => !query.kind || kind === query.kind);
      return {
        compared: world.machines.length,
        different: new Set(all.map(({ ciId }) => ciId)).size,
        counts: counts(all),
        total: found.length,
        ...page(found, query),
      };
    },
    peerDrift: ({ query }) => {
      const all = peers();
      const found = all.filter(({ kind }) => !query.kind || kind === query.kind);
      return { compared: 10, counts: counts(all), total: found.length, ...page(found, query) };
    },
    listModels: () => ({ items: [{ model: 'PowerEdge R650', count: 10 }] }),
    ciAccuracy: ({ params }) => {
      const { score: value, stale, disagrees, missing } = score(machineOf(params.id));
      return { score: value, counted: 30, stale, disagrees, missing, notes: [] };
    },
    fleetAccuracy: ({ query }) => {
      const all = world.machines.map(score).toSorted((a, b) => a.score - b.score);
      const found = all.filter(
        (row) =>
          (!query.class || row.class === query.class) &&
          (query.site === undefined || (row.site ?? '') === query.site),
      );
      return {
        waiting: 0,
        fleet: tally(found),
        classes: grouped(all, (row) => row.class).map(([name, of]) => ({ class: name ?? '', ...of })),
        sites: grouped(all, (row) => row.site).map(([site, of]) => ({ site, ...of })),
        days: Array.from({ length: 30 }, (_, i) => ({
          day: toIso(world.startMs - (29 - i) * DAY_MS).slice(0, 10),
          score: 84 + Math.min(10, i * 0.3),
          count: all.length,
        })),
        total: found.length,
        ...page(found, query),
      };
    },
    getRetention: retention,
    setRetention: ({ body }) => {
      Object.assign(years, body);
      return retention();
    },
  };
}

/** Availability of services: the intervals of what a service stands on, put together by the groups of the relations. */
import { isInService } from '@muster/shared/cmdb/lifecycle.ts';
import type { AvailabilityFormula } from '@muster/shared/api/availability.ts';
import type { fleetAvailabilityEndpoints } from '@muster/shared/api/fleet-availability.ts';
import type { Words } from '@muster/shared/api/incidents.ts';
import { isMachineClass } from '@muster/shared/cmdb/classes.ts';
import { isGone } from '@muster/shared/presence/state.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { z } from 'zod';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import { AppError } from '../errors.ts';
import { impactOf, supportsOf } from '../relations/impact.ts';
import type { ImpactGraph } from '../relations/impact.ts';
import type { GraphNode, NodeDirectory } from '../relations/nodes.ts';
import { NO_MARKS } from './agreed.ts';
import type { Agreed } from './agreed.ts';
import { expectedSpans } from './expectation.ts';
import { FORMULA_WORDS } from './figures.ts';
import { MACHINES_PER_PIECE } from './ledger.ts';
import { marksAs, marksWithin, overlaid } from './marks.ts';
import { pastCells, reportOf } from './report.ts';
import type { AvailabilityReport, RecordedInterval, Reported, ReportOptions } from './report.ts';
import { memberSpans, serviceStretches } from './service-sweep.ts';
import type { MemberSpans, ServiceStretch } from './service-sweep.ts';
import { recordBegin, Totals, totalsOf } from './slices.ts';
import type { BareInterval, SliceInput } from './slices.ts';
import { subtract, union } from './spans.ts';
import type { Span } from './spans.ts';
import type { AvailabilityStore } from './store.ts';
import { asFirstSaid } from './timeline.ts';
import type { PresenceInterval } from './timeline.ts';

type ServicesAnswer = z.input<(typeof fleetAvailabilityEndpoints)['availabilityServices']['response']>;

export interface ServiceAvailability {
  isService(ciId: string): boolean;
  /** @throws AppError 'not-found', 'range-invalid' */
  report(ciId: string, period: Span, nowMs: Millis, options?: ReportOptions): Promise<AvailabilityReport>;
  list(
    period: Span,
    nowMs: Millis,
    options: { readonly formula: AvailabilityFormula; readonly reclassified?: 'yes' | 'no' },
  ): Promise<ServicesAnswer>;
  /** What figures of a service are made of over cells that follow each other; null: it changed too often. @throws AppError 'not-found' */
  input(ciId: string, cells: readonly Span[]): Promise<SliceInput | null>;
}

export interface ServiceAvailabilityDeps {
  readonly store: Pick<AvailabilityStore, 'intervals' | 'bareIntervals'>;
  readonly directory: CiDirectory;
  readonly nodes: Pick<NodeDirectory, 'get' | 'all'>;
  /** The relations that hold now: the past is seen by them too. */
  readonly graph: ImpactGraph;
  readonly agreed: Agreed;
  readonly pause: () => Promise<void>;
}

type Member = CiEntry;
type Records = ReadonlyMap<string, readonly (BareInterval & Partial<PresenceInterval>)[]>;

const NAMES_IN_EVIDENCE_MAX = 5;

export function createServiceAvailability(deps: ServiceAvailabilityDeps): ServiceAvailability {
  const { store, directory, nodes, graph, agreed, pause } = deps;

  function serviceNode(ciId: string): GraphNode {
    const node = nodes.get(ciId);
    if (!isServiceNode(node)) throw new AppError('not-found', `There is no machine and no service ${ciId}.`);
    return node;
  }

  /** Machines that a service stands on, and whether the failure of several of them takes it. */
  function standing(ciId: string) {
    const supports = supportsOf(ciId, { ...graph });
    const within = new Set([ciId, ...supports.map(({ node }) => node.id)]);
    // Only what the service stands on can take it: the walk needs to look no further.
    const near: ImpactGraph = { ...graph, node: (id) => (within.has(id) ? graph.node(id) : undefined) };
    const members: Member[] = supports.flatMap(({ node }) =>
      isMachineClass(node.class) ? (directory.get(node.id) ?? []) : [],
    );
    const isLost = (failing: readonly string[]) =>
      impactOf(failing, near).some(({ node, state }) => node.id === ciId && state === 'lost');
    return { members, isLost };
  }

  function spansOf(member: Member, records: Records, period: Span, inForce: Agreed): MemberSpans {
    const raw = records.get(member.id) ?? [];
    const marks = marksWithin(inForce.marks.of(member.id), period.fromMs, period.toMs);
    const intervals = overlaid(raw, marks);
    const recorded = intervals
      .filter(({ planned }) => planned)
      .map((one) => ({ fromMs: one.fromMs, toMs: one.toMs ?? Infinity }));
    const windows = inForce.planned.spans(member.id, period.fromMs, period.toMs);
    const planned = subtract(
      union([...recorded, ...windows, ...marksAs(marks, 'planned')]),
      marksAs(marks, 'unplanned'),
    );
    const beginMs = recordBegin({ beginMs: member.createdAtMs, intervals: raw });
    const since = { fromMs: Math.max(period.fromMs, beginMs), toMs: period.toMs };
    if (since.fromMs >= since.toMs) return { id: member.id, down: [], planned: [], unknown: [] };
    return memberSpans(member.id, { intervals, planned, inService: isInService(member.lifecycle) }, since);
  }

  /** null: what it stands on changed more often than is walked through. */
  function inputOf(
    node: GraphNode,
    cells: readonly Span[],
    records: Records,
    inForce: Agreed,
  ): Omit<Reported, 'firstInput'> | null {
    const { members, isLost } = standing(node.id);
    const period = { fromMs: cells[0]?.fromMs ?? 0, toMs: cells.at(-1)?.toMs ?? 0 };
    const begins = members.map(({ id, createdAtMs }) =>
      recordBegin({ beginMs: createdAtMs, intervals: records.get(id) ?? [] }),
    );
    const beginMs = begins.length === 0 ? Infinity : Math.min(...begins);
    const since = { fromMs: Math.max(period.fromMs, beginMs), toMs: period.toMs };
    const stretches =
      since.fromMs < since.toMs
        ? serviceStretches(
            since,
            members.map((member) => spansOf(member, records, since, inForce)),
            isLost,
          )
        : [];
    if (stretches === null) return null;
    const intervals = stretches.map((stretch) => intervalOf(stretch, records, period.toMs));
    const expectation = agreed.expectations.of({ id: node.id, class: node.class, tags: [] });
    return {
      timeZone: null,
      expectation,
      intervals,
      input: {
        cells,
        intervals,
        expected: expectedSpans(expectation, null, period.fromMs, period.toMs),
        roaming: false,
        windows: union(inForce.planned.spans(node.id, period.fromMs, period.toMs)),
        marks: marksWithin(inForce.marks.of(node.id), period.fromMs, period.toMs),
        beginMs,
        inService: true,
        retired: isGone(node.lifecycle),
      },
    };
  }

  function intervalOf(stretch: ServiceStretch, records: Records, endMs: Millis): RecordedInterval {
    const { fromMs, toMs, state } = stretch;
    const because = stretch.because.map((id) => ({ id, name: nodes.get(id)?.name ?? id }));
    const parts = stretch.because.flatMap((id) =>
      (records.get(id) ?? []).filter((one) => one.fromMs < toMs && (one.toMs ?? Infinity) > fromMs),
    );
    const causes = new Set(parts.map(({ cause }) => cause));
    const revisedAt = parts.flatMap(({ revisedAtMs }) => revisedAtMs ?? []);
    const [cause = null] = causes.size === 1 ? causes : [];
    return {
      fromMs,
      toMs: toMs === endMs ? null : toMs,
      presence: state === 'planned' ? 'down' : state,
      planned: state === 'planned',
      cause: state === 'up' ? null : cause,
      evidence: because.length === 0 ? [] : [evidenceOf(state, because)],
      revised: parts.some(({ revised }) => revised === true),
      revisedAtMs: revisedAt.length === 0 ? null : Math.max(...revisedAt),
      because,
    };
  }

  async function fullRecords(ids: readonly string[], { fromMs, toMs }: Span) {
    const records = new Map<string, readonly PresenceInterval[]>();
    for (const id of ids) records.set(id, await store.intervals(id, fromMs, toMs));
    return records;
  }

  async function bareRecords(ids: readonly string[], { fromMs, toMs }: Span): Promise<Records> {
    const records = new Map<string, readonly BareInterval[]>();
    for (let i = 0; i < ids.length; i += MACHINES_PER_PIECE) {
      const piece = await store.bareIntervals(ids.slice(i, i + MACHINES_PER_PIECE), fromMs, toMs);
      for (const [id, record] of piece) records.set(id, record);
      await pause();
    }
    return records;
  }

  const memberIds = (ciId: string) => standing(ciId).members.map(({ id }) => id);
  const inForceOf = (options: ReportOptions): Agreed =>
    options.reclassified === 'no' ? { ...agreed, marks: NO_MARKS } : agreed;

  return {
    isService: (ciId) => isServiceNode(nodes.get(ciId)),
    async report(ciId, period, nowMs, options = {}) {
      const node = serviceNode(ciId);
      const cells = pastCells(period, nowMs);
      const records = await fullRecords(memberIds(ciId), period);
      const inForce = inForceOf(options);
      const first = new Map([...records].map(([id, record]) => [id, asFirstSaid(record)]));
      const firstSaid = inputOf(node, cells, first, inForce);
      const said = inputOf(node, cells, records, inForce);
      if (firstSaid === null || said === null)
        throw new AppError(
          'range-invalid',
          `What ${node.name} stands on changed too often in this period; ask for a shorter one.`,
        );
      return reportOf({ ...said, firstInput: firstSaid.input }, period, nowMs, options.formula);
    },
    async list(period, nowMs, options) {
      const cells = pastCells(period, nowMs);
      const services = [...nodes.all()].filter(isServiceNode).filter(({ lifecycle }) => !isGone(lifecycle));
      const wanted = new Set(services.flatMap(({ id }) => memberIds(id)));
      const records = await bareRecords([...wanted], period);
      const items: ServicesAnswer['items'] = [];
      for (const node of services) {
        const made = inputOf(node, cells, records, inForceOf(options));
        items.push({
          ciId: node.id,
          ciName: node.name,
          ciClass: node.class,
          members: memberIds(node.id).length,
          tooOften: made === null,
          ...(made === null ? new Totals() : totalsOf(made.input)).figures(options.formula),
        });
        await pause();
      }
      items.sort(
        (a, b) =>
          (a.availability ?? 101) - (b.availability ?? 101) ||
          b.downSeconds - a.downSeconds ||
          (a.ciName < b.ciName ? -1 : 1),
      );
      const { formula } = options;
      return { formula, formulaWords: { ...FORMULA_WORDS[formula] }, items };
    },
    async input(ciId, cells) {
      const node = serviceNode(ciId);
      const period = { fromMs: cells[0]?.fromMs ?? 0, toMs: cells.at(-1)?.toMs ?? 0 };
      return inputOf(node, cells, await bareRecords(memberIds(ciId), period), agreed)?.input ?? null;
    },
  };
}

function isServiceNode(node: GraphNode | undefined): node is GraphNode {
  return node?.class === 'Service' || node?.class === 'BusinessApplication';
}

const SAYS: Readonly<Record<ServiceStretch['state'], (names: Words) => Words>> = {
  up: ({ en, zh }) => ({ en, zh }),
  down: ({ en, zh }) => ({ en: `Not available because of ${en}.`, zh: `因 ${zh} 停机而中断。` }),
  planned: ({ en, zh }) => ({ en: `Planned work on ${en}.`, zh: `${zh} 处于计划停机。` }),
  unknown: ({ en, zh }) => ({ en: `Nothing is known of ${en}.`, zh: `没有 ${zh} 的任何依据。` }),
};

function evidenceOf(state: ServiceStretch['state'], because: readonly { readonly name: string }[]): Words {
  const names = because.slice(0, NAMES_IN_EVIDENCE_MAX).map(({ name }) => name);
  const more = because.length - names.length;
  return SAYS[state]({
    en: more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', '),
    zh: more > 0 ? `${names.join('、')} 等 ${because.length} 项` : names.join('、'),
  });
}

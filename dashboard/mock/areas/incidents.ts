/** Incidents of the mock: lists with the filters of the server, reports by hand, what is similar, a crowd of incidents. */
import {
  INCIDENT_STATE_GROUPS,
  isOpen,
  type IncidentDetail,
  type IncidentTimesRow,
  type IncidentState,
  type IncidentSummary,
  PRIORITY_MATRIX,
  type PriorityMatrix,
} from '@muster/shared/api/incidents.ts';
import { isMachineClass } from '@muster/shared/cmdb/classes.ts';
import type { Alert } from '@muster/shared/api/rules.ts';
import { HOUR_MS, MINUTE_MS, toIso } from '@muster/shared/time.ts';
import type { Handlers } from '../handlers.ts';
import { INCIDENT_CATEGORIES } from '@muster/shared/incidents/categories.ts';
import { Refusal } from '../refusal.ts';
import { hash } from '../signal.ts';
import { UNTOUCHED_INCIDENT } from '../untouched-incident.ts';
import type { World } from '../world.ts';

export function incidentHandlers(world: World): Handlers {
  const newestFirst = () => [...world.incidents].sort((a, b) => b.openedAt.localeCompare(a.openedAt));
  const found = (id: string) => world.incidents.find((each) => each.id === id || each.ref === id);
  const changed = (id: string): IncidentDetail => {
    const incident = found(id);
    if (!incident) throw new Refusal(404, 'not-found', `There is no incident ${id}.`);
    incident.version += 1;
    return incident;
  };
  const matrices: PriorityMatrix[] = [
    {
      version: 2,
      cells: PRIORITY_MATRIX.map((row) => [...row]),
      by: 'user:admin',
      at: toIso(world.startMs - 40 * 24 * HOUR_MS),
      reason: 'Review of the service agreement',
    },
    MATRIX,
  ];
  const settings = { autoCloseDays: 5, reopenMinutes: 60, unclaimedPercent: 50, version: 0 };
  const categories = { items: INCIDENT_CATEGORIES.map((one) => ({ ...one })), version: 0 };
  return {
    listIncidents: ({ query }) =>
      page(
        newestFirst().filter(
          (each) =>
            (!query.state || statesOf(query.state).includes(each.state)) &&
            (!query.ci || each.ci?.id === query.ci) &&
            (!query.priority || query.priority.split(',').includes(String(each.priority))) &&
            (!query.assignee || each.assignee === query.assignee) &&
            (!query.unclaimed || each.assignee === null) &&
            holds(`${each.ref} ${each.title.en} ${each.title.zh} ${each.ci?.name ?? ''}`, query.q),
        ),
        query,
      ),
    incidentTimeline: ({ params, query }) => {
      const entries = [...(found(params.id)?.timeline ?? [])].sort((a, b) => b.at.localeCompare(a.at));
      return page(
        entries.filter(({ actor }) => !query.by || actor.startsWith('user:') === (query.by === 'people')),
        query,
      );
    },
    similarIncidents: ({ params }) => {
      const incident = found(params.id);
      const items = newestFirst()
        .filter(({ id }) => id !== incident?.id)
        .flatMap((each) => {
          const likeness =
            each.ci?.id === incident?.ci?.id
              ? ('machine' as const)
              : each.alerts[0]?.ruleId === incident?.alerts[0]?.ruleId
                ? ('rule' as const)
                : null;
          const { cause, action, resolution } = each;
          return likeness && !isOpen(each.state)
            ? [{ likeness, incident: each, cause, action, resolution }]
            : [];
        });
      return { items: items.slice(0, 3), sameCause: 0 };
    },
    incidentCandidates: ({ query }) => ({
      items: newestFirst()
        .filter(({ state }) => isOpen(state))
        .filter(({ ci }) => query.ci !== undefined && ci?.id === query.ci)
        .slice(0, 10),
    }),
    relatedIncidents: ({ params }) => {
      const incident = found(params.id);
      return {
        parent: world.incidents.find(({ id }) => id === incident?.parent?.id) ?? null,
        children: newestFirst().filter(({ parent }) => parent !== null && parent.id === incident?.id),
        merged: newestFirst().filter(
          ({ mergedInto }) => mergedInto !== null && mergedInto.id === incident?.id,
        ),
      };
    },
    mergeIncidents: ({ params, body }) => {
      const into = changed(params.id);
      for (const id of body.fromIds) {
        const from = changed(id);
        into.alerts.push(...from.alerts);
        into.affected.push(...from.affected);
        Object.assign(from, { state: 'cancelled', mergedInto: { id: into.id, ref: into.ref } });
      }
      into.affectedCount = into.affected.length;
      return into;
    },
    splitIncident: ({ params, body }) => {
      const left = changed(params.id);
      const number = 1 + Math.max(...world.incidents.map(({ ref }) => Number(ref.slice(4))));
      const out = left.affected.filter(({ ciId }) => body.ciIds.includes(ciId));
      const apart: IncidentDetail = {
        ...reported(number, body.title ?? left.title.en, left.impact, left.urgency),
        affected: out,
        affectedCount: out.length,
      };
      left.affected = left.affected.filter(({ ciId }) => !body.ciIds.includes(ciId));
      left.affectedCount = left.affected.length;
      world.incidents.push(apart);
      return apart;
    },
    linkIncident: ({ params, body }) => {
      const parent = body.parentId === null ? undefined : found(body.parentId);
      return Object.assign(changed(params.id), {
        parent: parent ? { id: parent.id, ref: parent.ref } : null,
      });
    },
    setIncidentPriority: ({ params, body }) => {
      const incident = changed(params.id);
      incident.hand =
        body.priority === null
          ? null
          : { priority: body.priority, reason: body.reason, by: 'user:admin', at: toIso(Date.now()) };
      incident.priority = body.priority ?? incident.judgedPriority;
      return incident;
    },
    fileIncident: ({ params, body }) =>
      Object.assign(changed(params.id), body.category === undefined ? {} : { category: body.category }),
    incidentTimes: ({ query }) => ({
      timeZone: query.timeZone,
      items: world.incidents.length === 0 ? [] : timesOf(query.months),
    }),
    getPriorityMatrix: () => ({ current: matrices[0] ?? MATRIX, history: matrices }),
    putPriorityMatrix: ({ body }) => {
      const next = {
        version: body.version + 1,
        cells: body.cells,
        by: 'user:admin',
        at: toIso(Date.now()),
        reason: body.reason,
      };
      matrices.unshift(next);
      return next;
    },
    getIncidentSettings: () => settings,
    putIncidentSettings: ({ body }) => Object.assign(settings, body, { version: body.version + 1 }),
    getIncidentCategories: () => categories,
    putIncidentCategories: ({ body }) =>
      Object.assign(categories, { items: body.items, version: body.version + 1 }),
    createIncident: ({ body }) => {
      const number = 1 + Math.max(...world.incidents.map(({ ref }) => Number(ref.slice(4))));
      const machine = world.machines.find(({ detail }) => detail.id === body.ciId)?.detail;
      const made = reported(number, body.title, body.impact, body.urgency);
      const incident: IncidentDetail = {
        ...made,
        description: { en: body.description, zh: body.description },
        ci: machine ? { id: machine.id, name: machine.name, class: machine.class } : null,
      };
      world.incidents.push(incident);
      return incident;
    },
  };
}

function statesOf(state: IncidentState | keyof typeof INCIDENT_STATE_GROUPS): readonly IncidentState[] {
  return state === 'open' || state === 'unfinished' || state === 'over'
    ? INCIDENT_STATE_GROUPS[state]
    : [state];
}

function holds(text: string, part: string | undefined): boolean {
  return !part || text.toLowerCase().includes(part.toLowerCase());
}

const MATRIX: PriorityMatrix = {
  version: 1,
  cells: PRIORITY_MATRIX.map((row, i) => (i === 3 ? [3, 4, 4, 4] : [...row])),
  by: 'system',
  at: null,
  reason: '',
};

/** A year that gets better slowly, with two groups. */
function timesOf(months: number): IncidentTimesRow[] {
  const now = new Date();
  return Array.from({ length: months }, (_none, i) => months - 1 - i).flatMap((ago) => {
    const month = new Date(Date.UTC(now.getFullYear(), now.getMonth() - ago, 1)).toISOString().slice(0, 7);
    const noise = (hash(month) % 40) / 100;
    const row = (priority: number | null, group: string | null, share: number): IncidentTimesRow => {
      const opened = Math.round((30 + ago + 20 * noise) * share);
      const medianMs = (90 + 6 * ago) * (1 + noise) * MINUTE_MS * (priority ?? 2) * 0.5;
      const times = (of: number, factor: number) => ({
        count: of,
        medianMs: medianMs * factor,
        meanMs: medianMs * factor * 1.4,
        p90Ms: medianMs * factor * 3.2,
      });
      return {
        month,
        priority,
        group,
        opened,
        acknowledge: times(opened, 0.08),
        restore: times(Math.max(0, opened - 2), 1),
        reopened: Math.round(opened * 0.07),
        byThemselves: Math.round(opened * 0.3),
      };
    };
    return [
      row(null, null, 1),
      ...[1, 2, 3, 4].map((priority) => row(priority, null, priority / 10)),
      row(null, '基础设施组', 0.6),
      row(null, '桌面支持组', 0.3),
    ];
  });
}

/** The cursor of the mock is the number of what was given out. */
function page<T>(all: readonly T[], { limit, cursor }: { limit: number; cursor?: string | undefined }) {
  const from = Number(cursor ?? 0);
  const items = all.slice(from, from + limit);
  return { items, nextCursor: from + limit < all.length ? String(from + limit) : null };
}

function reported(number: number, title: string, impact: number, urgency: number): IncidentDetail {
  const now = Date.now();
  const priority = PRIORITY_MATRIX[impact - 1]?.[urgency - 1] ?? 4;
  return {
    ...UNTOUCHED_INCIDENT,
    judgedPriority: priority,
    id: `inc_${number}`,
    ref: `INC-${String(number).padStart(4, '0')}`,
    title: { en: title, zh: title },
    state: 'new',
    priority,
    impact,
    urgency,
    why: { en: `P${priority}: as reported.`, zh: `P${priority}：由报告人填写。` },
    ci: null,
    assignee: null,
    source: 'person',
    openedAt: toIso(now),
    breachedAt: null,
    acknowledgedAt: null,
    resolvedAt: null,
    verifyUntil: null,
    sla: {
      respondBy: toIso(now + 4 * HOUR_MS),
      respondedAt: null,
      restoreBy: toIso(now + 72 * HOUR_MS),
      restoredAt: null,
      paused: false,
    },
    version: 1,
    description: { en: '', zh: '' },
    alerts: [],
    timeline: [
      {
        id: `tl_${number}`,
        at: toIso(now),
        actor: 'user:admin',
        kind: 'opened',
        text: { en: title, zh: title },
      },
    ],
    timelineCursor: null,
    evidence: null,
    cause: null,
    action: null,
    resolution: null,
    holdReason: null,
    needsCause: false,
  };
}

const CROWD = 300;
const HOLDERS = [null, 'admin', 'chen.yu', 'zhou.min'] as const;
const STATES = ['new', 'assigned', 'in_progress', 'on_hold', 'resolved', 'restored', 'closed'] as const;

/** A bad day: what lists and board look like with hundreds of incidents, one of them with a long title. */
export function crowdOfIncidents(world: World): void {
  const [model] = world.incidents;
  if (!model) return;
  for (let index = 0; index < CROWD; index++) {
    const { detail } = world.machines[index % world.machines.length] ?? {};
    if (!detail || !isMachineClass(detail.class)) continue;
    const number = 100 + index;
    const impact = 1 + Math.floor(hash(`impact ${index}`) * 4);
    const urgency = 1 + Math.floor(hash(`urgency ${index}`) * 4);
    const state = STATES[Math.floor(hash(`state ${index}`) * STATES.length)] ?? 'new';
    const assignee = state === 'new' ? null : (HOLDERS[1 + (index % 3)] ?? null);
    const openedMs = world.startMs - Math.floor(hash(`opened ${index}`) * 70 * 60) * MINUTE_MS;
    const share = Math.round(86 + hash(`share ${index}`) * 13);
    const text =
      index === 3
        ? {
            en: 'File system in use of /var/lib/containers/storage/overlay/a93c0d5b1f72e4480c6f on this machine has been at or above 95 % since 20 Nov 2026, 22:14:00 (+08:00) although it was cleared in the morning',
            zh: '本计算机上 /var/lib/containers/storage/overlay/a93c0d5b1f72e4480c6f 的文件系统使用率自 2026-11-20 22:14:00（+08:00）起达到或超过 95%，今天上午刚清理过，但夜间备份任务再次写入了大量临时文件',
          }
        : {
            en: `Memory in use on ${detail.name} has been at or above ${share} % since ${serverTime(openedMs).en}`,
            zh: `${detail.name} 的内存使用率自 ${serverTime(openedMs).zh}起达到或超过 ${share}%`,
          };
    const made = reported(number, '', impact, urgency);
    const summary: Partial<IncidentSummary> = {
      title: text,
      state,
      assignee,
      ci: { id: detail.id, name: detail.name, class: detail.class },
      openedAt: toIso(openedMs),
      sla: {
        ...made.sla,
        respondedAt: assignee === null ? null : toIso(openedMs + 5 * MINUTE_MS),
        respondBy: toIso(openedMs + HOUR_MS),
        restoreBy: toIso(openedMs + ([4, 8, 72, 120][made.priority - 1] ?? 8) * HOUR_MS),
        paused: state === 'on_hold',
      },
    };
    const over = state === 'resolved' || state === 'restored' || state === 'closed';
    const severity = share >= 95 ? 'critical' : 'warning';
    const alert: Alert = {
      id: `alr_${number}`,
      state: over ? 'resolved' : assignee === null ? 'open' : 'acknowledged',
      severity,
      ruleId: 'rul_mem',
      ruleName: 'Memory short',
      ruleNameWords: { en: 'Memory short', zh: '内存不足' },
      ciId: detail.id,
      ciName: detail.name,
      instance: '',
      metric: 'memory.utilisation',
      unit: '%',
      value: share + 0.4,
      level: severity === 'critical' ? 95 : 85,
      lastValue: Math.min(100, share + 1.1),
      breachedAt: toIso(openedMs - 5 * MINUTE_MS),
      openedAt: toIso(openedMs),
      resolvedAt: over ? toIso(openedMs + 40 * MINUTE_MS) : null,
      incidentId: made.id,
      incidentRef: made.ref,
      suppressedBy: null,
      flapping: null,
      acknowledgement: null,
    };
    world.incidents.push({ ...made, ...summary, alerts: [alert], source: 'monitor' });
  }
}

/** As the server writes times into its sentences, of a machine in Shanghai. */
function serverTime(atMs: number): { en: string; zh: string } {
  const [day = '', clock = ''] = toIso(atMs + 8 * HOUR_MS)
    .slice(0, 19)
    .split('T');
  const english = new Date(`${day}T00:00:00Z`).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
  return { en: `${english}, ${clock} (+08:00)`, zh: `${day} ${clock}（+08:00）` };
}

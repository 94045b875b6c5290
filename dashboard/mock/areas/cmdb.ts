/** The mock's CMDB: lists by class and filter, parts with pages of their own, edits, relations, identity. */
import type { CiDetail, CiSummary, ImpactItem, Relation } from '@muster/shared/api/cmdb.ts';
import { isPartClass, MACHINE_CLASSES, PART_CLASSES } from '@muster/shared/cmdb/classes.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, toIso } from '@muster/shared/time.ts';
import type { z } from 'zod';
import { Refusal } from '../refusal.ts';
import type { Handlers } from '../handlers.ts';
import { hash } from '../signal.ts';
import { OWN_CLASSES } from './assets.ts';
import type { Machine, World } from '../world.ts';

type Part = CiDetail['parts'][number];

/** Workstations that are of the class the administrator added. */
const OWN_CIS = 3;

export function cmdbHandlers(world: World): Handlers {
  for (const { detail } of world.machines
    .filter((machine) => machine.detail.class === 'Workstation')
    .slice(0, OWN_CIS))
    detail.subclass = 'Kiosk';
  const machineOf = (id: string): Machine => {
    const found = world.machines.find(({ detail }) => detail.id === id);
    if (!found) throw new Refusal(404, 'not-found', `There is no configuration item ${id}.`);
    return found;
  };
  const partOf = (id: string): { part: Part; machine: Machine } | undefined => {
    for (const machine of world.machines) {
      const part = machine.detail.parts.find((each) => each.id === id);
      if (part) return { part, machine };
    }
    return undefined;
  };
  return {
    listCis: ({ query }) => {
      const all = isPartClass(query.class)
        ? world.machines.flatMap((machine) =>
            machine.detail.parts
              .filter((part) => part.class === query.class)
              .map((part) => partSummary(part, machine.detail)),
          )
        : world.machines
            .map(({ detail }) => machineSummary(detail))
            .concat(RECORDS.map((record) => recordSummary(record, world)))
            .filter(({ ci }) => query.class !== undefined || !RECORDS.some(({ id }) => id === ci.id))
            .filter(({ ci }) => !query.class || ci.class === query.class || ci.subclass === query.class);
      const needle = query.q?.toLowerCase();
      const found = all
        .filter(({ ci }) => !query.lifecycle || ci.lifecycle === query.lifecycle)
        .filter(({ ci }) => query.site === undefined || (ci.site ?? '') === query.site)
        .filter(({ ci }) => !query.tag || ci.tags.includes(query.tag))
        .filter(({ ci }) => !query.presence || ci.presence === query.presence)
        .filter(({ owner }) => query.owner === undefined || (owner ?? '') === query.owner)
        .filter(({ details }) => !query.source || details.some(({ source }) => source === query.source))
        .filter(
          ({ ci }) =>
            !query.staleDays || Date.parse(ci.evidenceAt ?? '') < Date.now() - query.staleDays * DAY_MS,
        )
        .filter(
          ({ ci, details }) =>
            !needle ||
            JSON.stringify([ci.name, ci.machine?.name, details.map(({ value }) => value)])
              .toLowerCase()
              .includes(needle),
        )
        .toSorted((a, b) => (a.ci.name < b.ci.name ? -1 : 1));
      const from = Number(query.cursor ?? 0);
      const names = query.fields?.split(',') ?? [];
      return {
        items: found.slice(from, from + query.limit).map(({ ci, details }) => ({
          ...ci,
          attributes: Object.fromEntries(
            details.filter(({ name }) => names.includes(name)).map(({ name, value }) => [name, value]),
          ),
        })),
        nextCursor: from + query.limit < found.length ? String(from + query.limit) : null,
        ...(query.evidence && from === 0 ? { total: found.length } : {}),
      };
    },
    listClasses: () => {
      const count = (name: string) =>
        world.machines.reduce(
          (sum, { detail }) =>
            sum +
            (detail.class === name || detail.subclass === name ? 1 : 0) +
            detail.parts.filter((part) => part.class === name).length,
          0,
        );
      const facet = (value: (detail: CiDetail) => string | null) => {
        const counts = new Map<string | null, number>();
        for (const { detail } of world.machines)
          counts.set(value(detail), (counts.get(value(detail)) ?? 0) + 1);
        return [...counts]
          .map(([key, n]) => ({ value: key, count: n }))
          .toSorted((a, b) => b.count - a.count);
      };
      return {
        items: [
          ...MACHINE_CLASSES.map((name) => ({ class: name, group: 'machine' as const, count: count(name) })),
          ...PART_CLASSES.map((name) => ({ class: name, group: 'part' as const, count: count(name) })),
          ...OWN_CLASSES.map(({ name }) => ({ class: name, group: 'machine' as const, count: count(name) })),
        ],
        sites: facet(({ site }) => site),
        owners: facet(({ owner }) => owner),
        lifecycles: facet(({ lifecycle }) => lifecycle),
      };
    },
    getCi: ({ params }) => {
      const of = partOf(params.id);
      if (!of) return { ...machineOf(params.id).detail, mergedInto: null };
      const { part, machine } = of;
      return {
        ...partSummary(part, machine.detail).ci,
        assetNumber: null,
        owner: machine.detail.owner,
        supportGroup: machine.detail.supportGroup,
        serviceHours: null,
        createdAt: machine.detail.createdAt,
        agentId: null,
        keys: partKeys(part),
        removedAt: null,
        details: part.details,
        parts: [],
      };
    },
    updateCi: ({ params, body }) => {
      const { detail } = machineOf(params.id);
      const { lock = {}, ...fields } = body;
      Object.assign(
        detail,
        Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
      );
      for (const [name, value] of Object.entries(lock)) setLock(detail, name, value);
      return detail;
    },
    ciHistory: ({ params, query }) => {
      const of = partOf(params.id);
      const history = of
        ? of.machine.history.filter(({ ciName }) => ciName === of.part.name)
        : machineOf(params.id).history.filter(({ ciId }) => !query.own || ciId === params.id);
      const from = Number(query.cursor ?? 0);
      return {
        items: history.slice(from, from + query.limit),
        nextCursor: from + query.limit < history.length ? String(from + query.limit) : null,
      };
    },
    ciRelations: ({ params, query }) => {
      const machine = partOf(params.id)?.machine ?? machineOf(params.id);
      const of = isPartClass(partOf(params.id)?.part.class)
        ? []
        : saidOf(machine.detail, query.ended === '1');
      return {
        items: edgesWithin(params.id, [...of, ...relationsOf(machine.detail)], query.steps),
        nextCursor: null,
      };
    },
    ciImpact: ({ params }) => {
      const of = partOf(params.id);
      if (of) {
        const { id, name, class: ciClass } = of.machine.detail;
        return {
          items: [
            {
              id,
              name,
              class: ciClass,
              path: [of.part.name, name],
              state: 'degraded',
              redundancy: [],
              users: null,
            },
          ],
        };
      }
      const { detail } = machineOf(params.id);
      return {
        items: [
          ...servicesReached(detail),
          ...detail.parts.map((part) => ({
            id: part.id,
            class: part.class,
            name: part.name,
            path: [detail.name, part.name],
            state: 'lost' as const,
            redundancy: [],
            users: null,
          })),
        ],
      };
    },
  };
}

interface Listed {
  readonly ci: CiSummary;
  readonly owner: string | null;
  readonly details: CiDetail['details'];
}

function machineSummary(detail: CiDetail): Listed {
  const { details, parts: _parts, ...ci } = detail;
  return { ci: { ...ci, evidenceAt: evidenceOf(detail) }, owner: detail.owner, details };
}

function partSummary(part: Part, detail: CiDetail): Listed {
  const { ci } = machineSummary(detail);
  return {
    ci: {
      ...ci,
      id: part.id,
      class: part.class,
      name: part.name,
      presence: null,
      cause: null,
      expected: null,
      presenceSince: null,
      lastSeenAt: null,
      openIncidents: 0,
      machine: { id: detail.id, name: detail.name, class: detail.class },
    },
    owner: detail.owner,
    details: part.details,
  };
}

/** Most machines were confirmed within the day, a few long ago. */
function evidenceOf({ id, presenceSince, presence }: CiDetail): string {
  if (presence !== 'up' && presenceSince !== null) return presenceSince;
  const share = hash(`${id} evidence`);
  return toIso(Date.now() - (share > 0.96 ? 9 * DAY_MS : share * 20 * HOUR_MS + MINUTE_MS));
}

function partKeys(part: Part): string[] {
  const text = (name: string) => {
    const value = part.details.find((each) => each.name === name)?.value;
    return typeof value === 'string' ? value : null;
  };
  const serial = text('serial');
  const mac = text('mac');
  switch (part.class) {
    case 'NetworkInterface':
      return [...(mac ? [`mac ${mac} ${part.name}`, `mac ${mac}`] : []), `name ${part.name}`];
    case 'FileSystem':
      return [`mount ${part.name}`];
    case 'OperatingSystem':
      return ['operating system'];
    default:
      return [...(serial ? [`disk serial ${serial}`] : []), `disk name ${part.name}`];
  }
}

function setLock(detail: CiDetail, name: string, value: unknown): void {
  const at = detail.details.findIndex((each) => each.name === name);
  const held = detail.details[at];
  const now = toIso(Date.now());
  if (value === null) {
    if (held?.lockedBy != null)
      detail.details[at] = {
        ...held,
        value: held.observedValue ?? held.value,
        source: 'agent',
        lockedBy: null,
        observedValue: undefined,
      };
    return;
  }
  const locked = {
    name,
    value,
    source: 'human' as const,
    observedAt: now,
    confirmedAt: now,
    lockedBy: 'user:admin',
    ...(held ? { observedValue: held.observedValue ?? held.value } : {}),
  };
  if (held) detail.details[at] = locked;
  else detail.details.push(locked);
}

export function traces({ detail }: Machine, world: World) {
  const serial = detail.details.find(({ name }) => name === 'serial')?.value;
  const other = world.machines.find((each) => each.detail.id !== detail.id)?.detail ?? detail;
  const key = (name: string, value: string, verdict: 'equal' | 'differs' | 'absent', held = value) => ({
    key: name,
    reported: verdict === 'absent' ? null : value,
    held,
    verdict,
  });
  return [
    {
      at: toIso(world.startMs - 12 * DAY_MS),
      decision: 'matched' as const,
      rule: 'mainboard-swap',
      reason: 'serial number and model are equal; the UUID differs',
      keys: [
        key('serial', String(serial), 'equal'),
        key(
          'uuid',
          '4c4c4544-0044-4a10-8052-b7c04f4d3533',
          'differs',
          '4c4c4544-0031-3610-8057-b2c04f4d3532',
        ),
        key('boardSerial', 'CN1374096K0071', 'differs', 'CN7220014O01A9'),
        key('machineId', '', 'absent', 'c9f1d6b0a7e34c55b1a4d3f0e2c88a17'),
        key('hostname', detail.name.toLowerCase(), 'equal'),
        key('macs', 'b0:4f:13:a2:70:1c', 'equal', 'b0:4f:13:a2:70:1c b0:4f:13:a2:70:1d'),
      ],
      rejected: [{ ciId: other.id, ciName: other.name, reason: 'differs in serial, uuid' }],
    },
    {
      at: detail.createdAt,
      decision: 'created' as const,
      rule: 'new',
      reason: 'no configuration item shares a key',
      keys: [],
      rejected: [],
    },
  ];
}

type Edge = z.input<typeof Relation>;

/** As the real server tells them: parts, file systems on the first disk, the system on its root. */
function relationsOf({ id, name, class: ciClass, createdAt, parts }: Machine['detail']): Edge[] {
  const machine = { id, name, class: ciClass };
  const edge = (type: string, from: typeof machine, to: typeof machine): Edge => ({
    id: `${from.id}-${type}-${to.id}`,
    type,
    fromId: from.id,
    fromName: from.name,
    fromClass: from.class,
    toId: to.id,
    toName: to.name,
    toClass: to.class,
    source: 'agent',
    since: createdAt,
    endedAt: null,
    inner: true,
  });
  const disk = parts.find((part) => part.name.startsWith('nvme'));
  const root = parts.find((part) => part.class === 'FileSystem' && part.name === '/');
  return [
    ...parts.map((part) => edge('composes', machine, part)),
    ...parts.flatMap((part) => {
      if (part.class === 'FileSystem' && disk) return [edge('dependsOn', part, disk)];
      return part.class === 'OperatingSystem' && root ? [edge('dependsOn', part, root)] : [];
    }),
  ];
}

/** What people said of a machine, and what was found between it and others. */
function saidOf({ id, name, class: ciClass, createdAt }: Machine['detail'], withEnded: boolean): Edge[] {
  const here = { fromId: id, fromName: name, fromClass: ciClass };
  const base = { since: createdAt, endedAt: null, source: 'human', actor: 'user:anna', inner: false };
  const person = (key: string, person: string): Edge => ({
    ...base,
    ...here,
    id: `rel_${id}_${key}`,
    type: 'assignedTo',
    toId: `ci_person_${key}`,
    toName: person,
    toClass: 'Person',
  });
  return [
    {
      ...base,
      id: `rel_${id}_erp`,
      type: 'dependsOn',
      fromId: 'ci_svc_erp',
      fromName: 'ERP',
      fromClass: 'Service',
      toId: id,
      toName: name,
      toClass: ciClass,
      group: 'application',
      needed: 2,
    },
    person('liu', 'Liu Wei'),
    {
      ...base,
      ...here,
      id: `rel_${id}_net`,
      type: 'memberOf',
      toId: 'ci_net_1',
      toName: '10.20.0.0/24',
      toClass: 'Subnet',
      source: 'agent',
      actor: 'system',
    },
    ...(withEnded ? [{ ...person('chen', 'Chen Jie'), endedAt: createdAt }] : []),
  ];
}

function servicesReached({ id, name, class: ciClass }: Machine['detail']): ImpactItem[] {
  if (ciClass !== 'Server') return [];
  const service = (key: string, title: string, state: ImpactItem['state'], users: number): ImpactItem => ({
    id: `ci_${key}_of_${id}`,
    class: 'Service',
    name: title,
    path: [name, title],
    state,
    redundancy: state === 'degraded' ? [{ group: 'application', left: 2, of: 3, needed: 2 }] : [],
    users,
  });
  return [service('svc_erp', 'ERP', 'degraded', 180), service('svc_mail', 'Mail', 'lost', 420)];
}

function edgesWithin(id: string, edges: readonly Edge[], steps: number): Edge[] {
  let near = new Set([id]);
  const touches = ({ fromId, toId }: Edge) => near.has(fromId) || near.has(toId);
  for (let step = 1; step < steps; step++)
    near = new Set([...near, ...edges.filter(touches).flatMap(({ fromId, toId }) => [fromId, toId])]);
  return edges.filter(touches);
}

/** Places and services that other pages of the mock speak of. */
const RECORDS = [
  { id: 'ci_location_sz', name: 'Suzhou plant', class: 'Location' },
  { id: 'ci_room', name: 'S6 Server room', class: 'Location' },
  { id: 'ci_svc_erp', name: 'ERP', class: 'Service' },
  { id: 'ci_svc_mail', name: 'Mail', class: 'Service' },
] as const;

function recordSummary(record: (typeof RECORDS)[number], { machines }: World) {
  const [first] = machines;
  if (first === undefined) throw new Error('a world has a machine');
  const { ci } = machineSummary(first.detail);
  return { ci: { ...ci, ...record, subclass: null, tags: [], site: null }, owner: null, details: [] };
}

/** Findings, changes, software and licences of the invented fleet. */
import type { Change, ChangePolicy } from '@muster/shared/api/changes.ts';
import type { Finding, FindingRule } from '@muster/shared/api/findings.ts';
import type { Compliance, LicenceDetail, SoftwareDetail, SoftwareRule } from '@muster/shared/api/software.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, toIso } from '@muster/shared/time.ts';
import { FINDING_RULE_NAMES, POLICY_RULE_NAMES } from '@muster/shared/given-names.ts';
import type { Handlers } from '../handlers.ts';
import { Refusal } from '../refusal.ts';
import type { World } from '../world.ts';

export function controlHandlers(world: World): Handlers {
  const some = world.machines.length > 0;
  const findings = some ? makeFindings(world) : [];
  const changes = some ? makeChanges(world) : [];
  const products = makeProducts(world);
  let policy: ChangePolicy = {
    watched: {
      Server: [
        'hardware-added',
        'hardware-removed',
        'software-installed',
        'configuration-changed',
        'security-changed',
      ],
      Workstation: ['hardware-added', 'hardware-removed', 'account-changed'],
      VirtualMachine: ['software-installed', 'configuration-changed'],
    },
    allowed: [
      {
        id: 'package-updates',
        name: POLICY_RULE_NAMES['package-updates'].en,
        enabled: true,
        kinds: ['software-updated'],
        classes: [],
        tags: [],
        sources: ['dpkg'],
        names: [],
        days: [2, 4],
        fromMinute: 120,
        toMinute: 300,
        timeZone: 'Asia/Shanghai',
      },
    ],
  };
  let findingRules: FindingRule[] = [
    {
      id: 'protection-on-servers',
      name: FINDING_RULE_NAMES['protection-on-servers'].en,
      enabled: false,
      kinds: ['unauthorised-change'],
      changeKinds: ['security-changed'],
      classes: ['Server'],
      tags: [],
      criticality: null,
      urgency: 2,
    },
  ];
  const rules: SoftwareRule[] = some ? [makeRule()] : [];
  const licences = some ? makeLicences(products, world) : [];
  const change = (id: string) => find(changes, id);
  const product = (id: string) => find(products, id);
  const licence = (id: string) => find(licences, id);
  return {
    listFindings: ({ query }) => {
      const items = findings.filter(
        (one) =>
          (query.state === undefined || one.state === query.state) &&
          (query.kind === undefined || one.kind === query.kind) &&
          (query.ci === undefined || one.ci?.id === query.ci),
      );
      const open: Partial<Record<Finding['kind'], number>> = {};
      for (const { kind, state } of findings) if (state === 'open') open[kind] = (open[kind] ?? 0) + 1;
      return { items, nextCursor: null, open };
    },
    getFinding: ({ params }) => find(findings, params.id),
    decideFindings: ({ body }) => {
      for (const id of body.ids)
        Object.assign(find(findings, id), {
          state: body.state,
          note: body.note,
          changeId: body.changeId,
          decidedBy: body.state === 'open' ? null : 'user:admin',
          decidedAt: body.state === 'open' ? null : toIso(Date.now()),
        });
      return { changed: body.ids.length, failed: [] };
    },
    getFindingRules: () => ({ items: findingRules }),
    putFindingRules: ({ body }) => {
      findingRules = body.items;
      return body;
    },
    listChanges: ({ query }) => ({
      items: changes.filter(({ state }) => query.state === undefined || state === query.state),
      nextCursor: null,
    }),
    getChange: ({ params }) => change(params.id),
    createChange: ({ body }) => {
      const { ciIds, ...rest } = body;
      const made: Change = {
        ...rest,
        ...blankChange(changes.length + 1),
        startsAt: toIso(Date.parse(body.startsAt)),
        endsAt: toIso(Date.parse(body.endsAt)),
        cis: world.machines
          .filter(({ detail }) => ciIds.includes(detail.id))
          .map(({ detail }) => ({ id: detail.id, name: detail.name, class: detail.class })),
      };
      changes.unshift(made);
      return made;
    },
    moveChange: ({ params, body }) =>
      Object.assign(change(params.id), {
        state: body.to,
        note: body.note,
        decidedBy: 'user:admin',
        mayDecide: false,
      }),
    getChangePolicy: () => policy,
    putChangePolicy: ({ body }) => {
      policy = body;
      return body;
    },
    listSoftware: ({ query }) => {
      const q = query.q?.toLowerCase() ?? '';
      const items = products
        .filter(
          ({ name, outdated }) =>
            name.toLowerCase().includes(q) && (query.outdated === undefined || outdated > 0),
        )
        .toSorted((a, b) =>
          query.sort === 'name' ? a.name.localeCompare(b.name) : b[query.sort] - a[query.sort],
        );
      return { items: items.slice(0, query.limit), nextCursor: null, total: items.length, counting: null };
    },
    getSoftware: ({ params }) => product(params.id),
    listSoftwareInstalls: ({ params, query }) => {
      const { name } = product(params.id);
      const items = world.machines.flatMap(({ detail, software }) =>
        software
          .filter((one) => one.name === name)
          .map((one) => ({
            ci: { id: detail.id, name: detail.name, class: detail.class },
            package: one.name,
            version: one.version,
            publisher: one.publisher,
            source: one.source,
            firstSeenAt: toIso(world.startMs - 90 * DAY_MS),
            lastSeenAt: toIso(world.startMs - HOUR_MS),
            lastUsedAt: null,
          })),
      );
      return { items: items.slice(0, query.limit), nextCursor: null };
    },
    nameSoftware: ({ params, body }) =>
      Object.assign(product(params.id), { name: body.name ?? 'Reported name' }),
    mergeSoftware: ({ params }) => product(params.id),
    listSoftwareRules: () => ({ items: rules, checking: null }),
    createSoftwareRule: ({ body }) => {
      const made = { ...body, id: `swr_${rules.length + 1}`, open: 0 };
      rules.push(made);
      return made;
    },
    updateSoftwareRule: ({ params, body }) => Object.assign(find(rules, params.id), body),
    deleteSoftwareRule: ({ params }) => {
      rules.splice(rules.indexOf(find(rules, params.id)), 1);
      return {};
    },
    previewSoftwareRule: () => ({
      machines: 37,
      of: 412,
      examples: [{ ciName: 'web-01', package: 'openssl', version: '3.0.9-1' }],
    }),
    listLicences: () => ({ items: licences, compliance: licences.map(({ compliance }) => compliance) }),
    getLicence: ({ params }) => licence(params.id),
    createLicence: () => licences[0] as LicenceDetail,
    updateLicence: ({ params, body }) => Object.assign(licence(params.id), body),
  };
}

function find<T extends { readonly id: string }>(items: readonly T[], id: string): T {
  const found = items.find((one) => one.id === id);
  if (!found) throw new Refusal(404, 'not-found', `There is no ${id}`);
  return found;
}

function ciOf(world: World, index: number): NonNullable<Finding['ci']> {
  const { detail } = world.machines[index % world.machines.length] as World['machines'][number];
  return { id: detail.id, name: detail.name, class: detail.class };
}

function makeFindings(world: World): Finding[] {
  const base = (id: string, agoMs: number, ci: number) => ({
    id,
    state: 'open' as const,
    ci: ciOf(world, ci),
    count: 1,
    openedAt: toIso(world.startMs - agoMs),
    lastAt: toIso(world.startMs - agoMs),
    decidedBy: null,
    decidedAt: null,
    note: null,
    changeId: null,
    incidentRef: null,
  });
  const name = (index: number) => ciOf(world, index).name;
  const uninstalled = world.machines.findIndex(({ detail }) => detail.cause === 'agent-uninstalled');
  return [
    ...[5, 6, 7, 8].map(
      (index): Finding => ({
        ...base(`fnd_same_${index}`, 5 * MINUTE_MS, index),
        kind: 'unauthorised-change',
        title: {
          en: `Software installed on ${name(index)} without an approved change: teamviewer`,
          zh: `${name(index)} 未经批准的变更（安装软件）：teamviewer`,
        },
        evidence: {
          kind: 'software-installed',
          total: 1,
          items: [{ name: 'teamviewer', attribute: 'software:teamviewer', before: null, after: '15.58.4' }],
        },
      }),
    ),
    {
      ...base('fnd_1', 12 * MINUTE_MS, 0),
      kind: 'unauthorised-change',
      title: {
        en: `Software installed on ${name(0)} without an approved change: nmap, netcat`,
        zh: `${name(0)} 未经批准的变更（安装软件）：nmap、netcat`,
      },
      evidence: {
        kind: 'software-installed',
        total: 2,
        items: [
          { name: 'nmap', attribute: 'software:nmap', before: null, after: '7.93+dfsg1-1' },
          { name: 'netcat', attribute: 'software:netcat', before: null, after: '1.218-2' },
        ],
      },
    },
    {
      ...base('fnd_2', 2 * HOUR_MS, 1),
      kind: 'unauthorised-change',
      incidentRef: 'INC-0038',
      title: {
        en: `Hardware added on ${name(1)} without an approved change: DataTraveler 3.0`,
        zh: `${name(1)} 未经批准的变更（新增硬件）：DataTraveler 3.0`,
      },
      evidence: {
        kind: 'hardware-added',
        total: 1,
        items: [
          {
            name: 'DataTraveler 3.0',
            before: null,
            after: 'DataTraveler 3.0',
            facts: { kind: 'usb', serial: '60A44C42' },
          },
        ],
      },
    },
    {
      ...base('fnd_3', DAY_MS, 2),
      kind: 'software-denied',
      count: 3,
      title: {
        en: `Denied software on ${name(2)}: openssl 3.0.9-1`,
        zh: `${name(2)} 安装了禁用软件：openssl 3.0.9-1`,
      },
      evidence: {
        rule: 'OpenSSL below 3.0.12',
        mode: 'deny',
        reason: 'CVE-2023-5363',
        severity: 'critical',
        total: 1,
        items: [{ name: 'openssl', after: '3.0.9-1', source: 'dpkg' }],
      },
    },
    {
      ...base('fnd_4', 3 * DAY_MS, 3),
      kind: 'identity-review',
      title: { en: `Two records could be ${name(3)}`, zh: `有两条记录可能都是 ${name(3)}` },
      evidence: { rule: 'serial', candidates: [name(3), name(4)] },
    },
    {
      ...base('fnd_5', 5 * DAY_MS, 4),
      kind: 'unauthorised-change',
      state: 'accepted',
      decidedBy: 'user:admin',
      decidedAt: toIso(world.startMs - 4 * DAY_MS),
      note: 'CHG-0002: Memory for the database',
      changeId: 'chg_2',
      title: {
        en: `Hardware changed on ${name(4)} without an approved change: memoryBytes`,
        zh: `${name(4)} 未经批准的变更（硬件变动）：memoryBytes`,
      },
      evidence: {
        kind: 'hardware-changed',
        total: 1,
        items: [
          { name: 'memoryBytes', attribute: 'memoryBytes', before: 34_359_738_368, after: 68_719_476_736 },
        ],
      },
    },
    ...(uninstalled === -1
      ? []
      : [
          {
            ...base('fnd_uninstalled', 3 * MINUTE_MS, uninstalled),
            kind: 'agent-uninstalled' as const,
            title: {
              en: `The agent of ${name(uninstalled)} was uninstalled: no agent reports from it any more`,
              zh: `${name(uninstalled)} 的代理程序已被卸载，此后不再有代理程序上报`,
            },
            evidence: {},
          },
        ]),
  ];
}

function blankChange(number: number) {
  return {
    id: `chg_${number}`,
    ref: `CHG-${String(number).padStart(4, '0')}`,
    state: 'requested' as const,
    requestedBy: 'user:admin',
    requestedAt: toIso(Date.now()),
    decidedBy: null,
    decidedAt: null,
    note: null,
    mayDecide: false,
  };
}

function makeChanges(world: World): Change[] {
  const at = (ms: number) => toIso(world.startMs + ms);
  return [
    {
      ...blankChange(3),
      title: 'New certificates on the web servers',
      description: 'The old ones end on Friday. Taken back by the backup of /etc/ssl.',
      kinds: ['configuration-changed'],
      cis: [ciOf(world, 0), ciOf(world, 1)],
      tags: [],
      startsAt: at(2 * DAY_MS),
      endsAt: at(2 * DAY_MS + 4 * HOUR_MS),
      requestedBy: 'user:wang.jing',
      mayDecide: true,
    },
    {
      ...blankChange(2),
      title: 'Memory for the database',
      description: '',
      state: 'approved',
      kinds: ['hardware-changed', 'hardware-added'],
      cis: [ciOf(world, 4)],
      tags: ['database'],
      startsAt: at(-2 * HOUR_MS),
      endsAt: at(2 * HOUR_MS),
      decidedBy: 'user:xu.lei',
      decidedAt: at(-DAY_MS),
    },
    {
      ...blankChange(1),
      title: 'Tools for packet capture',
      description: '',
      state: 'rejected',
      kinds: ['software-installed'],
      cis: [ciOf(world, 2)],
      tags: [],
      startsAt: at(-6 * DAY_MS),
      endsAt: at(-5 * DAY_MS),
      decidedBy: 'user:xu.lei',
      decidedAt: at(-7 * DAY_MS),
      note: 'Not on production machines.',
    },
  ];
}

function makeProducts(world: World): SoftwareDetail[] {
  const byName = new Map<
    string,
    { publisher: string | null; source: string; versions: Map<string, number> }
  >();
  for (const { software } of world.machines)
    for (const { name, version, publisher, source } of software) {
      const known = byName.get(name) ?? { publisher, source, versions: new Map<string, number>() };
      known.versions.set(version, (known.versions.get(version) ?? 0) + 1);
      byName.set(name, known);
    }
  return [...byName].map(([name, { publisher, source, versions }], index) => {
    const sorted = [...versions].toSorted((a, b) => b[0].localeCompare(a[0], 'en', { numeric: true }));
    const installs = sorted.reduce((sum, [, count]) => sum + count, 0);
    const [newest = ['', 0]] = sorted;
    return {
      id: `sw_${index}`,
      name,
      publisher,
      sources: [source],
      installs,
      versions: sorted.length,
      newest: newest[0],
      outdated: installs - newest[1],
      firstSeenAt: toIso(world.startMs - 200 * DAY_MS),
      renamed: false,
      merged: [],
      byVersion: sorted.map(([version, count], at) => ({
        version,
        family: source === 'dpkg' ? ('dpkg' as const) : ('dotted' as const),
        installs: count,
        packages: [name],
        newest: at === 0,
      })),
    };
  });
}

function makeRule(): SoftwareRule {
  return {
    id: 'swr_1',
    name: 'OpenSSL below 3.0.12',
    enabled: true,
    mode: 'deny',
    classes: [],
    tags: [],
    sources: [],
    names: ['openssl', 'libssl*'],
    publisher: null,
    version: { operator: '<', value: '3.0.12' },
    reason: 'CVE-2023-5363',
    severity: 'critical',
    open: 1,
  };
}

function makeLicences(products: readonly SoftwareDetail[], world: World): LicenceDetail[] {
  const [first] = products;
  const compliance: Compliance = {
    productId: first?.id ?? 'sw_0',
    productName: first?.name ?? 'Office 2021',
    metric: 'device',
    entitled: 40,
    installed: 46,
    covered: 40,
    short: 6,
    spare: 0,
    unknown: 2,
  };
  return [
    {
      id: 'ci_licence_1',
      name: `${compliance.productName} 2026`,
      licenceNumber: 'L-2026-0117',
      productId: compliance.productId,
      productName: compliance.productName,
      versionFrom: null,
      versionTo: '21.9',
      metric: 'device',
      quantity: 40,
      startsOn: '2026-01-01',
      endsOn: '2026-12-10',
      warnDays: 30,
      cost: 12_400,
      currency: 'CNY',
      contract: 'V-118',
      named: false,
      state: 'expiring',
      assigned: 1,
      used: 40,
      assignments: [{ relationId: 'rel_1', ...ciOf(world, 0) }],
      compliance,
      uncovered: [{ id: ciOf(world, 2).id, name: ciOf(world, 2).name, version: '21.4' }],
    },
  ];
}

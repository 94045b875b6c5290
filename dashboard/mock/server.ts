/** A small, honest stand-in for the server: the same endpoint table and schemas, an invented fleet in memory. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { WebSocketServer, type WebSocket } from 'ws';
import { INTERVAL_MS_DEFAULT } from '@muster/shared/wire/limits.ts';
import type { AvailabilityFormula } from '@muster/shared/api/availability.ts';
import { FORMULA_WORDS } from './areas/availability.ts';
import type { z } from 'zod';
import type { User } from '@muster/shared/api/access.ts';
import type { Endpoint } from '@muster/shared/api/endpoint.ts';
import type { EnrolmentToken } from '@muster/shared/api/fleet.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import {
  INCIDENT_TRANSITIONS,
  isOpen,
  type IncidentDetail,
  type IncidentSummary,
} from '@muster/shared/api/incidents.ts';
import {
  isMetricName,
  METRICS,
  metricDefinition,
  shownUnit,
  type MetricName,
} from '@muster/shared/metrics/catalogue.ts';
import { RANGE_STREAM_TYPE } from '@muster/shared/api/metrics.ts';
import { encodeBeginning, encodeEnd, encodeSeries } from '@muster/shared/metrics/range-stream.ts';
import { presenceState } from '@muster/shared/presence/state.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, toIso, type Millis } from '@muster/shared/time.ts';
import { LiveToServer, type LiveFromServer, type Topic } from '@muster/shared/wire/live.ts';
import { accessHandlers } from './areas/access.ts';
import { agentConfigHandlers } from './areas/agent-config.ts';
import { alertHandlers } from './areas/alerts.ts';
import { assetHandlers } from './areas/assets.ts';
import { availabilityHandlers } from './areas/availability.ts';
import { calendarHandlers } from './areas/calendars.ts';
import { capacityHandlers } from './areas/capacity.ts';
import { cmdbHandlers } from './areas/cmdb.ts';
import { exchangeHandlers } from './areas/exchange.ts';
import { historyHandlers } from './areas/history.ts';
import { identityHandlers } from './areas/identity.ts';
import { controlHandlers } from './areas/control.ts';
import { incidentHandlers } from './areas/incidents.ts';
import { intakeHandlers } from './areas/intake.ts';
import { inventoryHandlers } from './areas/inventory.ts';
import { machinesHandlers } from './areas/machines.ts';
import { maintenanceHandlers } from './areas/maintenance.ts';
import { presenceHandlers } from './areas/presence.ts';
import { relationHandlers } from './areas/relations.ts';
import { rolloutHandlers } from './areas/rollouts.ts';
import { ruleHandlers } from './areas/rules.ts';
import { operationsHandlers } from './areas/operations.ts';
import { searchHandlers } from './areas/search.ts';
import { Refusal } from './refusal.ts';
import { columnsOf } from '../src/charts/columns.ts';
import type { Handlers } from './handlers.ts';
import { inGap, instancesOf, valueAt } from './signal.ts';
import { isLabelledIn, type Machine, makeWorld, processesOf, type World, type WorldSize } from './world.ts';

/** Name and password of the mock's only account. */
export const MOCK_ACCOUNT = { name: 'admin', password: 'muster-mock' } as const;

export interface MockOptions {
  readonly port: number;
  readonly size?: WorldSize;
  /** Built dashboard to serve too, under the policy of the real server. */
  readonly distDir?: string;
  readonly language?: 'en' | 'zh';
  /** What who is signed in may do. */
  readonly role?: User['role'];
}

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

export interface Mock {
  readonly port: number;
  readonly world: World;
  close(): Promise<void>;
}

export async function startMock(options: MockOptions): Promise<Mock> {
  const world = makeWorld(Date.now(), options.size ?? 'full');
  const user: User = {
    id: 'usr_1',
    name: MOCK_ACCOUNT.name,
    displayName: 'Liu Wei',
    role: options.role ?? 'admin',
    language: options.language ?? 'en',
    disabled: false,
    createdAt: toIso(world.startMs - 200 * DAY_MS),
    lastSignInAt: toIso(world.startMs),
  };
  const sockets = new Set<WebSocket>();
  const changed = (incident: IncidentDetail) => {
    for (const socket of sockets) socket.emit('mock-incident', incident);
  };
  const handlers = makeHandlers(world, user, changed);
  const server = createServer((request, response) => {
    void answer(request, response, handlers, options.distDir).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  const live = new WebSocketServer({ server, path: '/ws/live' });
  live.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serveLive(socket, world);
  });
  await new Promise<void>((resolve) => server.listen(options.port, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    world,
    close: async () => {
      for (const socket of sockets) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handlers: Handlers,
  distDir: string | undefined,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://mock');
  if (!url.pathname.startsWith('/api/v1')) return serveFile(url.pathname, response, distDir);
  try {
    const path = url.pathname.slice('/api/v1'.length);
    const found = match(request.method ?? 'GET', path);
    if (!found) throw new Refusal(404, 'not-found', `${request.method ?? ''} ${path}`);
    const signedIn = request.headers.cookie?.includes('mock=1') ?? false;
    if (found.endpoint.right !== 'open' && !signedIn)
      throw new Refusal(401, 'not-signed-in', 'Nobody is signed in');
    const handler = handlers[found.id] as ((input: unknown) => unknown) | undefined;
    if (!handler) throw new Refusal(405, 'method-not-allowed', `The mock has no ${found.id}`);
    const body = await readBody(request);
    const input = {
      params: parse(found.endpoint.params, found.params),
      query: parse(found.endpoint.query, Object.fromEntries(url.searchParams)),
      body: parse(found.endpoint.body, body),
    };
    const result = found.endpoint.response.parse(handler(input) ?? {});
    if (found.id === 'signIn') response.setHeader('set-cookie', 'mock=1; Path=/; HttpOnly; SameSite=Strict');
    if (found.id === 'signOut') response.setHeader('set-cookie', 'mock=; Path=/; Max-Age=0');
    if (found.id === 'metricRange' && request.headers.accept === RANGE_STREAM_TYPE) {
      response.writeHead(200, { 'content-type': RANGE_STREAM_TYPE });
      response.end(asColumns(result as z.output<(typeof ENDPOINTS)['metricRange']['response']>));
      return;
    }
    response.writeHead(found.endpoint.status, { 'content-type': 'application/json' });
    response.end(found.endpoint.status === 204 ? undefined : JSON.stringify(result));
  } catch (error) {
    const { status, code } = error instanceof Refusal ? error : { status: 500, code: 'server-error' };
    response.writeHead(status, { 'content-type': 'application/problem+json' });
    response.end(
      JSON.stringify({
        type: `https://muster.invalid/errors/${code}`,
        title: code,
        status,
        code,
        detail: error instanceof Error ? error.message : String(error),
        hint: '',
      }),
    );
  }
}

function asColumns({
  unit,
  stepMs,
  series,
}: z.output<(typeof ENDPOINTS)['metricRange']['response']>): Uint8Array {
  const parts = series.map(({ points, instance, tier }) =>
    encodeSeries({ instance, tier, stepMs, points: columnsOf(points) }),
  );
  return Buffer.concat([encodeBeginning(unit), ...parts, encodeEnd(stepMs)]);
}

function parse(schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value);
  if (!result.success) throw new Refusal(400, 'input-invalid', result.error.message);
  return result.data;
}

function match(method: string, path: string) {
  for (const [id, endpoint] of Object.entries(ENDPOINTS) as [keyof typeof ENDPOINTS, Endpoint][]) {
    if (endpoint.method !== method) continue;
    const names: string[] = [];
    const pattern = endpoint.path.replace(/:(\w+)/g, (_, name: string) => {
      names.push(name);
      return '([^/]+)';
    });
    const found = new RegExp(`^${pattern}$`).exec(path);
    if (found) {
      const params = Object.fromEntries(
        names.map((name, index) => [name, decodeURIComponent(found[index + 1] ?? '')]),
      );
      return { id, endpoint, params };
    }
  }
  return undefined;
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? {} : JSON.parse(text);
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

async function serveFile(
  pathname: string,
  response: ServerResponse,
  distDir: string | undefined,
): Promise<void> {
  if (distDir === undefined) {
    response.writeHead(404).end();
    return;
  }
  const path = extname(pathname) === '' ? '/index.html' : normalize(pathname);
  try {
    const content = await readFile(join(distDir, path));
    response.writeHead(200, {
      'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
      'content-security-policy': POLICY,
      // Their names change with their content.
      ...(path.startsWith('/assets/') ? { 'cache-control': 'max-age=31536000, immutable' } : {}),
    });
    response.end(content);
  } catch {
    response.writeHead(404).end(); // A file that is not in the build.
  }
}

function makeHandlers(world: World, user: User, changed: (incident: IncidentDetail) => void): Handlers {
  const machine = (id: string): Machine => {
    const found = world.machines.find(({ detail }) => detail.id === id);
    if (!found) throw new Refusal(404, 'not-found', `There is no CI ${id}`);
    return found;
  };
  const incident = (id: string): IncidentDetail => {
    const found = world.incidents.find((each) => each.id === id || each.ref === id);
    if (!found) throw new Refusal(404, 'not-found', `There is no incident ${id}`);
    return found;
  };
  const guard = (found: IncidentDetail, version: number | undefined) => {
    if (version !== undefined && version !== found.version)
      throw new Refusal(409, 'conflict', `${found.ref} has changed meanwhile`);
  };
  const record = (found: IncidentDetail, kind: string, en: string, zh: string) => {
    found.version += 1;
    found.timeline.unshift({
      id: `tl_${Date.now()}_${found.version}`,
      at: toIso(Date.now()),
      actor: `user:${user.name}`,
      kind,
      text: { en, zh },
    });
    changed(found);
  };
  return {
    signIn: ({ body }) => {
      if (body.name !== MOCK_ACCOUNT.name || body.password !== MOCK_ACCOUNT.password)
        throw new Refusal(401, 'sign-in-failed', 'No match');
      return user;
    },
    me: () => user,
    signOut: () => ({}),
    updateMe: ({ body }) => {
      if (body.password && body.password.current !== MOCK_ACCOUNT.password)
        throw new Refusal(401, 'sign-in-failed', 'No match');
      if (body.language !== undefined) user.language = body.language;
      if (body.displayName) user.displayName = body.displayName;
      return user;
    },
    overview: () => {
      const fleet = countFleet(world);
      const open = world.incidents.filter(({ state }) => isOpen(state));
      return {
        at: toIso(Date.now()),
        fleet,
        openIncidents: open.length,
        unclaimedIncidents: open.filter(({ assignee }) => assignee === null).length,
        channelsOn: 2,
        lastClosedAt: world.incidents.some(({ state }) => state === 'closed')
          ? toIso(world.startMs - 25 * HOUR_MS)
          : null,
        samplesPerSecond: world.machines.length * 8.4,
        sites: rollOf(world).map(({ site, cells }) => ({ site, fleet: countCells(cells) })),
      };
    },
    rollCall: () => ({ at: toIso(Date.now()), sites: rollOf(world) }),
    serverStatus: () => ({
      version: '0.1.0',
      startedAt: toIso(world.startMs - DAY_MS),
      serverTime: toIso(Date.now()),
      insecure: false,
      agentsConnected: countFleet(world).up,
      samplesPerSecond: world.machines.length * 8.4,
      seriesCount: world.machines.length * 84,
      journalBytes: 2e7,
      metricBytes: 8e8,
      databaseBytes: 4e7,
      diskFreeBytes: 5e11,
      troubles: [],
    }),
    listCis: ({ query }) => {
      const needle = query.q?.toLowerCase();
      const items = world.machines
        .filter(
          ({ detail }) =>
            (!query.class || detail.class === query.class) &&
            (!needle ||
              JSON.stringify([detail.name, detail.details.map(({ value }) => value)])
                .toLowerCase()
                .includes(needle)),
        )
        .slice(0, query.limit)
        .map(({ detail }) => {
          const { details, parts: _parts, ...summary } = detail;
          const names = query.fields?.split(',') ?? [];
          return {
            ...summary,
            lastSeenAt: seenAt(detail),
            attributes: Object.fromEntries(
              details.filter(({ name }) => names.includes(name)).map(({ name, value }) => [name, value]),
            ),
          };
        });
      return { items, nextCursor: null };
    },
    getCi: ({ params }) => {
      const { detail } = machine(params.id);
      return { ...detail, lastSeenAt: seenAt(detail) };
    },
    ciHistory: ({ params }) => ({ items: machine(params.id).history, nextCursor: null }),
    ciSoftware: ({ params }) => {
      const { software } = machine(params.id);
      return { items: software, nextCursor: null, total: software.length };
    },
    latestMetrics: ({ params }) => {
      const { detail, load } = machine(params.id);
      const atMs = detail.presence === 'up' ? Date.now() : Date.parse(detail.presenceSince ?? '');
      return {
        items: (Object.keys(METRICS) as MetricName[]).flatMap((metric) =>
          instancesOf(metric, load).map((instance) => ({
            metric,
            instance,
            value: valueAt(detail.id, load, metric, instance, atMs),
            unit: shownUnit(metric),
            at: toIso(atMs),
          })),
        ),
      };
    },
    metricRange: ({ query }) => {
      if (!isMetricName(query.metric)) throw new Refusal(422, 'metric-unknown', query.metric);
      return rangeOf(
        machine(query.ci?.[0] ?? ''),
        query.metric,
        Date.parse(query.from),
        Date.parse(query.to),
        query.points,
        query.instance,
        world.startMs,
      );
    },
    metricQuantiles: ({ query }) => {
      const { metric } = query;
      if (!isMetricName(metric)) throw new Refusal(422, 'metric-unknown', metric);
      const [fromMs, toMs] = [Date.parse(query.from), Date.parse(query.to)];
      const { series } = rangeOf(
        machine(query.ci),
        metric,
        fromMs,
        toMs,
        QUANTILE_POINTS,
        query.instance,
        world.startMs,
      );
      return {
        unit: shownUnit(metric),
        tier: '1h' as const,
        within: METRICS[metric].unit === '%' ? { value: 1, unit: 'points' } : { value: 5, unit: '%' },
        q: query.q,
        series: series.map(({ instance, points }) => {
          const sorted = points.map(([, value = 0]) => value).toSorted((a, b) => a - b);
          const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
          return { instance, count: sorted.length, values: query.q.map(at) };
        }),
      };
    },
    topMetrics: ({ query }) => {
      if (!isMetricName(query.metric)) throw new Refusal(422, 'metric-unknown', query.metric);
      const metric = query.metric;
      const machines = world.machines.filter(
        ({ detail }) => query.site === undefined || (detail.site ?? '') === query.site,
      );
      const items = machines.flatMap(({ detail, load }) =>
        instancesOf(metric, load).map((instance) => ({
          ciId: detail.id,
          ciName: detail.name,
          ciClass: detail.class,
          tags: detail.tags,
          instance,
          value: valueAt(detail.id, load, metric, instance, Date.now()),
          at: toIso(Date.now()),
          intervalMs: INTERVAL_MS_DEFAULT,
        })),
      );
      return { unit: shownUnit(metric), items: items.sort((a, b) => b.value - a.value).slice(0, query.n) };
    },
    topProcesses: ({ params }) => ({
      at: toIso(Date.now()),
      items: processesOf(machine(params.id), Date.now()),
    }),
    getAvailability: ({ query }) =>
      availabilityOf(
        machine(query.ci),
        Date.parse(query.from),
        Math.min(Date.now(), Date.parse(query.to)),
        query.formula,
      ),
    getIncident: ({ params }) => incident(params.id),
    assignIncident: ({ params, body }) => {
      const found = incident(params.id);
      guard(found, body.version);
      found.assignee = body.assignee;
      if (found.state === 'new' && body.assignee) found.state = 'assigned';
      found.acknowledgedAt ??= toIso(Date.now());
      found.sla.respondedAt ??= toIso(Date.now());
      record(
        found,
        'assigned',
        `Assigned to ${body.assignee ?? 'nobody'}`,
        `分派给 ${body.assignee ?? '无人'}`,
      );
      return found;
    },
    noteIncident: ({ params, body }) => {
      const found = incident(params.id);
      record(found, 'note', body.note, body.note);
      return found;
    },
    transitionIncident: ({ params, body }) => {
      const found = incident(params.id);
      guard(found, body.version);
      if (!(INCIDENT_TRANSITIONS[found.state] as readonly string[]).includes(body.to))
        throw new Refusal(409, 'transition-not-allowed', `${found.state} → ${body.to}`);
      if (
        body.to === 'closed' &&
        found.needsCause &&
        !((body.cause ?? found.cause) && (body.action ?? found.action))
      )
        throw new Refusal(422, 'cause-missing', 'cause and action');
      if (body.assignee !== undefined) found.assignee = body.assignee;
      if (body.cause) found.cause = body.cause;
      if (body.action) found.action = body.action;
      if (body.resolution) found.resolution = body.resolution;
      found.state = body.to;
      if (body.to === 'resolved') {
        found.resolvedAt = toIso(Date.now());
        found.verifyUntil = toIso(Date.now() + 5 * MINUTE_MS);
      }
      found.acknowledgedAt ??= toIso(Date.now());
      found.sla.respondedAt ??= toIso(Date.now());
      record(found, 'transition', `Now ${body.to}. ${body.note}`.trim(), `状态改为 ${body.to}。${body.note}`);
      return found;
    },
    listAgents: ({ query }) => ({
      items: world.agents.filter(
        ({ state, enrolledAt, ciId }) =>
          (query.state === undefined || state === query.state) &&
          enrolledAt >= (query.enrolledSince ?? '') &&
          (query.label === undefined || (ciId !== null && isLabelledIn(world, ciId, query.label))),
      ),
      nextCursor: null,
    }),
    getAgent: ({ params }) => {
      const found = world.agents.find(({ id }) => id === params.id);
      if (!found) throw new Refusal(404, 'not-found', params.id);
      return found;
    },
    approveAgent: ({ params }) => setAgentState(world, params.id, 'active'),
    revokeAgent: ({ params }) => setAgentState(world, params.id, 'revoked'),
    getInstallPlatforms: () => ({ linux: true, windows: world.size !== 'new', macos: world.size !== 'new' }),
    listEnrolmentTokens: () => ({ items: world.tokens, nextCursor: null }),
    deleteEnrolmentToken: ({ params }) => {
      const found = world.tokens.find(({ id }) => id === params.id);
      if (!found) throw new Refusal(404, 'not-found', params.id);
      found.revokedAt = toIso(Date.now());
      return {};
    },
    createEnrolmentToken: ({ body }) => {
      enrolSoon(world, body.approval);
      const made: EnrolmentToken = {
        id: `tok_${world.tokens.length + 1}`,
        name: body.name,
        createdAt: toIso(Date.now()),
        expiresAt: body.expiresInHours === null ? null : toIso(Date.now() + body.expiresInHours * HOUR_MS),
        usesMax: body.usesMax,
        uses: 0,
        approval: body.approval,
        site: body.site,
        class: body.class,
        tags: body.tags,
        revokedAt: null,
      };
      world.tokens.unshift(made);
      return {
        ...made,
        token: 'mst_9f2c4e7a1b8d4c60a5e3f71d20c9b84e',
        serverKey: 'bW9jay1zZXJ2ZXIta2V5LW9mLTMyLWJ5dGVzLWxvbmc',
        install: {
          linux:
            "{ echo 'MUSTER_TOKEN=mst_9f2c4e7a1b8d4c60a5e3f71d20c9b84e; set -- --server https://muster.lanxi.example:8420 --server-key bW9jay1zZXJ2ZXIta2V5LW9mLTMyLWJ5dGVzLWxvbmc --tls direct --tls-pin Qm9vdHN0cmFwS2V5UGluRm9yVGVzdHM9PQ='; curl -fsSLk --pinnedpubkey sha256//Qm9vdHN0cmFwS2V5UGluRm9yVGVzdHM9PQ= https://muster.lanxi.example:8420/install/linux.sh; } | $(command -v sudo) sh",
          windows:
            "$f = New-TemporaryFile; curl.exe -fsSk -o $f 'https://muster.lanxi.example:8420/install/windows.ps1'; $b = [IO.File]::ReadAllBytes($f); Remove-Item $f; $h = (Get-FileHash -InputStream ([IO.MemoryStream]::new($b))).Hash; if ($h -ne '5f0c9d7f5a8e2d4b9c1e6a7f3b2d8c4e0a9b7c6d5e4f3a2b1c0d9e8f7a6b5c4d') { throw 'muster: the installer was not loaded, or was changed on the way' }; & ([ScriptBlock]::Create([Text.Encoding]::UTF8.GetString($b))) -Server 'https://muster.lanxi.example:8420' -ServerKey 'bW9jay1zZXJ2ZXIta2V5LW9mLTMyLWJ5dGVzLWxvbmc' -Tls direct -TlsPin 'Qm9vdHN0cmFwS2V5UGluRm9yVGVzdHM9PQ=' -Sums '5f0c9d7f5a8e2d4b9c1e6a7f3b2d8c4e0a9b7c6d5e4f3a2b1c0d9e8f7a6b5c4d' -Token 'mst_9f2c4e7a1b8d4c60a5e3f71d20c9b84e'",
          macos:
            "{ echo 'MUSTER_TOKEN=mst_9f2c4e7a1b8d4c60a5e3f71d20c9b84e; set -- --server https://muster.lanxi.example:8420 --server-key bW9jay1zZXJ2ZXIta2V5LW9mLTMyLWJ5dGVzLWxvbmc --tls direct --tls-pin Qm9vdHN0cmFwS2V5UGluRm9yVGVzdHM9PQ='; curl -fsSLk --pinnedpubkey sha256//Qm9vdHN0cmFwS2V5UGluRm9yVGVzdHM9PQ= https://muster.lanxi.example:8420/install/macos.sh; } | $(command -v sudo) sh",
          configure:
            'echo mst_9f2c4e7a1b8d4c60a5e3f71d20c9b84e | $(command -v sudo) muster-agent configure --server https://muster.lanxi.example:8420 --server-key bW9jay1zZXJ2ZXIta2V5LW9mLTMyLWJ5dGVzLWxvbmc --tls direct --tls-pin Qm9vdHN0cmFwS2V5UGluRm9yVGVzdHM9PQ=',
          packages: (
            [
              'linux-x64.deb',
              'linux-x64.rpm',
              'linux-arm64.deb',
              'linux-arm64.rpm',
              'darwin-arm64.tar.gz',
            ] as const
          ).map((end) => ({
            name: `muster-agent-${end}`,
            platform: end.startsWith('darwin')
              ? 'darwin-arm64'
              : end.startsWith('linux-x64')
                ? 'linux-x64'
                : 'linux-arm64',
            bytes: 50_721_300,
            url: `https://muster.lanxi.example:8420/install/packages/muster-agent-${end}`,
          })),
        },
      };
    },
    ...accessHandlers(world.startMs, user),
    ...agentConfigHandlers(world),
    ...alertHandlers(world),
    ...assetHandlers(world),
    ...availabilityHandlers(world),
    ...calendarHandlers(world),
    ...capacityHandlers(world),
    ...cmdbHandlers(world),
    ...historyHandlers(world),
    ...identityHandlers(world),
    ...incidentHandlers(world),
    ...controlHandlers(world),
    ...intakeHandlers(world),
    ...exchangeHandlers(world, user.role),
    ...inventoryHandlers(world),
    ...machinesHandlers(world, availabilityOf),
    ...maintenanceHandlers(world),
    ...presenceHandlers(world),
    ...relationHandlers(world),
    ...rolloutHandlers(world),
    ...ruleHandlers(world),
    ...operationsHandlers(world),
    ...searchHandlers(world, () => [user]),
  };
}

function setAgentState(world: World, id: string, state: 'active' | 'revoked') {
  const found = world.agents.find((agent) => agent.id === id);
  if (!found) throw new Refusal(404, 'not-found', id);
  found.state = state;
  if (state === 'revoked') found.connected = false;
  return found;
}

/** A machine appears a little after its token was made, step by step as a real one would. */
function enrolSoon(world: World, approval: boolean): void {
  const model = world.machines.at(-1);
  if (!model) return;
  const number = world.machines.length + 1;
  const id = `ci_${String(number).padStart(4, '0')}`;
  setTimeout(() => {
    const now = toIso(Date.now());
    const agent = {
      ...(world.agents[0] as World['agents'][number]),
      id: `agt_${number}`,
      ciId: null as string | null,
      hostname: `new-${number}`,
      state: approval ? ('pending' as const) : ('active' as const),
      enrolledAt: now,
      connected: true,
      connectedSince: now,
      lastSeenAt: now,
    };
    world.agents.push(agent);
    if (approval) return;
    setTimeout(() => {
      agent.ciId = id;
      world.machines.push({
        ...model,
        detail: {
          ...model.detail,
          id,
          name: `NEW-${number}`,
          presence: 'up',
          state: 'up',
          cause: null,
          presenceSince: now,
          lastSeenAt: now,
          createdAt: now,
          agentId: agent.id,
          openIncidents: 0,
        },
      });
    }, 3_000);
  }, 4_000);
}

function seenAt(detail: Machine['detail']): string | null {
  return detail.presence === 'up' ? toIso(Date.now() - 1_500) : detail.lastSeenAt;
}

function countFleet(world: World) {
  return countCells(rollOf(world).flatMap(({ cells }) => cells));
}

type Roll = z.input<(typeof ENDPOINTS)['rollCall']['response']>['sites'];

function rollOf(world: World): Roll {
  const sites = Map.groupBy(world.machines, ({ detail }) => detail.site);
  return [...sites]
    .map(([site, machines]) => ({
      site,
      cells: machines.map(({ detail }): Roll[number]['cells'][number] => [
        detail.id,
        detail.name,
        detail.state,
      ]),
    }))
    .sort((a, b) => Number(a.site === null) - Number(b.site === null) || b.cells.length - a.cells.length);
}

function countCells(cells: Roll[number]['cells']) {
  const counts = { total: cells.length, up: 0, asleep: 0, off: 0, planned: 0, silent: 0, unknown: 0 };
  for (const [, , state] of cells) counts[state] += 1;
  return counts;
}

const RAW_MS = 10_000;
/** The mock's percentiles are of so many points of the range. */
const QUANTILE_POINTS = 500;
const TIERS = [
  ['raw', RAW_MS],
  ['1m', MINUTE_MS],
  ['10m', 10 * MINUTE_MS],
  ['1h', HOUR_MS],
] as const;

function rangeOf(
  { detail, load }: Machine,
  metric: MetricName,
  fromMs: Millis,
  toMs: Millis,
  points: number,
  instance: string | undefined,
  startMs: Millis,
) {
  const wantedMs = (toMs - fromMs) / points;
  const [tier, tierMs] = TIERS.findLast(([, ms]) => ms <= Math.max(RAW_MS, wantedMs)) ?? TIERS[0];
  const stepMs = Math.max(tierMs, Math.ceil(wantedMs / tierMs) * tierMs);
  const silentMs =
    detail.presence === 'up' ? Number.POSITIVE_INFINITY : Date.parse(detail.presenceSince ?? '');
  const beganMs = startMs - 120 * DAY_MS;
  const series = instancesOf(metric, load)
    .filter((each) => instance === undefined || each === instance)
    .map((each) => {
      const list: number[][] = [];
      for (let atMs = Math.ceil(fromMs / stepMs) * stepMs; atMs < toMs; atMs += stepMs) {
        if (atMs > silentMs || atMs < beganMs || (tier === 'raw' && inGap(detail.id, atMs))) continue;
        const value = valueAt(detail.id, load, metric, each, atMs);
        if (tier === 'raw' && stepMs === RAW_MS) list.push([atMs, value]);
        else
          list.push([
            atMs,
            value,
            value * 0.88,
            METRICS[metric].unit === '%' ? Math.min(100, value * 1.14) : value * 1.14,
          ]);
      }
      return { instance: each, tier, points: list };
    });
  return { unit: shownUnit(metric), stepMs, series };
}

function availabilityOf(
  { detail, hours }: Machine,
  fromMs: Millis,
  toMs: Millis,
  formula: AvailabilityFormula = 'known-time',
) {
  type Interval = z.input<(typeof ENDPOINTS)['getAvailability']['response']>['intervals'][number];
  const sinceMs = Date.parse(detail.presenceSince ?? '');
  const intervals: Interval[] = [];
  const add = (startMs: Millis, endMs: Millis, part: Partial<Interval>) => {
    const [from, to] = [Math.max(fromMs, startMs), Math.min(toMs, endMs)];
    const presence = part.presence ?? 'up';
    const missed = presence === 'down' || (presence === 'unknown' && part.cause != null);
    if (to > from)
      intervals.push({
        from: toIso(from),
        to: to >= toMs ? null : toIso(to),
        presence,
        cause: null,
        expected: true,
        planned: false,
        state: presenceState({ presence, planned: false, inHours: true, missed }),
        evidence: [],
        revised: false,
        revisedAt: null,
        was: null,
        reclassified: null,
        because: [],
        ...part,
      });
  };
  for (let dayMs = new Date(fromMs).setHours(0, 0, 0, 0); dayMs < toMs; dayMs += DAY_MS) {
    const end = Math.min(
      dayMs + DAY_MS,
      sinceMs < dayMs + DAY_MS && detail.presence !== 'up' ? sinceMs : dayMs + DAY_MS,
    );
    if (hours) {
      add(dayMs, Math.min(end, dayMs + hours[0] * HOUR_MS), { presence: 'off', cause: 'shut-down' });
      add(dayMs + hours[0] * HOUR_MS, Math.min(end, dayMs + hours[1] * HOUR_MS), {});
      add(dayMs + hours[1] * HOUR_MS, Math.min(end, dayMs + DAY_MS), { presence: 'off', cause: 'shut-down' });
    } else if (new Date(dayMs).getDate() === 3) {
      add(dayMs, dayMs + 6 * HOUR_MS, {});
      add(dayMs + 6 * HOUR_MS, dayMs + 6.4 * HOUR_MS, {
        presence: 'down',
        cause: 'host-down',
        evidence: [
          {
            en: 'A new boot id came back; the last sample was 45 s before.',
            zh: '恢复时启动标识已变；最后样本在 45 秒前。',
          },
        ],
        revised: true,
        revisedAt: toIso(dayMs + 6.5 * HOUR_MS),
        was: { presence: 'unknown', cause: 'unreachable' },
      });
      add(dayMs + 6.4 * HOUR_MS, Math.min(end, dayMs + DAY_MS), {});
    } else add(dayMs, end, {});
  }
  if (detail.presence !== 'up')
    add(sinceMs, Number.MAX_SAFE_INTEGER, {
      presence: detail.presence ?? 'unknown',
      cause: detail.cause,
      expected: detail.expected ?? true,
    });
  const sum = (...presences: (typeof detail.presence)[]) =>
    intervals
      .filter(({ presence, expected }) => expected && presences.includes(presence))
      .reduce((total, { from, to }) => total + (to === null ? toMs : Date.parse(to)) - Date.parse(from), 0) /
    1000;
  const [downSeconds, unknownSeconds, agreedSeconds] = [
    sum('down'),
    sum('unknown'),
    sum('up', 'down', 'unknown'),
  ];
  const known = agreedSeconds - unknownSeconds;
  const outageList = intervals
    .filter(({ presence }) => presence === 'down')
    .map(({ from, to, presence, cause, evidence, revised, revisedAt, was, because }) => ({
      from,
      to,
      seconds: ((to === null ? toMs : Date.parse(to)) - Date.parse(from)) / 1000,
      presence,
      cause,
      evidence,
      revised,
      revisedAt,
      was,
      reclassified: [],
      because,
    }))
    .toReversed();
  const outages = outageList.length;
  return {
    formula,
    formulaWords: FORMULA_WORDS[formula],
    revisedAt: outageList.find(({ revisedAt }) => revisedAt !== null)?.revisedAt ?? null,
    beforeRevision:
      outages === 0
        ? null
        : {
            availability: 100,
            coverage: (100 * (known - downSeconds)) / agreedSeconds,
            downSeconds: 0,
            unknownSeconds: downSeconds,
            outages: 0,
          },
    outageList,
    excludedSeconds: 0,
    reclassifiedSeconds: 0,
    mtbsiSeconds: outages === 0 ? null : known / outages,
    longestOutageSeconds: Math.max(0, ...outageList.map(({ seconds }) => seconds)),
    agreedSeconds,
    downSeconds,
    unknownSeconds,
    plannedSeconds: 0,
    availability: known > 0 ? (100 * (known - downSeconds)) / known : null,
    availabilityLow:
      agreedSeconds > 0 ? (100 * (agreedSeconds - unknownSeconds - downSeconds)) / agreedSeconds : null,
    availabilityHigh: agreedSeconds > 0 ? (100 * (agreedSeconds - downSeconds)) / agreedSeconds : null,
    coverage: agreedSeconds > 0 ? (100 * known) / agreedSeconds : null,
    mtbfSeconds: outages > 0 ? (known - downSeconds) / outages : null,
    mtrsSeconds: outages > 0 ? downSeconds / outages : null,
    outages,
    intervals,
  };
}

/** Metrics that come every second while a machine is watched. */
const LIVE_METRICS = (Object.keys(METRICS) as MetricName[]).filter(
  (metric) =>
    'flight' in metricDefinition(metric) || metric === 'cpu.core.utilisation' || metric === 'memory.cached',
);

function serveLive(socket: WebSocket, world: World): void {
  const topics = new Map<string, Topic>();
  const send = (message: LiveFromServer) => socket.send(JSON.stringify(message));
  socket.on('message', (data) => {
    const message = LiveToServer.parse(JSON.parse(Buffer.isBuffer(data) ? data.toString('utf8') : ''));
    if (message.type === 'subscribe') topics.set(message.id, message.topic);
    else topics.delete(message.id);
  });
  socket.on('mock-incident', (incident: IncidentSummary) => {
    for (const [id, topic] of topics) {
      if (
        topic.name === 'incidents' ||
        (topic.name === 'incident' && (topic.id === incident.id || topic.id === incident.ref))
      )
        send({ type: 'incident', id, incident });
    }
  });
  const tick = () => {
    const atMs = Date.now();
    send({ type: 'heartbeat', serverTimeMs: atMs, serverStartedAtMs: world.startMs });
    for (const [id, topic] of topics) {
      if (topic.name === 'fleet') {
        const open = world.incidents.filter(({ state }) => isOpen(state));
        send({
          type: 'fleet',
          id,
          fleet: countFleet(world),
          openIncidents: open.length,
          unclaimedIncidents: open.filter(({ assignee }) => assignee === null).length,
          samplesPerSecond: world.machines.length * 8.4,
        });
      }
      if (topic.name === 'presence') {
        const items = world.machines
          .filter(({ detail }) => detail.presence !== null)
          .map(({ detail }) => ({
            ciId: detail.id,
            presence: detail.presence ?? 'unknown',
            cause: detail.cause,
            expected: detail.expected ?? true,
            state: detail.state,
            sinceMs: Date.parse(detail.presenceSince ?? ''),
            lastSeenMs: Date.parse(seenAt(detail) ?? ''),
          }));
        send({ type: 'presence', id, items });
      }
      const watched =
        topic.name === 'machine' ? world.machines.find(({ detail }) => detail.id === topic.ciId) : undefined;
      if (watched && watched.detail.presence === 'up') {
        const { detail, load } = watched;
        send({
          type: 'samples',
          id,
          atMs,
          interval: 'live',
          points: LIVE_METRICS.flatMap((metric) =>
            instancesOf(metric, load).map((instance): [string, string, number] => [
              metric,
              instance,
              valueAt(detail.id, load, metric, instance, atMs),
            ]),
          ),
        });
        send({ type: 'processes', id, atMs, items: processesOf(watched, atMs) });
      }
    }
  };
  tick();
  const timer = setInterval(tick, 1_000);
  socket.on('close', () => clearInterval(timer));
}

if (import.meta.main) {
  const mock = await startMock({ port: 8421, size: process.argv.includes('--new') ? 'new' : 'full' });
  process.stdout.write(
    `mock server on http://127.0.0.1:${mock.port}, sign in as ${MOCK_ACCOUNT.name} / ${MOCK_ACCOUNT.password}\n`,
  );
}

import type { fleetEndpoints } from '@muster/shared/api/fleet.ts';
import { encodeFrame } from '@muster/shared/wire/frames.ts';
import type { Endpoint } from '@muster/shared/api/endpoint.ts';
import { expect, test } from 'vitest';
import type { RequestContext } from '../http/routes.ts';
import { createWorld, enrol, newKeys, settle, START_MS, type World } from '../ws/testing.ts';
import { addFleetRoutes } from './routes.ts';

type AnyHandler = (
  input: { params: unknown; query: unknown; body: unknown },
  context: RequestContext,
) => Promise<unknown>;

/** Calls a route as the server does: input parsed before, answer checked after. */
function client(world: World, isLabelled = (_ciId: string, _label: string) => false) {
  const handlers = new Map<string, { endpoint: Endpoint; handler: AnyHandler }>();
  const { fleet, link } = world;
  addFleetRoutes(
    { add: (endpoint, handler) => handlers.set(endpoint.id, { endpoint, handler }) },
    {
      fleet,
      connected: (agentId) => link.agents.connected(agentId),
      holdMsOf: () => 20_000,
      pinned: () => false,
      isLabelled,
      ownAgentId: () => null,
      platforms: () => Promise.resolve({ linux: true, windows: false, macos: false }),
      install: (token) => ({
        linux: `curl … ${token}`,
        windows: null,
        macos: null,
        configure: null,
        packages: [],
      }),
    },
  );
  return async (
    id: keyof typeof fleetEndpoints,
    input: { id?: string; query?: object; body?: object } = {},
  ): Promise<Record<string, unknown>> => {
    const route = handlers.get(id);
    if (!route) throw new Error(`${id} is not mounted`);
    const { endpoint, handler } = route;
    const context = { nowMs: world.clock.now(), address: '127.0.0.1' } as RequestContext;
    const parsed = {
      params: endpoint.params.parse(input.id === undefined ? {} : { id: input.id }),
      query: endpoint.query.parse(input.query ?? {}),
      body: endpoint.body.parse(input.body ?? {}),
    };
    return endpoint.response.parse(await handler(parsed, context)) as Record<string, unknown>;
  };
}

test('[FL4] the secret of a token is in the answer that makes it and nowhere else', async () => {
  const world = createWorld();
  const call = client(world);
  const made = await call('createEnrolmentToken', {
    body: { name: 'office', usesMax: 3, tags: ['office'], site: 'Berlin' },
  });
  expect(made).toMatchObject({
    name: 'office',
    usesMax: 3,
    uses: 0,
    site: 'Berlin',
    tags: ['office'],
    expiresAt: '2023-11-15T22:13:20.000Z',
  });
  expect(made['install']).toEqual({
    linux: `curl … ${String(made['token'])}`,
    windows: null,
    macos: null,
    configure: null,
    packages: [],
  });
  expect(made['serverKey']).toMatch(/^[A-Za-z0-9_-]{43}$/);
  const secret = String(made['token']).slice(-64);
  const listed = await call('listEnrolmentTokens');
  expect(listed['items']).toHaveLength(1);
  expect(JSON.stringify(listed)).not.toContain(secret);
  expect(JSON.stringify(await world.store.token(String(made['id'])))).not.toContain(secret);
});

test('[FL4] a token is revoked by its id, once', async () => {
  const world = createWorld();
  const call = client(world);
  const made = await call('createEnrolmentToken');
  await call('deleteEnrolmentToken', { id: String(made['id']) });
  await expect(call('deleteEnrolmentToken', { id: String(made['id']) })).rejects.toMatchObject({
    code: 'not-found',
  });
});

test('[FL8] an agent is shown with what is known of its connection', async () => {
  const world = createWorld();
  const call = client(world);
  const { keys, session } = await enrol(world, newKeys(), { proof: { sentAtMs: START_MS - 7_000 } });
  const series = session.encoder.declare({
    metric: 'agent.spool.used',
    instance: '',
    kind: 'gauge',
    decimals: 0,
  });
  session.connection.binary(
    frame(session.encoder.encode([{ atMs: START_MS, series: [series], values: [4_096] }])),
  );
  await settle();
  expect(await call('getAgent', { id: keys.agentId })).toMatchObject({
    id: keys.agentId,
    connected: true,
    connectedSince: '2023-11-14T22:13:20.000Z',
    spoolUsedBytes: 4_096,
    holdMs: 20_000,
    clockSkewMs: 7_000,
    address: '10.0.0.1',
    state: 'active',
  });
  session.connection.closed();
  await settle();
  await world.seconds(31);
  expect((await call('listAgents', { query: { state: 'active' } }))['items']).toMatchObject([
    {
      id: keys.agentId,
      connected: false,
      spoolUsedBytes: null,
      holdMs: null,
      lastSeenAt: '2023-11-14T22:13:20.000Z',
      clockSkewMs: 7_000,
    },
  ]);
});

test('[DB340] agents are listed by a label of their machine; no page is empty while there are others', async () => {
  const world = createWorld();
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) {
    const { keys } = await enrol(world, newKeys());
    ids.push(keys.agentId);
    // The last one's machine is not known yet.
    if (i < 4) await world.fleet.store.setCi(keys.agentId, `ci_${i}`);
  }
  const asked: string[] = [];
  const call = client(world, (ciId, label) => {
    asked.push(label);
    return ciId === 'ci_1' || ciId === 'ci_3';
  });
  const found: unknown[] = [];
  let cursor: unknown;
  do {
    const page = await call('listAgents', {
      query: { label: 'env=live', limit: 1, ...(typeof cursor === 'string' ? { cursor } : {}) },
    });
    const items = page['items'] as { id: string }[];
    found.push(...items.map(({ id }) => id));
    cursor = page['nextCursor'];
    if (cursor !== null) expect(items).toHaveLength(1);
  } while (cursor !== null);
  expect(new Set(found)).toEqual(new Set([ids[1], ids[3]]));
  expect(found).toHaveLength(2);
  expect(new Set(asked)).toEqual(new Set(['env=live']));
});

test('[FL7] only a waiting agent can be let in; an unknown one is not found', async () => {
  const world = createWorld();
  const call = client(world);
  const { keys } = await enrol(world, newKeys(), { token: await world.token({ approval: true }) });
  expect(await call('approveAgent', { id: keys.agentId })).toMatchObject({ state: 'active' });
  expect(await call('revokeAgent', { id: keys.agentId })).toMatchObject({
    state: 'revoked',
    connected: false,
  });
  await expect(call('approveAgent', { id: keys.agentId })).rejects.toMatchObject({
    code: 'transition-not-allowed',
  });
  await expect(call('revokeAgent', { id: 'f'.repeat(32) })).rejects.toMatchObject({ code: 'not-found' });
});

function frame(body: Uint8Array): Uint8Array {
  return encodeFrame('samples', 1, body);
}

import { AlertCounts, alertsEndpoints } from '@muster/shared/api/alerts.ts';
import type { Endpoint } from '@muster/shared/api/endpoint.ts';
import { Alert } from '@muster/shared/api/rules.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, toIso, type Millis } from '@muster/shared/time.ts';
import { beforeEach, expect, test } from 'vitest';
import type { Handler, Routes } from '../http/routes.ts';
import { addRuleRoutes } from '../rules/routes.ts';
import { Stage } from '../rules/stage.ts';
import { addAlertRoutes } from './routes.ts';

const actor = { name: 'user:anna', userId: 'usr_1', role: 'operator' } as const;
const Outcome = alertsEndpoints.acknowledgeAlerts.response;

/** Two sensors of one machine, and the routes without the web. */
class Desk {
  readonly stage = new Stage();
  readonly lines: string[] = [];
  readonly #handlers = new Map<string, (input: unknown) => Promise<unknown>>();

  async open(): Promise<void> {
    await this.stage.start();
    await this.stage.keepOnly(() => false);
    const routes: Routes = {
      add: <E extends Endpoint>(endpoint: E, handler: Handler<E>) => {
        const handle = handler as (input: object, context: object) => Promise<unknown>;
        this.#handlers.set(endpoint.id, async (input) => {
          const { params = {}, query = {}, body = {} } = input as Record<string, unknown>;
          const parsed = {
            params: endpoint.params.parse(params),
            query: endpoint.query.parse(query),
            body: endpoint.body.parse(body),
          };
          const { signal } = new AbortController();
          const context = { actor, nowMs: this.stage.nowMs, address: '127.0.0.1', signal };
          return endpoint.response.parse(await handle(parsed, context));
        });
      },
    };
    const { stage } = this;
    const directory = {
      get: (id: string) => (id === stage.entry.id ? stage.entry : undefined),
      all: () => [stage.entry],
      onChange: () => undefined,
    };
    addRuleRoutes(routes, { engine: stage.engine, store: stage.store, directory });
    addAlertRoutes(routes, {
      alerts: stage.engine,
      directory,
      incidentRefs: async (ids) => new Map(ids.map((id) => [id, 'INC-0007'])),
      incidents: {
        ofAlert: (id) => ({ id: `inc_of_${id}` }) as never,
        notice: async (incidentId, { seen, text }, actor) => {
          this.lines.push(`${incidentId} ${seen ? 'seen' : 'not seen'} by ${actor}: ${text.en}`);
        },
      },
    });
    await this.call('createRule', {
      body: {
        name: 'Hot',
        selector: { ciId: 'ci_1' },
        condition: {
          type: 'threshold',
          metric: 'temperature',
          op: 'above',
          levels: [
            { severity: 'warning', level: 80, clear: 70 },
            { severity: 'critical', level: 100, clear: 90 },
          ],
          forMs: 0,
          keepForMs: 0,
        },
      },
    });
  }

  async read(values: Readonly<Record<string, number>>): Promise<void> {
    const readings = Object.entries(values).map(([chip, value]) => [`temperature ${chip}`, value]);
    await this.stage.deliver(this.stage.tickOf(this.stage.nowMs, Object.fromEntries(readings)));
    await this.stage.wait(10 * SECOND_MS);
  }

  async live(query: object = {}): Promise<Alert[]> {
    const { items } = (await this.call('listAlerts', { query: { state: 'live', ...query } })) as {
      items: unknown[];
    };
    return items.map((item) => Alert.parse(item));
  }

  acknowledge(ids: readonly string[], untilMs: Millis | null = null): Promise<unknown> {
    const until = untilMs === null ? null : toIso(untilMs);
    return this.call('acknowledgeAlerts', { body: { ids, until, note: 'fan ordered' } });
  }

  call(id: string, input: object = {}): Promise<unknown> {
    const handler = this.#handlers.get(id);
    if (!handler) throw new Error(`no route ${id}`);
    return handler(input);
  }
}

let desk: Desk;
beforeEach(async () => {
  desk = new Desk();
  await desk.open();
});

test('[CR14] several alerts are acknowledged at once: who, until when and why stay visible, also in the incident', async () => {
  await desk.read({ a: 90, b: 90 });
  const ids = (await desk.live()).map(({ id }) => id);
  const untilMs = desk.stage.nowMs + HOUR_MS;
  const { done, left } = Outcome.parse(await desk.acknowledge(ids, untilMs));
  expect(left).toEqual([]);
  expect(done).toHaveLength(2);
  const seen = { by: 'user:anna', until: toIso(untilMs), note: 'fan ordered' };
  for (const alert of await desk.live())
    expect(alert).toMatchObject({ state: 'acknowledged', acknowledgement: seen, incidentRef: null });
  expect(desk.lines[0]).toBe(
    `inc_of_${ids[0]} seen by user:anna: anna acknowledged an alert until 2026-11-20 13:00 UTC: fan ordered`,
  );
  expect(AlertCounts.parse(await desk.call('countAlerts'))).toMatchObject({
    total: 2,
    open: 0,
    acknowledged: 2,
    critical: 0,
  });
});

test('[CR14] an end in the past, or further than 30 days, and a missing reason are refused', async () => {
  await desk.read({ a: 90 });
  const ids = (await desk.live()).map(({ id }) => id);
  for (const untilMs of [desk.stage.nowMs, desk.stage.nowMs + 30 * DAY_MS + 1])
    await expect(desk.acknowledge(ids, untilMs)).rejects.toMatchObject({ code: 'input-invalid' });
  await expect(desk.call('acknowledgeAlerts', { body: { ids, note: ' ' } })).rejects.toThrow();
});

test('[CR15] at its end it is told again, once, with the name of who had seen it', async () => {
  await desk.read({ a: 90 });
  const ids = (await desk.live()).map(({ id }) => id);
  await desk.acknowledge(ids, desk.stage.nowMs + 10 * MINUTE_MS);
  desk.stage.told.length = 0;
  for (let i = 0; i < 59; i++) await desk.read({ a: 90 });
  expect(desk.stage.told).toEqual([]);
  for (let i = 0; i < 30; i++) await desk.read({ a: 90 });
  expect(desk.stage.told.map(({ type, remind }) => ({ type, remind }))).toEqual([
    { type: 'updated', remind: true },
  ]);
  expect(desk.stage.told[0]?.title.en).toContain('The acknowledgement by anna has run out');
  expect(await desk.live()).toMatchObject([{ state: 'open', acknowledgement: null }]);
});

test('[CR15] the end comes also when the server was down at that time', async () => {
  await desk.read({ a: 90 });
  const ids = (await desk.live()).map(({ id }) => id);
  await desk.acknowledge(ids, desk.stage.nowMs + 10 * MINUTE_MS);
  desk.stage.told.length = 0;
  desk.stage.nowMs += HOUR_MS;
  await desk.stage.start();
  await desk.stage.wait(10 * SECOND_MS);
  expect(desk.stage.told.map(({ remind }) => remind)).toEqual([true]);
});

test('[CR15] what gets worse is open again; what is over has no acknowledgement when it comes anew', async () => {
  await desk.read({ a: 90, b: 90 });
  const ids = (await desk.live()).map(({ id }) => id);
  await desk.acknowledge(ids);
  await desk.read({ a: 105, b: 60 });
  await desk.read({ a: 105, b: 90 });
  expect(
    (await desk.live()).map(({ instance, state, acknowledgement }) => [instance, state, acknowledgement]),
  ).toEqual(
    expect.arrayContaining([
      ['a', 'open', null],
      ['b', 'open', null],
    ]),
  );
});

test('[CR16] what cannot be acknowledged is named, and the rest is done', async () => {
  await desk.read({ a: 90, b: 90 });
  const [first, second] = await desk.live();
  await desk.read({ a: first?.instance === 'a' ? 90 : 60, b: first?.instance === 'b' ? 90 : 60 });
  const ids = [first?.id ?? '', second?.id ?? '', 'alr_none', first?.id ?? ''];
  const { done, left } = Outcome.parse(await desk.acknowledge(ids));
  expect(done.map(({ id }) => id)).toEqual([first?.id]);
  expect(left).toEqual(
    expect.arrayContaining([
      { id: second?.id, because: 'resolved' },
      { id: 'alr_none', because: 'not-found' },
    ]),
  );
});

test('[CR16] an acknowledgement is taken back', async () => {
  await desk.read({ a: 90 });
  const ids = (await desk.live()).map(({ id }) => id);
  await desk.acknowledge(ids);
  const back = async () => Outcome.parse(await desk.call('withdrawAcknowledgements', { body: { ids } }));
  expect((await back()).done).toMatchObject([{ state: 'open', acknowledgement: null }]);
  expect((await back()).left).toEqual([{ id: ids[0], because: 'not-acknowledged' }]);
  expect(desk.lines.at(-1)).toContain('anna took back the acknowledgement of an alert.');
});

test('[CR17] alerts are listed by why they are quiet, and flapping says how much', async () => {
  for (let i = 0; i < 6; i++) {
    await desk.read({ a: 90, b: 60 });
    await desk.read({ a: 60, b: 60 });
  }
  await desk.read({ a: 90, b: 90 });
  expect((await desk.live()).length).toBe(2);
  const flapping = await desk.live({ quiet: 'flapping' });
  expect(flapping).toMatchObject([
    { instance: 'a', suppressedBy: { kind: 'flapping' }, flapping: { changes: 13 } },
  ]);
  expect(flapping[0]?.flapping?.percent).toBe(68.9);
  expect(await desk.live({ quiet: 'flapping', q: 'nothing' })).toEqual([]);
  expect(await desk.live({ quiet: 'flapping', q: 'TEMPERATURE' })).toHaveLength(1);
  expect(await desk.live({ quiet: 'storm' })).toEqual([]);
  expect(AlertCounts.parse(await desk.call('countAlerts'))).toMatchObject({
    total: 2,
    flapping: 1,
    storm: 0,
  });
});

import { MINUTE_MS } from '@muster/shared/time.ts';
import { INCIDENT_STATES, INCIDENT_TRANSITIONS } from '@muster/shared/api/incidents.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newId } from '../ids.ts';
import { createMemoryIncidentStore } from '../store/memory/incidents.ts';
import { createNotifier } from '../notify/notify.ts';
import { createMemoryNotifyStore } from '../store/memory/notify.ts';
import { createIncidents, type IncidentEvent, type Incidents } from './incidents.ts';
import { AFFECTED_MAX, ALERTS_MAX, VERIFY_MS, type AlertNews, type CiFacts } from './life-cycle.ts';
import { createOutbox } from './outbox.ts';
import { PRIORITY_MATRIX } from '@muster/shared/incidents/matrix.ts';
import { judge } from './priority.ts';

const SERVER: CiFacts = { id: 'ci_a', name: 'SRV-ERP01', class: 'Server', criticality: 2, expectedNow: true };

async function setUp(store = createMemoryIncidentStore()) {
  const events: IncidentEvent[] = [];
  const incidents = await createIncidents({
    store,
    newId,
    holderOf: async (name) => (name === 'nobody' ? null : name),
    onEvent: (event) => void events.push(event),
  });
  return { store, incidents, events, types: () => events.map(({ type }) => type) };
}

function news(some: Partial<AlertNews> = {}): AlertNews {
  const title = { en: 'CPU in use on SRV-ERP01 is above 90 %', zh: 'SRV-ERP01 的 CPU 使用率高于 90%' };
  return {
    type: 'opened',
    atMs: 0,
    alertId: 'al_1',
    severity: 'warning',
    breachedAtMs: 0,
    causeKey: 'ci_a cpu',
    outage: false,
    affected: SERVER,
    title,
    description: title,
    ...some,
  };
}

const REOPEN_MS = 60 * MINUTE_MS;

describe('affected machines and joined incidents', () => {
  const SWITCH: CiFacts = { ...SERVER, id: 'ci_sw', name: 'SW-2F', class: 'NetworkDevice' };
  const pc = (n: number): CiFacts => ({ ...SERVER, id: `ci_p${n}`, name: `PC-${n}`, class: 'Workstation' });
  const WHY = { en: 'PC-1 stands behind SW-2F.', zh: 'PC-1 位于 SW-2F 之后。' };

  test('[IC19] the incident of a cause holds the alerts of whom it affects, each since when and until when', async () => {
    const { incidents, store } = await setUp();
    const causeTitle = { en: 'SW-2F is not reachable', zh: '无法访问 SW-2F' };
    const effect = (n: number, some: Partial<AlertNews> = {}) =>
      news({ alertId: `al_${n}`, causeKey: 'ci_sw silent', affected: pc(n), causeTitle, ...some });
    await incidents.react(effect(1, { breachedAtMs: 5 }), SWITCH, 10);
    await incidents.react(effect(2, { breachedAtMs: 7 }), SWITCH, 11);
    await incidents.react(effect(1, { type: 'resolved' }), SWITCH, 20);
    expect(await store.get('INC-0001')).toMatchObject({
      title: causeTitle,
      ciId: 'ci_sw',
      affected: [
        { ciId: 'ci_p1', name: 'PC-1', sinceMs: 5, untilMs: 20 },
        { ciId: 'ci_p2', sinceMs: 7, untilMs: null },
      ],
    });
    expect([incidents.openOf('ci_sw'), incidents.openOf('ci_p2')]).toEqual([1, 1]);
    await incidents.react(effect(1, { alertId: 'al_9', breachedAtMs: 30 }), SWITCH, 31);
    expect((await store.get('INC-0001'))?.affected[0]).toMatchObject({ sinceMs: 5, untilMs: null });
  });

  test('[IC19] of more machines than are listed the others are counted, each once', async () => {
    const { incidents, store } = await setUp();
    const effect = (n: number, alertId = `al_${n}`) =>
      news({ alertId, causeKey: 'ci_sw silent', affected: pc(n) });
    for (let n = 0; n < AFFECTED_MAX + 3; n += 1) await incidents.react(effect(n), SWITCH, n);
    await incidents.react(effect(AFFECTED_MAX + 1, 'al_more'), SWITCH, 9_999);
    const { affected, affectedBeyond } = (await store.get('INC-0001')) ?? {};
    expect([affected?.length, affectedBeyond]).toEqual([AFFECTED_MAX, 3]);
  });

  test('[IC21] joined: alerts, affected, first breach and holder go over; the other is cancelled and points to it', async () => {
    const { incidents, store, types } = await setUp();
    await incidents.react(news({ alertId: 'al_1', causeKey: 'ci_p1 silent', affected: pc(1) }), pc(1), 10);
    await incidents.assign('INC-0001', 'anna', undefined, 'user:anna', 11);
    await incidents.react(
      news({ alertId: 'al_2', causeKey: 'ci_sw silent', affected: SWITCH, breachedAtMs: 15, outage: true }),
      SWITCH,
      20,
    );
    const [effect, cause] = [await store.get('INC-0001'), await store.get('INC-0002')];
    const held = await incidents.join(cause?.id ?? '', effect?.id ?? '', WHY, 30);
    expect(held).toMatchObject({
      ref: 'INC-0002',
      state: 'assigned',
      assignee: 'anna',
      breachedAtMs: 0,
      needsCause: true,
      alerts: [{ alertId: 'al_2' }, { alertId: 'al_1' }],
      affected: [{ ciId: 'ci_sw' }, { ciId: 'ci_p1' }],
    });
    expect(await store.get('INC-0001')).toMatchObject({ state: 'cancelled', mergedIntoId: cause?.id });
    expect(types()).toEqual(['opened', 'changed', 'opened', 'changed', 'merged']);
    expect((await store.timeline(cause?.id ?? '')).at(-1)?.text.en).toContain('INC-0001');
    expect(incidents.incidentOfAlert('al_1')).toBe(cause?.id);
    // Again it changes nothing; from the side of the joined one it leads to the same.
    expect((await incidents.join(cause?.id ?? '', effect?.id ?? '', WHY, 31))?.version).toBe(held?.version);
    expect((await store.list({ limit: 9, ciId: 'ci_p1' })).items.map(({ ref }) => ref)).toEqual([
      'INC-0002',
      'INC-0001',
    ]);
  });

  test('[IC22] the cause of a joined incident comes back in the one that it joined, long after on its own', async () => {
    const { incidents, store } = await setUp();
    const own = (some: Partial<AlertNews>) =>
      news({ alertId: 'al_1', causeKey: 'ci_p1 silent', affected: pc(1), ...some });
    await incidents.react(own({}), pc(1), 0);
    await incidents.react(news({ alertId: 'al_2', causeKey: 'ci_sw silent', affected: SWITCH }), SWITCH, 1);
    const ids = (await store.list({ limit: 9 })).items.map(({ id }) => id);
    await incidents.join(ids[0] ?? '', ids[1] ?? '', WHY, 2);
    await incidents.react(own({ type: 'resolved' }), pc(1), 10);
    await incidents.react(own({ alertId: 'al_3' }), pc(1), 10 + REOPEN_MS);
    expect((await store.list({ limit: 9 })).items).toHaveLength(2);
    expect(incidents.incidentOfAlert('al_3')).toBe(ids[0]);
    await incidents.react(own({ alertId: 'al_3', type: 'resolved' }), pc(1), 20 + REOPEN_MS);
    await incidents.react(own({ alertId: 'al_4' }), pc(1), 21 + 2 * REOPEN_MS);
    expect((await store.list({ limit: 9 })).items.map(({ state }) => state)).toEqual([
      'new',
      'new',
      'cancelled',
    ]);
  });

  test('[IC21] what is over is joined to nothing; a restored one opens again with what is open', async () => {
    const { incidents, store } = await setUp();
    await incidents.react(news(), SERVER, 0);
    await incidents.react(news({ alertId: 'al_2', causeKey: 'ci_sw silent', affected: SWITCH }), SWITCH, 1);
    await incidents.move('INC-0001', { to: 'cancelled', note: 'test' }, undefined, 'user:anna', 2);
    const [second, first] = (await store.list({ limit: 9 })).items.map(({ id }) => id);
    expect(await incidents.join(second ?? '', first ?? '', WHY, 3)).toBeNull();
    await incidents.react(news({ alertId: 'al_2', type: 'resolved', affected: SWITCH }), SWITCH, 4);
    await incidents.react(news({ alertId: 'al_3' }), SERVER, 5);
    const third = incidents.incidentOfAlert('al_3') ?? '';
    expect(await incidents.join(second ?? '', third, WHY, 6)).toMatchObject({
      state: 'new',
      quietSinceMs: null,
    });
  });
});

describe('opened by the machine', () => {
  test('[IC3] an alert opens one incident with priority, reason and reference', async () => {
    const { incidents, types } = await setUp();
    const incident = await incidents.react(news({ severity: 'critical' }), SERVER, 1_000);
    expect(incident).toMatchObject({
      ref: 'INC-0001',
      state: 'new',
      priority: 2,
      impact: 2,
      urgency: 2,
      ciId: 'ci_a',
      needsCause: false,
    });
    expect(incident?.why.en).toContain('criticality 2');
    expect(incident?.why.zh).toContain('关键度 2');
    expect(types()).toEqual(['opened']);
    expect(incidents.openCounts()).toEqual({ open: 1, unclaimed: 1, alarmed: 0 });
  });

  test('[IC3] the same news again, and a second alert of the same cause, open no second incident', async () => {
    const { incidents, store } = await setUp();
    await incidents.react(news(), SERVER, 0);
    await incidents.react(news(), SERVER, 1);
    await Promise.all([
      incidents.react(news({ alertId: 'al_2' }), SERVER, 2),
      incidents.react(news({ alertId: 'al_3' }), SERVER, 2),
    ]);
    const all = await store.list({ limit: 9 });
    expect(all.items).toHaveLength(1);
    expect(all.items[0]?.alerts).toHaveLength(3);
  });

  test('[IC3] another cause on the same machine is another incident', async () => {
    const { incidents, store } = await setUp();
    await incidents.react(news(), SERVER, 0);
    await incidents.react(news({ alertId: 'al_2', causeKey: 'ci_a filesystem /' }), SERVER, 1);
    expect((await store.list({ limit: 9 })).items.map(({ ref }) => ref)).toEqual(['INC-0002', 'INC-0001']);
  });

  test('[IC3] news of a resolution without an incident does nothing', async () => {
    const { incidents, events } = await setUp();
    expect(await incidents.react(news({ type: 'resolved' }), SERVER, 0)).toBeNull();
    expect(events).toEqual([]);
  });

  test('[IC4] escalation raises the priority and says so; the deadline moves with it', async () => {
    const { incidents, store } = await setUp();
    const before = await incidents.react(news(), SERVER, 0);
    const after = await incidents.react(news({ type: 'escalated', severity: 'critical' }), SERVER, MINUTE_MS);
    expect(before?.priority).toBe(3);
    expect(after?.priority).toBe(2);
    expect(after?.restoreByMs).toBeLessThan(before?.restoreByMs ?? 0);
    expect((await store.timeline(after?.id ?? '')).map(({ kind }) => kind)).toContain('priority');
  });

  test('[IC5] when the cause is gone it is resolved, verified after a quiet time, and restored', async () => {
    const { incidents, store, types } = await setUp();
    await incidents.react(news(), SERVER, 0);
    await incidents.react(news({ type: 'resolved' }), SERVER, MINUTE_MS);
    expect((await store.get('INC-0001'))?.state).toBe('resolved');
    await incidents.tick(MINUTE_MS + VERIFY_MS - 1);
    expect((await store.get('INC-0001'))?.state).toBe('resolved');
    await incidents.tick(MINUTE_MS + VERIFY_MS);
    expect(await store.get('INC-0001')).toMatchObject({
      state: 'restored',
      resolution: 'recovered-by-itself',
    });
    expect(types()).toEqual(['opened', 'resolved', 'restored']);
  });

  test('[IC5] one of two alerts resolved is not the end', async () => {
    const { incidents, store } = await setUp();
    await incidents.react(news(), SERVER, 0);
    await incidents.react(news({ alertId: 'al_2' }), SERVER, 0);
    await incidents.react(news({ type: 'resolved' }), SERVER, 1);
    expect((await store.get('INC-0001'))?.state).toBe('new');
  });

  test.each([
    ['soon after', REOPEN_MS, 1],
    ['long after', REOPEN_MS + 1, 2],
  ])('[IC7] the same cause %s the end is the same incident or a new one', async (_when, laterMs, count) => {
    const { incidents, store } = await setUp();
    await incidents.react(news(), SERVER, 0);
    await incidents.assign('INC-0001', 'anna', undefined, 'user:anna', 1);
    await incidents.react(news({ type: 'resolved' }), SERVER, 10);
    await incidents.tick(10 + VERIFY_MS);
    await incidents.react(news({ alertId: 'al_9' }), SERVER, 10 + laterMs);
    const all = (await store.list({ limit: 9 })).items;
    expect(all).toHaveLength(count);
    expect(all.at(-1)?.state).toBe(count === 1 ? 'in_progress' : 'restored');
  });

  test('[IC8] what was open before a restart is taken up again: no second incident, no lost number', async () => {
    const { incidents, store } = await setUp();
    await incidents.react(news(), SERVER, 0);
    const again = await setUp(store);
    await again.incidents.react(news(), SERVER, 10);
    await again.incidents.react(news({ alertId: 'al_2', causeKey: 'ci_a memory' }), SERVER, 11);
    expect((await store.list({ limit: 9 })).items.map(({ ref }) => ref)).toEqual(['INC-0002', 'INC-0001']);
    expect(again.incidents.incidentOfAlert('al_1')).toBe((await store.get('INC-0001'))?.id);
  });
});

test('[IC7] an incident that opens again keeps the first breach; an earlier one of another alert counts', async () => {
  const { incidents, store } = await setUp();
  await incidents.react(news({ breachedAtMs: 50 }), SERVER, 100);
  await incidents.react(news({ type: 'resolved' }), SERVER, 200);
  await incidents.react(news({ alertId: 'al_2', breachedAtMs: 900 }), SERVER, 1_000);
  expect(await store.get('INC-0001')).toMatchObject({ state: 'new', breachedAtMs: 50 });
  await incidents.react(news({ alertId: 'al_3', breachedAtMs: 20 }), SERVER, 1_001);
  expect((await store.get('INC-0001'))?.breachedAtMs).toBe(20);
});

describe('told', () => {
  test('[IC14] what happened just before a crash is told after it, in order and once', async () => {
    const { incidents, store } = await setUp();
    await incidents.react(news({ severity: 'critical' }), SERVER, 100);
    await incidents.note('INC-0001', 'seen', 'user:anna', 101);
    await incidents.react(news({ type: 'resolved' }), SERVER, 200);
    const told: string[] = [];
    const outbox = createOutbox({ store, tell: async ({ type }, atMs) => void told.push(`${type} ${atMs}`) });
    await outbox.tellAgain(150);
    expect(told).toEqual(['opened 100']);
    await outbox.tellAgain(1_000);
    await outbox.tellAgain(1_000);
    expect(told).toEqual(['opened 100', 'resolved 200']);
  });

  test('[IC14] a crash between the telling and its confirmation sends nothing twice', async () => {
    const { incidents, store, events } = await setUp();
    const notifyStore = createMemoryNotifyStore();
    await notifyStore.putChannel({
      id: 'chn_1',
      name: 'desk',
      enabled: true,
      language: 'en',
      priorityMax: 4,
      config: { kind: 'webhook', url: 'http://127.0.0.1:9/x', secret: null },
    });
    const sent: string[] = [];
    const start = () =>
      createNotifier({
        store: notifyStore,
        newId,
        incidentUrl: () => null,
        send: async (_config, { subject }) => {
          sent.push(subject);
          return { ok: true, answer: '' };
        },
        record: async () => undefined,
      });
    await incidents.react(news(), SERVER, 100);
    const before = await start();
    for (const event of events) await before.onIncident(event, 100);
    await before.tick(101);
    const after = await start();
    const outbox = createOutbox({ store, tell: (event, atMs) => after.onIncident(event, atMs) });
    await outbox.tellAgain(1_000);
    await after.tick(1_001);
    expect(sent).toEqual([expect.stringContaining('Opened')]);
    expect(await store.untold(1_000)).toEqual([]);
  });

  test('[IC14] what could not be told stays, and what follows waits behind it', async () => {
    const { incidents, store } = await setUp();
    await incidents.react(news(), SERVER, 100);
    const outbox = createOutbox({ store, tell: () => Promise.reject(new Error('the disk is full')) });
    await expect(outbox.tellAgain(1_000)).rejects.toThrow('the disk is full');
    expect(await store.untold(1_000)).toHaveLength(1);
  });
});

describe('handled by people', () => {
  test('[IC15] only an active account that may work on incidents can hold one', async () => {
    const { incidents, store } = await setUp();
    await incidents.react(news(), SERVER, 0);
    const refused = {
      code: 'input-invalid',
      message: 'No active account "nobody" may work on incidents.',
      issues: [{ path: 'assignee' }],
    };
    await expect(incidents.assign('INC-0001', 'nobody', undefined, 'user:anna', 1)).rejects.toMatchObject(
      refused,
    );
    await expect(
      incidents.move('INC-0001', { to: 'assigned', note: '', assignee: 'nobody' }, undefined, 'user:anna', 1),
    ).rejects.toMatchObject(refused);
    expect((await store.get('INC-0001'))?.version).toBe(1);
  });

  test('[IC15] a program does not become the holder of what it moves', async () => {
    const { incidents } = await setUp();
    await incidents.react(news(), SERVER, 0);
    const move = (to: 'in_progress' | 'on_hold') =>
      incidents.move('INC-0001', { to, note: '', holdReason: 'supplier' }, undefined, 'token:ci', 1);
    await expect(move('in_progress')).rejects.toMatchObject({ code: 'input-invalid' });
    expect(await move('on_hold')).toMatchObject({ state: 'on_hold', assignee: null });
  });

  test('[IC9] taking an incident acknowledges it once, and gives it a holder', async () => {
    const { incidents, store } = await setUp();
    await incidents.react(news(), SERVER, 0);
    await incidents.move('INC-0001', { to: 'in_progress', note: '' }, 1, 'user:anna', 5_000);
    expect(await store.get('INC-0001')).toMatchObject({
      state: 'in_progress',
      assignee: 'anna',
      acknowledgedAtMs: 5_000,
      version: 2,
    });
    expect(incidents.openCounts()).toEqual({ open: 1, unclaimed: 0, alarmed: 0 });
  });

  test('[IC2] who acts on an old version is told', async () => {
    const { incidents } = await setUp();
    await incidents.react(news(), SERVER, 0);
    await incidents.assign('INC-0001', 'anna', 1, 'user:anna', 1);
    await expect(incidents.assign('INC-0001', 'bo', 1, 'user:bo', 2)).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  test('[IC49] what the machine adds meanwhile stands in nobody’s way, but for who ends it', async () => {
    const { incidents, store } = await setUp();
    await incidents.react(news(), SERVER, 0);
    await incidents.react(news({ alertId: 'al_2', severity: 'critical' }), SERVER, 1);
    expect(await store.get('INC-0001')).toMatchObject({ version: 2, priority: 2 });
    await expect(
      incidents.move('INC-0001', { to: 'resolved', note: '' }, 1, 'user:anna', 2),
    ).rejects.toMatchObject({ code: 'conflict' });
    const taken = await incidents.assign('INC-0001', 'anna', 1, 'user:anna', 3);
    expect(taken).toMatchObject({ assignee: 'anna', state: 'assigned', version: 3 });
    await incidents.note('INC-0001', 'Looking.', 'user:anna', 4);
    await incidents.move('INC-0001', { to: 'in_progress', note: '' }, taken.version, 'user:anna', 5);
    await expect(incidents.assign('INC-0001', 'bo', taken.version, 'user:bo', 6)).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  test('[IC49] of two who file it at once the second is told; what a person filed the machine leaves alone', async () => {
    const { incidents, store } = await setUp();
    await incidents.react(news(), SERVER, 0);
    const category = (id: string) => ({ category: { id, title: { en: id, zh: id }, retired: false } });
    await incidents.file('INC-0001', category('hardware'), 1, 'user:anna', 1);
    await expect(incidents.file('INC-0001', category('network'), 1, 'user:bo', 2)).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await store.get('INC-0001')).toMatchObject({ category: 'hardware', filedBy: 'user:anna' });
  });

  test('[IC49] a version that is not there yet is refused', async () => {
    const { incidents } = await setUp();
    await incidents.react(news(), SERVER, 0);
    await expect(incidents.assign('INC-0001', 'anna', 2, 'user:anna', 1)).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  test('[IC49] who acts on what the machine has ended or opened again meanwhile is told', async () => {
    const { incidents } = await setUp();
    await incidents.react(news(), SERVER, 0);
    await incidents.react(news({ type: 'resolved' }), SERVER, 1);
    await expect(
      incidents.move('INC-0001', { to: 'on_hold', note: '', holdReason: 'caller' }, 1, 'user:anna', 2),
    ).rejects.toMatchObject({ code: 'conflict' });
  });

  test('[IC10] an unplanned outage closes only with cause and action', async () => {
    const { incidents, store } = await setUp();
    await incidents.react(news({ outage: true, severity: 'critical' }), SERVER, 0);
    await incidents.react(news({ type: 'resolved' }), SERVER, 10);
    await incidents.tick(10 + VERIFY_MS);
    await expect(
      incidents.move('INC-0001', { to: 'closed', note: '' }, undefined, 'user:anna', 20),
    ).rejects.toMatchObject({ code: 'cause-missing' });
    await incidents.move(
      'INC-0001',
      { to: 'closed', note: '', cause: 'Power supply', action: 'Replaced' },
      undefined,
      'user:anna',
      30,
    );
    expect(await store.get('INC-0001')).toMatchObject({
      state: 'closed',
      cause: 'Power supply',
      action: 'Replaced',
    });
  });

  test('[IC11] resolved by hand while the alert stays open comes back after the verification time', async () => {
    const { incidents, store } = await setUp();
    await incidents.react(news(), SERVER, 0);
    await incidents.move(
      'INC-0001',
      { to: 'resolved', note: 'restarted', resolution: 'workaround' },
      undefined,
      'user:anna',
      10,
    );
    await incidents.tick(10 + VERIFY_MS);
    expect((await store.get('INC-0001'))?.state).toBe('in_progress');
  });

  test('[IC9] every step outside the table is refused, every step inside is possible (all pairs)', async () => {
    for (const from of INCIDENT_STATES) {
      for (const to of INCIDENT_STATES) {
        const store = createMemoryIncidentStore();
        const { incidents } = await setUp(store);
        const incident = await incidents.react(news(), SERVER, 0);
        if (!incident) throw new Error('no incident');
        const quiet = incident.alerts.map((alert) => ({ ...alert, open: false }));
        const over = { alerts: quiet, quietSinceMs: 0 };
        await store.save({ ...incident, ...over, state: from, version: 2 }, []);
        const moved = incidents.move(
          'INC-0001',
          { to, note: 'because', holdReason: 'supplier' },
          undefined,
          'user:anna',
          VERIFY_MS,
        );
        const allowed: readonly string[] = INCIDENT_TRANSITIONS[from];
        if (allowed.includes(to)) expect((await moved).state).toBe(to);
        else await expect(moved).rejects.toMatchObject({ code: 'transition-not-allowed' });
      }
    }
  });
});

describe('what an incident is about', () => {
  const said = (en: string): AlertNews['title'] => ({ en, zh: en });
  const memory = news({
    alertId: 'al_m',
    causeKey: 'ci_a memory',
    metric: 'memory.oomkills',
    title: said('Memory'),
  });
  const disk = news({
    alertId: 'al_d',
    causeKey: 'ci_a io',
    metric: 'pressure.io.some',
    title: said('Disk'),
  });
  const beside = (own: AlertNews, causeKey: string, some: Partial<AlertNews> = {}) => ({
    ...own,
    ...some,
    causeKey,
    ownCauseKey: own.causeKey,
  });

  test('[IC42] an effect that is worse than its cause takes neither title nor category', async () => {
    const { incidents, store } = await setUp();
    const { id } = (await incidents.react(memory, SERVER, 0)) ?? { id: '' };
    await incidents.attach(id, [beside(disk, 'ci_a memory', { severity: 'critical' })], 5);
    expect(await store.get(id)).toMatchObject({
      title: said('Memory'),
      category: 'capacity.memory',
      causeKey: 'ci_a memory',
      urgency: 2,
    });
  });

  test('[IC42] a cause that is told late gives title, category and cause, says so, and what was told first comes back in it', async () => {
    const { incidents, store } = await setUp();
    const { id } = (await incidents.react(disk, SERVER, 0)) ?? { id: '' };
    await incidents.attach(id, [beside(memory, 'ci_a io', { leads: true })], 5);
    expect(await store.get(id)).toMatchObject({
      title: said('Memory'),
      category: 'capacity.memory',
      causeKey: 'ci_a memory',
      joinedCauses: [{ causeKey: 'ci_a io', ciId: 'ci_a' }],
    });
    expect((await store.timeline(id)).map(({ kind, text }) => `${kind}: ${text.en}`)).toEqual([
      'opened: Disk',
      'alert-added: Memory',
      'filed: That is the cause of what was told first: Disk.',
    ]);
    await incidents.react({ ...disk, type: 'resolved' }, SERVER, 10);
    expect((await incidents.react({ ...disk, alertId: 'al_d2' }, SERVER, 20))?.id).toBe(id);
    expect((await incidents.react({ ...memory, alertId: 'al_m2' }, SERVER, 30))?.id).toBe(id);
  });

  test('[IC42] the title follows its cause when that gets worse or comes back; what a person wrote stays', async () => {
    const { incidents, store } = await setUp();
    const title = async (ref: string) => (await store.get(ref))?.title.en;
    await incidents.react(memory, SERVER, 0);
    await incidents.react(
      { ...memory, type: 'escalated', severity: 'critical', title: said('Worse') },
      SERVER,
      1,
    );
    expect(await title('INC-0001')).toBe('Worse');
    await incidents.react({ ...memory, type: 'resolved', title: said('Over') }, SERVER, 2);
    expect(await title('INC-0001')).toBe('Worse');
    await incidents.react({ ...memory, title: said('Again') }, SERVER, 3);
    expect(await title('INC-0001')).toBe('Again');
    const report = { title: 'ERP is slow', description: '', impact: 4, urgency: 4, ci: SERVER };
    const own = await incidents.report(report, 'user:anna', 4);
    await incidents.merge(own.ref, { fromIds: ['INC-0001'], reason: 'the same' }, undefined, 'user:anna', 5);
    await incidents.react(
      { ...memory, type: 'escalated', severity: 'critical', title: said('Worst') },
      SERVER,
      6,
    );
    await incidents.attach(own.id, [beside(memory, 'x', { alertId: 'al_x', leads: true })], 7);
    expect(await title(own.ref)).toBe('ERP is slow');
  });

  test('[IC43] what gets better after it was resolved opens nothing again, what gets worse does', async () => {
    const { incidents } = await setUp();
    await incidents.react({ ...memory, severity: 'critical' }, SERVER, 0);
    const resolve = (nowMs: number) =>
      incidents.move('INC-0001', { to: 'resolved', note: '' }, undefined, 'user:anna', nowMs);
    await resolve(1);
    const better = await incidents.react({ ...memory, type: 'deescalated' }, SERVER, 2);
    expect(better).toMatchObject({ state: 'resolved', alerts: [{ severity: 'warning', open: true }] });
    const worse = await incidents.react({ ...memory, type: 'escalated', severity: 'critical' }, SERVER, 3);
    expect(worse).toMatchObject({ state: 'in_progress', reopenings: 1 });
  });
});

describe('acknowledged alerts', () => {
  const notice = (alertIds: string[], seen = true) => ({
    alertIds,
    seen,
    text: { en: 'Seen.', zh: '已知。' },
  });

  test('[IC44] all alerts of the CI at fault acknowledged: noticed, no alarm; the next one begins anew', async () => {
    const { incidents, store, types } = await setUp();
    const { id } = (await incidents.react(news(), SERVER, 0)) ?? { id: '' };
    await incidents.react(news({ alertId: 'al_2' }), SERVER, 1);
    await incidents.notice(id, notice(['al_1']), 'user:anna', 2);
    expect(await store.get(id)).toMatchObject({ acknowledgedAtMs: null, unheldSinceMs: 0 });
    await incidents.notice(id, notice(['al_2']), 'user:anna', 3);
    expect(await store.get(id)).toMatchObject({ acknowledgedAtMs: 3, unheldSinceMs: null, assignee: null });
    await incidents.tick(10 * REOPEN_MS);
    expect(types()).not.toContain('unclaimed');
    await incidents.react(news({ alertId: 'al_3' }), SERVER, 10 * REOPEN_MS);
    expect(await store.get(id)).toMatchObject({ acknowledgedAtMs: 3, unheldSinceMs: 10 * REOPEN_MS });
    await incidents.tick(20 * REOPEN_MS);
    expect(types()).toContain('unclaimed');
  });

  test.each([
    [
      'taken back',
      (incidents: Incidents, id: string) => incidents.notice(id, notice(['al_1'], false), 'user:anna', 9),
    ],
    ['run out', (incidents: Incidents, id: string) => incidents.remind(id, 'al_1', { en: 'x', zh: 'x' }, 9)],
    [
      'worse',
      (incidents: Incidents) => incidents.react(news({ type: 'escalated', severity: 'critical' }), SERVER, 9),
    ],
    ['told again without it', (incidents: Incidents) => incidents.react(news(), SERVER, 9)],
  ])('[IC44] an acknowledgement that is %s: nobody has it from then on', async (_how, end) => {
    const { incidents, store } = await setUp();
    const { id } = (await incidents.react(news(), SERVER, 0)) ?? { id: '' };
    await incidents.notice(id, notice(['al_1']), 'user:anna', 2);
    await incidents.react(news({ seen: true }), SERVER, 5);
    expect((await store.get(id))?.unheldSinceMs).toBeNull();
    await end(incidents, id);
    expect((await store.get(id))?.unheldSinceMs).toBe(9);
  });

  test('[IC44] an acknowledged alert that gets better is acknowledged still', async () => {
    const { incidents, store } = await setUp();
    const { id } = (await incidents.react(news({ severity: 'critical' }), SERVER, 0)) ?? { id: '' };
    await incidents.notice(id, notice(['al_1']), 'user:anna', 2);
    await incidents.react(news({ type: 'deescalated', seen: true }), SERVER, 5);
    expect((await store.get(id))?.unheldSinceMs).toBeNull();
  });
});

describe('limits and odd steps', () => {
  test('[IC5] nobody verifies a recovery while an alert is still open', async () => {
    const { incidents } = await setUp();
    await incidents.react(news(), SERVER, 0);
    const move = (to: 'resolved' | 'restored') =>
      incidents.move('INC-0001', { to, note: '' }, undefined, 'user:anna', 1);
    await move('resolved');
    await expect(move('restored')).rejects.toMatchObject({ code: 'transition-not-allowed' });
  });

  test('[IC45] what has alerts is quiet for five minutes before anybody confirms that it works; what has none is not', async () => {
    const { incidents, store } = await setUp();
    await incidents.react(news(), SERVER, 0);
    const move = (ref: string, to: 'resolved' | 'restored', nowMs: number) =>
      incidents.move(ref, { to, note: '' }, undefined, 'user:anna', nowMs);
    await incidents.react(news({ type: 'resolved' }), SERVER, 2);
    await expect(move('INC-0001', 'restored', VERIFY_MS + 1)).rejects.toMatchObject({
      code: 'transition-not-allowed',
    });
    await move('INC-0001', 'restored', VERIFY_MS + 2);
    expect((await store.get('INC-0001'))?.state).toBe('restored');
    const report = { title: 'Printer', description: '', impact: 3, urgency: 3, ci: null };
    const { ref } = await incidents.report(report, 'user:anna', 5);
    await move(ref, 'resolved', 6);
    expect((await move(ref, 'restored', 7)).state).toBe('restored');
  });

  test('[IC45] who confirms too early is told which alert stands in the way', async () => {
    const { incidents } = await setUp();
    const rule = { id: 'rul_1', name: { en: 'CPU busy', zh: 'CPU 繁忙' } };
    await incidents.react(news({ rule }), SERVER, 0);
    const move = (to: 'resolved' | 'restored') =>
      incidents.move('INC-0001', { to, note: '' }, undefined, 'user:anna', 1);
    await move('resolved');
    await expect(move('restored')).rejects.toMatchObject({
      message: expect.stringContaining(`CPU busy on ${SERVER.name}`),
    });
  });

  test('[IC47] what nothing watches any more a person may confirm, the machine never does', async () => {
    const { incidents, store } = await setUp();
    await incidents.react(news(), SERVER, 0);
    await incidents.react(news({ type: 'resolved', unwatched: true }), SERVER, 2);
    await incidents.tick(3 * VERIFY_MS);
    expect(await store.get('INC-0001')).toMatchObject({ state: 'resolved', resolution: 'not-watched' });
    const move = { to: 'restored', note: 'looked at it' } as const;
    await incidents.move('INC-0001', move, undefined, 'user:anna', 3 * VERIFY_MS);
    expect((await store.get('INC-0001'))?.state).toBe('restored');
  });

  test('[IC9] given back from hold it waits for nobody; giving back what nobody had acknowledges nothing', async () => {
    const { incidents, store } = await setUp();
    await incidents.react(news(), SERVER, 0);
    await incidents.assign('INC-0001', null, undefined, 'user:anna', 1);
    expect((await store.get('INC-0001'))?.acknowledgedAtMs).toBeNull();
    await incidents.move(
      'INC-0001',
      { to: 'on_hold', note: '', holdReason: 'supplier' },
      undefined,
      'user:anna',
      2,
    );
    await incidents.assign('INC-0001', null, undefined, 'user:anna', 3);
    expect(await store.get('INC-0001')).toMatchObject({ state: 'new', assignee: null, holdReason: null });
  });

  test.each(['assigned', 'in_progress'] as const)('[IC9] %s without a holder is refused', async (to) => {
    const { incidents } = await setUp();
    await incidents.react(news(), SERVER, 0);
    await expect(
      incidents.move('INC-0001', { to, note: '', assignee: null }, undefined, 'user:anna', 1),
    ).rejects.toMatchObject({ code: 'input-invalid' });
  });

  test('[IC2] what the system notes beside leaves the version alone; the same note again has no effect', async () => {
    const { incidents, store, types } = await setUp();
    const incident = await incidents.react(news(), SERVER, 0);
    const text = { en: 'Sent.', zh: '已发送。' };
    for (const nowMs of [1, 2])
      await incidents.record(incident?.id ?? '', 'notified', text, nowMs, 'line_mine');
    await incidents.move('INC-0001', { to: 'in_progress', note: '' }, 1, 'user:anna', 3);
    expect((await store.timeline(incident?.id ?? '')).filter(({ kind }) => kind === 'notified')).toHaveLength(
      1,
    );
    expect(types()).toEqual(['opened', 'changed', 'changed', 'changed']);
  });

  test('[IC3] an incident that flaps remembers a bounded number of alerts, and the open one always', async () => {
    const { incidents, store } = await setUp();
    for (let n = 0; n < ALERTS_MAX + 20; n++) {
      await incidents.react(news({ alertId: `al_${n}` }), SERVER, n);
      if (n > 0) await incidents.react(news({ alertId: `al_${n}`, type: 'resolved' }), SERVER, n);
    }
    const { alerts } = (await store.get('INC-0001')) ?? { alerts: [] };
    expect(alerts).toHaveLength(ALERTS_MAX);
    expect(alerts.filter(({ open }) => open).map(({ alertId }) => alertId)).toEqual(['al_0']);
  });

  test('[IC3] open incidents of a machine are counted through every state', async () => {
    const { incidents } = await setUp();
    await incidents.react(news(), SERVER, 0);
    await incidents.react(news({ alertId: 'al_2', causeKey: 'ci_a memory' }), SERVER, 0);
    expect([incidents.openOf('ci_a'), incidents.openOf('ci_b')]).toEqual([2, 0]);
    await incidents.react(news({ type: 'resolved' }), SERVER, 1);
    expect(incidents.openOf('ci_a')).toBe(1);
    await incidents.react(news(), SERVER, 2);
    expect(incidents.openOf('ci_a')).toBe(2);
    const cancel = { to: 'cancelled', note: 'false alarm' } as const;
    for (const ref of ['INC-0001', 'INC-0002'])
      await incidents.move(ref, cancel, undefined, 'user:anna', 3).catch(() => null);
    expect(incidents.openOf('ci_a')).toBe(0);
    expect(incidents.incidentOfAlert('al_2')).toBeNull();
  });
});

test('[IC4] priority never falls when impact or urgency rises (property over the matrix)', () => {
  const level = fc.integer({ min: 0, max: 3 });
  fc.assert(
    fc.property(level, level, level, level, (a, b, c, d) => {
      const low = PRIORITY_MATRIX[Math.max(a, b)]?.[Math.max(c, d)] ?? 0;
      const high = PRIORITY_MATRIX[Math.min(a, b)]?.[Math.min(c, d)] ?? 0;
      expect(high).toBeLessThanOrEqual(low);
    }),
  );
});

test.each([
  [
    'a silent server in its hours',
    { ciClass: 'Server', criticality: 3, severity: 'critical', outage: true, expectedNow: true },
    [3, 1, 2],
  ],
  [
    'a silent workstation in office hours',
    { ciClass: 'Workstation', criticality: 3, severity: 'warning', outage: true, expectedNow: true },
    [4, 1, 3],
  ],
  [
    'the most critical server, silent',
    { ciClass: 'VirtualMachine', criticality: 1, severity: 'critical', outage: true, expectedNow: true },
    [1, 1, 1],
  ],
  [
    'a warning at night',
    { ciClass: 'Server', criticality: 3, severity: 'warning', outage: false, expectedNow: false },
    [3, 4, 4],
  ],
] as const)('[IC4] %s', (_what, facts, [impact, urgency, priority]) => {
  expect(judge(facts, { version: 1, cells: PRIORITY_MATRIX })).toMatchObject({
    impact,
    urgency,
    judgedPriority: priority,
  });
});

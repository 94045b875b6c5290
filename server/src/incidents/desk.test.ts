import { MINUTE_MS } from '@muster/shared/time.ts';
import { PRIORITY_MATRIX } from '@muster/shared/incidents/matrix.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newId } from '../ids.ts';
import { createMemoryIncidentStore } from '../store/memory/incidents.ts';
import { createIncidents, type IncidentEvent } from './incidents.ts';
import { type AlertNews, type CiFacts, VERIFY_MS } from './life-cycle.ts';
import { NO_PLACE, NO_REACH, NO_SURROUNDINGS, type Surroundings } from './surroundings.ts';

const ANNA = 'user:anna';
const ci = (id: string, some: Partial<CiFacts> = {}): CiFacts => ({
  id,
  name: id.toUpperCase(),
  class: 'Server',
  criticality: 3,
  expectedNow: true,
  ...some,
});

async function setUp(surroundings: Surroundings = NO_SURROUNDINGS) {
  const store = createMemoryIncidentStore();
  const events: IncidentEvent[] = [];
  const facts = new Map<string, CiFacts>();
  const incidents = await createIncidents({
    store,
    newId,
    holderOf: async (name) => name,
    surroundings,
    ciFacts: (id) => facts.get(id) ?? ci(id),
    onEvent: (event) => void events.push(event),
  });
  const news = (id: string, some: Partial<AlertNews> = {}): AlertNews => ({
    type: 'opened',
    atMs: 0,
    alertId: `al_${id}`,
    severity: 'critical',
    breachedAtMs: 0,
    causeKey: `${id} silent`,
    outage: true,
    affected: ci(id),
    title: { en: `${id} is silent`, zh: `${id} 失联` },
    description: { en: '', zh: '' },
    metric: null,
    ...some,
  });
  /** One alert of its own, or an effect of `fault`. */
  async function open(id: string, nowMs = 0, fault = id) {
    const own = fault === id ? {} : { causeKey: `${fault} silent`, ownCauseKey: `${id} silent` };
    const incident = await incidents.react(news(id, own), facts.get(fault) ?? ci(fault), nowMs);
    if (!incident) throw new Error('no incident');
    return incident;
  }
  const now = async (ref: string) => {
    const incident = await store.get(ref);
    if (!incident) throw new Error(`no ${ref}`);
    return incident;
  };
  const types = () => events.map(({ type, incident }) => `${incident.ref} ${type}`);
  return { store, incidents, news, open, now, types, facts };
}

describe('[IC29] a priority by hand', () => {
  test('needs a reason, stays while the matrix would say otherwise, and is taken back', async () => {
    const { incidents, news, open, now, store } = await setUp();
    const { id } = await open('a');
    const set = (priority: number | null, reason: string) =>
      incidents.setPriority(id, { priority, reason }, undefined, ANNA, priority === null ? 9 : 1);
    await expect(set(1, '')).rejects.toMatchObject({ code: 'input-invalid' });
    await set(1, 'the board meets');
    await incidents.react(news('a', { type: 'deescalated', severity: 'warning', outage: false }), ci('a'), 2);
    expect(await now(id)).toMatchObject({ priority: 1, hand: { reason: 'the board meets', by: ANNA } });
    await set(null, '');
    expect(await now(id)).toMatchObject({ priority: 2, judgedPriority: 2, hand: null });
    const texts = (await store.timeline(id)).flatMap(({ kind, text }) =>
      kind === 'priority' ? [text.en] : [],
    );
    expect(texts[0]).toBe('Set to P1 by hand: the board meets');
    expect(texts.at(-1)).toMatch(/^Follows the matrix again: P2\./);
  });

  test('says what the matrix would make of it', async () => {
    const { incidents, news, open, store } = await setUp();
    const { id } = await open('a');
    await incidents.setPriority(id, { priority: 4, reason: 'a test machine' }, undefined, ANNA, 1);
    await incidents.react(news('b', { causeKey: 'a silent' }), ci('a'), 2);
    await incidents.react(news('c', { causeKey: 'a silent' }), ci('a', { criticality: 1 }), 3);
    const texts = (await store.timeline(id)).map(({ text }) => text.en);
    expect(texts.some((text) => /P2.*P1/.test(text) && text.includes('P4'))).toBe(true);
    expect((await store.get(id))?.priority).toBe(4);
  });
});

describe('[IC30] nobody has it', () => {
  test('is told once after its share of the response target, and anew when it was given back', async () => {
    const { incidents, open, types, now } = await setUp();
    const { id } = await open('a');
    const half = 15 * MINUTE_MS;
    await incidents.tick(half - 1);
    expect(types()).toEqual(['INC-0001 opened']);
    await incidents.tick(half);
    await incidents.tick(half + MINUTE_MS);
    expect(types()).toEqual(['INC-0001 opened', 'INC-0001 unclaimed']);
    expect(incidents.openCounts()).toEqual({ open: 1, unclaimed: 1, alarmed: 1 });
    await incidents.assign(id, 'anna', undefined, ANNA, half + 2 * MINUTE_MS);
    expect(await now(id)).toMatchObject({ unclaimedAtMs: null });
    expect(incidents.openCounts()).toEqual({ open: 1, unclaimed: 0, alarmed: 0 });
    const backMs = half + 3 * MINUTE_MS;
    await incidents.assign(id, null, undefined, ANNA, backMs);
    await incidents.tick(backMs + half - 1);
    expect(incidents.openCounts().alarmed).toBe(0);
    await incidents.tick(backMs + half);
    expect(incidents.openCounts().alarmed).toBe(1);
  });

  test('follows what the house allows, also for incidents that are open already', async () => {
    const { incidents, open, types } = await setUp();
    await open('a');
    const { value, version } = incidents.policy.settings();
    await incidents.policy.setSettings({ ...value, unclaimedPercent: 10 }, version, ANNA, 1);
    await incidents.tick(3 * MINUTE_MS);
    expect(types()).toEqual(['INC-0001 opened', 'INC-0001 unclaimed']);
  });
});

describe('merging by people', () => {
  test('[IC31] takes alerts, affected CIs and the need of a cause; children go on below the one that holds it', async () => {
    const { incidents, open, now } = await setUp();
    const [a, b, c] = [await open('a'), await open('b', 5), await open('c', 6)];
    await incidents.link(c.id, b.id, undefined, ANNA, 7);
    await incidents.merge(a.id, { fromIds: [b.id], reason: 'one cable' }, undefined, ANNA, 8);
    expect((await now(a.id)).alerts.map(({ alertId }) => alertId)).toEqual(['al_a', 'al_b']);
    expect(await now(b.id)).toMatchObject({ state: 'cancelled', mergedIntoRef: 'INC-0001' });
    expect(await now(c.id)).toMatchObject({ parentRef: 'INC-0001' });
  });

  test('[IC31] what is over, or is the same, cannot be merged; then nothing changes', async () => {
    const { incidents, open, now } = await setUp();
    const [a, b, c] = [await open('a'), await open('b'), await open('c')];
    await incidents.move(c.id, { to: 'cancelled', note: 'a test' }, undefined, ANNA, 1);
    for (const fromIds of [[c.id], [a.id], [b.id, c.id]])
      await expect(incidents.merge(a.id, { fromIds, reason: 'x' }, undefined, ANNA, 2)).rejects.toMatchObject(
        { code: 'input-invalid' },
      );
    expect(await now(b.id)).toMatchObject({ state: 'new', mergedIntoId: null });
    expect((await now(a.id)).version).toBe(1);
  });

  test('[IC31] what people took apart the machine does not join again', async () => {
    const { incidents, open, now } = await setUp();
    const a = await open('a');
    await open('b', 1, 'a');
    const apart = await incidents.split(a.id, { ciIds: ['b'], reason: 'own fault' }, undefined, ANNA, 2);
    expect(await incidents.join(a.id, apart.id, { en: 'x', zh: 'x' }, 3)).toBeNull();
    expect(await now(apart.id)).toMatchObject({ state: 'new', keptApart: true });
    await incidents.merge(a.id, { fromIds: [apart.id], reason: 'after all' }, undefined, ANNA, 4);
    expect(await now(apart.id)).toMatchObject({ state: 'cancelled' });
  });
});

test('[IC32] split: no alert is in both or in neither, something is left in each, and both stay outages (property)', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 0, max: 255 }),
      async (others, mask) => {
        const { incidents, open, now } = await setUp();
        const first = await open('a');
        const all = ['a', ...Array.from({ length: others }, (_, i) => `b${i}`)];
        for (const id of all.slice(1)) await open(id, 1, 'a');
        const out = all.filter((_, i) => (mask >> i) % 2 === 1);
        const wish = incidents.split(first.id, { ciIds: out, reason: 'x' }, undefined, ANNA, 2);
        if (out.length === 0 || out.length === all.length) {
          await expect(wish).rejects.toMatchObject({ code: 'input-invalid' });
          expect((await now(first.id)).alerts).toHaveLength(all.length);
          return;
        }
        const apart = await wish;
        const left = await now(first.id);
        const idsOf = ({ alerts }: typeof left) => alerts.map(({ ciId }) => ciId);
        expect([...idsOf(left), ...idsOf(apart)].toSorted()).toEqual(all.toSorted());
        expect(idsOf(apart).toSorted()).toEqual(out.toSorted());
        expect([left.needsCause, apart.needsCause]).toEqual([true, true]);
        for (const id of all)
          expect(incidents.incidentOfAlert(`al_${id}`)).toBe(out.includes(id) ? apart.id : left.id);
      },
    ),
    { numRuns: 60 },
  );
});

describe('parent and child', () => {
  test('[IC33] never below itself, nor below what is over', async () => {
    const { incidents, open } = await setUp();
    const [a, b, c] = [await open('a'), await open('b'), await open('c')];
    await incidents.link(b.id, a.id, undefined, ANNA, 1);
    await incidents.link(c.id, b.id, undefined, ANNA, 1);
    for (const below of [a.id, b.id, c.id])
      await expect(incidents.link(a.id, below, undefined, ANNA, 2)).rejects.toMatchObject({
        code: 'input-invalid',
      });
    await incidents.link(c.id, null, undefined, ANNA, 3);
    await incidents.move(c.id, { to: 'cancelled', note: 'a test' }, undefined, ANNA, 3);
    await expect(incidents.link(a.id, c.id, undefined, ANNA, 4)).rejects.toMatchObject({
      code: 'input-invalid',
    });
  });

  test('[IC33] open children are resolved with the parent, with its cause where they have none', async () => {
    const { incidents, open, now } = await setUp();
    const [a, b, c] = [await open('a'), await open('b'), await open('c')];
    for (const { id } of [b, c]) await incidents.link(id, a.id, undefined, ANNA, 1);
    const move = { to: 'resolved' as const, note: '', cause: 'cable', action: 'new cable' };
    await incidents.move(a.id, { ...move, children: true }, undefined, ANNA, 2);
    for (const { id } of [b, c])
      expect(await now(id)).toMatchObject({ state: 'resolved', cause: 'cable', action: 'new cable' });
  });

  test('[IC34] an outage among the children makes cause and action needed to close the parent', async () => {
    const { incidents, news, open } = await setUp();
    const parent = await incidents.react(
      news('a', { outage: false, causeKey: 'a cpu', metric: 'cpu.utilisation' }),
      ci('a'),
      0,
    );
    const child = await open('b');
    const id = parent?.id ?? '';
    await incidents.link(child.id, id, undefined, ANNA, 1);
    await incidents.react(news('a', { type: 'resolved', causeKey: 'a cpu', outage: false }), ci('a'), 2);
    await incidents.tick(2 + VERIFY_MS);
    const close = (more: { cause?: string; action?: string }) =>
      incidents.move(id, { to: 'closed', note: '', ...more }, undefined, ANNA, 3 + VERIFY_MS);
    await expect(close({})).rejects.toMatchObject({ code: 'cause-missing' });
    expect(await close({ cause: 'power', action: 'second supply' })).toMatchObject({ state: 'closed' });
  });
});

test('[IC35] who reports sees unfinished ones of the same CI first, then of the same words; what is over is not shown', async () => {
  const { incidents, open } = await setUp();
  const [a, b] = [await open('a'), await open('b')];
  const printer = await incidents.report(
    { title: 'Printer on the second floor jams paper', description: '', impact: 4, urgency: 4, ci: null },
    ANNA,
    5,
  );
  const refs = (query: Parameters<typeof incidents.candidates>[0]) =>
    incidents.candidates(query).map(({ id }) => id);
  expect(refs({ ciId: 'a' })).toEqual([a.id]);
  expect(refs({ title: 'second floor printer does nothing' })).toEqual([printer.id]);
  expect(refs({ title: 'something else' })).toEqual([]);
  await incidents.move(b.id, { to: 'cancelled', note: 'a test' }, undefined, ANNA, 6);
  expect(refs({ ciId: 'b' })).toEqual([]);
});

describe('[IC40] judged anew without an alert', () => {
  test('when its hours begin, and when they end', async () => {
    const { incidents, news, facts, now, types } = await setUp();
    facts.set('a', ci('a', { expectedNow: false }));
    const opened = await incidents.react(news('a'), ci('a', { expectedNow: false }), 0);
    const id = opened?.id ?? '';
    expect(opened?.priority).toBe(3);
    await incidents.tick(MINUTE_MS);
    expect((await now(id)).version).toBe(1);
    facts.set('a', ci('a'));
    await incidents.tick(2 * MINUTE_MS);
    expect(await now(id)).toMatchObject({ priority: 2, urgency: 1, version: 2 });
    expect(types()).toEqual(['INC-0001 opened', 'INC-0001 priority']);
  });

  test('when a forecast comes nearer', async () => {
    const { incidents, news, now } = await setUp();
    const one = { outage: false, metric: 'filesystem.utilisation', causeKey: 'a filesystem /' };
    const opened = await incidents.react(news('a', { ...one, reachedAtMs: 300 * MINUTE_MS }), ci('a'), 0);
    expect(opened?.urgency).toBe(3);
    await incidents.tick(59 * MINUTE_MS);
    expect((await now(opened?.id ?? '')).urgency).toBe(3);
    await incidents.tick(61 * MINUTE_MS);
    expect((await now(opened?.id ?? '')).urgency).toBe(2);
  });

  test('[IC39] when the other one of a pair is down in another incident', async () => {
    const service = { id: 'svc', name: 'ERP', criticality: 1, users: null };
    const { open, incidents, now } = await setUp({
      ...NO_SURROUNDINGS,
      placeOf: () => NO_PLACE,
      reachOf: (ciIds, down = () => []) => {
        const left = 2 - new Set([...ciIds, ...down()]).size;
        const state = left === 0 ? ('lost' as const) : ('degraded' as const);
        return { ...NO_REACH, services: [{ ...service, state, redundancy: { left, of: 2, needed: 1 } }] };
      },
    });
    const a = await open('a');
    expect(a.impact).toBe(2);
    const b = await open('b', 1);
    expect(b.impact).toBe(1);
    await incidents.tick(2 * MINUTE_MS);
    expect(await now(a.id)).toMatchObject({ impact: 1, priority: 1 });
  });

  test('[IC23] a new version of the matrix moves nothing by itself; what is judged after it follows it', async () => {
    const { incidents, open, now } = await setUp();
    const a = await open('a');
    const cells = PRIORITY_MATRIX.map((row) => row.map(() => 4));
    await incidents.policy.setMatrix({ cells, by: ANNA, reason: 'calm', from: 1 }, 1);
    await incidents.tick(5 * MINUTE_MS);
    expect(await now(a.id)).toMatchObject({ priority: 2, matrixVersion: 1 });
    expect(await open('b', 6 * MINUTE_MS)).toMatchObject({ priority: 4, matrixVersion: 2 });
  });
});

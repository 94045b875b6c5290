/** What any incident store must do; run on the memory fake and on SQL. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Incident, type IncidentStore, type TimelineRow, UNTOUCHED } from '../../incidents/store.ts';

export function incidentStoreContract(
  name: string,
  open: () => Promise<{ store: IncidentStore; close(): Promise<void> }>,
): void {
  describe(`incident store: ${name}`, () => {
    let store: IncidentStore;
    let close: () => Promise<void>;
    beforeEach(async () => ({ store, close } = await open()));
    afterEach(async () => close());

    test('[IC1] an incident is read back whole, by id and by reference, with its timeline in order', async () => {
      const one = incident('inc_1', 1);
      await store.save(one, [line('l2', 'inc_1', 20), line('l1', 'inc_1', 10)]);
      expect(await store.get('inc_1')).toEqual(one);
      expect(await store.get('INC-0001')).toEqual(one);
      expect(await store.get('INC-0002')).toBeNull();
      expect((await store.timeline('inc_1')).map(({ id }) => id)).toEqual(['l1', 'l2']);
    });

    test('[IC2] of two people who change the same version, the second is told, and nothing of hers is kept', async () => {
      await store.save(incident('inc_1', 1), []);
      await store.save({ ...incident('inc_1', 1), assignee: 'anna', version: 2 }, []);
      await expect(
        store.save({ ...incident('inc_1', 1), assignee: 'bo', version: 2 }, [line('l1', 'inc_1', 1)]),
      ).rejects.toMatchObject({ code: 'conflict' });
      expect((await store.get('inc_1'))?.assignee).toBe('anna');
      expect(await store.timeline('inc_1')).toEqual([]);
    });

    test('[IC1] lists are newest first, in pages, by state, machine and holder', async () => {
      for (const n of [1, 2, 3, 4])
        await store.save(
          {
            ...incident(`inc_${n}`, n),
            state: n === 2 ? 'closed' : 'new',
            ciId: n === 3 ? 'ci_b' : 'ci_a',
            assignee: n === 4 ? 'anna' : null,
          },
          [],
        );
      const first = await store.list({ limit: 3 });
      expect(first.items.map(({ ref }) => ref)).toEqual(['INC-0004', 'INC-0003', 'INC-0002']);
      expect(
        (await store.list({ limit: 3, cursor: first.nextCursor ?? '' })).items.map(({ ref }) => ref),
      ).toEqual(['INC-0001']);
      expect((await store.list({ limit: 9, states: ['new'] })).items).toHaveLength(3);
      expect((await store.list({ limit: 9, ciId: 'ci_b' })).items.map(({ ref }) => ref)).toEqual([
        'INC-0003',
      ]);
      expect((await store.list({ limit: 9, ciId: 'ci_b', alsoOf: ['ci_a', 'ci_z'] })).items).toHaveLength(4);
      expect((await store.list({ limit: 9, assignee: 'anna' })).items.map(({ ref }) => ref)).toEqual([
        'INC-0004',
      ]);
      expect((await store.unfinished()).map(({ ref }) => ref).toSorted()).toEqual([
        'INC-0001',
        'INC-0003',
        'INC-0004',
      ]);
    });

    test('[IC1] a list is narrowed by priority, by nobody, by cause, and by part of reference, title or machine', async () => {
      for (const n of [1, 2, 3, 4])
        await store.save(
          {
            ...incident(`inc_${n}`, n),
            priority: n,
            assignee: n === 2 ? 'anna' : null,
            causeKey: n < 3 ? 'ci_a cpu' : null,
            title: { en: n === 3 ? 'Load "100%_of" it' : 'Disk full', zh: n === 4 ? '内存不足' : '磁盘已满' },
            ciName: n === 1 ? 'SRV-ERP01' : n === 2 ? 'BÜRO' : null,
          },
          [],
        );
      const refs = async (query: object) =>
        (await store.list({ limit: 9, ...query })).items.map(({ ref }) => Number(ref.slice(-1)));
      expect(await refs({ priorities: [1, 4] })).toEqual([4, 1]);
      expect(await refs({ unclaimed: true })).toEqual([4, 3, 1]);
      expect(await refs({ causeKey: 'ci_a cpu' })).toEqual([2, 1]);
      expect(await refs({ text: 'erp' })).toEqual([1]);
      expect(await refs({ text: 'inc-0002' })).toEqual([2]);
      expect(await refs({ text: 'DISK' })).toEqual([4, 2, 1]);
      expect(await refs({ text: '内存' })).toEqual([4]);
      expect(await refs({ text: '%_' })).toEqual([3]);
      expect(await refs({ text: '"100' })).toEqual([3]);
      expect(await refs({ text: 'BÜRO' })).toEqual([2]);
      expect(await refs({ text: 'en' })).toEqual([]);
      expect(await refs({ text: '","' })).toEqual([]);
      expect(await store.refs(['inc_2', 'inc_9'])).toEqual(new Map([['inc_2', 'INC-0002']]));
    });

    test('[IC13] a timeline is read from its end, page by page, of people or of the machine', async () => {
      await store.save(
        incident('inc_1', 1),
        [1, 2, 3, 4, 5].map((n) => ({
          ...line(`l${n}`, 'inc_1', n < 3 ? 10 : n * 10),
          actor: ['system', 'user:anna', 'token:ci'][n % 3] ?? '',
        })),
      );
      const first = await store.timelinePage('inc_1', { limit: 3 });
      expect(first.items.map(({ id }) => id)).toEqual(['l5', 'l4', 'l3']);
      const next = await store.timelinePage('inc_1', { limit: 3, cursor: first.nextCursor ?? '' });
      expect(next).toMatchObject({ items: [{ id: 'l2' }, { id: 'l1' }], nextCursor: null });
      const of = async (by: 'people' | 'machine') =>
        (await store.timelinePage('inc_1', { limit: 9, by })).items.map(({ id }) => id);
      expect(await of('people')).toEqual(['l5', 'l4', 'l2', 'l1']);
      expect(await of('machine')).toEqual(['l3']);
    });

    test('[IC14] an event stands in the outbox with its change until it was told, and not without its change', async () => {
      const one = incident('inc_1', 1);
      const words = { en: 'Said.', zh: '已说。' };
      const event = { id: 'iev_1', type: 'reminded', atMs: 5, incident: one, words } as const;
      await store.save(one, [], event);
      await expect(store.save(one, [], { ...event, id: 'iev_2' })).rejects.toMatchObject({
        code: 'conflict',
      });
      expect(await store.untold(4)).toEqual([]);
      expect(await store.untold(5)).toEqual([event]);
      await store.told('iev_1');
      await store.told('iev_1');
      expect(await store.untold(9)).toEqual([]);
    });

    test('[IC20] an incident is found by the CIs that it affects', async () => {
      const hit = (ciId: string) => ({ ciId, name: ciId, class: 'Workstation', sinceMs: 5, untilMs: null });
      await store.save({ ...incident('inc_1', 1), affected: [hit('ci_a'), hit('ci_p')] }, []);
      await store.save(
        { ...incident('inc_1', 1), affected: [hit('ci_a'), hit('ci_p'), hit('ci_q')], version: 2 },
        [],
      );
      await store.save({ ...incident('inc_2', 2), ciId: 'ci_q' }, []);
      const refs = async (query: object) =>
        (await store.list({ limit: 9, ...query })).items.map(({ ref }) => ref);
      expect(await refs({ ciId: 'ci_p' })).toEqual(['INC-0001']);
      expect(await refs({ ciId: 'ci_q' })).toEqual(['INC-0002', 'INC-0001']);
      expect(await refs({ ciId: 'ci_z', alsoOf: ['ci_p'] })).toEqual(['INC-0001']);
      expect((await store.get('inc_1'))?.affected.map(({ ciId }) => ciId)).toEqual(['ci_a', 'ci_p', 'ci_q']);
      // What was taken out is not affected by it any more.
      await store.save({ ...incident('inc_1', 1), affected: [hit('ci_a'), hit('ci_q')], version: 3 }, []);
      expect(await refs({ ciId: 'ci_p' })).toEqual([]);
      expect(await refs({ ciId: 'ci_q' })).toEqual(['INC-0002', 'INC-0001']);
    });

    test('[IC21] two incidents change in one go or not at all; the reference of a joined one is of the other', async () => {
      await store.saveAll([1, 2, 3].map((n) => ({ incident: incident(`inc_${n}`, n), timeline: [] })));
      const into = (id: string, n: number, mergedIntoId: string | null, version = 2) => ({
        incident: { ...incident(id, n), mergedIntoId, version },
        timeline: [line(`l_${id}`, id, 1)],
      });
      await expect(
        store.saveAll([into('inc_1', 1, null), into('inc_2', 2, 'inc_1', 3)]),
      ).rejects.toMatchObject({ code: 'conflict' });
      expect((await store.get('inc_1'))?.version).toBe(1);
      expect(await store.timeline('inc_1')).toEqual([]);
      await store.saveAll([into('inc_1', 1, 'inc_3'), into('inc_2', 2, 'inc_1')]);
      expect(await store.refs(['inc_1', 'inc_2', 'inc_3', 'inc_9'])).toEqual(
        new Map([
          ['inc_1', 'INC-0003'],
          ['inc_2', 'INC-0003'],
          ['inc_3', 'INC-0003'],
        ]),
      );
    });

    test('[IC1] the last number and the last closing are known, also when there is none', async () => {
      expect(await store.lastNumber()).toBe(0);
      expect(await store.lastClosedAtMs()).toBeNull();
      await store.save({ ...incident('inc_1', 12), closedAtMs: 77 }, []);
      expect(await store.lastNumber()).toBe(12);
      expect(await store.lastClosedAtMs()).toBe(77);
    });

    test('[IC1] the highest number is the last one, also when the clock went back and the digits grew', async () => {
      for (const [n, openedAtMs] of [
        [9_999, 300],
        [10_000, 200],
        [3, 400],
      ] as const)
        await store.save({ ...incident(`inc_${n}`, n), openedAtMs }, []);
      expect(await store.lastNumber()).toBe(10_000);
    });

    test('[IC2] a line beside the record leaves its version alone and is added once', async () => {
      await store.save(incident('inc_1', 1), []);
      await store.addLine(line('l1', 'inc_1', 10));
      await store.addLine(line('l1', 'inc_1', 20));
      expect(await store.timeline('inc_1')).toMatchObject([{ id: 'l1', atMs: 10 }]);
      expect((await store.get('inc_1'))?.version).toBe(1);
    });

    test('[IC6] evidence is kept and replaced whole', async () => {
      await store.save(incident('inc_1', 1), []);
      expect(await store.evidence('inc_1')).toBeNull();
      const evidence = {
        capturedAt: '2026-11-20T00:00:00.000Z',
        series: [],
        topProcesses: null,
        changes: [],
        presence: null,
        scene: null,
      };
      await store.putEvidence('inc_1', evidence);
      await store.putEvidence('inc_1', { ...evidence, capturedAt: '2026-11-20T00:00:01.000Z' });
      expect((await store.evidence('inc_1'))?.capturedAt).toBe('2026-11-20T00:00:01.000Z');
    });
  });
}

function incident(id: string, n: number): Incident {
  const words = { en: 'Disk full', zh: '磁盘已满' };
  return {
    ...UNTOUCHED,
    id,
    ref: `INC-${String(n).padStart(4, '0')}`,
    state: 'new',
    title: words,
    description: words,
    impact: 3,
    urgency: 2,
    priority: 3,
    why: words,
    source: 'monitor',
    ciId: 'ci_a',
    ciName: 'a',
    ciClass: 'Server',
    causeKey: 'ci_a filesystem /',
    assignee: null,
    holdReason: null,
    resolution: null,
    cause: null,
    action: null,
    needsCause: false,
    alerts: [
      { alertId: 'al_1', severity: 'warning', open: true, ciId: 'ci_a', causeKey: 'ci_a filesystem /' },
    ],
    openedAtMs: n * 1_000,
    breachedAtMs: 1,
    acknowledgedAtMs: null,
    resolvedAtMs: null,
    restoredAtMs: null,
    closedAtMs: null,
    quietSinceMs: null,
    respondByMs: 2,
    restoreByMs: 3,
    version: 1,
  };
}

function line(id: string, incidentId: string, atMs: number): TimelineRow {
  return { id, incidentId, atMs, actor: 'system', kind: 'note', text: { en: 'x', zh: 'x' } };
}

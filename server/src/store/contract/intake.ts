/** What any store of the intake must do; run on the memory fake and on SQL. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DELIVERIES_KEPT_MAX } from '../../intake/limits.ts';
import type { DeliveryRecord, IntakeSiteRecord, IntakeStore } from '../../intake/store.ts';

export function intakeStoreContract(
  name: string,
  open: () => Promise<{ store: IntakeStore; close(): Promise<void> }>,
): void {
  describe(`intake store: ${name}`, () => {
    let store: IntakeStore;
    let close: () => Promise<void>;
    beforeEach(async () => ({ store, close } = await open()));
    afterEach(async () => close());

    test('[TP2] sites are listed newest first, in pages, and revoked once', async () => {
      for (const id of ['its_1', 'its_2', 'its_3']) await store.addSite(site(id));
      const first = await store.sites({ limit: 2, cursor: undefined });
      expect(first.items.map(({ id }) => id)).toEqual(['its_3', 'its_2']);
      const rest = await store.sites({ limit: 2, cursor: first.nextCursor ?? '' });
      expect(rest).toEqual({ items: [site('its_1')], nextCursor: null });
      expect([await store.revokeSite('its_1', 9), await store.revokeSite('its_1', 10)]).toEqual([
        true,
        false,
      ]);
      expect(await store.revokeSite('its_9', 9)).toBe(false);
      expect((await store.site('its_1'))?.revokedAtMs).toBe(9);
      expect(await store.allSites()).toHaveLength(3);
    });

    test('[TP3] a delivery is counted at its site, a refused one as refused with its error as the last', async () => {
      await store.addSite(site('its_1'));
      await store.record(delivery('itd_1', 1), null);
      await store.record(
        delivery('itd_2', 2, { result: 'refused', code: 'xml-doctype', detail: 'no' }),
        null,
      );
      await store.record(delivery('itd_3', 3, { result: 'noted', code: 'class-not-served' }), null);
      expect(await store.site('its_1')).toEqual({
        ...site('its_1'),
        deliveries: 2,
        refused: 1,
        lastDeliveryAtMs: 3,
        lastErrorAtMs: 2,
        lastErrorCode: 'xml-doctype',
        lastErrorDetail: 'no',
      });
      const ids = async (refused?: boolean) =>
        (await store.deliveries({ limit: 9, cursor: undefined, siteId: 'its_1', refused })).items.map(
          ({ id }) => id,
        );
      expect([await ids(), await ids(true), await ids(false)]).toEqual([
        ['itd_3', 'itd_2', 'itd_1'],
        ['itd_2'],
        ['itd_3', 'itd_1'],
      ]);
    });

    test('[TP3] of each site the newest deliveries are kept', async () => {
      await store.addSite(site('its_1'));
      await store.addSite(site('its_2'));
      await store.record(delivery('itd_0', 0, { siteId: 'its_2' }), null);
      const id = (n: number) => `itd_${String(n).padStart(6, '0')}`;
      for (let n = 1; n <= DELIVERIES_KEPT_MAX + 3; n++) await store.record(delivery(id(n), n), null);
      const all = await store.deliveries({ limit: DELIVERIES_KEPT_MAX + 9, cursor: undefined });
      expect(all.items).toHaveLength(DELIVERIES_KEPT_MAX + 1);
      expect(all.items.map((one) => one.id)).toContain('itd_0');
      expect(all.items.map((one) => one.id)).not.toContain(id(3));
      expect((await store.site('its_1'))?.deliveries).toBe(DELIVERIES_KEPT_MAX + 3);
    }, 60_000);

    test('[TP4] a reporter keeps its first date and counts on', async () => {
      await store.addSite(site('its_1'));
      const reporter = { key: 'glpi a', clientName: 'GLPI-Agent', clientVersion: '1.11' };
      await store.record(delivery('itd_1', 1), { id: 'itr_1', ...reporter, ciId: 'ci_1', lastSeenAtMs: 1 });
      await store.record(delivery('itd_2', 2), {
        id: 'itr_2',
        ...reporter,
        clientVersion: '1.12',
        ciId: 'ci_2',
        lastSeenAtMs: 2,
      });
      const held = {
        id: 'itr_1',
        siteId: 'its_1',
        ...reporter,
        clientVersion: '1.12',
        ciId: 'ci_2',
        firstSeenAtMs: 1,
        lastSeenAtMs: 2,
        deliveries: 2,
      };
      expect(await store.reporter('its_1', 'glpi a')).toEqual(held);
      expect(await store.reporter('its_2', 'glpi a')).toBeNull();
      expect([await store.reportersOf('ci_1'), await store.reportersOf('ci_2')]).toEqual([[], [held]]);
    });
  });
}

function site(id: string): IntakeSiteRecord {
  return {
    id,
    name: 'Beijing',
    tokenHash: `hash of ${id}`,
    scope: { site: 'Beijing', class: null, tags: ['office'] },
    createdAtMs: 1,
    expiresAtMs: null,
    revokedAtMs: null,
    deliveries: 0,
    refused: 0,
    lastDeliveryAtMs: null,
    lastErrorAtMs: null,
    lastErrorCode: null,
    lastErrorDetail: '',
  };
}

function delivery(id: string, atMs: number, change: Partial<DeliveryRecord> = {}): DeliveryRecord {
  return {
    id,
    siteId: 'its_1',
    atMs,
    address: '10.0.0.7',
    clientName: 'GLPI-Agent',
    clientVersion: '1.12',
    deviceName: 'pc-7',
    itemType: 'Computer',
    partial: false,
    result: 'known',
    code: null,
    detail: '',
    ciId: 'ci_1',
    sections: ['os', 'software'],
    bodyBytes: 10,
    inflatedBytes: 100,
    ...change,
  };
}

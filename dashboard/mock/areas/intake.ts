/** Addresses for other agents, and what they delivered, of the invented installation. */
import type { IntakeDelivery, IntakeSite } from '@muster/shared/api/intake.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, toIso, type Millis } from '@muster/shared/time.ts';
import type { Handlers } from '../handlers.ts';
import { Refusal } from '../refusal.ts';
import type { World } from '../world.ts';

const TOKEN = 'k3Vq9xT0bZ7mWc2HnR5sYdLuP8aEfGjJ';

export function intakeHandlers(world: World): Handlers {
  const sites = world.machines.length === 0 ? [] : makeSites(world.startMs);
  const deliveries = world.machines.length === 0 ? [] : makeDeliveries(world);
  return {
    listIntakeSites: () => ({ items: sites, nextCursor: null }),
    createIntakeSite: ({ body }) => {
      const made: IntakeSite = {
        ...blank(`its_${sites.length + 1}`, body.name, Date.now()),
        site: body.site,
        class: body.class,
        tags: body.tags,
        expiresAt: body.expiresInDays === null ? null : toIso(Date.now() + body.expiresInDays * DAY_MS),
      };
      sites.unshift(made);
      const address = `https://muster.lanxi.example:8420/intake/${TOKEN}`;
      return {
        ...made,
        token: TOKEN,
        address,
        lines: {
          fusioninventory: `server = ${address}`,
          glpi: `glpi-agent --server ${address}`,
          ocs: `ocsinventory-agent --nolocal --server=${address}`,
        },
      };
    },
    revokeIntakeSite: ({ params }) => {
      const found = sites.find(({ id }) => id === params.id);
      if (!found) throw new Refusal(404, 'not-found', params.id);
      found.revokedAt = toIso(Date.now());
      found.state = 'revoked';
      return {};
    },
    listIntakeDeliveries: ({ query }) => ({
      items: deliveries.filter(
        ({ siteId, result }) =>
          (query.site === undefined || siteId === query.site) &&
          (query.result === undefined || (result === 'refused') === (query.result === 'refused')),
      ),
      nextCursor: null,
    }),
    listReporters: ({ params }) => ({
      items: deliveries
        .filter(({ ci }) => ci?.id === params.id)
        .slice(0, 1)
        .map(({ clientName, clientVersion, siteId, siteName, at }) => ({
          id: `itr_${params.id}`,
          clientName,
          clientVersion,
          siteId,
          siteName,
          firstSeenAt: toIso(world.startMs - 40 * DAY_MS),
          lastSeenAt: at,
          deliveries: 41,
        })),
    }),
    exportGlpiInventory: ({ params }) => ({
      action: 'inventory',
      deviceid: params.id,
      itemtype: 'Computer',
      content: { versionclient: 'Muster_v0.1.0' },
    }),
  };
}

function blank(id: string, name: string, createdMs: Millis): IntakeSite {
  return {
    id,
    name,
    state: 'waiting',
    createdAt: toIso(createdMs),
    expiresAt: null,
    revokedAt: null,
    site: null,
    class: null,
    tags: [],
    deliveries: 0,
    refused: 0,
    lastDeliveryAt: null,
    lastError: null,
  };
}

function makeSites(startMs: Millis): IntakeSite[] {
  return [
    {
      ...blank('its_3', 'Shenzhen branch', startMs - 2 * DAY_MS),
      state: 'failing',
      site: 'Shenzhen',
      deliveries: 3,
      refused: 12,
      lastDeliveryAt: toIso(startMs - DAY_MS),
      lastError: { at: toIso(startMs - 14 * MINUTE_MS), code: 'partial-unknown', detail: '' },
    },
    {
      ...blank('its_2', 'Beijing office', startMs - 40 * DAY_MS),
      state: 'delivering',
      site: 'Beijing',
      class: 'Workstation',
      tags: ['office', 'glpi'],
      deliveries: 12_403,
      refused: 4,
      lastDeliveryAt: toIso(startMs - 3 * MINUTE_MS),
      expiresAt: toIso(startMs + 325 * DAY_MS),
    },
    { ...blank('its_1', 'Workshop', startMs - HOUR_MS) },
  ];
}

function makeDeliveries({ startMs, machines }: World): IntakeDelivery[] {
  const base = {
    address: '10.20.4.17',
    itemType: 'Computer',
    partial: false,
    code: null,
    detail: '',
    sections: ['hardware', 'os', 'network', 'software'],
    bodyBytes: 17_465,
    inflatedBytes: 227_670,
  };
  const ciOf = (index: number) => {
    const detail = machines[index % machines.length]?.detail;
    return detail ? { id: detail.id, name: detail.name, class: detail.class } : null;
  };
  const taken = (index: number, change: Partial<IntakeDelivery>): IntakeDelivery => ({
    ...base,
    id: `itd_${100 - index}`,
    siteId: 'its_2',
    siteName: 'Beijing office',
    at: toIso(startMs - index * 3 * MINUTE_MS),
    clientName: 'GLPI-Agent',
    clientVersion: '1.12',
    deviceName: ciOf(index)?.name ?? '',
    result: 'known',
    ci: ciOf(index),
    ...change,
  });
  return [
    taken(1, { partial: true }),
    taken(2, { clientName: 'FusionInventory-Agent', clientVersion: '2.6-3', result: 'created' }),
    taken(3, {
      itemType: 'Unmanaged',
      deviceName: 'PDU-3F',
      result: 'noted',
      code: 'class-not-served',
      ci: null,
    }),
    taken(4, {
      siteId: 'its_3',
      siteName: 'Shenzhen branch',
      address: '10.31.0.5',
      deviceName: 'SZ-PC-044',
      result: 'refused',
      code: 'partial-unknown',
      detail: 'it tells only what has changed of a machine that is not known here',
      ci: null,
      partial: true,
    }),
    taken(5, { clientName: 'OCS-NG_unified_unix_agent', clientVersion: '2.10.0' }),
    taken(6, {
      siteId: 'its_3',
      siteName: 'Shenzhen branch',
      deviceName: '',
      clientName: 'curl',
      clientVersion: '',
      result: 'refused',
      code: 'xml-doctype',
      detail: 'it has a document type declaration',
      ci: null,
    }),
  ];
}

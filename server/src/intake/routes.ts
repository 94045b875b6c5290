/** `/intake-sites`, `/intake-deliveries`, who reports a CI, and the export in the GLPI format. */
import {
  type GlpiInventory,
  type IntakeDelivery,
  type IntakeSite,
  intakeEndpoints as endpoints,
  type IntakeSiteState,
} from '@muster/shared/api/intake.ts';
import { DAY_MS, type Millis, toIso } from '@muster/shared/time.ts';
import { snapshotOf } from '../cmdb/held-sections.ts';
import { ciNames } from '../cmdb/names.ts';
import type { CmdbStore } from '../cmdb/store.ts';
import { AppError } from '../errors.ts';
import type { Routes } from '../http/routes.ts';
import { glpiInventory } from './export.ts';
import type { Intake } from './intake.ts';
import type { DeliveryRecord, IntakeSiteRecord } from './store.ts';
import { INTAKE_PATH } from './token.ts';

/** Agents deliver once a day; two missed ones are worth a look. */
const SILENT_AFTER_MS = 2.5 * DAY_MS;

export function addIntakeRoutes(
  routes: Routes,
  deps: {
    intake: Intake;
    machines: Pick<CmdbStore, 'machine' | 'sections' | 'cis' | 'part'>;
    serverUrl: () => string;
    version: string;
  },
): void {
  const { intake, machines, serverUrl, version } = deps;
  const { store } = intake;

  async function siteNames(): Promise<Map<string, string>> {
    return new Map((await store.allSites()).map(({ id, name }) => [id, name]));
  }
  routes.add(endpoints.listIntakeSites, async ({ query }, { nowMs }) => {
    const { items, nextCursor } = await store.sites({ limit: query.limit, cursor: query.cursor });
    return { items: items.map((site) => siteView(site, nowMs)), nextCursor };
  });
  routes.add(endpoints.createIntakeSite, async ({ body }, { nowMs }) => {
    const { name, expiresInDays, site: place, tags } = body;
    const scope = { site: place === '' ? null : place, class: body.class, tags };
    const { site, token } = await intake.issue({ name, expiresInDays, scope }, nowMs);
    const address = `${serverUrl()}${INTAKE_PATH}/${token}`;
    return { ...siteView(site, nowMs), token, address, lines: linesFor(address) };
  });
  routes.add(endpoints.revokeIntakeSite, async ({ params }, { nowMs }) => {
    if (!(await intake.revoke(params.id, nowMs)))
      throw new AppError('not-found', `There is no intake site ${params.id}, or it is revoked already.`);
    return {};
  });
  routes.add(endpoints.listIntakeDeliveries, async ({ query }) => {
    const { limit, cursor, site, result } = query;
    const refused = result === undefined ? undefined : result === 'refused';
    const { items, nextCursor } = await store.deliveries({ limit, cursor, siteId: site, refused });
    const names = await siteNames();
    const cis = await ciNames(machines, [...new Set(items.flatMap(({ ciId }) => ciId ?? []))]);
    return { items: items.map((delivery) => deliveryView(delivery, names, cis)), nextCursor };
  });
  routes.add(endpoints.listReporters, async ({ params }) => {
    const names = await siteNames();
    const reporters = await intake.reportersOf(params.id);
    return {
      items: reporters.map(
        ({ id, clientName, clientVersion, siteId, firstSeenAtMs, lastSeenAtMs, deliveries }) => ({
          id,
          clientName,
          clientVersion,
          siteId,
          siteName: names.get(siteId) ?? siteId,
          firstSeenAt: toIso(firstSeenAtMs),
          lastSeenAt: toIso(lastSeenAtMs),
          deliveries,
        }),
      ),
    };
  });
  routes.add(endpoints.exportGlpiInventory, async ({ params }) => exported(params.id, machines, version));
}

/** Of a machine that no report has come of, name and dates are all there is. */
async function exported(
  id: string,
  machines: Pick<CmdbStore, 'machine' | 'sections'>,
  version: string,
): Promise<GlpiInventory> {
  const machine = await machines.machine(id);
  if (!machine) throw new AppError('not-found', `There is no machine ${id}.`);
  const states = await machines.sections(id);
  const reportedAtMs = Math.max(
    machine.createdAtMs,
    ...Object.values(states).map((state) => state.reportedAtMs),
  );
  const { name, tags } = machine;
  return glpiInventory({ name, tags, snapshot: snapshotOf(states), reportedAtMs, version });
}

/** What to write where: fusioninventory agent.cfg, the command line of glpi-agent and of ocsinventory-agent. */
function linesFor(address: string): { fusioninventory: string; glpi: string; ocs: string } {
  return {
    fusioninventory: `server = ${address}`,
    glpi: `glpi-agent --server ${address}`,
    // Debian's package is configured to write to a file, which --nolocal undoes.
    ocs: `ocsinventory-agent --nolocal --server=${address}`,
  };
}

function siteView(site: IntakeSiteRecord, nowMs: Millis): IntakeSite {
  const { id, name, scope, deliveries, refused, lastErrorCode, lastErrorAtMs, lastErrorDetail } = site;
  return {
    id,
    name,
    state: stateOf(site, nowMs),
    createdAt: toIso(site.createdAtMs),
    expiresAt: isoOrNull(site.expiresAtMs),
    revokedAt: isoOrNull(site.revokedAtMs),
    site: scope.site,
    class: scope.class,
    tags: [...scope.tags],
    deliveries,
    refused,
    lastDeliveryAt: isoOrNull(site.lastDeliveryAtMs),
    lastError:
      lastErrorCode === null || lastErrorAtMs === null
        ? null
        : { at: toIso(lastErrorAtMs), code: lastErrorCode, detail: lastErrorDetail },
  };
}

function stateOf(site: IntakeSiteRecord, nowMs: Millis): IntakeSiteState {
  if (site.revokedAtMs !== null) return 'revoked';
  if (site.expiresAtMs !== null && nowMs >= site.expiresAtMs) return 'expired';
  const [takenMs, errorMs] = [site.lastDeliveryAtMs, site.lastErrorAtMs];
  if (errorMs !== null && errorMs > (takenMs ?? 0)) return 'failing';
  if (takenMs === null) return 'waiting';
  return nowMs - takenMs > SILENT_AFTER_MS ? 'silent' : 'delivering';
}

function deliveryView(
  delivery: DeliveryRecord,
  names: ReadonlyMap<string, string>,
  cis: ReadonlyMap<string, { readonly name: string; readonly class: string }>,
): IntakeDelivery {
  const { id, siteId, atMs, ciId, sections, ...rest } = delivery;
  const ci = ciId === null ? undefined : cis.get(ciId);
  return {
    id,
    siteId,
    siteName: names.get(siteId) ?? siteId,
    at: toIso(atMs),
    address: rest.address,
    clientName: rest.clientName,
    clientVersion: rest.clientVersion,
    deviceName: rest.deviceName,
    itemType: rest.itemType,
    partial: rest.partial,
    result: rest.result,
    code: rest.code,
    detail: rest.detail,
    ci: ciId !== null && ci ? { id: ciId, name: ci.name, class: ci.class } : null,
    sections: [...sections],
    bodyBytes: rest.bodyBytes,
    inflatedBytes: rest.inflatedBytes,
  };
}

function isoOrNull(atMs: Millis | null): string | null {
  return atMs === null ? null : toIso(atMs);
}

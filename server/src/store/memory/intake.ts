/** The port of the intake in plain maps, for tests. */
import { DELIVERIES_KEPT_MAX } from '../../intake/limits.ts';
import type {
  DeliveryRecord,
  IntakeListed,
  IntakePage,
  IntakeSiteRecord,
  IntakeStore,
  ReporterRecord,
} from '../../intake/store.ts';

export function createMemoryIntakeStore(): IntakeStore {
  const sites = new Map<string, IntakeSiteRecord>();
  const reporters = new Map<string, ReporterRecord>();
  let deliveries: DeliveryRecord[] = [];
  return {
    addSite: async (site) => void sites.set(site.id, site),
    site: async (id) => sites.get(id) ?? null,
    sites: async (page) => pageOf([...sites.values()], page),
    allSites: async () => [...sites.values()],
    revokeSite: async (id, nowMs) => {
      const site = sites.get(id);
      if (!site || site.revokedAtMs !== null) return false;
      sites.set(id, { ...site, revokedAtMs: nowMs });
      return true;
    },
    record: async (delivery, reporter) => {
      const { siteId, atMs, code, detail } = delivery;
      const site = sites.get(siteId);
      if (site) {
        sites.set(
          siteId,
          delivery.result === 'refused'
            ? {
                ...site,
                refused: site.refused + 1,
                lastErrorAtMs: atMs,
                lastErrorCode: code,
                lastErrorDetail: detail,
              }
            : { ...site, deliveries: site.deliveries + 1, lastDeliveryAtMs: atMs },
        );
      }
      const kept = [...deliveries.filter((one) => one.siteId === siteId), delivery]
        .toSorted((a, b) => (a.id < b.id ? 1 : -1))
        .slice(0, DELIVERIES_KEPT_MAX);
      deliveries = [...deliveries.filter((one) => one.siteId !== siteId), ...kept];
      if (reporter === null) return;
      const key = `${siteId} ${reporter.key}`;
      const known = reporters.get(key);
      reporters.set(key, {
        ...reporter,
        siteId,
        id: known?.id ?? reporter.id,
        firstSeenAtMs: known?.firstSeenAtMs ?? reporter.lastSeenAtMs,
        deliveries: (known?.deliveries ?? 0) + 1,
      });
    },
    deliveries: async ({ siteId, refused, ...page }) =>
      pageOf(
        deliveries.filter(
          (one) =>
            (siteId === undefined || one.siteId === siteId) &&
            (refused === undefined || (one.result === 'refused') === refused),
        ),
        page,
      ),
    reporter: async (siteId, key) => reporters.get(`${siteId} ${key}`) ?? null,
    reportersOf: async (ciId) =>
      [...reporters.values()]
        .filter((one) => one.ciId === ciId)
        .toSorted((a, b) => b.lastSeenAtMs - a.lastSeenAtMs || (a.id < b.id ? 1 : -1)),
  };
}

function pageOf<T extends { readonly id: string }>(
  all: readonly T[],
  { limit, cursor }: IntakePage,
): IntakeListed<T> {
  const rest = all
    .toSorted((a, b) => (a.id < b.id ? 1 : -1))
    .filter(({ id }) => cursor === undefined || id < cursor);
  const items = rest.slice(0, limit);
  return { items, nextCursor: rest.length > limit ? (items.at(-1)?.id ?? null) : null };
}

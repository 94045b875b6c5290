/** Looks at what machines have installed: after a report, and after a rule was set, a few machines at a time. */
import type { SoftwareRuleFields } from '@muster/shared/api/software.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Ci, CmdbStore } from '../cmdb/store.ts';
import type { FindingsQueue } from '../findings/findings.ts';
import type { FindingStore } from '../findings/store.ts';
import type { SoftwareRegister } from './register.ts';
import { fits, isInScope, violations } from './rules.ts';
import type { SoftwareStore, StoredRule } from './store.ts';

/** Packages named in one finding. */
const ITEMS_MAX = 100;
/** Open findings of one machine. */
const OPEN_MAX = 500;
const NAMES_IN_TITLE = 3;
const EXAMPLES_MAX = 5;
/** Time of one turn; what is left waits for the next second. */
const TURN_MS = 60;

export interface SoftwareWatch {
  /** After its software, class or tags changed. */
  look(machineId: string): void;
  /** After rules were set: machines that this one may find, or found before. */
  lookForRule(rule: StoredRule): Promise<void>;
  checking(): { done: number; total: number } | null;
  tick(nowMs: Millis): Promise<void>;
  preview(rule: SoftwareRuleFields): Promise<Preview>;
  forgetRules(): void;
}

export interface Preview {
  readonly machines: number;
  readonly of: number;
  readonly examples: { readonly ciName: string; readonly package: string; readonly version: string }[];
}

interface WatchDeps {
  readonly store: SoftwareStore;
  readonly register: SoftwareRegister;
  readonly cmdbStore: Pick<CmdbStore, 'ci' | 'installations'>;
  readonly machines: () => Iterable<Pick<Ci, 'id' | 'name' | 'class' | 'tags'>>;
  readonly findings: FindingsQueue;
  readonly findingStore: Pick<FindingStore, 'find'>;
  readonly monotonicMs: () => number;
  readonly breathe: () => Promise<void>;
}

export function createSoftwareWatch(deps: WatchDeps): SoftwareWatch {
  const { store, register, cmdbStore, machines, findings, findingStore, monotonicMs, breathe } = deps;
  const waiting = new Set<string>();
  let total = 0;
  let rules: readonly StoredRule[] | null = null;
  let turning = false;

  function look(machineId: string): void {
    if (waiting.has(machineId)) return;
    waiting.add(machineId);
    total++;
  }

  async function check(machineId: string, nowMs: Millis): Promise<void> {
    rules ??= await store.rules();
    const ci = await cmdbStore.ci(machineId);
    if (!ci) return;
    const open = await findingStore.find({
      ciId: ci.id,
      kind: 'software-denied',
      state: 'open',
      limit: OPEN_MAX,
    });
    if (rules.length === 0 && open.items.length === 0) return;
    const installed = (await cmdbStore.installations(ci.id)).map((item) => ({
      ...item,
      productName: register.nameOf(register.productIdOf(item)) ?? item.name,
    }));
    const gone = ci.lifecycle === 'retired' || ci.lifecycle === 'disposed' || ci.mergedInto !== null;
    const found = gone ? new Map<StoredRule, typeof installed>() : violations(rules, ci, installed);
    const keys = new Set<string>();
    for (const [rule, items] of found) {
      const key = `${ci.id}:${rule.id}`;
      keys.add(key);
      const evidence = {
        ruleId: rule.id,
        rule: rule.name,
        mode: rule.mode,
        reason: rule.reason,
        severity: rule.severity,
        total: items.length,
        items: items
          .slice(0, ITEMS_MAX)
          .map(({ name, version, publisher, source }) => ({ name, after: version, publisher, source })),
      };
      const known = open.items.find((one) => one.key === key);
      // The same again is no news.
      if (known && JSON.stringify(known.evidence) === JSON.stringify(evidence)) continue;
      await findings.raise(
        { kind: 'software-denied', key, ciId: ci.id, title: titleOf(ci.name, rule, items), evidence },
        nowMs,
      );
    }
    for (const { key } of open.items)
      if (!keys.has(key)) await findings.settle('software-denied', key, 'system', nowMs);
  }

  /** Machines in scope that have something the rule would find, with the first of it. */
  async function hits(
    rule: SoftwareRuleFields,
  ): Promise<{ scope: number; found: Map<string, Preview['examples'][0]> }> {
    const scope = new Map([...machines()].filter((one) => isInScope(rule, one)).map((one) => [one.id, one]));
    const isBad = (item: Parameters<typeof fits>[1]) =>
      rule.mode === 'deny'
        ? fits(rule, item)
        : !fits(rule, item) && (rule.sources.length === 0 || rule.sources.includes(item.source));
    const packages = new Map<number, { productName: string; count: number }>();
    for (const { packageId, package: known, version, publisher, count, productName } of register.rows()) {
      if (!isBad({ ...known, version, publisher: publisher || null, productName })) continue;
      packages.set(packageId, { productName, count: (packages.get(packageId)?.count ?? 0) + count });
    }
    const found = new Map<string, Preview['examples'][0]>();
    // The most common first: when every machine in scope is found the rest need not be read.
    for (const [packageId, { productName }] of [...packages].toSorted((a, b) => b[1].count - a[1].count)) {
      if (found.size === scope.size) break;
      const known = register.package(packageId);
      if (!known) continue;
      for (const { machineId, version, publisher } of await store.machinesWith(packageId)) {
        const machine = scope.get(machineId);
        if (!machine || found.has(machineId) || !isBad({ ...known, version, publisher, productName }))
          continue;
        found.set(machineId, { ciName: machine.name, package: known.name, version });
      }
      await breathe();
    }
    return { scope: scope.size, found };
  }

  return {
    look,
    forgetRules: () => {
      rules = null;
    },
    async lookForRule(rule) {
      rules = null;
      let cursor: string | null | undefined;
      do {
        const page = await findingStore.find({
          kind: 'software-denied',
          state: 'open',
          limit: OPEN_MAX,
          ...(cursor ? { cursor } : {}),
        });
        for (const { ciId, evidence } of page.items)
          if (ciId !== null && (evidence['ruleId'] === rule.id || rule.mode === 'only')) look(ciId);
        cursor = page.nextCursor;
      } while (cursor);
      if (rule.enabled) for (const id of (await hits(rule)).found.keys()) look(id);
    },
    checking: () => (waiting.size === 0 ? null : { done: total - waiting.size, total }),
    async tick(nowMs) {
      if (turning || waiting.size === 0) return;
      turning = true;
      try {
        const startMs = monotonicMs();
        for (const id of waiting) {
          if (monotonicMs() - startMs >= TURN_MS) break;
          await check(id, nowMs);
          waiting.delete(id);
          await breathe();
        }
        if (waiting.size === 0) total = 0;
      } finally {
        turning = false;
      }
    },
    async preview(rule) {
      const { scope, found } = await hits(rule);
      return { machines: found.size, of: scope, examples: [...found.values()].slice(0, EXAMPLES_MAX) };
    },
  };
}

function titleOf(
  ciName: string,
  { mode }: StoredRule,
  items: readonly { name: string; version: string }[],
): { en: string; zh: string } {
  const some = items.slice(0, NAMES_IN_TITLE).map(({ name, version }) => `${name} ${version}`);
  const more = items.length - some.length;
  const denied = mode === 'deny';
  return {
    en: `${denied ? 'Denied software' : 'Software not on the list'} on ${ciName}: ${some.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
    zh: `${ciName} 安装了${denied ? '禁用软件' : '允许清单以外的软件'}：${some.join('、')}${more > 0 ? ` 等 ${items.length} 项` : ''}`,
  };
}

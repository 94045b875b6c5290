/** Follows what inventories show and puts what nobody allowed into the queue of findings: one for each machine and kind. */
import type { ChangeKind, ChangePolicy } from '@muster/shared/api/changes.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { AppliedChange } from '../cmdb/cmdb.ts';
import type { AttributeValue } from '../cmdb/picture.ts';
import { softwareName } from '../cmdb/diff.ts';
import type { HistoryRow, Part } from '../cmdb/store.ts';
import type { Findings } from '../findings/finding.ts';
import { besideOf, judge, type Observed, observedIn, POLICY_DEFAULT, type Subject } from './judge.ts';
import type { ChangeStore } from './store.ts';

/** Things named in one finding; a machine that is set up anew has thousands. */
export const ITEMS_MAX = 200;

export interface UnauthorisedItem {
  readonly historyId: string;
  readonly atMs: Millis;
  readonly name: string;
  readonly attribute: string | null;
  readonly before: AttributeValue;
  readonly after: AttributeValue;
  /** Of a part: what tells it from another (model, serial, size). */
  readonly facts?: Readonly<Record<string, AttributeValue>>;
}

/** A change that an approved record or the policy explains: for the history, which says so. */
export interface Explained {
  readonly historyId: string;
  readonly by: 'change' | 'policy';
  /** Of the change record or the rule of the policy. */
  readonly id: string;
}

interface WatchDeps {
  readonly store: Pick<ChangeStore, 'inForce' | 'policy'>;
  readonly findings: Pick<Findings, 'raise'>;
  /** Packages on the machine and where they come from. */
  readonly sourcesOf: (machineId: string) => Promise<ReadonlyMap<string, string>>;
  readonly explain: (explained: readonly Explained[]) => Promise<void>;
}

export interface ChangeWatch {
  /** Judges the rows of one applied report; rows that are of no interest cost nothing. */
  follow(
    change: Pick<AppliedChange, 'ci' | 'parts' | 'history' | 'installations'>,
    nowMs: Millis,
  ): Promise<void>;
  /** After the policy was set. */
  forgetPolicy(): void;
}

export function createChangeWatch({ store, findings, sourcesOf, explain }: WatchDeps): ChangeWatch {
  let policy: ChangePolicy | null = null;

  return {
    forgetPolicy: () => {
      policy = null;
    },
    async follow({ ci, parts, history, installations }, nowMs) {
      const partOf = new Map(parts.map((part) => [part.id, part]));
      const beside = besideOf(
        history.some(isOfPackage)
          ? new Map([...goneSources(installations?.removed ?? []), ...(await sourcesOf(ci.id))])
          : new Map(),
        new Set(
          history.flatMap((row) => (row.kind === 'created' ? (softwareName(row.attribute) ?? []) : [])),
        ),
        history.some(({ kind, attribute }) => kind === 'created' && attribute?.startsWith('patch:')),
      );
      const seen = history.flatMap((row) => {
        const part = partOf.get(row.ciId);
        const observed = observedIn(row, part, beside);
        return observed ? [{ row, observed, part }] : [];
      });
      if (seen.length === 0) return;
      policy ??= (await store.policy()) ?? POLICY_DEFAULT;
      const changes = await store.inForce(nowMs);
      const machine: Subject = { id: ci.id, class: ci.class, tags: ci.tags };
      const unauthorised = new Map<
        ChangeKind,
        { row: HistoryRow; observed: Observed; part: Part | undefined }[]
      >();
      const explained: Explained[] = [];
      for (const each of seen) {
        const verdict = judge(each.observed, machine, nowMs, changes, policy);
        if (!verdict.allowed) {
          const same = unauthorised.get(each.observed.kind);
          if (same) same.push(each);
          else unauthorised.set(each.observed.kind, [each]);
        } else if (verdict.by !== 'not-watched') {
          const id = verdict.by === 'change' ? verdict.change.id : verdict.rule.id;
          explained.push({ historyId: each.row.id, by: verdict.by, id });
        }
      }
      if (explained.length > 0) await explain(explained);
      for (const [kind, items] of unauthorised) {
        await findings.raise(
          {
            kind: 'unauthorised-change',
            // Each report is a matter of its own: accepting one installation does not accept the next.
            key: `${ci.id}:${kind}:${items[0]?.row.id ?? ''}`,
            ciId: ci.id,
            title: titleOf(
              kind,
              ci.name,
              items.map(({ observed }) => observed.name),
            ),
            evidence: {
              kind,
              total: items.length,
              items: items.slice(0, ITEMS_MAX).map(
                ({ row, observed, part }): UnauthorisedItem => ({
                  historyId: row.id,
                  atMs: row.atMs,
                  name: observed.name,
                  attribute: row.attribute,
                  before: row.before,
                  after: row.after,
                  ...(part ? { facts: factsOf(part) } : {}),
                }),
              ),
            },
          },
          nowMs,
        );
      }
    },
  };
}

function isOfPackage({ attribute, source }: HistoryRow): boolean {
  return source !== 'human' && source !== 'system' && softwareName(attribute) !== null;
}

/** Of packages that went: their keys are all that is left of them. */
function* goneSources(keys: readonly string[]): Generator<[name: string, source: string]> {
  for (const key of keys) {
    const [source, name] = key.split('\0');
    if (source !== undefined && name !== undefined) yield [name, source];
  }
}

const FACTS = [
  'kind',
  'manufacturer',
  'model',
  'vendor',
  'product',
  'serial',
  'sizeBytes',
  'path',
  'version',
] as const;

function factsOf({ attributes }: Part): Record<string, AttributeValue> {
  return Object.fromEntries(
    FACTS.flatMap((name) => {
      const value = attributes[name]?.value;
      return value === undefined || value === null ? [] : [[name, value]];
    }),
  );
}

const KIND_WORDS: Readonly<Record<ChangeKind, { en: string; zh: string }>> = {
  'hardware-added': { en: 'Hardware added', zh: '新增硬件' },
  'hardware-removed': { en: 'Hardware removed', zh: '移除硬件' },
  'hardware-changed': { en: 'Hardware changed', zh: '硬件变动' },
  'firmware-changed': { en: 'Firmware changed', zh: '固件变动' },
  'os-changed': { en: 'Operating system changed', zh: '操作系统变动' },
  'software-installed': { en: 'Software installed', zh: '安装软件' },
  'software-removed': { en: 'Software removed', zh: '卸载软件' },
  'software-updated': { en: 'Software updated', zh: '更新软件' },
  'configuration-changed': { en: 'Configuration changed', zh: '配置变动' },
  'driver-changed': { en: 'Driver changed', zh: '驱动变动' },
  'account-changed': { en: 'Local account changed', zh: '本地账户变动' },
  'security-changed': { en: 'Protection changed', zh: '安全防护变动' },
  'network-changed': { en: 'Network changed', zh: '网络变动' },
  'service-changed': { en: 'Service changed', zh: '系统服务变动' },
};

/** Names that fit into a title. */
const NAMES_MAX = 3;

function titleOf(kind: ChangeKind, ciName: string, names: readonly string[]): { en: string; zh: string } {
  const { en, zh } = KIND_WORDS[kind];
  const some = names.slice(0, NAMES_MAX);
  const more = names.length - some.length;
  return {
    en: `${en} on ${ciName} without an approved change: ${some.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
    zh: `${ciName} 未经批准的变更（${zh}）：${some.join('、')}${more > 0 ? ` 等 ${names.length} 项` : ''}`,
  };
}

/** Holds what the product said against what was planted. Pure. */
import { MINUTE_MS, toIso } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Fault } from './fault.ts';

/** An incident or a finding as far as the score looks at it. */
export interface Said {
  readonly ref: string;
  readonly openedMs: Millis;
  /** The CI at fault. */
  readonly ciId: string | null;
  /** It and those affected. */
  readonly ciIds: readonly string[];
  /** What it is about, such as `cpu`, `filesystem`, `silent`; null: unknown. */
  readonly family: string | null;
  readonly what: string;
  readonly isFinding: boolean;
}

export interface Judged {
  readonly fault: Fault;
  /** Those that belong to it, in the order of their opening. */
  readonly said: readonly Said[];
  /** From when it could be seen until the first one; null: none. */
  readonly openMs: Millis | null;
}

export interface Score {
  readonly planted: number;
  readonly found: number;
  readonly missed: readonly { readonly kind: string; readonly ci: string; readonly at: string }[];
  readonly falsePer100MachineMonths: number;
  readonly incidentsPerCause: number;
  readonly openP95Ms: number | null;
}

export interface Judgement {
  readonly score: Score;
  readonly judged: readonly Judged[];
  readonly wrong: readonly Said[];
  /** Found faults whose first incident names the CI that failed. */
  readonly causeNamed: number;
}

/** What is over may be told of for this long: a recovery that has to be verified, a machine that starts. */
export const GRACE_MS = 30 * MINUTE_MS;
const MONTH_DAYS = 30.4375;

export function judge(
  faults: readonly Fault[],
  said: readonly Said[],
  { machines, days }: { readonly machines: number; readonly days: number },
): Judgement {
  const bySaid = new Map<Said, Fault>();
  const belonging = new Map<Fault, Said[]>(faults.map((fault) => [fault, []]));
  for (const one of said.toSorted((a, b) => a.openedMs - b.openedMs)) {
    const fault = faultOf(faults, one);
    if (!fault) continue;
    bySaid.set(one, fault);
    belonging.get(fault)?.push(one);
  }
  const judged = faults.map((fault) => judgedOf(fault, belonging.get(fault) ?? []));
  const real = judged.filter(({ fault }) => fault.must !== 'silence');
  const found = real.filter(({ openMs }) => openMs !== null);
  const wrong = said.filter((one) => !one.isFinding && !bySaid.has(one));
  const incidents = found.reduce(
    (sum, one) => sum + one.said.filter(({ isFinding }) => !isFinding).length,
    0,
  );
  const causes = found.filter((one) => one.said.some(({ isFinding }) => !isFinding)).length;
  const waits = found.flatMap(({ openMs }) => openMs ?? []).toSorted((a, b) => a - b);
  return {
    judged,
    wrong,
    causeNamed: found.filter((one) => one.said.some(({ ciId }) => ciId === one.fault.causeId)).length,
    score: {
      planted: real.length,
      found: found.length,
      missed: real
        .filter(({ openMs }) => openMs === null)
        .map(({ fault }) => ({ kind: fault.kind, ci: fault.subject, at: toIso(fault.fromMs) })),
      falsePer100MachineMonths: rounded((wrong.length * 100 * MONTH_DAYS) / (machines * days)),
      incidentsPerCause: causes === 0 ? 0 : rounded(incidents / causes),
      openP95Ms: waits[Math.max(0, Math.ceil(waits.length * 0.95) - 1)] ?? null,
    },
  };
}

/** Of several faults that it fits, the one that failed last. What is ordinary explains nothing. */
function faultOf(faults: readonly Fault[], said: Said): Fault | null {
  let best: Fault | null = null;
  for (const fault of faults) {
    if (fault.must === 'silence' || !fits(fault, said)) continue;
    if (best === null || fault.fromMs > best.fromMs) best = fault;
  }
  return best;
}

function fits(fault: Fault, { openedMs, ciIds, family, isFinding }: Said): boolean {
  if (openedMs < fault.fromMs || openedMs > fault.toMs + GRACE_MS) return false;
  if (isFinding && fault.must !== 'finding') return false;
  if (fault.families !== null && family !== null && !fault.families.includes(family)) return false;
  return ciIds.some((id) => fault.hits.has(id));
}

function judgedOf(fault: Fault, said: readonly Said[]): Judged {
  const first = said[0];
  return { fault, said, openMs: first ? Math.max(0, first.openedMs - fault.detectableMs) : null };
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

/** Holds what the product said against what was planted. Pure. */
import { DAY_MS, MINUTE_MS, toIso } from '@muster/shared/time.ts';
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
  /** It was told, or recorded, as docs/YEAR.md asks for. */
  readonly isFound: boolean;
  /** From when it could be seen until it was told; null: it was not, or there is nothing to tell. */
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
}

/** What is over may be told of for this long: a recovery that has to be verified, a machine that starts. */
const GRACE_MS = 30 * MINUTE_MS;
/** From when it can be seen, a fault is found when it is told within this time: of findings within a day, nobody is woken by them. */
const FOUND_MS_MAX = 30 * MINUTE_MS;
const FINDING_MS_MAX = DAY_MS;
const MONTH_DAYS = 30.4375;

export function judge(
  faults: readonly Fault[],
  said: readonly Said[],
  /** Faults of which the record says what it was. */
  recorded: ReadonlySet<Fault>,
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
  const judged = faults.map((fault) =>
    fault.must === 'record'
      ? { fault, said: [], isFound: recorded.has(fault), openMs: null }
      : judgedOf(fault, belonging.get(fault) ?? []),
  );
  const real = judged.filter(({ fault }) => fault.must !== 'silence');
  const incidents = real.map((one) => one.said.filter(({ isFinding }) => !isFinding).length);
  const causes = incidents.filter((count) => count > 0).length;
  const waits = real.flatMap(({ openMs }) => openMs ?? []).toSorted((a, b) => a - b);
  const wrong = said.filter((one) => !one.isFinding && !bySaid.has(one));
  return {
    judged,
    wrong,
    score: {
      planted: real.length,
      found: real.filter(({ isFound }) => isFound).length,
      missed: real
        .filter(({ isFound }) => !isFound)
        .map(({ fault }) => ({ kind: fault.kind, ci: fault.subject, at: toIso(fault.fromMs) })),
      falsePer100MachineMonths: rounded((wrong.length * 100 * MONTH_DAYS) / (machines * days)),
      incidentsPerCause: causes === 0 ? 0 : rounded(incidents.reduce((a, b) => a + b, 0) / causes),
      openP95Ms: waits[Math.max(0, Math.ceil(waits.length * 0.95) - 1)] ?? null,
    },
  };
}

/** Of several faults that it fits, the one that failed last. What is ordinary explains nothing. */
function faultOf(faults: readonly Fault[], said: Said): Fault | null {
  let best: Fault | null = null;
  for (const fault of faults) {
    if (fault.must === 'silence' || fault.must === 'record' || !belongs(fault, said)) continue;
    if (best === null || fault.fromMs > best.fromMs) best = fault;
  }
  return best;
}

/** It need not be right: an incident about a machine behind the dead switch belongs to the switch too. */
function belongs(fault: Fault, { openedMs, ciIds, family, isFinding }: Said): boolean {
  if (openedMs < fault.fromMs || openedMs > fault.toMs + GRACE_MS) return false;
  if (isFinding && fault.must !== 'finding') return false;
  if (fault.families !== null && family !== null && !fault.families.includes(family)) return false;
  return ciIds.some((id) => fault.hits.has(id));
}

function judgedOf(fault: Fault, said: readonly Said[]): Judged {
  const first = said.find((one) => isRight(fault, one));
  if (first === undefined) return { fault, said, isFound: false, openMs: null };
  return { fault, said, isFound: true, openMs: Math.max(0, first.openedMs - fault.detectableMs) };
}

/** The right CI is named as the one at fault, while the fault lasts and soon enough. What it is about was looked at before. */
function isRight({ causeIds, detectableMs, toMs, must }: Fault, { ciId, openedMs }: Said): boolean {
  const latestMs = detectableMs + (must === 'finding' ? FINDING_MS_MAX : FOUND_MS_MAX);
  return ciId !== null && causeIds.has(ciId) && openedMs <= Math.min(latestMs, toMs);
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

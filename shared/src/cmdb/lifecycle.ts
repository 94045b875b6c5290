/** The life of a configuration item as data: its states, which steps lead from each to which, and what a step must say. */
import type { z } from 'zod';
import type { Lifecycle } from '../api/cmdb.ts';

export type LifecycleState = z.infer<typeof Lifecycle>;

/** 'reason': a sentence why. 'condition': the state the thing is in, of what can be bought and handed out. */
export type StepNeed = 'reason' | 'condition';
export interface LifecycleStep {
  readonly to: LifecycleState;
  readonly needs: readonly StepNeed[];
}

const to = (state: LifecycleState, ...needs: StepNeed[]): LifecycleStep => ({ to: state, needs });
/** Whatever may be lost can be missing. */
const LOST = to('missing', 'reason');

/** States that are entered only with a reason, from wherever. */
export const NEEDS_REASON: readonly LifecycleState[] = ['defective', 'retired', 'disposed', 'missing'];

/** In the order in which a person would think of them: onwards first. */
export const LIFECYCLE_STEPS: Readonly<Record<LifecycleState, readonly LifecycleStep[]>> = {
  planned: [to('ordered'), to('in_stock'), to('deployed'), to('in_use'), LOST],
  ordered: [to('in_stock'), to('deployed'), to('in_use'), LOST],
  in_stock: [
    to('reserved'),
    to('deployed'),
    to('in_use'),
    to('defective', 'reason'),
    to('retired', 'reason'),
    LOST,
  ],
  reserved: [to('deployed'), to('in_use'), to('in_stock'), LOST],
  deployed: [
    to('in_use'),
    to('in_maintenance'),
    to('in_stock', 'condition'),
    to('defective', 'reason'),
    to('retired', 'reason'),
    LOST,
  ],
  in_use: [
    to('in_maintenance'),
    to('in_stock', 'condition'),
    to('defective', 'reason'),
    to('retired', 'reason'),
    LOST,
  ],
  in_maintenance: [to('in_use'), to('defective', 'reason'), LOST],
  defective: [to('in_repair'), to('retired', 'reason'), LOST],
  in_repair: [to('in_use'), to('in_stock', 'condition'), to('retired', 'reason'), LOST],
  retired: [to('disposed', 'reason'), to('in_stock', 'reason', 'condition'), LOST],
  disposed: [],
  missing: [to('in_stock', 'condition'), to('disposed', 'reason')],
};

const PUT_AWAY: ReadonlySet<LifecycleState> = new Set(['retired', 'disposed', 'missing', 'in_stock']);

/** What lies, is lost or is gone cannot report. */
export function isPutAway(state: LifecycleState): boolean {
  return PUT_AWAY.has(state);
}

const IN_SERVICE: ReadonlySet<string> = new Set<LifecycleState>(['deployed', 'in_use', 'defective']);

/** What is there to be used is watched and counted; in all other states its absence is agreed (planned). */
export function isInService(state: string): boolean {
  return IN_SERVICE.has(state);
}

export function lifecycleStep(from: LifecycleState, wanted: LifecycleState): LifecycleStep | undefined {
  return LIFECYCLE_STEPS[from].find((step) => step.to === wanted);
}

/** States in which the thing itself should be found where it is said to be. */
export function isAtHand(state: LifecycleState): boolean {
  return !['planned', 'ordered', 'retired', 'disposed', 'missing'].includes(state);
}

export const LIFECYCLE_WORDS: Readonly<Record<LifecycleState, { readonly en: string; readonly zh: string }>> =
  {
    planned: { en: 'planned', zh: '已计划' },
    ordered: { en: 'ordered', zh: '已订购' },
    in_stock: { en: 'in stock', zh: '在库' },
    reserved: { en: 'reserved', zh: '已预留' },
    deployed: { en: 'deployed', zh: '已部署' },
    in_use: { en: 'in use', zh: '使用中' },
    in_maintenance: { en: 'in maintenance', zh: '维护中' },
    defective: { en: 'defective', zh: '有故障' },
    in_repair: { en: 'in repair', zh: '维修中' },
    retired: { en: 'retired', zh: '已退役' },
    disposed: { en: 'disposed of', zh: '已处置' },
    missing: { en: 'missing', zh: '遗失' },
  };

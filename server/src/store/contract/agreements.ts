/** What any store of judgements and targets must do; run on the memory fake and on SQL. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type {
  AgreementStore,
  ReclassificationRecord,
  TargetRecord,
} from '../../availability/agreements-store.ts';

export function agreementStoreContract(
  name: string,
  open: () => Promise<{ store: AgreementStore; close(): Promise<void> }>,
): void {
  describe(`agreement store: ${name}`, () => {
    let store: AgreementStore;
    let close: () => Promise<void>;
    beforeEach(async () => ({ store, close } = await open()));
    afterEach(async () => close());

    test('[AV31] judgements are written together and come back in the order they were made', async () => {
      await store.putReclassifications([judgement('rcl_2')]);
      await store.putReclassifications([
        judgement('rcl_1'),
        { ...judgement('rcl_2'), state: 'undone', decidedBy: 'user:bo' },
      ]);
      expect(await store.reclassifications()).toEqual([
        judgement('rcl_1'),
        { ...judgement('rcl_2'), state: 'undone', decidedBy: 'user:bo' },
      ]);
    });

    test('[AV28] a target is replaced whole and deleted', async () => {
      await store.putTarget(target('tgt_1', 99.9));
      await store.putTarget(target('tgt_1', 99.5));
      expect(await store.targets()).toEqual([target('tgt_1', 99.5)]);
      await store.deleteTarget('tgt_1');
      expect(await store.targets()).toEqual([]);
    });
  });
}

function judgement(id: string): ReclassificationRecord {
  return {
    id,
    ciId: 'ci_1',
    fromMs: 1_000,
    toMs: 2_000,
    as: 'excluded',
    reason: 'The power company cut the street off.',
    undoes: null,
    state: 'pending',
    requestedBy: 'user:anna',
    requestedAtMs: 3_000,
    decidedBy: null,
    decidedAtMs: null,
    decisionNote: null,
  };
}

function target(id: string, percent: number): TargetRecord {
  return {
    id,
    ciId: 'ci_1',
    percent,
    formula: 'known-time',
    period: 'month',
    fromDay: '2026-10-01',
    agreedWith: 'Sales',
    note: '',
    by: 'user:anna',
    atMs: 5,
  };
}

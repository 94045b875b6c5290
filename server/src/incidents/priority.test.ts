import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@muster/shared/time.ts';
import { PRIORITY_MATRIX } from '@muster/shared/incidents/matrix.ts';
import { judge, type PriorityFacts } from './priority.ts';
import { NO_REACH, type ReachedService } from './surroundings.ts';

const MATRIX = { version: 1, cells: PRIORITY_MATRIX };
const FACTS: PriorityFacts = {
  ciClass: 'Server',
  criticality: 4,
  severity: 'critical',
  outage: true,
  expectedNow: true,
};
const service = (some: Partial<ReachedService>): ReachedService => ({
  id: 'svc',
  name: 'ERP',
  state: 'lost',
  criticality: 1,
  users: null,
  redundancy: null,
  ...some,
});
const PAIR = { of: 3, needed: 1 };

describe('[IC27] impact', () => {
  test.each([
    ['nothing hangs on it', {}, 4],
    ['a service is lost', { services: [service({})] }, 1],
    ['a service of less weight is lost', { services: [service({ criticality: 3 })] }, 3],
    [
      'degraded, nothing more may fail',
      { services: [service({ state: 'degraded', redundancy: { ...PAIR, left: 1 } })] },
      2,
    ],
    [
      'degraded, one more may fail',
      { services: [service({ state: 'degraded', redundancy: { ...PAIR, left: 2 } })] },
      3,
    ],
    ['one person', { people: 1 }, 4],
    ['two people', { people: 2 }, 3],
    ['twenty people', { people: 20 }, 2],
    ['a hundred people', { people: 100 }, 1],
    ['twenty machines', { machines: 20 }, 2],
  ] as const)('%s', (_what, reach, impact) => {
    expect(judge({ ...FACTS, reach: { ...NO_REACH, ...reach } }, MATRIX).impact).toBe(impact);
  });

  test('other CIs whose alerts it holds count as a crowd', () => {
    expect([0, 1, 2, 20, 100].map((affected) => judge({ ...FACTS, affected }, MATRIX).impact)).toEqual([
      4, 4, 3, 2, 1,
    ]);
  });

  test('[IC4] where no single item is at fault the reason says so, in sentences of both languages', () => {
    const { why } = judge({ ...FACTS, ciClass: '', criticality: 2, affected: 39 }, MATRIX);
    expect(why.en).toBe(
      'P1: impact 2 (counted as a department or site, as no single item is at fault; 39 items affected), urgency 1 (not available now, within its hours).',
    );
    expect(why.zh).toBe(
      'P1：影响度 2（故障不在单个配置项，按一个部门或地点计；波及 39 个配置项），紧急度 1（当前不可用，且处于服务时间内）。',
    );
  });

  test('what is only at risk weighs one less than what is lost', () => {
    const reach = { ...NO_REACH, services: [service({})] };
    expect(judge({ ...FACTS, outage: false, reach }, MATRIX).impact).toBe(2);
  });

  test('the reason names services, people and redundancy in both languages', () => {
    const reach = {
      ...NO_REACH,
      people: 40,
      services: [
        service({}),
        service({ name: 'Mail', state: 'degraded', redundancy: { of: 2, left: 1, needed: 1 } }),
      ],
    };
    const { why } = judge({ ...FACTS, reach }, MATRIX);
    expect(why.en).toBe(
      'P1: impact 1 (one user: server of criticality 4; 1 service lost: ERP; 1 service degraded: Mail; 40 people; no redundancy left (1 of 2 gone)), urgency 1 (not available now, within its hours).',
    );
    expect(why.zh).toBe(
      'P1：影响度 1（一名用户：关键度 4 的服务器；中断 1 个服务：ERP；降级 1 个服务：Mail；影响 40 人；已无冗余（2 个中已失 1 个）），紧急度 1（当前不可用，且处于服务时间内）。',
    );
  });
});

describe('[IC28] urgency', () => {
  test.each([
    ['an outage in its hours', {}, 1],
    ['an outage outside its hours', { expectedNow: false }, 3],
    ['an outage outside its hours, criticality 1', { expectedNow: false, criticality: 1 }, 2],
    ['critical in its hours', { outage: false }, 2],
    ['critical outside its hours', { outage: false, expectedNow: false }, 3],
    ['a warning in its hours', { outage: false, severity: 'warning' }, 3],
    ['a warning outside its hours', { outage: false, severity: 'warning', expectedNow: false }, 4],
    ['full in half an hour', { outage: false, breachInMs: 30 * MINUTE_MS }, 1],
    ['full in two hours', { outage: false, breachInMs: 2 * HOUR_MS }, 2],
    ['full in eight hours', { outage: false, breachInMs: 8 * HOUR_MS }, 3],
    ['full in three days', { outage: false, breachInMs: 3 * DAY_MS }, 4],
    ['the foreseen level is reached', { outage: false, breachInMs: -1 }, 1],
  ] as const)('%s', (_what, facts, urgency) => {
    expect(judge({ ...FACTS, ...facts }, MATRIX).urgency).toBe(urgency);
  });

  test('never more urgent outside the hours than inside, nor with more time left (property)', () => {
    const facts = fc.record({
      criticality: fc.integer({ min: 1, max: 4 }),
      severity: fc.constantFrom('warning' as const, 'critical' as const),
      outage: fc.boolean(),
      breachInMs: fc.option(fc.integer({ min: 0, max: 10 * DAY_MS })),
    });
    fc.assert(
      fc.property(facts, fc.integer({ min: 0, max: DAY_MS }), (some, laterMs) => {
        const urgency = (more: Partial<PriorityFacts>) =>
          judge({ ...FACTS, ...some, ...more }, MATRIX).urgency;
        expect(urgency({ expectedNow: false })).toBeGreaterThanOrEqual(urgency({ expectedNow: true }));
        if (some.breachInMs !== null)
          expect(urgency({ breachInMs: some.breachInMs + laterMs })).toBeGreaterThanOrEqual(urgency({}));
      }),
    );
  });
});

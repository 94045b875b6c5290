import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeTime } from '../time-fake.ts';
import {
  type Answered,
  Lookups,
  LOOKUPS_MAX,
  NAMES_MAX,
  SLOW_LOOKUP_MS,
  SLOW_LOOKUPS_MAX,
} from './lookups.ts';

const ADDRESS = [{ address: '192.0.2.1', family: 4 }];

function stage() {
  const time = new FakeTime();
  /** Being asked for. */
  const open = new Map<string, Answered>();
  const said: string[] = [];
  const lookups = new Lookups({
    ask: (host, answered) => open.set(host, answered),
    elapsedMs: time.elapsedMs,
  });
  const resolve = (host: string, signal = new AbortController().signal) =>
    lookups.resolve(
      host,
      (error, addresses) => said.push(`${host}: ${error?.message ?? addresses[0]?.address}`),
      (waits) => said.push(`${host} ${waits ? 'waits' : 'has its turn'}`),
      signal,
    );
  const answer = (host: string) => {
    const answered = open.get(host);
    open.delete(host);
    answered?.(null, ADDRESS);
  };
  const slowOnce = (...hosts: string[]) => {
    for (const host of hosts) {
      resolve(host);
      time.advance(SLOW_LOOKUP_MS);
      answer(host);
    }
    said.length = 0;
  };
  return { time, open, said, resolve, answer, slowOnce };
}

test('[CK60] three names are asked for at a time; the others are not refused, they wait and are told of their turn', () => {
  const { open, said, resolve, answer } = stage();
  for (const host of ['a', 'b', 'c', 'd', 'e']) resolve(host);
  expect([...open.keys()]).toEqual(['a', 'b', 'c']);
  answer('b');
  expect([...open.keys()]).toEqual(['a', 'c', 'd']);
  expect(said).toEqual(['d waits', 'e waits', 'b: 192.0.2.1', 'd has its turn']);
});

test('[CK60] dead names leave a place: one that answers never waits for them', () => {
  const { open, said, resolve, answer, slowOnce } = stage();
  slowOnce('dead1', 'dead2', 'dead3', 'dead4');
  for (const host of ['dead1', 'dead2', 'dead3', 'dead4', 'well']) resolve(host);
  expect([...open.keys()]).toEqual(['dead1', 'dead2', 'well']);
  expect(said).toEqual(['dead3 waits', 'dead4 waits']);
  answer('well');
  expect([...open.keys()]).toEqual(['dead1', 'dead2']);
  // One that answers again is like the others.
  answer('dead1');
  resolve('dead1');
  expect([...open.keys()]).toEqual(['dead2', 'dead3', 'dead1']);
});

test('[CK60] the same name is asked for once, and all who want it have the answer', () => {
  const { open, said, resolve, answer } = stage();
  for (const host of ['a', 'a', 'b', 'c', 'd', 'd']) resolve(host);
  expect([...open.keys()]).toEqual(['a', 'b', 'c']);
  answer('a');
  expect(said).toEqual([
    'd waits',
    'd waits',
    'a: 192.0.2.1',
    'a: 192.0.2.1',
    'd has its turn',
    'd has its turn',
  ]);
});

test('[CK60] names without end are refused in words', () => {
  const { said, resolve } = stage();
  for (let i = 0; i <= NAMES_MAX; i++) resolve(`host${i}`);
  expect(said.at(-1)).toBe(
    `host${NAMES_MAX}: ${NAMES_MAX} other names are being looked up and get no answer`,
  );
});

test('[CK70] what was given up while its name is asked for hears nothing, and the next one has that answer', () => {
  const { open, said, resolve, answer } = stage();
  const gone = new AbortController();
  resolve('a', gone.signal);
  gone.abort();
  resolve('a');
  expect([...open.keys()]).toEqual(['a']);
  answer('a');
  expect(said).toEqual(['a: 192.0.2.1']);
});

test('[CK70] a name for which nobody waits any more has no turn, and makes room for another', () => {
  const { open, said, resolve, answer } = stage();
  const gone = new AbortController();
  for (const host of ['a', 'b', 'c']) resolve(host);
  for (const host of ['d', 'e', 'f']) resolve(host, gone.signal);
  resolve('e');
  said.length = 0;
  gone.abort();
  answer('a');
  answer('b');
  expect(said).toEqual(['a: 192.0.2.1', 'e has its turn', 'b: 192.0.2.1']);
  expect([...open.keys()]).toEqual(['c', 'e']);
});

test('[CK70] probes without end of names that get no answer hold nothing, and names that are given up leave room', () => {
  const { said, resolve, slowOnce } = stage();
  slowOnce('dead1', 'dead2');
  for (const host of ['dead1', 'dead2']) resolve(host);
  for (let i = 0; i < 3 * NAMES_MAX; i++) {
    const probe = new AbortController();
    resolve('dead1', probe.signal);
    resolve(`redirected${i}`, probe.signal);
    probe.abort();
  }
  said.length = 0;
  resolve('well');
  expect(said).toEqual(['well waits']);
});

test('[CK60] whatever answers when: each has one answer, places are kept, and nobody waits while there is one', () => {
  const Host = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g');
  const Step = fc.oneof(
    fc.record({ ask: Host }),
    fc.record({ answer: Host }),
    fc.record({ passMs: fc.integer({ min: 1, max: SLOW_LOOKUP_MS }) }),
  );
  fc.assert(
    fc.property(fc.array(Step, { maxLength: 60 }), (steps) => {
      const { time, open, said, resolve, answer } = stage();
      let asked = 0;
      for (const step of steps) {
        if ('ask' in step) {
          resolve(step.ask);
          asked++;
        } else if ('answer' in step) answer(step.answer);
        else time.advance(step.passMs);
        expect(open.size).toBeLessThanOrEqual(LOOKUPS_MAX);
        const waiting = said.filter((line) => line.endsWith(' waits')).length;
        const begun = said.filter((line) => line.endsWith('its turn')).length;
        if (open.size < SLOW_LOOKUPS_MAX) expect(waiting).toBe(begun);
      }
      // Those that have their turn meanwhile, too.
      for (const host of open.keys()) answer(host);
      expect(said.filter((line) => line.includes(': '))).toHaveLength(asked);
    }),
  );
});

import type { LookupAddress } from 'node:dns';
import { expect, test } from 'vitest';
import { boundedLookup, LOOKUP_MS_MAX, LOOKUPS_AT_ONCE_MAX } from './server-lookup.ts';
import { FakeTime } from './time-fake.ts';

const ADDRESSES = [
  { address: '2001:db8::1', family: 6 },
  { address: '192.0.2.1', family: 4 },
];

function stage() {
  const time = new FakeTime();
  const open: ((error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void)[] = [];
  const said: unknown[] = [];
  const lookUp = boundedLookup({
    ask: (_host, _options, answered) => open.push(answered),
    timers: time.timers,
  });
  const ask = (host: string, all = true) =>
    lookUp(host, { all }, (error, address) => said.push(error?.code ?? address));
  return { time, open, said, ask };
}

test('[AT92] a name has one answer for all who ask for it meanwhile, in the form that each wants', () => {
  const { open, said, ask } = stage();
  ask('server');
  ask('server', false);
  expect(open).toHaveLength(1);
  open[0]?.(null, ADDRESSES);
  expect(said).toEqual([ADDRESSES, '2001:db8::1']);
  ask('server');
  expect(open).toHaveLength(2);
  open[1]?.(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }), []);
  expect(said.at(-1)).toBe('ENOTFOUND');
});

test('[AT92] where no name server answers, attempts without end take two threads, and each is told so in time', async () => {
  const { time, open, said, ask } = stage();
  for (let attempt = 1; attempt <= 100; attempt++) {
    ask('server');
    time.advance(LOOKUP_MS_MAX);
    await new Promise(setImmediate);
    expect(said).toEqual(Array.from({ length: attempt }, () => 'ETIMEOUT'));
  }
  expect(open).toHaveLength(LOOKUPS_AT_ONCE_MAX);
  expect(time.pending).toBe(0);
});

test('[AT92] an attempt after a fruitless one asks anew, and what that one hears late means nothing', () => {
  const { time, open, said, ask } = stage();
  ask('server');
  time.advance(LOOKUP_MS_MAX);
  ask('server');
  expect(open).toHaveLength(2);
  open[1]?.(null, ADDRESSES);
  open[0]?.(null, []);
  expect(said).toEqual(['ETIMEOUT', ADDRESSES]);
});

import { expect, test } from 'vitest';
import type { RemoteWriteOut, TargetState } from '@muster/shared/api/remote-write.ts';
import { MINUTE_MS, toIso } from '@muster/shared/time.ts';
import { outgoingTroubles } from './outgoing-troubles.ts';

const NOW = Date.UTC(2026, 10, 20, 10);
const ago = (minutes: number) => toIso(NOW - minutes * MINUTE_MS);
const QUEUE = { bytes: 0, bytesMax: 1, unwrittenDropped: 0, lastError: null, setAside: [] };

function troublesOf(status: Partial<TargetState>, queue: Partial<RemoteWriteOut['queue']> = {}) {
  const target = {
    name: 'tsdb',
    status: { lastError: null, lastRefusal: null, lastDroppedAt: null, queueAgeMs: null, ...status },
  };
  return outgoingTroubles(
    { queue: { ...QUEUE, ...queue }, targets: [target as unknown as RemoteWriteOut['targets'][number]] },
    NOW,
  );
}

test.each<[what: string, status: Partial<TargetState>, told: RegExp | null]>([
  ['sends', { state: 'sending' }, null],
  [
    'was paused by a person, whatever waits',
    { state: 'paused', queuedSamples: 9e6, failingSince: ago(99), queueAgeMs: 99 * MINUTE_MS },
    null,
  ],
  ['was started anew a minute ago', { state: 'waiting', failingSince: ago(1) }, null],
  [
    'takes nothing',
    { state: 'waiting', failingSince: ago(2), queuedSamples: 7 },
    /^tsdb .* nothing .* 7 samples wait$/,
  ],
  [
    'failed since before the clock was set back',
    { state: 'waiting', failingSince: ago(-60), queuedSamples: 7 },
    /nothing/,
  ],
  [
    'is slower than what comes',
    { state: 'behind', queuedSamples: 7, queueAgeMs: 3 * MINUTE_MS },
    /7 samples wait.* 3 min$/,
  ],
  [
    'takes one request and refuses the next, while the queue is an hour old',
    {
      state: 'waiting',
      failingSince: ago(0),
      lastError: { at: ago(0), answer: 'HTTP 503' },
      queuedSamples: 7,
      queueAgeMs: 60 * MINUTE_MS,
    },
    /behind: 7 samples wait, the oldest for 60 min: HTTP 503$/,
  ],
  [
    'takes nothing for long',
    {
      state: 'waiting',
      failingSince: ago(60),
      lastError: { at: ago(0), answer: 'HTTP 503' },
      queuedSamples: 7,
      queueAgeMs: 60 * MINUTE_MS,
    },
    /nothing since .* 7 samples wait: HTTP 503$/,
  ],
  [
    'refused some lately',
    { state: 'sending', lastRefusal: { at: ago(14), answer: '400', samples: 3 } },
    /3 samples/,
  ],
  [
    'refused some long ago',
    { state: 'sending', lastRefusal: { at: ago(15), answer: '400', samples: 3 } },
    null,
  ],
  ['lost some lately', { state: 'sending', lastDroppedAt: ago(14), dropped: 5 }, /dropped, 5/],
  [
    'refused some before the clock was set back',
    { state: 'sending', lastRefusal: { at: ago(-60), answer: '400', samples: 3 } },
    null,
  ],
  ['lost some long ago', { state: 'sending', lastDroppedAt: ago(15), dropped: 5 }, null],
])('[RW51] a target that %s', (_what, status, told) => {
  const troubles = troublesOf(status);
  if (told === null) expect(troubles).toEqual([]);
  else expect(troubles).toEqual([expect.stringMatching(told)]);
});

test('[RW51] a queue that cannot be written is a trouble', () => {
  expect(troublesOf({ state: 'sending' }, { lastError: 'ENOSPC' })).toEqual([
    expect.stringMatching(/ENOSPC/),
  ]);
});

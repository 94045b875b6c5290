import { expect, test } from 'vitest';
import { z } from 'zod';
import { Goodbye } from './agent-messages.ts';
import { leaveReason, toldReason } from './goodbye.ts';
import { GOODBYE_REASONS } from './goodbye.ts';
import { AgentEvent } from './frame-bodies.ts';

test.each([...GOODBYE_REASONS, 'uninstall'] as const)('[PR21] %s comes over as it was said', (reason) => {
  const goodbye = Goodbye.parse({ type: 'goodbye', ...toldReason(reason), atMs: 1 });
  expect(leaveReason(goodbye)).toBe(reason);
  const event = AgentEvent.parse({ type: 'stopping', ...toldReason(reason), atMs: 1 });
  expect(event.type === 'stopping' && leaveReason(event)).toBe(reason);
});

test('[PR21] a server that does not know of it reads that an agent is uninstalled as a stop', () => {
  const Older = z.object({ type: z.literal('goodbye'), reason: z.enum(GOODBYE_REASONS), atMs: z.number() });
  const told = { type: 'goodbye', ...toldReason('uninstall'), atMs: 1 };
  expect(Older.parse(told)).toEqual({ type: 'goodbye', reason: 'stop', atMs: 1 });
});

test('[PR21] only with a stop it means anything', () => {
  expect(leaveReason({ reason: 'shutdown', uninstalled: true })).toBe('shutdown');
});

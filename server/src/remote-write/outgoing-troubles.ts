/** What is wrong with the way out and needs a person, in sentences. Pure. */
import type { RemoteWriteOut, RemoteWriteTarget } from '@muster/shared/api/remote-write.ts';
import { MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import { isLately } from '../due.ts';
import { BEHIND_MS, TROUBLE_TOLD_MS } from './limits.ts';

export function outgoingTroubles(
  { queue, targets }: Pick<RemoteWriteOut, 'queue' | 'targets'>,
  nowMs: Millis,
): string[] {
  return [
    ...(queue.lastError === null ? [] : [`The queue for other stores cannot be written: ${queue.lastError}`]),
    ...targets.flatMap((target) => troublesOf(target, nowMs)),
  ];
}

function troublesOf({ name, status }: RemoteWriteTarget, nowMs: Millis): string[] {
  const { state, failingSince, queuedSamples, queueAgeMs, lastError, lastRefusal, lastDroppedAt } = status;
  const isTold = (at: string) => isLately(Date.parse(at), TROUBLE_TOLD_MS, nowMs);
  const failure = lastError === null ? '' : `: ${lastError.answer}`;
  const troubles: string[] = [];
  // One that is started anew is away for a moment.
  if (state === 'waiting' && failingSince !== null && !isLately(Date.parse(failingSince), BEHIND_MS, nowMs))
    troubles.push(
      `${name} has taken nothing since ${failingSince}, and ${queuedSamples} samples wait${failure}`,
    );
  else if (state !== 'paused' && queueAgeMs !== null && queueAgeMs >= BEHIND_MS)
    troubles.push(
      `${name} is behind: ${queuedSamples} samples wait, the oldest for ${Math.round(queueAgeMs / MINUTE_MS)} min${state === 'waiting' ? failure : ''}`,
    );
  if (lastRefusal !== null && isTold(lastRefusal.at))
    troubles.push(`${lastRefusal.at}: ${name} refused ${lastRefusal.samples} samples: ${lastRefusal.answer}`);
  if (lastDroppedAt !== null && isTold(lastDroppedAt))
    troubles.push(`${lastDroppedAt}: samples for ${name} were dropped, ${status.dropped} since the start`);
  return troubles;
}

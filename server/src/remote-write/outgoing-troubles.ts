/** What is wrong with the way out and needs a person, in sentences. Pure. */
import type { RemoteWriteOut, RemoteWriteTarget } from '@muster/shared/api/remote-write.ts';
import { MINUTE_MS, type Millis } from '@muster/shared/time.ts';
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
  const isLately = (at: string) => nowMs - Date.parse(at) < TROUBLE_TOLD_MS;
  const troubles: string[] = [];
  // One that is started anew is away for a moment.
  if (state === 'waiting' && failingSince !== null && nowMs - Date.parse(failingSince) >= BEHIND_MS)
    troubles.push(
      `${name} has taken nothing since ${failingSince}, and ${queuedSamples} samples wait: ${lastError?.answer ?? ''}`,
    );
  if (state === 'behind')
    troubles.push(
      `${name} takes samples slower than they come: ${queuedSamples} wait, the oldest for ${Math.round((queueAgeMs ?? 0) / MINUTE_MS)} min`,
    );
  if (lastRefusal !== null && isLately(lastRefusal.at))
    troubles.push(`${lastRefusal.at}: ${name} refused ${lastRefusal.samples} samples: ${lastRefusal.answer}`);
  if (lastDroppedAt !== null && isLately(lastDroppedAt))
    troubles.push(`${lastDroppedAt}: samples for ${name} were dropped, ${status.dropped} since the start`);
  return troubles;
}

/** Events of incidents reach those who tell people, also when the server dies between the change and the telling. */
import type { Millis } from '@muster/shared/time.ts';
import type { IncidentEvent } from './incidents.ts';
import type { IncidentStore } from './store.ts';

export interface Outbox {
  /** Tells the event and then forgets it. Rejects, and keeps it, when the telling fails. */
  tell(event: IncidentEvent, atMs: Millis): Promise<void>;
  /** Tells again, oldest first, what happened at or before the time and was not confirmed. */
  tellAgain(untilMs: Millis): Promise<void>;
}

/** `tell` must bear the same event twice: a crash may come between it and its confirmation. */
export function createOutbox(options: {
  readonly store: Pick<IncidentStore, 'untold' | 'told'>;
  readonly tell: (event: IncidentEvent, atMs: Millis) => Promise<void>;
}): Outbox {
  const { store, tell } = options;
  async function hand(event: IncidentEvent, atMs: Millis): Promise<void> {
    await tell(event, atMs);
    if (event.id !== undefined) await store.told(event.id);
  }
  return {
    tell: hand,
    async tellAgain(untilMs) {
      for (const { atMs, ...event } of await store.untold(untilMs)) await hand(event, atMs);
    },
  };
}

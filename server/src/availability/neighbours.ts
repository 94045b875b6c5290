/** Port of the neighbourhood: who stands on the same network as a machine, and what they see of it when it is silent. */
import type { Millis } from '@muster/shared/time.ts';
import type { Witnessed } from '@muster/shared/wire/agent-messages.ts';

/** What one neighbour said. `mute`: it was asked and did not reply in time. A refusal is no sighting. */
export interface Sighting {
  readonly ciId: string;
  readonly name: string;
  readonly saw: 'answers' | 'silent' | 'mute';
  readonly by: Witnessed['by'];
  readonly gateway: Witnessed['gateway'];
}

/** What those who were asked said. Empty: they all refused. */
export interface Testimony {
  readonly atMs: Millis;
  readonly address: string;
  readonly sightings: readonly Sighting[];
}

export interface Neighbourhood {
  /** Other machines on the same network at the same place, whether they are up or not; empty where nothing is known. */
  of(ciId: string): readonly string[];
  /**
   * Asks up to WITNESSES_MAX neighbours that are connected. Resolves within WITNESS_WAIT_MS_MAX and never rejects.
   * null: nobody there may be asked, or not now.
   */
  ask(ciId: string, nowMs: Millis): Promise<Testimony> | null;
}

export const NO_NEIGHBOURS: Neighbourhood = { of: () => [], ask: () => null };

/** What the rest of the server hears of the agents: presence, rules and incidents attach here. app.ts wires it. */
import type { Millis } from '@muster/shared/time.ts';
import type { LeaveReason } from '@muster/shared/wire/goodbye.ts';
import type { TopProcess } from '@muster/shared/wire/top-process.ts';
import type { AgentEvent } from '@muster/shared/wire/frame-bodies.ts';
import type { Delivery, StoredTick } from '../metrics/store.ts';

export interface ConnectionInfo {
  readonly hostname: string;
  readonly platform: string;
  readonly version: string;
  readonly bootId: string;
  readonly address: string;
  /** Server clock minus agent clock. */
  readonly clockSkewMs: Millis;
}

export interface ConnectionEnd {
  /**
   * goodbye: the agent said why. closed: the socket ended without a word. timeout: three pings went unanswered.
   * revoked: we closed it. moved: the agent goes on, its reports are of another CI now.
   */
  readonly how: 'goodbye' | 'closed' | 'timeout' | 'revoked' | 'moved';
  readonly reason: LeaveReason | null;
  /** Server time of the last byte or pong. */
  readonly lastEvidenceMs: Millis;
}

/** A stretch of which nothing will ever be known. */
export interface UnknownStretch {
  /** gap: sequence numbers that never arrived. dropped: the agent said so. */
  readonly why: 'gap' | 'dropped';
  readonly frames: number;
  /** Last evidence before; null where there is none. */
  readonly fromMs: Millis | null;
  readonly toMs: Millis;
}

/** Place of an event in its agent's stream: equal keys are the same event. */
export interface EventKey extends Delivery {
  /** Within the frame, from 0. */
  readonly index: number;
}

/**
 * Contract. Calls of one agent come in the order of its stream, `connected` before everything else of a connection and
 * `disconnected` after everything.
 * - `samples`: after the samples and their mark are durable, once per frame. A crash in between loses the call, not the
 *   samples: what hangs on it must be right again with the next ones.
 * - `event`: before the mark of its frame is durable, so it comes again after a crash in between: the receiver makes its
 *   effect durable before the promise resolves and lets a known key pass without effect.
 * - Times are already in the server's clock.
 * - An exception of a synchronous sink is logged and goes no further.
 */
export interface IngestSinks {
  samples(ciId: string, ticks: readonly StoredTick[], nowMs: Millis): void;
  event(ciId: string, key: EventKey, event: AgentEvent, nowMs: Millis): Promise<void>;
  unknown(ciId: string, agentId: string, stretch: UnknownStretch, nowMs: Millis): void;
  connected(ciId: string, agentId: string, info: ConnectionInfo, nowMs: Millis): void;
  disconnected(ciId: string, agentId: string, end: ConnectionEnd, nowMs: Millis): void;
  /** Top processes while somebody watches; shown, not stored. */
  processes(ciId: string, atMs: Millis, items: readonly TopProcess[], nowMs: Millis): void;
}

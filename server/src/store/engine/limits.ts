/** Limits of the metrics engine, each with its unit and reason. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';

export interface EngineLimits {
  /** A journal segment is closed beyond either; small enough that trimming keeps up, large enough to be few. */
  readonly segmentBytesMax: number;
  readonly segmentAgeMsMax: number;
  /** Appends wait this long for company before they are made durable; a sync costs 30 to 70 ms on a plain disk. */
  readonly groupCommitMs: number;
  /** The same after a group of less than `quietGroupEntries`: each costs a write and a sync, however little is in it. */
  readonly groupCommitMsQuiet: number;
  readonly quietGroupEntries: number;
  /** A group of this size does not wait. */
  readonly groupBytesMax: number;
  /** Rows of one machine that are written as one chunk: 20 min at the regular interval. */
  readonly chunkRows: number;
  /** Samples are written at this age at the latest, so that the journal can be trimmed. */
  readonly chunkAgeMsMax: number;
  /** Late samples of one machine held in memory. */
  readonly lateSamplesMax: number;
  /** Closed journal segments; machines that hold on to older ones are written first. */
  readonly segmentsMax: number;
  /** Samples in memory that are in no file yet; beyond it deliveries wait, and are acknowledged once there is room. */
  readonly headBytesMax: number;
  /** Deliveries that wait so; beyond it they are refused, and the agents keep them. */
  readonly heldBytesMax: number;
  /** Time that one `maintain` writes machines before it goes on to the rest. */
  readonly flushMsMax: number;
  /** Between two looks at the sizes of the files. */
  readonly measurePauseMs: number;
  /** Work of one commit: machines written; of one `maintain`: windows rolled up. */
  readonly flushMachinesMax: number;
  readonly rollupWindowsMax: number;
  /** How long a clock that jumped forward has to stay there before files are dropped by it. */
  readonly clockDoubtMs: number;
  /** New series written to the index in one commit: handing over more would hold up the event loop. */
  readonly seriesPerCommitMax: number;
  /** Time after the end of a window before it is rolled up; stragglers cost a second pass. */
  readonly rollupGraceMs: number;
}

export const ENGINE_LIMITS: EngineLimits = {
  segmentBytesMax: 64 << 20,
  segmentAgeMsMax: 15 * MINUTE_MS,
  groupCommitMs: 200,
  groupCommitMsQuiet: 500,
  quietGroupEntries: 128,
  groupBytesMax: 8 << 20,
  chunkRows: 120,
  chunkAgeMsMax: 30 * MINUTE_MS,
  lateSamplesMax: 50_000,
  segmentsMax: 8,
  headBytesMax: 512 << 20,
  heldBytesMax: 256 << 20,
  flushMsMax: 2 * SECOND_MS,
  measurePauseMs: 5 * SECOND_MS,
  flushMachinesMax: 256,
  rollupWindowsMax: 64,
  clockDoubtMs: DAY_MS,
  seriesPerCommitMax: 10_000,
  rollupGraceMs: 5 * MINUTE_MS,
};

/**
 * Rows of the open block of a machine; at most the bits of a presence word less one. Measured: with more, open rows take
 * more memory than full ones save (8 bytes a sample against 2.1; 1.8 with 15), with fewer it is the other way round.
 */
export const OPEN_ROWS = 8;
/** Corruption reports kept for `stats`. */
export const CORRUPTIONS_MAX = 100;
/** Open read connections to partition files. */
export const OPEN_FILES_MAX = 16;
/** Raw files outlive their retention by what a rate may look back to, and a margin. */
export const RAW_SLACK_MS = 2 * HOUR_MS;
/** Time that one partition file of raw chunks spans. */
export const RAW_PARTITION_MS = DAY_MS;

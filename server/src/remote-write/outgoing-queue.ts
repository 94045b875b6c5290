/** Port of the queue of samples on their way to other stores: durable, read by each target at its own pace. */
import type { Millis } from '@muster/shared/time.ts';
import type { SeriesId } from '../metrics/store.ts';

/** A place between two blocks, counted from the first that ever was. */
export interface QueuePlace {
  readonly bytes: number;
  readonly samples: number;
}

export interface QueuedTick {
  readonly atMs: Millis;
  /** The same array for the same series within a block. */
  readonly series: readonly SeriesId[];
  /** Valid as long as the block is. */
  readonly values: Float64Array;
}

export interface QueuedBlock {
  readonly start: QueuePlace;
  readonly end: QueuePlace;
  readonly writtenMs: Millis;
  readonly ticks: readonly QueuedTick[];
}

export interface QueueFigures {
  /** On the disk. */
  readonly bytes: number;
  /** That never came to the disk, because it took none for too long. */
  readonly unwrittenDropped: number;
  readonly lastError: string | null;
}

/** A file of the queue that could not be read, at a start or again and again since. */
export interface FileSetAside {
  /** As it is called now. */
  readonly name: string;
  /** That it held, as far as is known. */
  readonly samples: number;
  /** When it was found so, by this process. */
  readonly atMs: Millis;
  /** null: an earlier start found it so. */
  readonly why: string | null;
}

/**
 * Contract. `add` keeps no hold of `values`. What was added is durable when the promise of the next `flush` resolves, in the order of
 * `add`; a flush that cannot write keeps it and is tried again with the next one. `read` gives the block at the place, or the oldest one
 * that is left where that was dropped: `start.samples − place.samples` were lost then; null at the end. Blocks that cannot be read are
 * lost like those that were dropped. The queue drops its oldest file when it has more than its limit of bytes, and those before the
 * places of all who `keep` their place.
 */
export interface OutgoingQueue {
  readonly figures: QueueFigures;
  /** They lie there until a person takes them away. Those that come later stand behind. */
  readonly setAside: readonly FileSetAside[];
  /** Before the oldest that is left. */
  readonly start: QueuePlace;
  /** Behind everything that is durable. */
  readonly end: QueuePlace;
  /** When the last block was written; null: there is none. */
  readonly lastWrittenMs: Millis | null;
  add(ticks: readonly { atMs: Millis; series: readonly SeriesId[]; values: ArrayLike<number> }[]): void;
  flush(nowMs: Millis): Promise<void>;
  read(place: QueuePlace): Promise<QueuedBlock | null>;
  /** When the block at the place was written; null at the end. */
  writtenMs(place: QueuePlace): Millis | null;
  /** Where each reader is, by name; a name that is not in it is forgotten. Durable when the promise resolves. */
  keep(places: ReadonlyMap<string, QueuePlace>): Promise<void>;
  /** As they were kept last. */
  readonly kept: ReadonlyMap<string, QueuePlace>;
  /** false: the process that wrote it last did not end in peace. */
  readonly wasClosed: boolean;
  close(places: ReadonlyMap<string, QueuePlace>): Promise<void>;
}

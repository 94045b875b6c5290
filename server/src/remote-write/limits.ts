/** What remote write may take up, in and out. Those that a sender meets stand in shared/src/api/remote-write.ts. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';

/** Inflated bodies that are worked on or wait for the disk, over all senders. */
export const IN_FLIGHT_BYTES_MAX = 64 << 20;
/** Told to a sender that comes when there is no room. */
export const BUSY_RETRY_MS = 5 * SECOND_MS;
/** Told to a sender while the disk is full. */
export const FULL_RETRY_MS = 30 * SECOND_MS;

/** Series here that senders may make. */
export const FOREIGN_SERIES_MAX = 200_000;
/** One that no sender reported for so long gives its place free. */
export const FOREIGN_SERIES_UNSEEN_MS = 30 * DAY_MS;
/** When a series was reported last is written down to this. */
export const FOREIGN_SERIES_SEEN_STEP_MS = DAY_MS;
/** How often it is looked which series give their place free. */
export const FOREIGN_SERIES_LOOK_MS = HOUR_MS;
/** Series that are written down, or deleted, in one tick. */
export const FOREIGN_SERIES_WRITTEN_MAX = 5_000;
export const FOREIGN_SERIES_DELETED_MAX = 500;
/** Label sets whose meaning is held in memory, in two generations of this size. */
export const KNOWN_LABEL_SETS_MAX = 150_000;
/** Series in lists that are held to be used again, in two generations of this size. */
export const LISTED_SERIES_MAX = 400_000;
/** A longer label set is held by its digest: some may have 64 labels of 2 KiB. */
export const LABEL_KEY_LENGTH_MAX = 1_024;
/** Names of metrics that are counted one by one; the others are only in the sum. */
export const COUNTED_METRICS_MAX = 4_000;
/** Names of machines nobody knows that are counted one by one. */
export const COUNTED_MACHINES_MAX = 1_000;
/** From here on some may have made room for others: there may be more. */
export const NAMES_SURE_MAX = COUNTED_MACHINES_MAX / 2;
export const COUNTED_SENDERS_MAX = 64;
/** Machines that are moved to 'in use' in one tick because a sender feeds them: each costs a transaction. */
export const PUT_IN_USE_A_TICK_MAX = 25;
/** Longer names of programs are cut, longer names of metrics where they stand in words, and longer words why a request was refused. */
export const PROGRAM_LENGTH_MAX = 80;
export const NAME_LENGTH_TOLD_MAX = 120;
export const REFUSAL_LENGTH_MAX = 300;
/** Trouble of the exchange is told so long after it was last seen. */
export const TROUBLE_TOLD_MS = 15 * MINUTE_MS;
/** A sender of whom nothing is kept for so long is a trouble. */
export const UNKEPT_MS = 5 * MINUTE_MS;
/** Lines of each list that are shown. */
export const SHOWN_MAX = 200;

/** A series that its agent has not told for so long is open to senders again; the same between two label sets that feed one series. */
export const HOLDER_SILENT_MS = 10 * MINUTE_MS;
/** How often it is looked whether an agent reports what senders send. */
export const HOLDER_LOOK_MS = MINUTE_MS;

/** Samples that wait for all targets together on the disk; what is beyond it is dropped, the oldest first. */
export const QUEUE_BYTES_MAX = 2 ** 31;
/** A file of the queue is closed at this size: what can be dropped or deleted is a whole file. */
export const QUEUE_FILE_BYTES_MAX = 16 << 20;
/** Samples in memory on their way to the disk; a disk that takes none for so long costs the rest. */
export const UNWRITTEN_SAMPLES_MAX = 2_000_000;
/** The queue is not written when the disk has less room than this. */
export const QUEUE_DISK_FREE_BYTES_MIN = 512 << 20;

/** Samples of one request to a target. */
export const BATCH_SAMPLES_MAX = 5_000;
/** A batch that is not full waits for more so long. */
export const BATCH_WAIT_MS = 2 * SECOND_MS;
/** A request to a target. */
export const REQUEST_MS_MAX = 30 * SECOND_MS;
/** Pause after a failure, doubled with each, and spread by half. */
export const BACK_OFF_MS_MIN = SECOND_MS;
export const BACK_OFF_MS_MAX = MINUTE_MS;
/** What a target asks for with Retry-After is followed up to here. */
export const RETRY_AFTER_MS_MAX = 10 * MINUTE_MS;
/** A target with older samples than this waiting is behind. */
export const BEHIND_MS = 2 * MINUTE_MS;
/** Requests that one batch may cost which the target refuses; what is not told apart by then is given up as a whole. */
export const SPLIT_REQUESTS_MAX = 64;
/** A request that is under way when the server stops may take so long. */
export const STOP_MS_MAX = 5 * SECOND_MS;
/** Machines that are looked through for it before others have their turn. */
export const RECOVERED_MACHINES_A_TURN = 50;
/** After a crash the newest sample of each series is sent again when it is not older than this at the time of the last write. */
export const RECOVERED_MS_MAX = 5 * MINUTE_MS;

/** Limits of the link between agent and server, each with its unit and reason. docs/WIRE.md quotes them. */

/** Highest and lowest protocol version this code speaks: N and N−1. */
export const PROTOCOL_VERSION = 1;
export const PROTOCOL_VERSION_MIN = 1;

/** One WebSocket message. A tick of 1,000 series is about 4 KiB, so this is generous and still cheap to hold. */
export const FRAME_BYTES_MAX = 1 << 20;
/** What a zstd body may inflate to: a server with 5,000 packages is about 2 MiB. */
export const INFLATED_BYTES_MAX = 16 << 20;
/** Text of one control message. */
export const CONTROL_BYTES_MAX = 64 << 10;
/** Series one connection may declare; bounds the dictionary that both ends hold. */
export const SERIES_PER_AGENT_MAX = 20_000;
/** Ticks in one samples frame: `HOLD_MS_MAX` at the live interval. */
export const TICKS_PER_FRAME_MAX = 64;
/** Values in one samples frame, over all its ticks: a value may be a single bit, and what it becomes in memory is 8 bytes. */
export const VALUES_PER_FRAME_MAX = 131_072;
/** Bytes of an instance name (a mount point, an interface). Linux paths may be longer; they are cut by the collector. */
export const INSTANCE_BYTES_MAX = 256;
/** Length of a nonce. */
export const NONCE_BYTES = 32;

/** The whole handshake, from open to `accepted`. */
export const HANDSHAKE_MS_MAX = 10_000;
/** The server pings this often; three missed on either side end the connection. */
export const PING_MS = 15_000;
export const SILENCE_MS_MAX = 3 * PING_MS;
/** Reconnect delays: full jitter between 0 and min(max, base × 2^attempt). */
export const BACKOFF_MS_BASE = 1_000;
export const BACKOFF_MS_MAX = 60_000;
/** Below this the clocks count as equal; above it the server shifts the agent's times. */
export const CLOCK_SKEW_MS_CORRECTED = 2_000;
/** A sample further ahead than this (after correction) is refused. */
export const CLOCK_AHEAD_MS_MAX = 24 * 3_600_000;

/** Regular collection interval and the interval while somebody watches. */
export const INTERVAL_MS_DEFAULT = 10_000;
export const INTERVAL_MS_LIVE = 1_000;
/** How often the inventory is read where nothing else is said. */
export const INVENTORY_INTERVAL_MS_DEFAULT = 4 * 3_600_000;
/** A live lease; the server renews it while a watcher is there. */
export const LIVE_LEASE_MS = 30_000;
/** Longest time an agent may hold ticks back to send them together. */
export const HOLD_MS_MAX = 30_000;

/** Spool of the agent: oldest dropped, counted and reported beyond either. */
export const SPOOL_BYTES_MAX = 64 << 20;
export const SPOOL_MS_MAX = 7 * 86_400_000;
/** Data frames sent and not yet acknowledged, with their bytes; whichever comes first. One frame is always allowed. */
export const UNACKED_FRAMES_MAX = 256;
export const UNACKED_BYTES_MAX = 4 << 20;
/** Values in them: one may be a single bit on the wire, and takes 8 bytes of the server's memory until it is durable. */
export const UNACKED_VALUES_MAX = 1_048_576;

/** Flight recorder: how far back and how often. */
export const FLIGHT_MS = 600_000;
export const FLIGHT_INTERVAL_MS = 2_000;
/** Checks that one agent runs, and how many of them at the same time: beyond that they wait for each other. */
export const CHECKS_MAX = 32;
export const CHECKS_AT_ONCE_MAX = 4;

/** Rows of a top-process list. */
export const TOP_PROCESSES_MAX = 10;

/** A neighbour's answer about a silent address: the kernel needs 8 s to give up one that it knew. */
export const WITNESS_MS_MAX = 12_000;
/** An agent looks at one address at a time, and at no more than this many in a minute. */
export const WITNESS_PER_MINUTE_MAX = 6;
/** And at no more than this many in an hour: to go through a network of 254 takes whoever asks more than ten hours. */
export const WITNESS_PER_HOUR_MAX = 24;
/** The port that is knocked at once: discard (RFC 863), which nothing listens on. */
export const WITNESS_PORT = 9;

/** After so long a release that stayed is not left again at the server's word: only a higher one follows it. */
export const ROLL_BACK_MS_MAX = 7 * 86_400_000;

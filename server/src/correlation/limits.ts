/** Times and numbers by which silences are put together. */
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import { BACKOFF_MS_MAX, HANDSHAKE_MS_MAX } from '@muster/shared/wire/limits.ts';

/** An alert of silence waits so long for the evidence of what stands before it. */
export const HOLD_MS = 25 * SECOND_MS;
/** When its cause is gone, a machine has this long to be heard: its agent tries again at such intervals. */
export const RETURN_MS = BACKOFF_MS_MAX + HANDSHAKE_MS_MAX + 20 * SECOND_MS;
/** And this long where what came back had lost its power: devices boot one behind the other. */
export const BOOT_RETURN_MS = 10 * MINUTE_MS;
/** As long as others come back it is waited for the rest, but no longer than this. */
export const RETURN_MS_MAX = 30 * MINUTE_MS;
/** Machines that were heard last within this time of each other fell silent together. */
export const TOGETHER_MS = 2 * MINUTE_MS;
/** What nobody expects is evidence where it was lost no further than this from what is missed: in one moment … */
export const MOMENT_MS = 30 * SECOND_MS;
/** … and where this share of all that were lost unexpected around that time went in it: else people leave one after another. */
export const MOMENT_SHARE_MIN = 0.5;
/** Evidence of something wider may come so much later than what was found first. */
export const WIDER_MS = 10 * MINUTE_MS;
/** So many must be silent behind a device, or in a network or at a place, before it is blamed … */
export const DEVICE_SILENT_MIN = 2;
export const PLACE_SILENT_MIN = 3;
/** … and this share of all behind it that would be heard otherwise. */
export const SILENT_SHARE_MIN = 0.9;
/** One that is still heard speaks against a cause as much as this many silent ones speak for it. */
export const HEARD_WEIGHT = 2;
/** A cause that was found stands while this share of those it silenced is silent. */
export const STANDING_SHARE_MIN = 0.5;
/** So many at once that nothing explains are not a coincidence. */
export const STORM_MACHINES_MIN = 10;
/** With so many of what is missed among them, or half of all that there are. */
export const STORM_MISSED_MIN = 3;
/** So many whose agents stopped together are told as one; for so many that nobody misses, a lone silence waits. */
export const COMPANY_MIN = 3;
/** So many of one place that went by themselves, or did not come when they were expected, are told as one. */
export const GATHERED_MIN = 3;
/** What is held back is looked at again this often, also when nothing is told. */
export const LOOK_AGAIN_MS = 30 * SECOND_MS;

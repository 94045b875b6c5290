/** By which the agent, who may change nothing of what is installed, asks root's `prepare` at its next start. All in its own folder. */

/** The release as it was loaded. */
export const LOADED_FOLDER = 'upgrade';
/** `serial=N`, `seconds=N` of trial: put the loaded release in place. */
export const READY_FILE = 'upgrade-ready';
/** A number: go back to the version before the release that has it. */
export const ROLL_BACK_FILE = 'upgrade-roll-back';

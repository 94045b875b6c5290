/** What the inventory's process keeps in the agent's data folder for the next one. */

/** What was read of files for fingerprints: `fingerprints/known-hashes.ts`. */
export const HASHES_FILE = 'file-hashes';
/** What Node has made of the script (module.enableCompileCache), so that it is not read anew: a folder for each version of Node and its flags. */
export const COMPILED_FOLDER = 'compiled';

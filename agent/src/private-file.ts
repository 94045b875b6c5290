/** Files for the agent's eyes only. */
import { chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Whole or not at all, and for the owner's eyes only (on Windows the folder's access list sees to that). `durable`: outlives a loss of power right after.
 * @throws Error where there is no room or no right; what was there before stays
 */
export function writePrivate(path: string, text: string, durable = true): void {
  const draft = `${path}.new`;
  rmSync(draft, { force: true });
  try {
    writeFileSync(draft, text, { mode: 0o600, flush: durable });
    chmodSync(draft, 0o600);
    renameSync(draft, path);
  } catch (error) {
    // What little of it was written would keep room that somebody needs.
    rmSync(draft, { force: true });
    throw error;
  }
}

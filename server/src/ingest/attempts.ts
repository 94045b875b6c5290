/** Counts how often the same frame failed, so that one bad frame cannot hold up an agent for ever. */

/** From this attempt on the frame is passed by, with a finding, instead of refused again. */
export const ATTEMPTS_MAX = 3;
/** Agents with a failing frame that are remembered; beyond it the oldest is forgotten and starts anew. */
export const ATTEMPTS_AGENTS_MAX = 10_000;

export class Attempts {
  readonly #byAgent = new Map<string, { frame: string; count: number }>();

  /** Counts a failure of that frame; true: it was the last attempt. */
  failed(agentId: string, epoch: string, seq: number): boolean {
    const frame = `${epoch} ${seq}`;
    const before = this.#byAgent.get(agentId);
    const count = before?.frame === frame ? before.count + 1 : 1;
    this.#byAgent.delete(agentId);
    if (count >= ATTEMPTS_MAX) return true;
    this.#byAgent.set(agentId, { frame, count });
    if (this.#byAgent.size > ATTEMPTS_AGENTS_MAX) {
      const [oldest] = this.#byAgent.keys();
      if (oldest !== undefined) this.#byAgent.delete(oldest);
    }
    return false;
  }
}

/** The disk is full, or the database is held or out of reach: the fault is ours and may pass, not that of the frame. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && (code === 'storage-full' || PASSING.test(code))) return true;
  return isPassing(error.cause);
}

/** True where it is for want of space. */
export function isStorageFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  return code === 'storage-full' || code === 'SQLITE_FULL' || code === 'ENOSPC' || isStorageFull(error.cause);
}

const PASSING = /^(SQLITE_(FULL|BUSY|IOERR|LOCKED|READONLY|CANTOPEN)|ENOSPC|EIO|EDQUOT|EMFILE)/;

/** Writes and verifies the audit log. */
import { setImmediate as othersTurn } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import type { RecordAudit } from './audit.ts';
import { type ChainState, checkChain, CHAIN_START } from './audit-chain.ts';
import type { AccessStore } from './store.ts';

const VERIFY_PAGE_ENTRIES = 1_000;

export function createRecordAudit(store: AccessStore, clock: Clock): RecordAudit {
  return async (event) => {
    await store.appendAudit(event, clock.now());
  };
}

/** The first entry of the log, so that an emptied log is told from a new one. */
export async function startAuditLog(store: AccessStore, record: RecordAudit, version: string): Promise<void> {
  const [first] = await store.readAudit(0, 1);
  if (first !== undefined) return;
  await record({ actor: 'system', action: 'audit.started', subject: 'server', detail: { version } });
}

export interface AuditVerdict extends ChainState {
  readonly entries: number;
  /** Whether the hash that was noted earlier stands in the chain; null when none was given. */
  readonly knownHashFound: boolean | null;
}

/**
 * Recomputes the whole chain. Entries cut off at the end leave a whole chain behind, so compare with a head hash
 * noted elsewhere: `knownHash`. `onProgress` is told the number of entries after each page; between pages others have
 * their turn.
 */
export async function verifyAudit(
  store: AccessStore,
  knownHash?: string,
  onProgress?: (entries: number) => void,
): Promise<AuditVerdict> {
  let state = CHAIN_START;
  let entries = 0;
  let lastSeq = 0;
  let found = false;
  for (;;) {
    const page = await store.readAudit(lastSeq, VERIFY_PAGE_ENTRIES);
    if (page.length === 0) break;
    state = checkChain(state, page);
    entries += page.length;
    lastSeq = page.at(-1)?.seq ?? lastSeq;
    found ||= page.some((entry) => entry.hash === knownHash);
    onProgress?.(entries);
    await othersTurn();
  }
  return { ...state, entries, knownHashFound: knownHash === undefined ? null : found };
}

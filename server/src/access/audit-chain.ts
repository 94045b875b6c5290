/** The hash chain of the audit log: pure arithmetic over its entries. */
import { createHash } from 'node:crypto';
import { type Millis, toIso } from '@muster/shared/time.ts';
import type { AuditEvent } from './audit.ts';
import type { AuditRecord } from './store.ts';

/** Stands for the hash before the first entry. */
export const AUDIT_GENESIS = '0'.repeat(64);
/** Canonical JSON of one detail; more is replaced by its size and hash, so that no request can fill the log. */
export const AUDIT_DETAIL_BYTES_MAX = 8 << 10;

/** The entry that follows `previous` (null: the log is empty). */
export function chainEntry(previous: AuditRecord | null, event: AuditEvent, atMs: Millis): AuditRecord {
  const entry = {
    seq: (previous?.seq ?? 0) + 1,
    atMs,
    // Half a surrogate pair (anybody may try to sign in with one) is not stored as it came, and the hash would not fit.
    actor: event.actor.toWellFormed(),
    action: event.action.toWellFormed(),
    subject: event.subject.toWellFormed(),
    detail: boundedDetail(event.detail),
  };
  return { ...entry, hash: hashEntry(previous?.hash ?? AUDIT_GENESIS, entry) };
}

/** The chain up to `head` is whole; `brokenAt` is the first seq that is missing or does not fit. */
export interface ChainState {
  readonly head: { readonly seq: number; readonly hash: string };
  readonly brokenAt: number | null;
}
export const CHAIN_START: ChainState = { head: { seq: 0, hash: AUDIT_GENESIS }, brokenAt: null };

/** Checks the next entries, ascending; a broken chain stays broken. */
export function checkChain(state: ChainState, entries: readonly AuditRecord[]): ChainState {
  let { head } = state;
  if (state.brokenAt !== null) return state;
  for (const entry of entries) {
    const seq = head.seq + 1;
    if (entry.seq !== seq || entry.hash !== hashEntry(head.hash, entry)) return { head, brokenAt: seq };
    head = { seq, hash: entry.hash };
  }
  return { head, brokenAt: null };
}

/**
 * SHA-256, hex, over lines: hash of the entry before, seq, time (ISO), and as JSON strings actor, action, subject;
 * then the detail as stored.
 */
function hashEntry(previousHash: string, entry: Omit<AuditRecord, 'hash'>): string {
  const lines = [
    previousHash,
    String(entry.seq),
    toIso(entry.atMs),
    JSON.stringify(entry.actor),
    JSON.stringify(entry.action),
    JSON.stringify(entry.subject),
    entry.detail,
  ];
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

function boundedDetail(detail: AuditEvent['detail']): string {
  const text = canonicalJson(detail);
  const bytes = Buffer.byteLength(text);
  if (bytes <= AUDIT_DETAIL_BYTES_MAX) return text;
  return canonicalJson({ omittedBytes: bytes, sha256: createHash('sha256').update(text).digest('hex') });
}

/** JSON with the keys of each object in code-unit order; what JSON cannot say is left out as JSON.stringify does. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AUDIT_DETAIL_BYTES_MAX, canonicalJson, chainEntry, checkChain, CHAIN_START } from './audit-chain.ts';
import type { AuditRecord } from './store.ts';

const event = (detail: Record<string, unknown>) => ({ actor: 'user:a', action: 'x', subject: 's', detail });

function chain(details: Record<string, unknown>[]): AuditRecord[] {
  const entries: AuditRecord[] = [];
  for (const detail of details)
    entries.push(chainEntry(entries.at(-1) ?? null, event(detail), entries.length));
  return entries;
}

test('[AC7] canonical JSON does not depend on the order of keys', () => {
  expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
});

test('[AC7] any change of any field of any entry breaks the chain at that entry', () => {
  const change = fc.constantFrom<keyof AuditRecord>('atMs', 'actor', 'action', 'subject', 'detail', 'hash');
  fc.assert(
    fc.property(
      fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1, maxLength: 8 }),
      fc.nat(),
      change,
      (details, nth, field) => {
        const entries = chain(details);
        expect(checkChain(CHAIN_START, entries).brokenAt).toBeNull();
        const at = nth % entries.length;
        const forged = entries.map((entry, index) =>
          index === at
            ? { ...entry, [field]: field === 'atMs' ? entry.atMs + 1 : `${entry[field]} ` }
            : entry,
        );
        expect(checkChain(CHAIN_START, forged).brokenAt).toBe(at + 1);
      },
    ),
    { numRuns: 200 },
  );
});

test('[AC7] a part of the chain is checked page by page; a gap breaks it', () => {
  const entries = chain([{ a: 1 }, { a: 2 }, { a: 3 }]);
  const half = checkChain(CHAIN_START, entries.slice(0, 2));
  expect(checkChain(half, entries.slice(2))).toMatchObject({ brokenAt: null, head: { seq: 3 } });
  expect(
    checkChain(
      CHAIN_START,
      [entries[0], entries[2]].filter((entry) => entry !== undefined),
    ).brokenAt,
  ).toBe(2);
});

test('[AC7] line breaks in a field cannot imitate another field', () => {
  const one = chainEntry(null, { actor: 'a', action: 'b"\n"c', subject: 'd', detail: {} }, 0);
  const two = chainEntry(null, { actor: 'a', action: 'b', subject: 'c"\n"d', detail: {} }, 0);
  expect(one.hash).not.toBe(two.hash);
});

test('[AC7] half a character in a name, which no database keeps as it came, does not break the chain', () => {
  const half = {
    actor: 'token:x\ud800',
    action: 'signIn.refused\udfff',
    subject: '\ud800',
    detail: { name: '\ud800' },
  };
  const entry = chainEntry(null, half, 0);
  const stored = JSON.parse(Buffer.from(JSON.stringify(entry)).toString()) as AuditRecord;
  const asKept = {
    ...stored,
    actor: Buffer.from(stored.actor).toString(),
    action: Buffer.from(stored.action).toString(),
    subject: Buffer.from(stored.subject).toString(),
    detail: Buffer.from(stored.detail).toString(),
  };
  expect(checkChain(CHAIN_START, [asKept]).brokenAt).toBeNull();
});

test('[AC7] a detail beyond the limit is kept as size and hash', () => {
  const entry = chainEntry(null, event({ text: 'x'.repeat(AUDIT_DETAIL_BYTES_MAX) }), 0);
  expect(Object.keys(JSON.parse(entry.detail) as object)).toEqual(['omittedBytes', 'sha256']);
});

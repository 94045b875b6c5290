/** The sections of a machine: what a report carries of them, what is held, and what a confirmation says again. Pure. */
import { SECTION_SCHEMAS, type Snapshot } from '@muster/shared/inventory/sections.ts';
import type { Millis } from '@muster/shared/time.ts';
import { INVENTORY_SECTIONS, type InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import type { InventoryBody } from '@muster/shared/wire/frame-bodies.ts';
import { lazily } from '../lazy.ts';
import type { ReportingSource, SectionHead, SectionHeads } from './identity-record.ts';
import type { Part, SectionStates } from './store.ts';

/** Sections of the report that have the form of their schema; a section without data confirms the held one. */
export function readSections(
  body: InventoryBody,
  by: { readonly source: ReportingSource; readonly id: string },
): {
  reported: Snapshot;
  states: SectionStates;
  refused: InventorySection[];
} {
  const reported: Record<string, unknown> = {};
  const states: SectionStates = {};
  const refused: InventorySection[] = [];
  for (const section of INVENTORY_SECTIONS) {
    const sent = body.sections[section];
    if (!sent) continue;
    const parsed = sent.data === undefined ? undefined : SECTION_SCHEMAS[section].safeParse(sent.data);
    if (parsed && !parsed.success) {
      refused.push(section);
      continue;
    }
    if (parsed) reported[section] = parsed.data;
    states[section] = {
      hash: sent.hash,
      complete: sent.complete,
      reportedAtMs: body.atMs,
      confirmedAtMs: body.atMs,
      source: by.source,
      reporter: by.id,
      missing: false,
      leftOut: [],
      data: parsed?.data,
    };
  }
  return { reported, states, refused };
}

/** Sections that the report names without contents and that are held as it names them. */
export function confirmedOf(held: SectionHeads, sent: SectionStates): InventorySection[] {
  return INVENTORY_SECTIONS.filter((section) => {
    const [now, before] = [sent[section], held[section]];
    return now !== undefined && now.data === undefined && now.hash === before?.hash;
  });
}

/**
 * Of these, those of which something was missed and that are confirmed as complete: one more report of the same, so that what
 * the one before lacked is now missed for the second time. Agents send a section only when it has changed.
 */
export function missedAgain(held: SectionHeads, sent: SectionStates): InventorySection[] {
  return confirmedOf(held, sent).filter((section) => held[section]?.missing && sent[section]?.complete);
}

export function isMissed(part: Part, section: string): boolean {
  return part.section === section && part.absentReports > 0 && part.removedAtMs === null;
}

/** Something of the section is missed now and may be removed by the next report. */
export function hasMissing(
  section: InventorySection,
  parts: Iterable<Part>,
  packages: Iterable<{ readonly absentReports: number }>,
): boolean {
  for (const part of parts) if (isMissed(part, section)) return true;
  if (section !== 'software') return false;
  for (const { absentReports } of packages) if (absentReports > 0) return true;
  return false;
}

/** The same section said once more. */
export function again(
  head: SectionHead,
  nowMs: Millis,
  now: Pick<SectionHead, 'missing' | 'leftOut'>,
): SectionHead {
  return { ...head, confirmedAtMs: Math.max(head.confirmedAtMs, nowMs), ...now };
}

/** What is held, but for the sections that `told` tells anew. Contents are read when they are looked at. */
export function snapshotOf(sections: SectionStates, told: Snapshot = {}): Snapshot {
  const snapshot: Snapshot = { ...told };
  for (const section of INVENTORY_SECTIONS) {
    const state = sections[section];
    if (state !== undefined && told[section] === undefined) lazily(snapshot, section, () => state.data);
  }
  return snapshot;
}

/** The state of a section without its contents. */
export function headOf(state: SectionHead): SectionHead {
  const { hash, complete, reportedAtMs, confirmedAtMs, source, reporter, missing, leftOut } = state;
  return { hash, complete, reportedAtMs, confirmedAtMs, source, reporter, missing, leftOut };
}

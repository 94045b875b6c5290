/** The sections of a machine: what a report carries of them, what is held, and what a confirmation says again. Pure. */
import { SECTION_SCHEMAS, type Snapshot } from '@muster/shared/inventory/sections.ts';
import type { Millis } from '@muster/shared/time.ts';
import { INVENTORY_SECTIONS, type InventorySection } from '@muster/shared/wire/control.ts';
import type { InventoryBody } from '@muster/shared/wire/frames.ts';
import type { Part, SectionState, SectionStates } from './store.ts';

/** Sections of the report that have the form of their schema; a section without data confirms the held one. */
export function readSections(body: InventoryBody): {
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
      data: parsed?.data,
    };
  }
  return { reported, states, refused };
}

/**
 * Contents that the agent confirms as complete without sending them: one more report of the same, so that what the one
 * before lacked is now missed for the second time. Agents send a section only when it has changed.
 */
export function saidAgain(held: SectionStates, sent: SectionStates): Snapshot {
  const same = INVENTORY_SECTIONS.filter((section) => {
    const [now, before] = [sent[section], held[section]];
    return now?.data === undefined && now?.complete === true && now.hash === before?.hash;
  });
  return Object.fromEntries(same.map((section) => [section, held[section]?.data]));
}

export function isMissed(part: Part, section: string): boolean {
  return part.section === section && part.absentReports > 0 && part.removedAtMs === null;
}

/** What to keep of the sections: new ones whole, confirmed ones with their new date. */
export function confirmed(held: SectionStates, sent: SectionStates, nowMs: Millis): SectionStates {
  const result: SectionStates = {};
  for (const section of INVENTORY_SECTIONS) {
    const state = sent[section];
    if (!state) continue;
    const before = held[section];
    if (state.data !== undefined) result[section] = state;
    else if (before && before.hash === state.hash)
      result[section] = { ...before, confirmedAtMs: nowMs } satisfies SectionState;
  }
  return result;
}

export function snapshotOf(sections: SectionStates): Snapshot {
  return Object.fromEntries(Object.entries(sections).map(([name, state]) => [name, state.data]));
}

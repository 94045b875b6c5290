/** Held state and a report's picture → what changes, with one history row per real change. Pure. */
import { attributeDefinition, type CiClass } from '@muster/shared/cmdb/classes.ts';
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { InventorySection } from '@muster/shared/wire/control.ts';
import { softwareKey, type AttributeValue, type PartPicture, type SectionPicture } from './picture.ts';
import {
  SOURCES,
  type Attributes,
  type HeldAttribute,
  type HistoryKind,
  type HistoryRow,
  type Installation,
  type Machine,
  type Part,
  type Source,
} from './store.ts';

/** A part or package is removed after so many complete reports in a row without it: one bad scan is no change. */
export const ABSENT_REPORTS_MAX = 2;

/** Who says it, when, and how rows get their ids. */
export interface Report {
  readonly source: Source;
  readonly actor: string;
  readonly atMs: Millis;
  readonly newId: (prefix: 'ci' | 'hist') => string;
}

interface Subject {
  readonly ciId: string;
  readonly machineId: string;
  readonly ciName: string;
  readonly ciClass: CiClass;
}

/** `held` with the reported attributes taken over by precedence, and the history of what became different. */
export function reconcileAttributes(
  held: Attributes,
  reported: Readonly<Record<string, AttributeValue>>,
  section: InventorySection | null,
  subject: Subject,
  report: Report,
): { attributes: Attributes; history: HistoryRow[] } {
  const attributes: Record<string, HeldAttribute> = { ...held };
  const history: HistoryRow[] = [];
  for (const [name, value] of Object.entries(reported)) {
    const before = held[name];
    const next = reconcile(before, value, section, report);
    if (next === before) continue;
    attributes[name] = next;
    const changed = !equal(before?.value ?? null, next.value);
    if (changed && before !== undefined && attributeDefinition(subject.ciClass, name)?.tracked) {
      history.push(row(subject, report, 'changed', name, before.value, next.value));
    }
  }
  return { attributes, history };
}

/** The value that holds after a report: a lock stands and remembers what was seen; a stronger source is not overruled. */
function reconcile(
  held: HeldAttribute | undefined,
  value: AttributeValue,
  section: InventorySection | null,
  report: Report,
): HeldAttribute {
  const fresh: HeldAttribute = {
    value,
    source: report.source,
    observedAtMs: report.atMs,
    section,
    lockedBy: null,
  };
  if (!held) return fresh;
  if (held.lockedBy !== null) {
    const { observedValue, ...rest } = held;
    if (equal(value, held.value)) return observedValue === undefined ? held : rest;
    return observedValue !== undefined && equal(value, observedValue)
      ? held
      : { ...held, observedValue: value };
  }
  if (SOURCES.indexOf(held.source) < SOURCES.indexOf(report.source) && held.value !== null) return held;
  if (equal(held.value, value) && held.source === report.source) return held;
  // Not seen any more is not the same as gone: an agent that cannot read a value keeps the last one it knew.
  if (value === null && held.value !== null) return held;
  return equal(held.value, value) ? { ...held, source: report.source } : fresh;
}

/**
 * New, changed, absent and returned parts of the classes that this section tells. `first`: the section was never reported
 * before, so its parts are the machine's first state and not changes.
 */
export function diffParts(
  held: readonly Part[],
  picture: SectionPicture,
  complete: boolean,
  first: boolean,
  machine: Machine,
  report: Report,
): { parts: Part[]; history: HistoryRow[] } {
  const parts: Part[] = [];
  const history: HistoryRow[] = [];
  const inSection = held.filter((part) => part.section === picture.section);
  const taken = new Set<string>();
  const pairs = picture.parts.map((reported) => ({ reported, known: undefined as Part | undefined }));
  // Strong keys are matched for all parts before weak ones, so that a swapped name does not steal another part's identity.
  const keyDepth = Math.max(0, ...picture.parts.map((part) => part.keys.length));
  for (let depth = 0; depth < keyDepth; depth++) {
    for (const pair of pairs) {
      const key = pair.reported.keys[depth];
      if (pair.known || key === undefined) continue;
      pair.known = inSection.find(
        (part) => part.class === pair.reported.class && !taken.has(part.id) && part.keys.includes(key),
      );
      if (pair.known) taken.add(pair.known.id);
    }
  }

  for (const { reported, known } of pairs) {
    const change = known
      ? changePart(known, reported, report)
      : createPart(reported, picture.section, first, machine, report);
    if (change) {
      parts.push(change.part);
      history.push(...change.history);
    }
  }
  if (complete) {
    for (const part of inSection) {
      if (taken.has(part.id) || part.removedAtMs !== null) continue;
      const absentReports = part.absentReports + 1;
      const removed = absentReports >= ABSENT_REPORTS_MAX;
      parts.push({ ...part, absentReports, removedAtMs: removed ? report.atMs : null });
      if (removed) history.push(row(subjectOf(part), report, 'removed', null, part.name, null));
    }
  }
  return { parts, history };
}

function createPart(
  reported: PartPicture,
  section: InventorySection,
  first: boolean,
  machine: Machine,
  report: Report,
): { part: Part; history: HistoryRow[] } {
  const part: Part = {
    id: report.newId('ci'),
    machineId: machine.id,
    class: reported.class,
    section,
    name: reported.name,
    keys: reported.keys,
    attributes: {},
    absentReports: 0,
    createdAtMs: report.atMs,
    removedAtMs: null,
  };
  const { attributes } = reconcileAttributes({}, reported.attributes, section, subjectOf(part), report);
  const history = first ? [] : [row(subjectOf(part), report, 'created', null, null, part.name)];
  return { part: { ...part, attributes }, history };
}

function changePart(
  known: Part,
  reported: PartPicture,
  report: Report,
): { part: Part; history: HistoryRow[] } | null {
  const { attributes, history } = reconcileAttributes(
    known.attributes,
    reported.attributes,
    known.section,
    subjectOf(known),
    report,
  );
  const returned = known.removedAtMs !== null;
  if (returned) history.unshift(row(subjectOf(known), report, 'returned', null, null, reported.name));
  const same =
    history.length === 0 &&
    known.absentReports === 0 &&
    known.name === reported.name &&
    equal(known.keys, reported.keys);
  const untouched =
    same && Object.keys(attributes).every((name) => attributes[name] === known.attributes[name]);
  if (untouched) return null;
  return {
    part: {
      ...known,
      name: reported.name,
      keys: reported.keys,
      attributes,
      absentReports: 0,
      removedAtMs: null,
    },
    history,
  };
}

/** Packages: the first report is the first state; then one row for an installation, an update (also a downgrade) or a removal; never remove and add. */
export function diffSoftware(
  held: readonly Installation[],
  reported: SectionData['software'],
  complete: boolean,
  first: boolean,
  machine: Machine,
  report: Report,
): { put: Installation[]; removed: string[]; history: HistoryRow[] } {
  const put: Installation[] = [];
  const removed: string[] = [];
  const history: HistoryRow[] = [];
  const subject = { ciId: machine.id, machineId: machine.id, ciName: machine.name, ciClass: machine.class };
  const byKey = new Map(held.map((item) => [item.key, item]));
  const seen = new Set<string>();
  for (const item of reported.packages) {
    const key = softwareKey(item);
    // A source can name one package twice (multi-arch, leftovers); the first is the one in force.
    if (seen.has(key)) continue;
    seen.add(key);
    const known = byKey.get(key);
    if (!known) {
      put.push({ ...item, key, firstSeenAtMs: report.atMs, absentReports: 0 });
      if (!first)
        history.push(row(subject, report, 'created', softwareAttribute(item.name), null, item.version));
    } else if (
      known.version !== item.version ||
      known.publisher !== item.publisher ||
      known.absentReports > 0
    ) {
      put.push({ ...item, key, firstSeenAtMs: known.firstSeenAtMs, absentReports: 0 });
      if (known.version !== item.version)
        history.push(
          row(subject, report, 'changed', softwareAttribute(item.name), known.version, item.version),
        );
    }
  }
  if (complete) {
    for (const item of held) {
      if (seen.has(item.key)) continue;
      if (item.absentReports + 1 < ABSENT_REPORTS_MAX) {
        put.push({ ...item, absentReports: item.absentReports + 1 });
      } else {
        removed.push(item.key);
        history.push(row(subject, report, 'removed', softwareAttribute(item.name), item.version, null));
      }
    }
  }
  return { put, removed, history };
}

/** History rows of packages carry their name behind this prefix, as in `software:openssl`. */
export function softwareAttribute(name: string): string {
  return `${SOFTWARE_PREFIX}${name}`;
}

/** The package's name; null for an attribute of another kind. */
export function softwareName(attribute: string | null): string | null {
  return attribute?.startsWith(SOFTWARE_PREFIX) ? attribute.slice(SOFTWARE_PREFIX.length) : null;
}

const SOFTWARE_PREFIX = 'software:';

function subjectOf(part: Part): Subject {
  return { ciId: part.id, machineId: part.machineId, ciName: part.name, ciClass: part.class };
}

function row(
  subject: Subject,
  report: Report,
  kind: HistoryKind,
  attribute: string | null,
  before: AttributeValue,
  after: AttributeValue,
): HistoryRow {
  return {
    id: report.newId('hist'),
    atMs: report.atMs,
    ...subject,
    kind,
    attribute,
    before,
    after,
    source: report.source,
    actor: report.actor,
  };
}

export function equal(a: AttributeValue, b: AttributeValue): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

/** The rows of the machines list: joined, filtered, counted and ordered. Pure, and quick for thousands of machines. */
import type { IncidentSummary } from '@muster/shared/api/incidents.ts';
import type { MachineSummary } from '@muster/shared/api/machines.ts';
import type { Rule } from '@muster/shared/api/rules.ts';
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';
import { isInFleet } from '@muster/shared/presence/state.ts';
import { type Millis, SECOND_MS } from '@muster/shared/time.ts';
import type { Translate } from '../../i18n/catalogue.ts';
import { breachTone, type LevelInForce, levelsInForce } from '../../parts/levels.ts';
import { SHOWN_PRESENCES, type ShownPresence } from '../../ui/states.ts';
import { agoText, millis } from '../../util/time.ts';

/** Percentages. CPU and memory are null where nothing is known of now; the disk is the last known. */
export interface Values {
  readonly cpu: number | null;
  readonly memory: number | null;
  readonly disk: number | null;
  /** Mount point of the fullest file system. */
  readonly mount: string | null;
}

export interface MachineRow {
  readonly ci: MachineSummary;
  readonly values: Values;
  /** Levels the values are beyond. */
  readonly tones: { readonly cpu: Tone; readonly memory: Tone; readonly disk: Tone };
  /** Its open incident of the highest priority. */
  readonly incident: IncidentSummary | undefined;
}

export interface RowSources {
  /** In the order of names, see inNameOrder. */
  readonly cis: readonly MachineSummary[];
  readonly incidents: readonly IncidentSummary[];
  readonly values: ReadonlyMap<string, Values>;
  readonly rules: readonly Rule[];
}

type Tone = ReturnType<typeof breachTone>;
const NO_VALUES: Values = { cpu: null, memory: null, disk: null, mount: null };

/**
 * Problems first. Rows whose machine, values and incident are as in `before` are the same objects, so that only what
 * changed is drawn again.
 */
export function machineRows(
  { cis, incidents, values, rules }: RowSources,
  before: ReadonlyMap<string, MachineRow> = new Map(),
): MachineRow[] {
  const worst = worstIncidents(incidents);
  const levels = levelBook(rules);
  const rows = cis.map((ci) => {
    const held = before.get(ci.id);
    // What its agent told last, before it was taken away, is past altogether.
    const known = (ci.cause === 'agent-uninstalled' ? undefined : values.get(ci.id)) ?? NO_VALUES;
    const shown = ci.state === 'up' ? known : { ...known, cpu: null, memory: null };
    const incident = worst.get(ci.id);
    const tone = (metric: MetricName, instance: string, value: number | null) =>
      value === null ? undefined : breachTone(levels(ci, metric, instance), value);
    const tones = {
      cpu: tone('cpu.utilisation', '', shown.cpu),
      memory: tone('memory.utilisation', '', shown.memory),
      disk: tone('filesystem.utilisation', shown.mount ?? '', shown.disk),
    };
    const row = { ci, values: shown, tones, incident };
    return held && isSameRow(held, row) ? held : row;
  });
  return rows
    .map((row) => ({ row, rank: trouble(row) }))
    .sort(byTrouble)
    .map(({ row }) => row);
}

export function rowsById(rows: readonly MachineRow[]): Map<string, MachineRow> {
  return new Map(rows.map((row) => [row.ci.id, row]));
}

const names = new Intl.Collator(undefined, { numeric: true });
/** `pc-2` before `pc-10`; done once per answer, because it is the dearest part of the order. */
export function inNameOrder(cis: readonly MachineSummary[]): MachineSummary[] {
  return cis.toSorted((a, b) => names.compare(a.name, b.name));
}

function worstIncidents(incidents: readonly IncidentSummary[]): Map<string, IncidentSummary> {
  const worst = new Map<string, IncidentSummary>();
  for (const incident of incidents) {
    if (incident.ci === null) continue;
    const held = worst.get(incident.ci.id);
    if (held === undefined || incident.priority < held.priority) worst.set(incident.ci.id, incident);
  }
  return worst;
}

/** Machines of one class with the same tags have the same levels, unless a rule names one of them. */
function levelBook(rules: readonly Rule[]) {
  const named = new Set(rules.map(({ selector }) => selector.ciId));
  const book = new Map<string, LevelInForce[]>();
  return (ci: MachineSummary, metric: MetricName, instance: string): LevelInForce[] => {
    const key = JSON.stringify([ci.class, ci.tags, metric, instance, named.has(ci.id) ? ci.id : null]);
    const held = book.get(key) ?? levelsInForce(rules, ci, metric, instance);
    book.set(key, held);
    return held;
  };
}

function isSameRow(a: MachineRow, b: MachineRow): boolean {
  return (
    a.ci === b.ci &&
    a.incident === b.incident &&
    a.values.cpu === b.values.cpu &&
    a.values.memory === b.values.memory &&
    a.values.disk === b.values.disk &&
    a.values.mount === b.values.mount &&
    a.tones.cpu === b.tones.cpu &&
    a.tones.memory === b.tones.memory &&
    a.tones.disk === b.tones.disk
  );
}

/** Open incident by priority, unexpected presence, levels breached; then names, which the sources stand in. */
function trouble({ ci, incident, tones }: MachineRow): [number, number, number] {
  const presence = ci.state === 'silent' ? 0 : ci.state === 'unknown' ? 1 : 2;
  const breaches = Object.values(tones).reduce(
    (sum, tone) => sum + (tone === 'crit' ? 10 : tone === 'warn' ? 1 : 0),
    0,
  );
  return [incident?.priority ?? 9, presence, -breaches];
}

function byTrouble(
  { rank: a }: { rank: [number, number, number] },
  { rank: b }: { rank: [number, number, number] },
) {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** When a machine that is not up was heard last. */
export function seenText({ lastSeenAt }: MachineSummary, nowMs: Millis, t: Translate): string {
  const seenMs = millis(lastSeenAt);
  if (seenMs === null) return t('time.never');
  // The time of the page moves in steps, and may be a little behind.
  return agoText(seenMs, Math.max(nowMs, seenMs + SECOND_MS), t);
}

/** What a machine can be chosen by; several values of one are any of them, several facets all of them. */
export const FACETS = ['class', 'site', 'tag', 'os', 'lifecycle'] as const;
export type Facet = (typeof FACETS)[number];

export type RowFilter = Readonly<Partial<Record<Facet, readonly string[]>>> & { readonly text: string };

/** Values of a facet that a machine has; '' stands for none. */
export function facetValues(facet: Facet, ci: MachineSummary): readonly string[] {
  switch (facet) {
    case 'class':
      return [ci.class];
    case 'site':
      return [ci.site ?? ''];
    case 'tag':
      return ci.tags;
    case 'os':
      return [osOf(ci)];
    case 'lifecycle':
      return [ci.lifecycle];
  }
}

export function osOf(ci: MachineSummary): string {
  const name = ci.attributes?.['osName'];
  return typeof name === 'string' ? name : '';
}

/**
 * All but the presence filter, so that its chips count what they would show. Without a choice of life-cycle states the
 * fleet stands in the list, as the overview counts it.
 */
export function filterRows(rows: readonly MachineRow[], filter: RowFilter): MachineRow[] {
  const needle = filter.text.trim().toLowerCase();
  const chosen = FACETS.flatMap((facet) => {
    const values = filter[facet];
    return values === undefined || values.length === 0 ? [] : [{ facet, values: new Set(values) }];
  });
  const wholeLife = chosen.some(({ facet }) => facet === 'lifecycle');
  return rows.filter(
    ({ ci }) =>
      (wholeLife || isInFleet({ lifecycle: ci.lifecycle, up: ci.state === 'up' })) &&
      chosen.every(({ facet, values }) => facetValues(facet, ci).some((value) => values.has(value))) &&
      (needle === '' || searchText(ci).includes(needle)),
  );
}

const texts = new WeakMap<MachineSummary, string>();
function searchText(ci: MachineSummary): string {
  const held = texts.get(ci);
  if (held !== undefined) return held;
  const attributes = Object.values(ci.attributes ?? {}).flat();
  const text = [ci.name, ci.site, ci.owner, ci.assetNumber, ...ci.tags, ...attributes]
    .filter((each) => typeof each === 'string')
    .join('\n')
    .toLowerCase();
  texts.set(ci, text);
  return text;
}

export interface FacetCount {
  readonly value: string;
  readonly count: number;
}

/** What each facet offers with how many machines have it, most frequent first. */
export function countFacets(rows: readonly MachineRow[]): Record<Facet, FacetCount[]> {
  const countOne = (facet: Facet): FacetCount[] => {
    const counts = new Map<string, number>();
    for (const { ci } of rows)
      for (const value of facetValues(facet, ci)) counts.set(value, (counts.get(value) ?? 0) + 1);
    return [...counts]
      .map(([value, count]) => ({ value, count }))
      .sort((a, b) => b.count - a.count || names.compare(a.value, b.value));
  };
  return {
    class: countOne('class'),
    site: countOne('site'),
    tag: countOne('tag'),
    os: countOne('os'),
    lifecycle: countOne('lifecycle'),
  };
}

export function countPresences(rows: readonly MachineRow[]): Record<ShownPresence, number> {
  const counts = Object.fromEntries(SHOWN_PRESENCES.map((each) => [each, 0])) as Record<
    ShownPresence,
    number
  >;
  for (const { ci } of rows) counts[ci.state] += 1;
  return counts;
}

/** The rows of the machines list: joined, filtered, counted and ordered. Pure. */
import type { CiSummary } from '@muster/shared/api/cmdb.ts';
import type { IncidentSummary } from '@muster/shared/api/incidents.ts';
import type { Rule } from '@muster/shared/api/rules.ts';
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';
import { breachTone, levelsInForce } from '../../parts/levels.ts';
import { SHOWN_PRESENCES, type ShownPresence } from '../../ui/states.ts';

export interface TopValue {
  readonly value: number;
  readonly instance: string;
}

export interface MachineRow {
  readonly ci: CiSummary;
  readonly presence: ShownPresence;
  readonly cpu: TopValue | undefined;
  readonly memory: TopValue | undefined;
  /** The fullest file system; for an absent machine the last known one. */
  readonly disk: TopValue | undefined;
  /** Levels the values are beyond. */
  readonly tones: { readonly cpu: Tone; readonly memory: Tone; readonly disk: Tone };
  /** Its open incident of the highest priority. */
  readonly incident: IncidentSummary | undefined;
}

export interface RowSources {
  readonly cis: readonly CiSummary[];
  readonly incidents: readonly IncidentSummary[];
  readonly cpu: ReadonlyMap<string, TopValue>;
  readonly memory: ReadonlyMap<string, TopValue>;
  readonly disk: ReadonlyMap<string, TopValue>;
  readonly rules: readonly Rule[];
}

type Tone = ReturnType<typeof breachTone>;

export function machineRows({ cis, incidents, cpu, memory, disk, rules }: RowSources): MachineRow[] {
  const worst = new Map<string, IncidentSummary>();
  for (const incident of incidents) {
    if (incident.ci === null) continue;
    const held = worst.get(incident.ci.id);
    if (held === undefined || incident.priority < held.priority) worst.set(incident.ci.id, incident);
  }
  return cis
    .map((ci) => {
      const presence = ci.state;
      const heard = presence === 'up';
      const tone = (metric: MetricName, held: TopValue | undefined) =>
        held && breachTone(levelsInForce(rules, ci, metric, held.instance), held.value);
      const values = {
        cpu: heard ? cpu.get(ci.id) : undefined,
        memory: heard ? memory.get(ci.id) : undefined,
        disk: disk.get(ci.id),
      };
      return {
        ci,
        presence,
        ...values,
        tones: {
          cpu: tone('cpu.utilisation', values.cpu),
          memory: tone('memory.utilisation', values.memory),
          disk: tone('filesystem.utilisation', values.disk),
        },
        incident: worst.get(ci.id),
      };
    })
    .sort(problemsFirst);
}

/** The first (highest) value of each machine in a list that stands highest first. */
export function highestOf(
  items: readonly { readonly ciId: string; readonly instance: string; readonly value: number }[],
): Map<string, TopValue> {
  const highest = new Map<string, TopValue>();
  for (const { ciId, instance, value } of items) {
    if (!highest.has(ciId)) highest.set(ciId, { instance, value });
  }
  return highest;
}

const PRESENCE_ORDER: readonly ShownPresence[] = ['silent', 'unknown', 'up', 'planned', 'asleep', 'off'];

/** Open incident by priority, unexpected presence, levels breached, name. */
function problemsFirst(a: MachineRow, b: MachineRow): number {
  return (
    (a.incident?.priority ?? 9) - (b.incident?.priority ?? 9) ||
    troubleOf(a) - troubleOf(b) ||
    breachesOf(b) - breachesOf(a) ||
    a.ci.name.localeCompare(b.ci.name, undefined, { numeric: true })
  );
}

function troubleOf({ presence }: MachineRow): number {
  return Math.min(2, PRESENCE_ORDER.indexOf(presence));
}

function breachesOf({ tones }: MachineRow): number {
  return Object.values(tones).reduce(
    (sum, tone) => sum + (tone === 'crit' ? 10 : tone === 'warn' ? 1 : 0),
    0,
  );
}

export interface RowFilter {
  readonly presences: readonly ShownPresence[];
  readonly class: string | undefined;
  readonly site: string | undefined;
  readonly tag: string | undefined;
  readonly text: string;
}

/** All but the presence filter, so that its chips count what they would show. */
export function filterRows(rows: readonly MachineRow[], filter: Omit<RowFilter, 'presences'>): MachineRow[] {
  const needle = filter.text.trim().toLowerCase();
  return rows.filter(
    ({ ci }) =>
      (filter.class === undefined || ci.class === filter.class) &&
      (filter.site === undefined || ci.site === filter.site) &&
      (filter.tag === undefined || ci.tags.includes(filter.tag)) &&
      (needle === '' || searchText(ci).includes(needle)),
  );
}

function searchText(ci: CiSummary): string {
  const attributes = Object.values(ci.attributes ?? {}).flat();
  return [ci.name, ci.site, ...ci.tags, ...attributes].join(' ').toLowerCase();
}

export function countPresences(rows: readonly MachineRow[]): Record<ShownPresence, number> {
  const counts = Object.fromEntries(SHOWN_PRESENCES.map((each) => [each, 0])) as Record<
    ShownPresence,
    number
  >;
  for (const { presence } of rows) counts[presence] += 1;
  return counts;
}

/**
 * Rows in the order a reader already sees, new ones at the end; `moved` says how many would stand elsewhere
 * in the right order.
 */
export function heldOrder<T>(
  rows: readonly T[],
  idOf: (row: T) => string,
  before: readonly string[],
): { rows: T[]; moved: number } {
  const place = new Map(before.map((id, index) => [id, index]));
  const held = [...rows].sort(
    (a, b) => (place.get(idOf(a)) ?? Infinity) - (place.get(idOf(b)) ?? Infinity) || 0,
  );
  let moved = 0;
  held.forEach((row, index) => {
    const right = rows[index];
    if (right !== undefined && idOf(right) !== idOf(row)) moved += 1;
  });
  return { rows: held, moved };
}

/** What may still leave the machine of something that was written down before a collector, section or field was switched off. Pure. */
import { type CollectorName, collectorOf } from '@muster/shared/privacy/collectors.ts';
import type { AgentEvent, InventoryBody } from '@muster/shared/wire/frame-bodies.ts';
import type { AgentConfig } from '@muster/shared/wire/server-messages.ts';
import type { TopProcess } from '@muster/shared/wire/top-process.ts';
import type { SpoolTick } from './spool-values.ts';

/** Names, as a configuration says them. */
export type SwitchedOff = Pick<AgentConfig, 'collectorsOff' | 'sectionsOff' | 'fieldsOff'>;

/** What is off in `config` and was on in `before`. */
export function newlyOff(config: SwitchedOff, before: SwitchedOff): SwitchedOff {
  const added = (now: readonly string[] = [], then: readonly string[] = []) =>
    now.filter((name) => !then.includes(name));
  return {
    collectorsOff: added(config.collectorsOff, before.collectorsOff),
    sectionsOff: added(config.sectionsOff, before.sectionsOff),
    fieldsOff: added(config.fieldsOff, before.fieldsOff),
  };
}

/** Sections of which anything is off: whoever was told of them must be told anew. */
export function sectionsTouched({ sectionsOff = [], fieldsOff = [] }: SwitchedOff): Set<string> {
  return new Set([...sectionsOff, ...fieldsOff.map((path) => path.split('.')[0] ?? path)]);
}

const COLLECTORS_BY_METRIC = new Map<string, CollectorName | null>();

function isOff(metric: string, collectorsOff: readonly string[]): boolean {
  let collector = COLLECTORS_BY_METRIC.get(metric);
  if (collector === undefined) COLLECTORS_BY_METRIC.set(metric, (collector = collectorOf(metric)));
  return collector !== null && collectorsOff.includes(collector);
}

export function allowedTicks(ticks: readonly SpoolTick[], { collectorsOff }: SwitchedOff): SpoolTick[] {
  return ticks.map(({ atMs, series, values }) => {
    const kept = series.flatMap(({ metric }, i) => (isOff(metric, collectorsOff) ? [] : [i]));
    return {
      atMs,
      series: kept.map((i) => series[i] as (typeof series)[number]),
      values: kept.map((i) => values[i] as number),
    };
  });
}

/** A section with one field off goes as a whole: its hash is of all of it, and the report after the switch-off tells it anew. */
export function allowedSections(body: InventoryBody, off: SwitchedOff): InventoryBody {
  const gone = sectionsTouched(off);
  const sections = Object.entries(body.sections).filter(([name]) => !gone.has(name));
  return { ...body, sections: Object.fromEntries(sections) };
}

export function allowedEvent(event: AgentEvent, off: SwitchedOff): AgentEvent {
  if (event.type === 'flight')
    return {
      ...event,
      series: event.series.filter(({ metric }) => !isOff(metric, off.collectorsOff)),
      topProcesses: allowedProcesses(event.topProcesses, off),
    };
  if (event.type !== 'collector-failed') return event;
  const { collector } = event;
  const ofSection = collector.startsWith(SECTION_FAILED) ? collector.slice(SECTION_FAILED.length) : null;
  // The words may be a line of a file.
  const ofCheck = collector.startsWith(CHECK_FAILED) && off.collectorsOff.includes('checks');
  return ofCheck ||
    off.collectorsOff.includes(collector) ||
    (ofSection !== null && sectionsTouched(off).has(ofSection))
    ? { ...event, detail: 'switched off since' }
    : event;
}

/** As the failure of a check is called, before its name. */
const CHECK_FAILED = 'check ';
/** As the failure of a section is called. */
export const SECTION_FAILED = 'inventory.';

/** Without what is switched off of the busiest processes. */
export function allowedProcesses(
  items: readonly TopProcess[],
  { fieldsOff: off = [] }: SwitchedOff,
): TopProcess[] {
  if (off.includes('processes')) return [];
  const [name, user] = [off.includes('processes.name'), off.includes('processes.user')];
  return items.map((item) => ({ ...item, ...(name ? { name: '' } : {}), ...(user ? { user: '' } : {}) }));
}

/** Mappings as they are applied: by the name of the metric, then by conditions, the first line that fits. Pure. */
import type { LabelCondition, Mapping, MappingLine } from '@muster/shared/api/remote-write.ts';
import { METRICS, type MetricName } from '@muster/shared/metrics/catalogue.ts';
import { isSurelyCounter } from '@muster/shared/metrics/counter-name.ts';
import { INSTANCE_BYTES_MAX } from '@muster/shared/wire/limits.ts';

export type Labels = ReadonlyMap<string, string>;

export interface CompiledLine {
  readonly mappingId: string;
  readonly machine: Mapping['machine'];
  readonly to: MetricName;
  readonly factor: number;
  readonly instanceLabel: string | null;
  readonly holds: (labels: Labels) => boolean;
}

/** Lines of the enabled mappings by the metric they name, in the order in which they count. */
export function compileMappings(mappings: readonly Mapping[]): ReadonlyMap<string, readonly CompiledLine[]> {
  const byName = new Map<string, CompiledLine[]>();
  for (const mapping of mappings) {
    if (!mapping.enabled) continue;
    for (const line of mapping.lines) {
      const lines = byName.get(line.from) ?? [];
      lines.push(compiled(mapping, line));
      byName.set(line.from, lines);
    }
  }
  return byName;
}

function compiled(mapping: Mapping, line: MappingLine): CompiledLine {
  const conditions = [...mapping.where, ...line.where].map(conditionOf);
  return {
    mappingId: mapping.id,
    machine: mapping.machine,
    to: line.to,
    factor: line.factor,
    instanceLabel: line.instanceLabel,
    holds: (labels) => conditions.every((holds) => holds(labels)),
  };
}

function conditionOf({ label, is, values }: LabelCondition): (labels: Labels) => boolean {
  const matchers = values.map(textMatcher);
  return (labels) => {
    const value = labels.get(label) ?? '';
    return matchers.some((matches) => matches(value)) === (is === 'one-of');
  };
}

/** `*` stands for any text; the rest letter by letter. */
export function textMatcher(pattern: string): (text: string) => boolean {
  if (!pattern.includes('*')) return (text) => text === pattern;
  const parts = pattern.split('*');
  const [first = ''] = parts;
  const last = parts.at(-1) ?? '';
  const middle = parts.slice(1, -1).filter((part) => part !== '');
  return (text) => {
    if (text.length < first.length + last.length) return false;
    if (!text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    const end = text.length - last.length;
    for (const part of middle) {
      const found = text.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}

/** What is wrong with a line for the catalogue, in words; null: nothing. */
export function lineFault(line: MappingLine): string | null {
  const { instance, kind } = METRICS[line.to];
  if (kind === 'gauge' && isSurelyCounter(line.from))
    return `${line.from} is a counter by its name, and ${line.to} is a value of the moment: record its rate under a name of its own there and map that.`;
  if (instance === 'none' && line.instanceLabel !== null)
    return `${line.to} has no instance, so ${line.from} needs no label for one.`;
  if (instance !== 'none' && line.instanceLabel === null)
    return `${line.to} is told for each ${instance}: name the label of ${line.from} that holds it.`;
  return null;
}

/** `db1:9100`, `[2001:db8::1]:9100` and `10.0.0.1:9100` without their port. */
export function withoutPort(value: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(value);
  if (bracketed) return bracketed[1] as string;
  const colon = value.lastIndexOf(':');
  // An IPv6 address without brackets has several colons and no port.
  if (colon < 0 || value.indexOf(':') !== colon) return value;
  return /^\d{1,5}$/.test(value.slice(colon + 1)) ? value.slice(0, colon) : value;
}

/** null: it cannot name an instance here. */
export function instanceOf(value: string | undefined): string | null {
  if (value === undefined || value === '' || Buffer.byteLength(value) > INSTANCE_BYTES_MAX) return null;
  return /\p{Cc}/u.test(value) ? null : value;
}

/** Where a factor makes a fraction, the digits of the catalogue stay, as an agent would round; else the value as it came. */
export function scaledValue(value: number, line: Pick<CompiledLine, 'factor' | 'to'>): number {
  if (line.factor === 1) return value;
  const scale = 10 ** METRICS[line.to].decimals;
  const scaled = value * line.factor * scale;
  return Math.abs(scaled) < Number.MAX_SAFE_INTEGER ? Math.round(scaled) / scale : value * line.factor;
}

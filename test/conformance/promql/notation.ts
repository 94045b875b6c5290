/** How promqltest and promtool write series: `metric{label="value"} 1 2 _ stale 0+10x5`, labels and durations. */

/** A value of a written series: nothing at that step, the mark that the series ended, a number, or a native histogram (not read). */
export type Written = number | 'none' | 'stale' | 'histogram';
export type Labels = Readonly<Record<string, string>>;

export const NAME_LABEL = '__name__';

const NUMBER = String.raw`[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|inf|nan)`;
const PLAIN_VALUE = new RegExp(`^(${NUMBER})(?:x(\\d+))?$`, 'i');
const STEPPED_VALUE = new RegExp(`^(${NUMBER})([+-](?:${NUMBER.slice('[+-]?'.length)}))x(\\d+)$`, 'i');
const BLANKS = /^_(?:x(\d+))?$/;
const STALE = /^stale(?:x(\d+))?$/;
const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** The values of a written series, one a step. Throws on what is none. */
export function readValues(text: string): Written[] {
  return itemsOf(text).flatMap(readItem);
}

/** Items are parted by blanks, but a histogram `{{…}}` holds blanks itself. */
function itemsOf(text: string): string[] {
  return text.match(/(?:\{\{.*?\}\}|\S)+/g) ?? [];
}

function readItem(item: string): Written[] {
  if (item.includes('{{')) return Array.from({ length: timesOf(item) }, () => 'histogram' as const);
  const blanks = BLANKS.exec(item);
  if (blanks !== null) return Array.from({ length: Number(blanks[1] ?? 1) }, () => 'none' as const);
  const stale = STALE.exec(item);
  if (stale !== null) return Array.from({ length: Number(stale[1] ?? 0) + 1 }, () => 'stale' as const);
  const plain = PLAIN_VALUE.exec(item);
  if (plain !== null)
    return Array.from({ length: Number(plain[2] ?? 0) + 1 }, () => readNumber(plain[1] ?? ''));
  const stepped = STEPPED_VALUE.exec(item);
  if (stepped === null) throw new Error(`not a value of a series: ${item}`);
  const [, first = '', step = '', times = ''] = stepped;
  const values: number[] = [readNumber(first)];
  for (let i = 0; i < Number(times); i += 1) values.push((values.at(-1) ?? NaN) + readNumber(step));
  return values;
}

function timesOf(histogram: string): number {
  const times = /\}\}x(\d+)$/.exec(histogram);
  return Number(times?.[1] ?? 0) + 1;
}

export function readNumber(text: string): number {
  const word = text.replace(/^[+-]/, '').toLowerCase();
  const sign = text.startsWith('-') ? -1 : 1;
  if (word === 'inf') return sign * Infinity;
  return word === 'nan' ? NaN : Number(text);
}

/** `1h30m`, `10s53ms`, or seconds as a plain number; null for anything else. */
export function readDurationMs(text: string): number | null {
  if (/^-?\d*\.?\d+(?:e[+-]?\d+)?$/i.test(text)) return Number(text) * 1_000;
  const sign = text.startsWith('-') ? -1 : 1;
  const body = text.replace(/^[+-]/, '');
  if (!/^(?:\d+(?:ms|[smhdwy]))+$/.test(body)) return null;
  const parts = body.matchAll(/(\d+)(ms|[smhdwy])/g);
  return sign * parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNIT_MS[unit ?? ''] ?? NaN), 0);
}

/** Splits a line into its labels and the rest: `name{a="b"} rest`. The name becomes the label `__name__`. Null when there are none. */
export function readSeriesLine(line: string): { labels: Labels; rest: string } | null {
  const match =
    /^([a-zA-Z_:][\w:]*)?\s*(\{(?:[^"'}]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')*\})?(?:\s+|$)(.*)$/s.exec(line);
  if (match === null || (match[1] === undefined && match[2] === undefined)) return null;
  const labels: Record<string, string> = {};
  if (match[1] !== undefined) labels[NAME_LABEL] = match[1];
  for (const { name, value } of readPairs(match[2] ?? '')) labels[name] = value;
  return { labels, rest: match[3] ?? '' };
}

/** The pairs in braces; a quoted word alone is the name of the metric. */
function readPairs(braces: string): { name: string; value: string }[] {
  const pattern =
    /(?:([\w.]+|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*=\s*)?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/g;
  return [...braces.matchAll(pattern)].map(([, name, value = '']) => ({
    name: name === undefined ? NAME_LABEL : unquote(name),
    value: unquote(value),
  }));
}

/** A quoted word without its quotes and escapes; other words as they are. */
export function unquote(text: string): string {
  const quote = text[0] ?? '';
  if (quote === '`') return text.slice(1, -1);
  if (quote !== '"' && quote !== "'") return text;
  return text
    .slice(1, -1)
    .replace(/\\(.)/g, (_, char: string) => ({ n: '\n', t: '\t', r: '\r' })[char] ?? char);
}

/** One word for a set of labels, whatever their order. Empty labels count as absent. */
export function keyOf(labels: Labels): string {
  return JSON.stringify(
    Object.entries(labels)
      .filter(([, value]) => value !== '')
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

export function withoutName(labels: Labels): Labels {
  const { [NAME_LABEL]: _, ...rest } = labels;
  return rest;
}

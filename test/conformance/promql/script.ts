/** Reads a file of Prometheus' promqltest layout: loads of series, clears, and evaluations with what is expected of them. */
import {
  type Labels,
  readDurationMs,
  readNumber,
  readSeriesLine,
  readValues,
  type Written,
} from './notation.ts';

export interface Load {
  readonly kind: 'load';
  readonly stepMs: number;
  readonly series: readonly { readonly labels: Labels; readonly values: readonly Written[] }[];
}
export interface Evaluation {
  readonly kind: 'eval';
  readonly line: number;
  /** An instant has one time. */
  readonly timesMs: readonly number[];
  readonly isRange: boolean;
  readonly expression: string;
  readonly expected: Expected;
}
export type Expected =
  | { readonly kind: 'fail' }
  | { readonly kind: 'scalar'; readonly value: number }
  | { readonly kind: 'series'; readonly series: readonly ExpectedSeries[] }
  /** Words, or what this reader does not know. */
  | { readonly kind: 'other'; readonly text: string };
export interface ExpectedSeries {
  readonly labels: Labels;
  /** One a step; a single one for an instant. */
  readonly values: readonly Written[];
}
export type Statement = Load | Evaluation | { readonly kind: 'clear' };

interface Line {
  readonly number: number;
  readonly text: string;
}

/** The statements of a file, in order. Throws, with the line, on what is no such file. */
export function readScript(text: string): Statement[] {
  return blocksOf(text).flatMap((block): Statement[] => {
    const [head, ...body] = block;
    if (head === undefined) return [];
    try {
      return readBlock(head, body);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      // An evaluation that cannot be read spoils nothing else; a load does.
      if (head.text.startsWith('eval')) return [unreadable(head, why)];
      throw new Error(`line ${head.number}: ${why}`, { cause: error });
    }
  });
}

function unreadable({ number, text }: Line, why: string): Evaluation {
  const expression = text.slice(text.lastIndexOf(' ') + 1);
  const expected = { kind: 'other', text: why } as const;
  return { kind: 'eval', line: number, timesMs: [0], isRange: false, expression, expected };
}

/** A statement and the lines that belong to it. An empty line or one with a comment ends a block; so does the next statement. */
function blocksOf(text: string): Line[][] {
  const blocks: Line[][] = [];
  let current: Line[] = [];
  for (const [i, raw] of text.split('\n').entries()) {
    const line = { number: i + 1, text: raw.trim() };
    const isEnd = line.text === '' || line.text.startsWith('#');
    if (isEnd || /^(?:load|load_with_nhcb|clear|eval(?:_\w+)?)(?:\s|$)/.test(line.text)) {
      if (current.length > 0) blocks.push(current);
      current = [];
    }
    if (!isEnd) current.push(line);
  }
  if (current.length > 0) blocks.push(current);
  return blocks;
}

function readBlock(head: Line, body: readonly Line[]): Statement[] {
  if (head.text === 'clear') return [{ kind: 'clear' }];
  const load = /^load(?:_with_nhcb)?\s+(\S+)$/.exec(head.text);
  if (load !== null) return [{ kind: 'load', stepMs: durationOf(load[1]), series: body.map(readLoaded) }];
  const instant = /^eval(?:_(\w+))?\s+instant(?:\s+at\s+(\S+))?\s+(.+)$/.exec(head.text);
  if (instant !== null) {
    const [, mode, at, expression = ''] = instant;
    const timesMs = [at === undefined ? 0 : durationOf(at)];
    return [
      {
        kind: 'eval',
        line: head.number,
        timesMs,
        isRange: false,
        expression,
        expected: expectedOf(mode, body, false),
      },
    ];
  }
  const range = /^eval(?:_(\w+))?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(.+)$/.exec(head.text);
  if (range === null) throw new Error(`not a statement: ${head.text}`);
  const [, mode, from, to, step, expression = ''] = range;
  const timesMs = steps(durationOf(from), durationOf(to), durationOf(step));
  return [
    {
      kind: 'eval',
      line: head.number,
      timesMs,
      isRange: true,
      expression,
      expected: expectedOf(mode, body, true),
    },
  ];
}

function readLoaded({ text, number }: Line): Load['series'][number] {
  const read = readSeriesLine(text);
  if (read === null) throw new Error(`line ${number}: not a series: ${text}`);
  return { labels: read.labels, values: readValues(read.rest) };
}

function expectedOf(mode: string | undefined, body: readonly Line[], isRange: boolean): Expected {
  const [notes, values] = [body.filter(isNote), body.filter((line) => !isNote(line))];
  if (mode === 'fail' || notes.some(({ text }) => /^expect(?:ed)?[ _]fail/.test(text)))
    return { kind: 'fail' };
  const other = notes.find(({ text }) => /^expect\s+(?:string|range)\b/.test(text));
  if (other !== undefined) return { kind: 'other', text: other.text };
  const series: ExpectedSeries[] = [];
  for (const { text } of values) {
    const read = readSeriesLine(text);
    if (read !== null && !isNumber(text)) series.push({ labels: read.labels, values: readValues(read.rest) });
    else if (isNumber(text) && !isRange) return { kind: 'scalar', value: readNumber(text) };
    else return { kind: 'other', text };
  }
  return { kind: 'series', series };
}

function isNote({ text }: Line): boolean {
  return /^(?:expect|expected_fail\w*)\b/.test(text);
}

function isNumber(text: string): boolean {
  return /^[+-]?(?:inf|nan|[\d.]+(?:e[+-]?\d+)?)$/i.test(text);
}

function durationOf(text: string | undefined): number {
  const ms = readDurationMs(text ?? '');
  if (ms === null) throw new Error(`not a duration: ${text}`);
  return ms;
}

function steps(fromMs: number, toMs: number, stepMs: number): number[] {
  if (stepMs <= 0) throw new Error('a step above 0 is needed');
  const times: number[] = [];
  for (let atMs = fromMs; atMs <= toMs; atMs += stepMs) times.push(atMs);
  return times;
}

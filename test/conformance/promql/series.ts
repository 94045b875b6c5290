/** The series that a script has loaded, and what a selector finds in them. */
import type { Point } from '@muster/server/rules/functions/points.ts';
import { type Matcher, NotOurs } from './expression.ts';
import { keyOf, type Labels, type Written } from './notation.ts';

export interface Loaded {
  readonly labels: Labels;
  /** Numbers only, ascending. */
  readonly points: readonly Point[];
  /** When the series was said to have ended. */
  readonly staleAtMs: readonly number[];
  /** When it held a native histogram. */
  readonly histogramAtMs: readonly number[];
}

export class LoadedSeries {
  #byKey = new Map<string, { labels: Labels; values: Map<number, Written> }>();
  #read: readonly Loaded[] | null = null;

  clear(): void {
    this.#byKey.clear();
    this.#read = null;
  }

  /** Adds values from time 0 on, one a step; the first value of a time stays, as a store refuses a second one. */
  load(labels: Labels, stepMs: number, values: readonly Written[]): void {
    const key = keyOf(labels);
    const entry = this.#byKey.get(key) ?? { labels, values: new Map<number, Written>() };
    this.#byKey.set(key, entry);
    for (const [i, value] of values.entries()) {
      if (value !== 'none' && !entry.values.has(i * stepMs)) entry.values.set(i * stepMs, value);
    }
    this.#read = null;
  }

  select(matchers: readonly Matcher[]): readonly Loaded[] {
    this.#read ??= [...this.#byKey.values()].map(read);
    return this.#read.filter(({ labels }) => matchers.every((matcher) => matches(matcher, labels)));
  }
}

function read({ labels, values }: { labels: Labels; values: Map<number, Written> }): Loaded {
  const sorted = [...values].toSorted(([a], [b]) => a - b);
  const times = (kind: Written) => sorted.filter(([, value]) => value === kind).map(([atMs]) => atMs);
  return {
    labels,
    points: sorted.flatMap(([atMs, value]) => (typeof value === 'number' ? [{ atMs, value }] : [])),
    staleAtMs: times('stale'),
    histogramAtMs: times('histogram'),
  };
}

/** A label that is absent is an empty one; patterns match the whole value. */
function matches({ label, op, value }: Matcher, labels: Labels): boolean {
  const found = labels[label] ?? '';
  if (op === '=') return found === value;
  if (op === '!=') return found !== value;
  const isMatch = patternOf(value).test(found);
  return op === '=~' ? isMatch : !isMatch;
}

/** Theirs are RE2: a flag may stand at the beginning of a group, for the rest of it. */
function patternOf(text: string): RegExp {
  const inner = text.replace(/\(\(\?i\)([^()]*)\)/g, '((?i:$1))').replace(/^\(\?i\)(.*)$/s, '(?i:$1)');
  try {
    return new RegExp(`^(?:${inner})$`, 's');
  } catch (error) {
    if (error instanceof SyntaxError) throw new NotOurs('pattern that is RE2 alone');
    throw error;
  }
}

/** The server's own metrics in Prometheus text format; slices add theirs with `register`. */

export interface MetricFamily {
  /** `muster_…`; counters end in `_total`, units last (`_seconds`, `_bytes`). */
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly samples: readonly Sample[];
}

interface Sample {
  /** Behind the family's name: `_bucket`, `_sum`, `_count` of a histogram. */
  readonly suffix?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export class OwnMetrics {
  readonly #sources: (() => readonly MetricFamily[])[] = [];

  /** `collect` is called at each scrape; it must be cheap. */
  register(collect: () => readonly MetricFamily[]): void {
    this.#sources.push(collect);
  }

  /** Text exposition format 0.0.4. */
  print(): string {
    return this.#sources
      .flatMap((collect) => collect())
      .map(printFamily)
      .join('');
  }
}

/** A metric without labels. */
export function single(name: string, type: 'counter' | 'gauge', help: string, value: number): MetricFamily {
  return { name, type, help, samples: [{ value }] };
}

/** `counts[i]` values are at most `bounds[i]` and above the bound before; the last count is of those above all bounds. */
export function histogram(
  name: string,
  help: string,
  { bounds, counts, sum }: { bounds: readonly number[]; counts: readonly number[]; sum: number },
): MetricFamily {
  let below = 0;
  const buckets = counts.map((count, index): Sample => {
    below += count;
    return { suffix: '_bucket', labels: { le: printValue(bounds[index] ?? Infinity) }, value: below };
  });
  return {
    name,
    help,
    type: 'histogram',
    samples: [...buckets, { suffix: '_sum', value: sum }, { suffix: '_count', value: below }],
  };
}

function printFamily({ name, help, type, samples }: MetricFamily): string {
  const lines = samples.map(
    ({ suffix = '', labels = {}, value }) => `${name}${suffix}${printLabels(labels)} ${printValue(value)}\n`,
  );
  return `# HELP ${name} ${help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function printLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function printValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return String(value);
}

/**
 * The labels of each series as the bytes that a request needs, made once: all in one buffer, found by the number of the series. A
 * machine that is called otherwise from now on gets its labels anew.
 */
import type { TargetFields } from '@muster/shared/api/remote-write.ts';
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';
import type { CiDirectory } from '../cmdb/directory.ts';
import type { SeriesId, SeriesIdentity } from '../metrics/store.ts';
import { textMatcher } from './mapping.ts';
import { OUTSIDE_NAMES } from './outside-names.ts';

const SERIES_FIRST = 1_024;
const BYTES_FIRST = 64 << 10;
/** Made anew once so much of it is of labels that are no more. */
const WASTE_BYTES_MAX = 16 << 20;

const UNKNOWN = -1;
const LEFT_OUT = -2;

export interface LabelBookDeps {
  /** null: nobody knows it any more. */
  readonly identity: (series: SeriesId) => SeriesIdentity | null;
  readonly directory: Pick<CiDirectory, 'get'>;
  /** The CI that this one turned out to be; itself where it is still one. */
  readonly survivorOf: (ciId: string) => string;
  readonly target: Pick<TargetFields, 'labels' | 'metrics' | 'classes'>;
}

export class LabelBook {
  readonly #deps: LabelBookDeps;
  readonly #isWanted: (metric: MetricName) => boolean;
  #starts = new Int32Array(SERIES_FIRST).fill(UNKNOWN);
  #lengths = new Int32Array(SERIES_FIRST);
  #used = 0;
  #wasted = 0;
  /** Series whose labels are held, by their machine and by what that turned out to be. */
  readonly #byCi = new Map<string, Set<SeriesId>>();
  bytes = Buffer.allocUnsafe(BYTES_FIRST);

  constructor(deps: LabelBookDeps) {
    this.#deps = deps;
    const matchers = deps.target.metrics.map(textMatcher);
    this.#isWanted = (metric) => matchers.length === 0 || matchers.some((matches) => matches(metric));
  }

  /** Where in `bytes` its labels begin; negative: it is not sent. */
  start(series: SeriesId): number {
    const known = this.#starts[series];
    return known === undefined || known === UNKNOWN ? this.#make(series) : known;
  }

  /** Bytes of its labels, once `start` was asked for. */
  length(series: SeriesId): number {
    return this.#lengths[series] as number;
  }

  ciChanged(ciId: string): void {
    for (const series of this.#byCi.get(ciId) ?? []) {
      if ((this.#starts[series] as number) >= 0) this.#wasted += this.#lengths[series] as number;
      this.#starts[series] = UNKNOWN;
    }
    this.#byCi.delete(ciId);
    if (this.#wasted <= WASTE_BYTES_MAX) return;
    this.#starts.fill(UNKNOWN);
    this.#byCi.clear();
    this.#used = 0;
    this.#wasted = 0;
  }

  #make(series: SeriesId): number {
    this.#reserve(series);
    const identity = this.#deps.identity(series);
    if (identity === null) {
      this.#starts[series] = LEFT_OUT;
      return LEFT_OUT;
    }
    const ciId = this.#deps.survivorOf(identity.ciId);
    this.#hold(ciId, series);
    if (ciId !== identity.ciId) this.#hold(identity.ciId, series);
    const labels = this.#labelsOf({ ...identity, ciId });
    if (labels === null) {
      this.#starts[series] = LEFT_OUT;
      return LEFT_OUT;
    }
    const start = this.#used;
    if (start + labels.length > this.bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, start + labels.length));
      this.bytes.copy(grown, 0, 0, start);
      this.bytes = grown;
    }
    labels.copy(this.bytes, start);
    this.#used = start + labels.length;
    this.#starts[series] = start;
    this.#lengths[series] = labels.length;
    return start;
  }

  #hold(ciId: string, series: SeriesId): void {
    const held = this.#byCi.get(ciId);
    if (held) held.add(series);
    else this.#byCi.set(ciId, new Set([series]));
  }

  #labelsOf({ ciId, metric, instance }: SeriesIdentity): Buffer | null {
    const { target, directory } = this.#deps;
    const entry = directory.get(ciId);
    if (!this.#isWanted(metric)) return null;
    if (target.classes.length > 0 && !target.classes.includes(entry?.class ?? '')) return null;
    const labels = new Map(target.labels.map(({ name, value }) => [name, value]));
    labels.set('__name__', OUTSIDE_NAMES.get(metric) ?? metric);
    labels.set('ci', ciId);
    if (entry) {
      labels.set('name', entry.name);
      labels.set('class', entry.class);
    }
    if (instance !== '') labels.set('instance', instance);
    return labelBytes([...labels].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #reserve(series: SeriesId): void {
    if (series < this.#starts.length) return;
    const size = Math.max(this.#starts.length * 2, series + 1);
    const starts = new Int32Array(size).fill(UNKNOWN);
    const lengths = new Int32Array(size);
    starts.set(this.#starts);
    lengths.set(this.#lengths);
    this.#starts = starts;
    this.#lengths = lengths;
  }
}

/** As fields `labels` of a TimeSeries; sorted by name, as receivers want them. */
function labelBytes(labels: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(
    labels.map(([name, value]) => bytesField(1, Buffer.concat([textField(1, name), textField(2, value)]))),
  );
}

function textField(field: number, text: string): Buffer {
  return bytesField(field, Buffer.from(text));
}

function bytesField(field: number, bytes: Buffer): Buffer {
  const head = [field * 8 + 2];
  let rest = bytes.length;
  for (; rest > 127; rest >>>= 7) head.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from([...head, rest]), bytes]);
}

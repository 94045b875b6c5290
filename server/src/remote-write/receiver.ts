/**
 * Takes requests of remote write: whose machine, which metric, and what is kept out. A label set is understood once and then known by
 * its bytes. What is taken is durable before the sender is answered.
 */
import { createHash } from 'node:crypto';
import type { KeptOut, Mapping } from '@muster/shared/api/remote-write.ts';
import {
  WRITE_INFLATED_BYTES_MAX,
  WRITE_LABEL_NAME_BYTES_MAX,
  WRITE_LABEL_VALUE_BYTES_MAX,
} from '@muster/shared/api/remote-write.ts';
import { METRICS } from '@muster/shared/metrics/catalogue.ts';
import { isCounterByName } from '@muster/shared/metrics/counter-name.ts';
import type { Millis } from '@muster/shared/time.ts';
import { CLOCK_AHEAD_MS_MAX } from '@muster/shared/wire/limits.ts';
import { isLately } from '../due.ts';
import { AppError } from '../errors.ts';
import type { MetricStore, StoredTick } from '../metrics/store.ts';
import type { ForeignSeries, ForeignSeriesBook } from './foreign-series.ts';
import { KeptOutCounts, type MachineTally, type MetricTally } from './kept-out.ts';
import {
  BUSY_RETRY_MS,
  FULL_RETRY_MS,
  HOLDER_LOOK_MS,
  HOLDER_SILENT_MS,
  IN_FLIGHT_BYTES_MAX,
  KNOWN_LABEL_SETS_MAX,
  LABEL_KEY_LENGTH_MAX,
  NAME_LENGTH_TOLD_MAX,
} from './limits.ts';
import type { MachineFinder } from './machine-finder.ts';
import { type CompiledLine, compileMappings, instanceOf, scaledValue, withoutPort } from './mapping.ts';
import { SeriesLists } from './series-lists.ts';
import { shortened } from './shortened.ts';
import { inflate, SnappyError } from './snappy.ts';
import { type MetricKind, WriteRequestError, WriteRequestReader } from './write-request.ts';

export interface ReceiverDeps {
  readonly metrics: Pick<MetricStore, 'append'>;
  readonly finder: MachineFinder;
  readonly series: ForeignSeriesBook;
  /** After the samples are durable. */
  readonly onSamples: (ciId: string, ticks: readonly StoredTick[], nowMs: Millis) => void;
  /** Names this run of the server: 16 hex digits. */
  readonly epoch: string;
}

export interface ReceiverFigures {
  received: number;
  stored: number;
  stale: number;
  ahead: number;
  invalid: number;
  taken: number;
  refused: number;
  later: number;
}

export interface Taken {
  readonly samples: number;
  readonly stored: number;
  /** From too far ahead of the clock here, or from before 1970. */
  readonly ahead: number;
  /** Samples by why they are not. */
  readonly keptOut: ReadonlyMap<KeptOut, number>;
  /** Series that are none. */
  readonly invalidSeries: number;
  readonly firstFault: string | null;
}

/** What a label set stands for. */
type Meaning = {
  /** Of the finder, when it was understood. */
  readonly generation: number;
  /** Understood anew from then on. */
  readonly untilMs: Millis;
} & (
  | { readonly series: ForeignSeries; readonly line: CompiledLine; readonly key: string }
  | { readonly why: KeptOut; readonly tallies: readonly (MetricTally | MachineTally)[] }
);

interface OpenTick {
  readonly atMs: Millis;
  readonly series: number[];
  readonly values: number[];
}

/** Nobody else delivers under this name: agents are named by 32 hex digits. */
const SENDER = 'remote-write';
const NOTHING: readonly (MetricTally | MachineTally)[] = [];
const NAME = Buffer.from('__name__');

export class Receiver {
  readonly #deps: ReceiverDeps;
  readonly figures: ReceiverFigures = {
    received: 0,
    stored: 0,
    stale: 0,
    ahead: 0,
    invalid: 0,
    taken: 0,
    refused: 0,
    later: 0,
  };
  readonly keptOut = new KeptOutCounts();
  #lines: ReadonlyMap<string, readonly CompiledLine[]> = new Map();
  #known = new Map<string, Meaning>();
  #knownBefore = new Map<string, Meaning>();
  /** What senders say of kinds, of mapped metrics alone. */
  readonly #kinds = new Map<string, MetricKind>();
  readonly #shared = new SeriesLists();
  #inFlightBytes = 0;
  #seq = 0;

  constructor(deps: ReceiverDeps) {
    this.#deps = deps;
  }

  setMappings(mappings: readonly Mapping[]): void {
    this.#lines = compileMappings(mappings);
    this.#known = new Map();
    this.#knownBefore = new Map();
    this.#kinds.clear();
    this.keptOut.forget();
  }

  /** Resolves when what was taken is durable. @throws AppError */
  async take(block: Uint8Array, sender: string, nowMs: Millis): Promise<Taken> {
    if (this.#inFlightBytes >= IN_FLIGHT_BYTES_MAX) {
      this.figures.later += 1;
      throw new AppError('busy', 'Too many samples are on their way to the disk.', {
        retryAtMs: nowMs + BUSY_RETRY_MS,
      });
    }
    try {
      const bytes = inflate(block, WRITE_INFLATED_BYTES_MAX);
      this.#inFlightBytes += bytes.length;
      try {
        return await this.#store(new WriteRequestReader(bytes), sender, nowMs);
      } finally {
        this.#inFlightBytes -= bytes.length;
      }
    } catch (error) {
      throw this.#refused(error, nowMs);
    }
  }

  async #store(reader: WriteRequestReader, sender: string, nowMs: Millis): Promise<Taken> {
    const byCi = new Map<string, Map<Millis, OpenTick>>();
    const counts = { samples: 0, stored: 0, stale: 0, ahead: 0, invalid: 0, invalidSeries: 0 };
    const keptOut = new Map<KeptOut, number>();
    let firstFault: string | null = null;
    // One that was torn in the middle may have left something.
    this.#deps.series.forgetLatest();
    while (reader.next()) {
      counts.samples += reader.sampleCount;
      const meaning = this.#meaningOf(reader, sender, nowMs);
      if (typeof meaning === 'string') {
        firstFault ??= meaning;
        counts.invalidSeries += 1;
        counts.invalid += reader.sampleCount;
        continue;
      }
      const tallies =
        'why' in meaning ? meaning.tallies : this.#collect(reader, meaning, byCi, counts, nowMs);
      const why = tallies[0]?.why;
      if (why === undefined) continue;
      this.keptOut.add(tallies, reader.sampleCount, nowMs);
      keptOut.set(why, (keptOut.get(why) ?? 0) + reader.sampleCount);
    }
    this.#deps.series.forgetLatest();
    this.#learnKinds(reader.kinds);
    if (counts.stored > 0) await this.#append(byCi, sender, nowMs);
    const { figures } = this;
    figures.received += counts.samples;
    figures.stored += counts.stored;
    figures.stale += counts.stale;
    figures.ahead += counts.ahead;
    figures.invalid += counts.invalid;
    figures.taken += 1;
    return {
      samples: counts.samples,
      stored: counts.stored,
      ahead: counts.ahead,
      keptOut,
      invalidSeries: counts.invalidSeries,
      firstFault,
    };
  }

  async #append(
    byCi: ReadonlyMap<string, ReadonlyMap<Millis, OpenTick>>,
    sender: string,
    nowMs: Millis,
  ): Promise<void> {
    const { metrics, series, onSamples, epoch } = this.#deps;
    const inOrder = Array.from(byCi, ([ciId, ticks]) => [ciId, this.#inOrder(ticks)] as const);
    this.#seq += 1;
    const all = inOrder.flatMap(([, ticks]) => ticks);
    await metrics.append({ agentId: SENDER, epoch, seq: this.#seq }, all, nowMs);
    for (const [ciId, ticks] of inOrder) {
      series.stored(ciId, sender);
      onSamples(ciId, ticks, nowMs);
    }
  }

  #inOrder(ticks: ReadonlyMap<Millis, OpenTick>): StoredTick[] {
    return [...ticks.values()]
      .sort((a, b) => a.atMs - b.atMs)
      .map(({ atMs, series, values }) => ({ atMs, series: this.#shared.of(series), values }));
  }

  /** What it is counted to where it is kept out now. */
  #collect(
    reader: WriteRequestReader,
    meaning: Extract<Meaning, { series: ForeignSeries }>,
    byCi: Map<string, Map<Millis, OpenTick>>,
    counts: { stored: number; stale: number; ahead: number },
    nowMs: Millis,
  ): readonly (MetricTally | MachineTally)[] {
    const { series, line } = meaning;
    const why = this.#whyNotNow(series, meaning.key, nowMs);
    if (why !== null) return [this.keptOut.metric(nameOf(reader), why)];
    let ticks = byCi.get(series.ciId);
    if (!ticks) byCi.set(series.ciId, (ticks = new Map()));
    for (let i = 0; i < reader.sampleCount; i++) {
      const atMs = reader.times[i] as number;
      if (reader.stale[i] === 1) counts.stale += 1;
      else if (atMs < 0 || atMs > nowMs + CLOCK_AHEAD_MS_MAX) counts.ahead += 1;
      else if (put(ticks, series, atMs, scaledValue(reader.values[i] as number, line))) {
        counts.stored += 1;
        this.#deps.series.fed(series, nowMs);
      }
    }
    if (ticks.size === 0) byCi.delete(series.ciId);
    return NOTHING;
  }

  /** An agent may have come since the label set was understood, and a second sender may say the same. */
  #whyNotNow(series: ForeignSeries, key: string, nowMs: Millis): KeptOut | null {
    this.#deps.series.look(series.ciId, nowMs);
    if (series.agentReports) return 'agent-reports';
    if (series.feeder !== key) {
      if (isLately(series.fedMs, HOLDER_SILENT_MS, nowMs)) return 'other-series';
      series.feeder = key;
    }
    return null;
  }

  /** What the label set stands for; a text: why it is none. */
  #meaningOf(reader: WriteRequestReader, sender: string, nowMs: Millis): Meaning | string {
    const name = nameOf(reader);
    if (name === '') return 'a series without a name';
    // Names are counted and shown, those that nothing maps too.
    if (name.length > WRITE_LABEL_VALUE_BYTES_MAX) return 'a series with too long a name';
    if (reader.hasTooManyLabels) return `${shortened(name, NAME_LENGTH_TOLD_MAX)} has too many labels`;
    const lines = this.#lines.get(name);
    if (lines === undefined) return this.#out(name, 'no-line');
    const key = reader.labelsStart < 0 ? null : keyOfBytes(reader);
    const known = key === null ? undefined : (this.#known.get(key) ?? this.#knownBefore.get(key));
    const { generation } = this.#deps.finder;
    if (known !== undefined && known.generation === generation && nowMs < known.untilMs && !isOver(known)) {
      if (key !== null && !this.#known.has(key)) this.#remember(key, known);
      return known;
    }
    const labels = labelsOf(reader);
    if (typeof labels === 'string') return `${shortened(name, NAME_LENGTH_TOLD_MAX)}: ${labels}`;
    const meaning = this.#understand(name, labels, lines, key ?? keyOfLabels(labels), sender, nowMs);
    if (key !== null) this.#remember(key, meaning);
    return meaning;
  }

  #understand(
    name: string,
    labels: ReadonlyMap<string, string>,
    lines: readonly CompiledLine[],
    key: string,
    sender: string,
    nowMs: Millis,
  ): Meaning {
    const line = lines.find(({ holds }) => holds(labels));
    if (!line) return this.#out(name, 'conditions');
    if (this.#differsInKind(name, line)) return this.#out(name, 'kind-differs');
    const { label, by, stripPort } = line.machine;
    const told = labels.get(label) ?? '';
    if (told === '') return this.#out(name, 'no-machine-label');
    const value = stripPort ? withoutPort(told) : told;
    const found = this.#deps.finder.find(value, by);
    if ('why' in found) {
      const { generation } = this.#deps.finder;
      const tallies = [this.keptOut.metric(name, found.why), this.keptOut.machine(label, value, found.why)];
      return { generation, untilMs: Infinity, why: found.why, tallies };
    }
    const instance = line.instanceLabel === null ? '' : instanceOf(labels.get(line.instanceLabel));
    if (instance === null) return this.#out(name, 'no-instance');
    const opened = this.#deps.series.open(
      { ciId: found.ciId, metric: line.to, instance },
      { mappingId: line.mappingId, sender, feeder: key },
      nowMs,
    );
    // An agent that falls silent gives its series free.
    if (typeof opened === 'string') return this.#out(name, opened, nowMs + HOLDER_LOOK_MS);
    return { generation: this.#deps.finder.generation, untilMs: Infinity, series: opened, line, key };
  }

  #out(name: string, why: KeptOut, untilMs = Infinity): Meaning {
    const { generation } = this.#deps.finder;
    return { generation, untilMs, why, tallies: [this.keptOut.metric(name, why)] };
  }

  #remember(key: string, meaning: Meaning): void {
    if (this.#known.size >= KNOWN_LABEL_SETS_MAX) {
      this.#knownBefore = this.#known;
      this.#known = new Map();
    }
    this.#known.set(key, meaning);
  }

  #differsInKind(name: string, { to }: CompiledLine): boolean {
    const told = this.#kinds.get(name);
    if (told === 'counter' || told === 'gauge') return told !== METRICS[to].kind;
    return isCounterByName(name) && METRICS[to].kind !== 'counter';
  }

  #learnKinds(kinds: ReadonlyMap<string, MetricKind>): void {
    for (const [name, kind] of kinds) {
      if (!this.#lines.has(name) || this.#kinds.get(name) === kind) continue;
      this.#kinds.set(name, kind);
      // What was understood without knowing this is understood anew.
      this.#known = new Map();
      this.#knownBefore = new Map();
    }
  }

  #refused(error: unknown, nowMs: Millis): AppError {
    if (error instanceof SnappyError) {
      this.figures.refused += 1;
      return new AppError(
        error.isTooLarge ? 'body-too-large' : 'input-invalid',
        `The body: ${error.message}.`,
        {
          cause: error,
        },
      );
    }
    if (error instanceof WriteRequestError) {
      this.figures.refused += 1;
      return new AppError('input-invalid', `The body is no WriteRequest: ${error.message}.`, {
        cause: error,
      });
    }
    this.figures.later += 1;
    if (error instanceof AppError && error.code === 'storage-full')
      return new AppError('busy', 'The disk of the server is full.', {
        cause: error,
        retryAtMs: nowMs + FULL_RETRY_MS,
      });
    throw error;
  }
}

/** Its series was not reported for so long that its place was given away. */
function isOver(meaning: Meaning): boolean {
  return 'series' in meaning && meaning.series.isForgotten;
}

/** false: the tick has a value of the series already, or another one of this request came before. */
function put(ticks: Map<Millis, OpenTick>, series: ForeignSeries, atMs: Millis, value: number): boolean {
  let tick = ticks.get(atMs);
  if (!tick) ticks.set(atMs, (tick = { atMs, series: [], values: [] }));
  if (series.inTick === tick) return false;
  series.inTick = tick;
  tick.series.push(series.id);
  tick.values.push(value);
  if (atMs > series.newestMs) series.newestMs = atMs;
  return true;
}

/** '' where there is none. Its place among the labels is not to be relied on: capital letters stand before it. */
function nameOf({ bytes, labels, labelCount }: WriteRequestReader): string {
  for (let place = 0; place < labelCount * 4; place += 4) {
    const start = labels[place] as number;
    const end = labels[place + 1] as number;
    if (end - start !== NAME.length || bytes.compare(NAME, 0, NAME.length, start, end) !== 0) continue;
    return bytes.toString('latin1', labels[place + 2], labels[place + 3]);
  }
  return '';
}

/** A text: what is wrong with them. */
function labelsOf({ bytes, labels, labelCount }: WriteRequestReader): Map<string, string> | string {
  const found = new Map<string, string>();
  for (let place = 0; place < labelCount * 4; place += 4) {
    const name = bytes.toString('utf8', labels[place], labels[place + 1]);
    const value = bytes.toString('utf8', labels[place + 2], labels[place + 3]);
    if (name === '' || name.length > WRITE_LABEL_NAME_BYTES_MAX)
      return 'a label without a name, or with too long a one';
    if (value.length > WRITE_LABEL_VALUE_BYTES_MAX) return `the label ${name} is too long`;
    if (found.has(name)) return `the label ${name} stands twice`;
    found.set(name, value);
  }
  return found;
}

function keyOfBytes({ bytes, labelsStart, labelsEnd }: WriteRequestReader): string {
  return labelsEnd - labelsStart > LABEL_KEY_LENGTH_MAX
    ? digestOf(bytes.subarray(labelsStart, labelsEnd))
    : bytes.toString('latin1', labelsStart, labelsEnd);
}

function keyOfLabels(labels: ReadonlyMap<string, string>): string {
  const text = JSON.stringify([...labels]);
  return text.length > LABEL_KEY_LENGTH_MAX ? digestOf(text) : text;
}

function digestOf(labels: string | Uint8Array): string {
  return createHash('sha256').update(labels).digest('base64');
}

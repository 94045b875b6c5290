/**
 * The metrics engine: journal for durability, head in memory for what is new, partition files for the rest.
 * docs/spec/metrics.md says what it promises; metrics/store.ts is its port.
 */
import path from 'node:path';
import { invariant } from '@muster/shared/invariant.ts';
import { isMetricName, type MetricName, metricRollup } from '@muster/shared/metrics/catalogue.ts';
import { MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import { type Clock, systemClock } from '../../clock.ts';
import { isDueAgain } from '../../due.ts';
import { AppError } from '../../errors.ts';
import { DeliveryMarks } from '../../metrics/delivery-marks.ts';
import { Durations } from '../../metrics/durations.ts';
import type {
  Delivery,
  DroppedPartition,
  LatestSample,
  MetricPace,
  MetricStats,
  PartitionStats,
  MetricStore,
  RangeQuery,
  QuantileQuery,
  RangeResult,
  SeriesId,
  SeriesIdentity,
  SeriesQuantiles,
  StoredTick,
} from '../../metrics/store.ts';
import { Throughput } from '../../metrics/throughput.ts';
import { RAW_RETENTION_MS } from '../../metrics/tiers.ts';
import type { Archive, ArchiveResult, WindowJob } from './archive.ts';
import { inlineArchive } from './archive.ts';
import { ArchiveReader } from './archive-reader.ts';
import { threadedArchive } from './archive-thread.ts';
import { copyBackup } from './backup.ts';
import { Corruptions } from './corruptions.ts';
import { type MachineNo, type SeriesDefinition, SeriesDictionary } from './dictionary.ts';
import { diskFiles, type Files } from './files.ts';
import { Head, type MachineHead } from './head.ts';
import { INDEX_FILE, type PendingWindow } from './index-db.ts';
import { Journal, type JournalEntry, type JournalOwner } from './journal.ts';
import { ENGINE_LIMITS, type EngineLimits } from './limits.ts';
import { isFull } from './partition-db.ts';
import { byAge, isExpired, parsePartition, partitionFile, ROLLUPS } from './partitions.ts';
import { PendingWindows, troubleOf } from './pending-windows.ts';
import { bornAt, readQuantiles, readRange } from './range.ts';
import type { JournalRecord, RecordTick } from './record.ts';
import { replayJournal } from './replay.ts';
import { SERIES_FILE } from './series-file.ts';
import { SERIES_KINDS } from './window-rollup.ts';
import { RetentionClock } from './retention-clock.ts';

export interface MetricEngineOptions {
  readonly folder: string;
  readonly clock?: Clock;
  /** Called while the journal is read at the start. */
  readonly onProgress?: (progress: { readonly doneBytes: number; readonly totalBytes: number }) => void;
  readonly limits?: Partial<EngineLimits>;
  /** Called once for each thing that cannot be read or written. */
  readonly onDamage?: (what: string) => void;
  /** Files are written in a thread of their own unless this is 'inline'. */
  readonly archive?: 'thread' | 'inline';
  /** What journal and files may take together; beyond it the file that ended longest ago is dropped. */
  readonly bytesMax?: number | undefined;
  /** The disk under journal and backups. */
  readonly files?: Files;
}

/** Opens the engine on its folder, which is made if it is not there; reads the journal. */
export async function openMetricEngine(options: MetricEngineOptions): Promise<MetricEngine> {
  const { folder, files = diskFiles, clock = systemClock } = options;
  const limits = { ...ENGINE_LIMITS, ...options.limits };
  const archive = options.archive === 'inline' ? inlineArchive(folder) : threadedArchive(folder);
  try {
    return await startEngine({ ...options, files, clock, limits, archive });
  } catch (error) {
    await archive.close();
    throw error;
  }
}

/** Segments of the journal, in the engine's folder. */
const JOURNAL_FOLDER = 'journal';
/** Dropped files told of in the statistics. */
const DROPPED_MAX = 100;
/** What the objects of a delivery that waits take, and those of each of its ticks. */
const HELD_ENTRY_BYTES = 400;
const HELD_TICK_BYTES = 200;
/** How often expired files are looked for. */
const RETENTION_PAUSE_MS = 10 * MINUTE_MS;

interface EngineParts {
  readonly folder: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly limits: EngineLimits;
  readonly archive: Archive;
  readonly bytesMax?: number | undefined;
  readonly onProgress?: MetricEngineOptions['onProgress'];
  readonly onDamage?: MetricEngineOptions['onDamage'];
}

/** A delivery on its way to the disk. */
interface FrameEntry extends JournalEntry {
  readonly type: 'frame';
  readonly delivery: Delivery;
  readonly ticks: readonly StoredTick[];
  readonly nowMs: Millis;
  resolve(): void;
  reject(error: AppError): void;
}

interface DefinitionEntry extends JournalEntry {
  readonly type: 'definition';
  readonly definition: SeriesDefinition;
}

type Entry = FrameEntry | DefinitionEntry;

/** What is known when the journal has been read. */
interface EngineState {
  readonly dictionary: SeriesDictionary;
  readonly head: Head;
  readonly marks: DeliveryMarks;
  readonly pending: PendingWindows;
  readonly corruptions: Corruptions;
  /** Definitions and agents that the index does not have as they are now. */
  readonly newSeries: SeriesDefinition[];
  readonly newMarks: Set<string>;
}

async function startEngine(parts: EngineParts): Promise<MetricEngine> {
  const { folder, files, clock, limits, archive } = parts;
  const journalFolder = path.join(folder, JOURNAL_FOLDER);
  await files.makeFolder(journalFolder);
  const index = await archive.open();
  const dictionary = new SeriesDictionary();
  const head = new Head(dictionary);
  const state: EngineState = {
    dictionary,
    head,
    marks: new DeliveryMarks(),
    pending: new PendingWindows(),
    corruptions: new Corruptions(clock, parts.onDamage),
    newSeries: [],
    newMarks: new Set(),
  };
  for (const definition of index.series) dictionary.add(definition);
  for (const mark of index.marks) state.marks.record(mark);
  for (const window of index.pending) state.pending.add(window);
  for (const what of index.damaged) state.corruptions.report(what);
  for (const { machine, position, latest } of index.flushed) head.restore(machine, position, latest);
  const known = new KnownSeries(dictionary);
  const segments = await replayJournal({
    files,
    folder: journalFolder,
    record: (record, position) => replayRecord(state, record, position, index.position, known),
    damaged: (what) => state.corruptions.report(what),
    progress: (doneBytes, totalBytes) => parts.onProgress?.({ doneBytes, totalBytes }),
  });
  const behind = index.flushed.map(({ position }) => position + 1);
  const ends = [index.position, segments.at(-1)?.end ?? 0, ...behind];
  const nextPosition = ends.reduce((max, end) => Math.max(max, end), 0);
  const engine = new MetricEngine(parts, state, index.position, (owner) => {
    return new Journal<Entry>({ files, folder: journalFolder, clock, limits, segments, nextPosition, owner });
  });
  await engine.measure();
  return engine;
}

/** `indexPosition`: definitions and marks before it are in the index. */
function replayRecord(
  state: EngineState,
  record: JournalRecord,
  position: number,
  indexPosition: number,
  known: KnownSeries,
): void {
  const { dictionary, head, marks, corruptions } = state;
  if (record.type === 'definition') {
    const { type: _, ...definition } = record;
    if (dictionary.has(definition.id)) return;
    if (dictionary.add(definition)) state.newSeries.push(definition);
    else corruptions.report(`journal: series ${definition.id} is defined too late, left out`);
  } else if (record.type === 'frame') {
    head.apply(
      record.ticks.map((tick) => known.only(tick)),
      position,
      record.nowMs,
    );
    if (position < indexPosition) return;
    marks.record(record.delivery);
    state.newMarks.add(record.delivery.agentId);
  }
}

export class MetricEngine implements MetricStore {
  readonly #parts: EngineParts;
  readonly #state: EngineState;
  readonly #journal: Journal<Entry>;
  readonly #reader: ArchiveReader;
  readonly #throughput = new Throughput();
  readonly #indexing = new Durations();
  readonly #settling = new Durations();
  readonly #totals = { samples: 0, duplicates: 0, late: 0, refused: 0 };
  /** Given out and not written because the disk was full: they go before anything else. */
  #unwritten: SeriesDefinition[] = [];
  #durablePosition: number;
  #indexPosition: number;
  #chunkBytes = 0;
  #measuredMs = Number.NEGATIVE_INFINITY;
  /** Deliveries that wait until there is room in memory; null: none has to. */
  #held: FrameEntry[] | null = null;
  #heldBytes = 0;
  #partitions: readonly PartitionStats[] = [];
  #dropped: readonly DroppedPartition[] = [];
  #droppedBytes = 0;
  /** Files past their retention that cannot be removed now. */
  readonly #expired = new Map<string, { readonly atMs: Millis; readonly what: string }>();
  #retentionAtMs = Number.NEGATIVE_INFINITY;
  #retention: RetentionClock | undefined;
  #maintaining: Promise<void> | undefined;
  /** Housekeeping, backup and closing, one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** Use `openMetricEngine`. */
  constructor(
    parts: EngineParts,
    state: EngineState,
    indexPosition: number,
    makeJournal: (owner: JournalOwner<Entry>) => Journal<Entry>,
  ) {
    this.#parts = parts;
    this.#state = state;
    this.#indexPosition = indexPosition;
    this.#reader = new ArchiveReader(parts.folder, (what) => state.corruptions.report(what));
    state.head.latest.reserve(state.dictionary.size);
    this.#journal = makeJournal({
      durable: (entries, endPosition) => this.#durable(entries, endPosition),
      failed: (entries, cause) => this.#failed(entries, cause),
    });
    this.#durablePosition = this.#journal.segments.at(-1)?.end ?? indexPosition;
  }

  resolve(identity: SeriesIdentity): SeriesId {
    return this.#state.dictionary.find(identity) ?? this.#make(identity);
  }

  resolveWithin(identity: SeriesIdentity, perMachineMax: number): SeriesId | null {
    const { dictionary } = this.#state;
    const known = dictionary.find(identity);
    if (known !== undefined) return known;
    const machine = dictionary.machine(identity.ciId);
    const count = machine === undefined ? 0 : dictionary.seriesOf(machine).length;
    return count < perMachineMax ? this.#make(identity) : null;
  }

  identity(series: SeriesId): SeriesIdentity {
    return this.#state.dictionary.identity(series);
  }

  append(delivery: Delivery, ticks: readonly StoredTick[], nowMs: Millis): Promise<void> {
    invariant(!this.#closed, 'the metric store is open');
    const accepted = this.#accept(ticks, nowMs);
    this.#defineUnwritten();
    return new Promise((resolve, reject) => {
      const entry: FrameEntry = {
        type: 'frame',
        delivery,
        nowMs,
        ticks: accepted,
        position: -1,
        resolve,
        reject,
      };
      if (this.#held === null) this.#journal.append(entry, entry);
      else this.#hold(entry, this.#held);
    });
  }

  delivered(agentId: string, epoch: string): number {
    return this.#state.marks.delivered(agentId, epoch);
  }

  latest(ciId: string): readonly LatestSample[] {
    const { dictionary } = this.#state;
    const machine = dictionary.machine(ciId);
    if (machine === undefined) return [];
    return dictionary.known(machine).flatMap((series) => this.#latestOf(series) ?? []);
  }

  top(
    metric: MetricName,
    n: number,
    sinceMs: Millis,
    only?: (ciId: string) => boolean,
  ): readonly LatestSample[] {
    const { dictionary } = this.#state;
    const { latest } = this.#state.head;
    const series = dictionary.seriesOfMetric(metric);
    const isCounter = dictionary.isCounter[series[0] ?? 0] === 1;
    const isWanted = only && ((id: SeriesId) => only(dictionary.identity(id).ciId));
    return latest
      .highest(series, isCounter ? 'rate' : 'value', { n, sinceMs, isWanted })
      .flatMap((id) => this.#latestOf(id) ?? []);
  }

  latestOfMetric(metric: MetricName): readonly LatestSample[] {
    const series = [...this.#state.dictionary.seriesOfMetric(metric)];
    return series.flatMap((id) => this.#latestOf(id) ?? []);
  }

  bornAtMs(ciId: string): Millis {
    return bornAt(ciId, this.#state);
  }

  async range(query: RangeQuery, nowMs: Millis): Promise<RangeResult> {
    const { dictionary, head, pending } = this.#state;
    try {
      return readRange(query, nowMs, { dictionary, head, pending, reader: this.#reader });
    } catch (error) {
      throw asFull(error);
    }
  }

  async quantiles(query: QuantileQuery, shares: readonly number[]): Promise<readonly SeriesQuantiles[]> {
    const { dictionary, head, pending } = this.#state;
    try {
      return readQuantiles(query, shares, { dictionary, head, pending, reader: this.#reader });
    } catch (error) {
      throw asFull(error);
    }
  }

  maintain(nowMs: Millis): Promise<void> {
    this.#maintaining ??= this.#inTurn(() => this.#maintain(nowMs)).finally(() => {
      this.#maintaining = undefined;
    });
    return this.#maintaining;
  }

  pace(nowMs: Millis): MetricPace {
    return {
      samplesTotal: this.#totals.samples,
      samplesPerSecond: this.#throughput.perSecond(nowMs),
    };
  }

  stats(nowMs: Millis): MetricStats {
    return {
      ...this.pace(nowMs),
      seriesCount: this.#state.dictionary.size,
      duplicatesTotal: this.#totals.duplicates,
      lateTotal: this.#totals.late,
      refusedTotal: this.#totals.refused,
      headBytes: this.#state.head.bytes(),
      journalBytes: this.#journal.bytes,
      journalAgeMs: this.#journal.ageMs,
      pendingWindows: this.#state.pending.over(nowMs - this.#parts.limits.rollupGraceMs),
      chunkBytes: this.#chunkBytes,
      partitions: this.#partitions,
      bytesMax: this.#parts.bytesMax ?? null,
      droppedBytesTotal: this.#droppedBytes,
      dropped: this.#dropped,
      durations: {
        commit: this.#journal.commits.figures(),
        sync: this.#journal.syncs.figures(),
        index: this.#indexing.figures(),
        settle: this.#settling.figures(),
      },
      waiting: [...this.#state.pending.troubles(), ...this.#expired.values()],
      corruptions: this.#state.corruptions.list(),
    };
  }

  backup(folder: string): Promise<void> {
    return this.#inTurn(async () => {
      const { files, archive, clock } = this.#parts;
      await this.#journal.sync();
      await this.#journal.rotate();
      await archive.checkpoint();
      const segments = this.#journal.segments.map(({ file }) => path.join(JOURNAL_FOLDER, file));
      const databases = (await files.list(this.#parts.folder)).filter(
        (name) => name === INDEX_FILE || name === SERIES_FILE || parsePartition(name) !== undefined,
      );
      await copyBackup(files, this.#parts.folder, folder, [...databases, ...segments], clock.now());
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#releaseHeld();
    return this.#inTurn(async () => {
      await this.#journal.close();
      this.#reader.close();
      await this.#parts.archive.close();
    });
  }

  /** Lets go of everything as a crash would: what is not yet durable is lost. For tests. */
  async abandon(): Promise<void> {
    this.#closed = true;
    await this.#journal.abandon();
    await this.#inTurn(async () => {
      this.#reader.close();
      await this.#parts.archive.close();
    });
  }

  async #measureSometimes(): Promise<void> {
    const nowMs = this.#parts.clock.monotonicMs();
    if (nowMs - this.#measuredMs < this.#parts.limits.measurePauseMs) return;
    this.#measuredMs = nowMs;
    await this.measure();
  }

  /** Adds up the sizes of the files. */
  async measure(): Promise<void> {
    const { files, folder } = this.#parts;
    let sum = 0;
    const partitions = new Map<string, PartitionStats>();
    for (const name of await files.list(folder)) {
      if (!name.includes('.db')) continue;
      const bytes = await files.sizeBytes(path.join(folder, name)).catch(goneIsZero);
      sum += bytes;
      // A write-ahead log beside a partition belongs to it.
      const partition = parsePartition(name.replace(/-(wal|shm)$/, ''));
      if (partition === undefined) continue;
      const { file, tier, startMs, endMs } = partition;
      partitions.set(file, { tier, startMs, endMs, bytes: bytes + (partitions.get(file)?.bytes ?? 0) });
    }
    this.#chunkBytes = sum;
    this.#partitions = [...partitions.values()];
  }

  /** What fails is not counted: it says nothing of how long the disk takes. */
  async #timed<Result>(durations: Durations, work: () => Promise<Result>): Promise<Result> {
    const { clock } = this.#parts;
    const startedMs = clock.monotonicMs();
    const result = await work();
    durations.add(clock.monotonicMs() - startedMs);
    return result;
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn;
    return turn;
  }

  /** A series that is not known: a new machine asks for a hundred. */
  #make(identity: SeriesIdentity): SeriesId {
    const { dictionary } = this.#state;
    const isNewMachine = dictionary.machine(identity.ciId) === undefined;
    const definition = dictionary.define(identity);
    dictionary.add(definition);
    const { head } = this.#state;
    head.latest.reserve(dictionary.size);
    const machine = head.machine(dictionary.machineOf[definition.id] as number);
    // Definitions may have been lost with a damaged file: then its number has a past.
    if (isNewMachine && machine.flushedPosition === -1) machine.bornAtMs = Infinity;
    this.#defineUnwritten();
    this.#define(definition);
    return definition.id;
  }

  #define(definition: SeriesDefinition): void {
    const record = { type: 'definition', ...definition } as const;
    this.#journal.append(record, { type: 'definition', definition, position: -1 });
  }

  #defineUnwritten(): void {
    const unwritten = this.#unwritten;
    this.#unwritten = [];
    for (const definition of unwritten) this.#define(definition);
  }

  /** Leaves out what is past the raw retention. */
  #accept(ticks: readonly StoredTick[], nowMs: Millis): readonly StoredTick[] {
    const oldestMs = nowMs - RAW_RETENTION_MS;
    let refused = 0;
    for (const { atMs, series, values } of ticks) {
      invariant(
        Number.isSafeInteger(atMs) && series.length === values.length,
        'a tick has a time and its values',
      );
      if (atMs < oldestMs) refused += values.length;
    }
    if (refused === 0) return ticks;
    this.#totals.refused += refused;
    return ticks.filter(({ atMs }) => atMs >= oldestMs);
  }

  #durable(entries: readonly Entry[], endPosition: number): void {
    const { head, marks, newMarks, newSeries } = this.#state;
    this.#durablePosition = endPosition;
    for (const entry of entries) {
      if (entry.type === 'definition') {
        newSeries.push(entry.definition);
        continue;
      }
      const applied = head.apply(entry.ticks, entry.position, entry.nowMs);
      this.#totals.samples += applied.samples;
      this.#totals.late += applied.late;
      this.#totals.duplicates += applied.duplicates;
      this.#throughput.add(entry.nowMs, applied.samples);
      marks.record(entry.delivery);
      newMarks.add(entry.delivery.agentId);
      entry.resolve();
    }
  }

  #failed(entries: readonly Entry[], cause: unknown): void {
    const error = new AppError('storage-full', `the metrics journal cannot be written: ${String(cause)}`, {
      cause,
    });
    // Those that wait came behind: an agent's order must not have a hole.
    for (const entry of [...entries, ...this.#takeAllHeld()]) {
      if (entry.type === 'frame') entry.reject(error);
      else this.#unwritten.push(entry.definition);
    }
  }

  #latestOf(series: SeriesId): LatestSample | undefined {
    const { latest } = this.#state.head;
    const atMs = latest.at[series] ?? Number.NEGATIVE_INFINITY;
    if (atMs === Number.NEGATIVE_INFINITY) return undefined;
    const rate = latest.rate[series] as number;
    return {
      identity: this.identity(series),
      atMs,
      value: latest.value[series] as number,
      rate: Number.isNaN(rate) ? null : rate,
    };
  }

  async #maintain(nowMs: Millis): Promise<void> {
    if (this.#closed) return;
    try {
      if (this.#isCrowded()) this.#held ??= [];
      await this.#flushAll(nowMs);
      await this.#trim();
      await this.#rollUp(nowMs);
      await this.#retain(nowMs);
      await this.#keepBelowCap(nowMs);
      await this.#parts.archive.tidy();
      await this.#measureSometimes();
    } catch (error) {
      // What is expired may be all the room that there will be.
      if (isFull(error)) await this.#retain(nowMs);
      throw asFull(error);
    }
  }

  /** Goes on while there is more than one commit takes, but leaves time for the rest of the housekeeping. */
  async #flushAll(nowMs: Millis): Promise<void> {
    const { clock, limits } = this.#parts;
    const endsMs = clock.monotonicMs() + limits.flushMsMax;
    while ((await this.#flush(nowMs)) && clock.monotonicMs() < endsMs) this.#takeHeld();
    this.#takeHeld();
  }

  /** Writes machines that are due, and series and marks with them; true: there are more. */
  async #flush(nowMs: Millis): Promise<boolean> {
    const { marks, newMarks, newSeries } = this.#state;
    const { limits } = this.#parts;
    if (newSeries.length > limits.seriesPerCommitMax) {
      await this.#indexSeries(newSeries.slice(0, limits.seriesPerCommitMax));
      return true;
    }
    const due = this.#due(nowMs);
    if (due.length === 0 && !this.#holdsJournal()) return false;
    const position = this.#durablePosition;
    const series = [...newSeries];
    const agents = [...newMarks];
    newMarks.clear();
    try {
      const batch = {
        machines: due.map((machine) => machine.freeze()),
        series,
        marks: agents.flatMap((agentId) => marks.get(agentId) ?? []),
        position,
      };
      const result = await this.#timed(this.#indexing, () => this.#parts.archive.commit(batch));
      newSeries.splice(0, series.length);
      this.#indexPosition = position;
      for (const machine of due) machine.written();
      this.#take(result);
      return due.length === limits.flushMachinesMax;
    } catch (error) {
      for (const agentId of agents) newMarks.add(agentId);
      throw error;
    }
  }

  #takeHeld(): void {
    if (!this.#isCrowded()) this.#releaseHeld();
  }

  #hold(entry: FrameEntry, held: FrameEntry[]): void {
    held.push(entry);
    this.#heldBytes += heldBytesOf(entry);
    // Only when the caller is done: what an agent delivers in one go is refused in one go.
    if (this.#heldBytes > this.#parts.limits.heldBytesMax) queueMicrotask(() => this.#refuseHeld());
  }

  /** All of them: an agent's order must not have a hole. */
  #refuseHeld(): void {
    if (this.#heldBytes <= this.#parts.limits.heldBytesMax) return;
    const error = new AppError('storage-full', 'too many samples wait for room in memory');
    for (const entry of this.#takeAllHeld()) entry.reject(error);
  }

  #takeAllHeld(): FrameEntry[] {
    const held = this.#held ?? [];
    if (this.#held !== null) this.#held = [];
    this.#heldBytes = 0;
    return held;
  }

  /** Lets go of the deliveries that waited for room in memory, in their order. */
  #releaseHeld(): void {
    const held = this.#takeAllHeld();
    this.#held = null;
    for (const entry of held) this.#journal.append(entry, entry);
  }

  /** Many new series at once go to the index piece by piece, before any sample of theirs goes to a file. */
  async #indexSeries(series: readonly SeriesDefinition[]): Promise<void> {
    await this.#parts.archive.commit({ machines: [], series, marks: [], position: this.#indexPosition });
    this.#state.newSeries.splice(0, series.length);
  }

  #isCrowded(): boolean {
    return this.#state.head.waitingBytes() > this.#parts.limits.headBytesMax;
  }

  #due(nowMs: Millis): MachineHead[] {
    const { limits } = this.#parts;
    const crowded = this.#isCrowded();
    const { segments } = this.#journal;
    const oldest = segments[segments.length - limits.segmentsMax]?.start ?? Number.NEGATIVE_INFINITY;
    const needed = (machine: MachineHead) => machine.neededPosition() ?? Number.POSITIVE_INFINITY;
    return this.#state.head
      .machines()
      .filter(
        (machine) =>
          machine.isDue(nowMs, limits) || needed(machine) < oldest || (crowded && machine.waitingBytes() > 0),
      )
      .sort((a, b) => needed(a) - needed(b))
      .slice(0, limits.flushMachinesMax);
  }

  /** Whether a segment is kept only for the series and marks in it. */
  #holdsJournal(): boolean {
    const [first, second] = this.#journal.segments;
    return (
      second !== undefined &&
      first !== undefined &&
      this.#indexPosition < first.end &&
      first.end <= this.#needed()
    );
  }

  /** Records from here on are in no file. */
  #needed(): number {
    let needed = Number.POSITIVE_INFINITY;
    for (const machine of this.#state.head.machines()) {
      needed = Math.min(needed, machine.neededPosition() ?? Number.POSITIVE_INFINITY);
    }
    return needed;
  }

  async #trim(): Promise<void> {
    await this.#journal.trim(Math.min(this.#needed(), this.#indexPosition));
  }

  async #rollUp(nowMs: Millis): Promise<void> {
    const { pending, head } = this.#state;
    const { rollupGraceMs, rollupWindowsMax } = this.#parts.limits;
    const oldestAtMs = (machine: MachineNo) => head.machine(machine).oldestAtMs;
    const windows = pending.due(nowMs - rollupGraceMs, oldestAtMs, rollupWindowsMax, nowMs);
    if (windows.length === 0) return;
    const jobs = windows.map((window): WindowJob => ({ window, kinds: this.#kinds(window) }));
    const { archive } = this.#parts;
    for (let left = jobs.filter(({ window }) => window.tier === '1m'); left.length > 0; ) {
      const result = await this.#timed(this.#settling, () => archive.settle(left));
      this.#countDuplicates(result);
      this.#take(result);
      this.#postpone(result, nowMs);
      // They are tried in this order; whatever the outcome, this ends.
      left = left.slice(Math.max(1, result.done.length + result.failed.length));
    }
    for (const { tier } of ROLLUPS.slice(1)) {
      const above = jobs.filter(({ window }) => window.tier === tier);
      if (above.length === 0) continue;
      const result = await this.#timed(this.#settling, () => archive.rollUp(above));
      this.#take(result);
      this.#postpone(result, nowMs);
    }
  }

  #postpone({ failed }: ArchiveResult, nowMs: Millis): void {
    for (const one of failed)
      if (this.#state.pending.postpone(one, nowMs)) this.#parts.onDamage?.(troubleOf(one.what));
  }

  #kinds({ machine }: PendingWindow): Uint8Array {
    const { dictionary } = this.#state;
    return Uint8Array.from(dictionary.seriesOf(machine), (series) => {
      if (dictionary.isCounter[series]) return SERIES_KINDS.counter;
      const { metric } = dictionary.identity(series);
      const isPercent = isMetricName(metric) && metricRollup(metric).histogram === 'percent';
      return isPercent ? SERIES_KINDS.percent : SERIES_KINDS.gauge;
    });
  }

  async #retain(nowMs: Millis): Promise<void> {
    if (!isDueAgain(this.#retentionAtMs, RETENTION_PAUSE_MS, nowMs)) return;
    const { files, folder, archive, clock } = this.#parts;
    const byMs = this.#retentionClock(nowMs).at(nowMs, clock.monotonicMs());
    const expired = (await files.list(folder))
      .flatMap((file) => parsePartition(file) ?? [])
      .filter((partition) => isExpired(partition, byMs));
    if (expired.length > 0) {
      for (const { file } of expired) this.#reader.forget(file);
      const result = await archive.remove(expired);
      this.#take(result);
      this.#tellExpired(result, nowMs);
      await this.measure();
    } else this.#expired.clear();
    this.#retentionAtMs = nowMs;
  }

  #tellExpired({ kept }: ArchiveResult, nowMs: Millis): void {
    const before = new Map(this.#expired);
    this.#expired.clear();
    for (const { file, what } of kept) {
      const known = before.get(file);
      this.#expired.set(file, { atMs: known?.atMs ?? nowMs, what });
      if (known === undefined) this.#parts.onDamage?.(what);
    }
  }

  /** Never the files that are being written, whatever is left then. */
  async #keepBelowCap(nowMs: Millis): Promise<void> {
    const { bytesMax, archive, clock } = this.#parts;
    if (bytesMax === undefined) return;
    const isOver = () => this.#journal.bytes + this.#chunkBytes > bytesMax;
    if (!isOver()) return;
    const byMs = Math.min(nowMs, this.#retentionClock(nowMs).at(nowMs, clock.monotonicMs()));
    const oldestFile = () => this.#partitions.filter(({ endMs }) => endMs <= byMs).toSorted(byAge)[0];
    if (oldestFile() === undefined) return;
    // Logs that were not yet moved into their files are no reason to drop anything.
    await archive.checkpoint();
    await this.measure();
    for (let oldest = oldestFile(); oldest !== undefined && isOver(); oldest = oldestFile()) {
      const file = partitionFile(oldest.tier, oldest.startMs);
      this.#reader.forget(file);
      this.#take(await archive.drop({ ...oldest, file }));
      this.#dropped = [...this.#dropped, { ...oldest, atMs: nowMs, reason: 'disk-cap' as const }].slice(
        -DROPPED_MAX,
      );
      this.#droppedBytes += oldest.bytes;
      await this.measure();
    }
  }

  #retentionClock(nowMs: Millis): RetentionClock {
    const { clock, limits } = this.#parts;
    const newestMs = () =>
      this.#state.head.machines().reduce((max, { newestAtMs }) => Math.max(max, newestAtMs), -Infinity);
    this.#retention ??= new RetentionClock(limits.clockDoubtMs, nowMs, newestMs(), clock.monotonicMs());
    return this.#retention;
  }

  /** Late samples that turned out to be stored already. */
  #countDuplicates({ duplicates }: ArchiveResult): void {
    this.#totals.duplicates += duplicates;
    this.#totals.samples -= duplicates;
    this.#totals.late -= duplicates;
  }

  #take(result: ArchiveResult): void {
    for (const window of result.done) this.#state.pending.delete(window);
    for (const file of result.replaced) this.#reader.forget(file);
    for (const window of result.pending) this.#state.pending.add(window);
    for (const what of result.damaged) this.#state.corruptions.report(what);
  }
}

/** Its objects, and its values. */
function heldBytesOf({ ticks }: FrameEntry): number {
  return ticks.reduce((sum, { values }) => sum + HELD_TICK_BYTES + 8 * values.length, HELD_ENTRY_BYTES);
}

function asFull(error: unknown): unknown {
  if (!isFull(error)) return error;
  return new AppError('storage-full', `the disk of the metrics is full: ${String(error)}`, { cause: error });
}

/** A file may be removed between listing and measuring. */
function goneIsZero(error: unknown): number {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
  throw error;
}

/** Leaves out of replayed ticks what a damaged record took the definition of. */
class KnownSeries {
  readonly #dictionary: SeriesDictionary;
  /** Lists as they were read of which all is known. Of others more may be known later: an id that was lost is given again. */
  readonly #whole = new WeakSet<readonly SeriesId[]>();

  constructor(dictionary: SeriesDictionary) {
    this.#dictionary = dictionary;
  }

  only(tick: RecordTick): RecordTick {
    const { atMs, series, values } = tick;
    if (this.#whole.has(series)) return tick;
    const places = [...series.keys()].filter((place) => this.#dictionary.has(series[place] as SeriesId));
    if (places.length < series.length)
      return {
        atMs,
        series: places.map((place) => series[place] as SeriesId),
        values: places.map((place) => values[place] as number),
      };
    this.#whole.add(series);
    return tick;
  }
}

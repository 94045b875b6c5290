/**
 * Sends what waits to one target: one request after the other, so that the order of each series is kept. What the target cannot take
 * now is tried again after a pause; what it refuses is divided until the ticks at fault stand alone, and only they are given up.
 */
import type { TargetState } from '@muster/shared/api/remote-write.ts';
import { toIso, type Millis } from '@muster/shared/time.ts';
import { errorLine } from '../notify/channel.ts';
import { type EncodedBatch, encodeBatch } from './batch.ts';
import type { LabelBook } from './label-book.ts';
import {
  BACK_OFF_MS_MAX,
  BACK_OFF_MS_MIN,
  BATCH_SAMPLES_MAX,
  BATCH_WAIT_MS,
  BEHIND_MS,
  SPLIT_REQUESTS_MAX,
} from './limits.ts';
import type { OutgoingQueue, QueuedBlock, QueuedTick, QueuePlace } from './outgoing-queue.ts';
import { deflate } from './snappy.ts';
import type { TargetRecord } from './store.ts';
import type { PostToTarget, TargetAnswer } from './target-client.ts';

export interface TargetSenderDeps {
  readonly queue: Pick<OutgoingQueue, 'read' | 'end' | 'writtenMs'>;
  readonly post: PostToTarget;
  readonly machineOf: (series: number) => string;
  readonly labels: (target: TargetRecord) => LabelBook;
  readonly now: () => Millis;
  /** 0 to 1. */
  readonly random: () => number;
  readonly report: (what: string, error: unknown) => void;
}

interface Batch {
  readonly ticks: readonly QueuedTick[];
  readonly samples: number;
  /** Where reading goes on once it is sent: the block, and the tick in it. */
  readonly place: QueuePlace;
  readonly writtenMs: Millis;
}

export class TargetSender {
  readonly #deps: TargetSenderDeps;
  #target: TargetRecord;
  #labels: LabelBook;
  /** Everything before it is done. */
  #place: QueuePlace;
  /** The block that is being sent, how many of its ticks are in batches, and the samples of those. */
  #block: QueuedBlock | null = null;
  #taken = 0;
  #takenSamples = 0;
  /** What is being sent, or could not be. */
  #batch: Batch | null = null;
  #running: Promise<void> | null = null;
  #isStopping = false;
  readonly #stop = new AbortController();
  #failures = 0;
  #notBeforeMs: Millis = -Infinity;
  #failingSinceMs: Millis | null = null;
  #lastSentMs: Millis | null = null;
  #lastError: { readonly atMs: Millis; readonly answer: string } | null = null;
  #lastRefusal: { readonly atMs: Millis; readonly answer: string; samples: number } | null = null;
  #lastDroppedMs: Millis | null = null;
  sent = 0;
  refused = 0;
  dropped = 0;
  failedRequests = 0;

  constructor(deps: TargetSenderDeps, target: TargetRecord, place: QueuePlace) {
    this.#deps = deps;
    this.#target = target;
    this.#place = place;
    this.#labels = deps.labels(target);
  }

  get target(): TargetRecord {
    return this.#target;
  }

  /** Everything before it needs not be kept. */
  get place(): QueuePlace {
    return this.#place;
  }

  set(target: TargetRecord): void {
    this.#target = target;
    this.#labels = this.#deps.labels(target);
    // A person changed something: it is tried at once.
    this.#notBeforeMs = -Infinity;
  }

  ciChanged(ciId: string): void {
    this.#labels.ciChanged(ciId);
  }

  /** Goes on sending behind this call, if there is anything to send and it is time. */
  tick(): void {
    if (this.#running !== null || !this.#isOn) return;
    if (this.#deps.now() < this.#notBeforeMs) return;
    this.#running = this.#run()
      .catch((error: unknown) => {
        this.#deps.report('samples could not be sent to another store', error);
        this.#failed({ outcome: 'later', answer: errorLine(error), retryAfterMs: null });
      })
      .finally(() => {
        this.#running = null;
      });
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /** A request that is under way may still end: given up, nobody would know whether the target has it. */
  async stop(graceMs: Millis): Promise<void> {
    this.#isStopping = true;
    if (this.#running === null) return;
    if (graceMs === 0) this.#stop.abort();
    else AbortSignal.timeout(graceMs).addEventListener('abort', () => this.#stop.abort());
    await this.#running;
  }

  state(): TargetState {
    const { queue, now } = this.#deps;
    const nowMs = now();
    const writtenMs = this.#batch?.writtenMs ?? this.#block?.writtenMs ?? queue.writtenMs(this.#place);
    const queuedSamples = Math.max(0, queue.end.samples - this.#place.samples);
    const queueAgeMs = queuedSamples === 0 || writtenMs === null ? null : Math.max(0, nowMs - writtenMs);
    const error = this.#lastError;
    const refusal = this.#lastRefusal;
    return {
      state: this.#stateOf(queueAgeMs),
      queuedSamples,
      queuedBytes: Math.max(0, queue.end.bytes - this.#place.bytes),
      queueAgeMs,
      sent: this.sent,
      refused: this.refused,
      dropped: this.dropped,
      failedRequests: this.failedRequests,
      lastSentAt: this.#lastSentMs === null ? null : toIso(this.#lastSentMs),
      failingSince: this.#failingSinceMs === null ? null : toIso(this.#failingSinceMs),
      nextAttemptAt: this.#notBeforeMs > nowMs ? toIso(this.#notBeforeMs) : null,
      lastError: error && { at: toIso(error.atMs), answer: error.answer },
      lastRefusal: refusal && {
        at: toIso(refusal.atMs),
        answer: refusal.answer,
        samples: refusal.samples,
      },
      lastDroppedAt: this.#lastDroppedMs === null ? null : toIso(this.#lastDroppedMs),
    };
  }

  #stateOf(queueAgeMs: number | null): TargetState['state'] {
    if (!this.#target.enabled) return 'paused';
    if (this.#failingSinceMs !== null) return 'waiting';
    if (queueAgeMs !== null && queueAgeMs > BEHIND_MS) return 'behind';
    return this.#lastSentMs === null ? 'idle' : 'sending';
  }

  get #isOn(): boolean {
    return this.#target.enabled && !this.#isStopping;
  }

  async #run(): Promise<void> {
    while (this.#isOn) {
      this.#batch ??= await this.#nextBatch();
      const batch = this.#batch;
      if (batch === null) return;
      if (!(await this.#deliver(batch))) return;
      this.#batch = null;
      this.#place = batch.place;
    }
  }

  /** false: it is to be tried again later. */
  async #deliver(batch: Batch): Promise<boolean> {
    // Parts that are still to be sent, the next one last.
    const parts: (readonly QueuedTick[])[] = [batch.ticks];
    let requests = 0;
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      const encoded = encodeBatch(part, this.#labels, this.#deps.machineOf);
      if (encoded.samples === 0) continue;
      const answer = await this.#deps.post(
        this.#target,
        await deflate(encoded.bytes),
        this.#deps.now(),
        this.#stop.signal,
      );
      requests += 1;
      if (answer.outcome === 'taken') this.#took(encoded);
      else if (answer.outcome === 'refused') {
        if (part.length > 1 && requests < SPLIT_REQUESTS_MAX) {
          const middle = part.length >>> 1;
          parts.push(part.slice(middle), part.slice(0, middle));
        } else this.#gaveUp(encoded, answer);
      } else {
        this.#failed(answer);
        this.#keepRest(batch, [part, ...parts.toReversed()]);
        return false;
      }
    }
    return true;
  }

  /** What was taken of a batch is not sent again. */
  #keepRest(batch: Batch, parts: readonly (readonly QueuedTick[])[]): void {
    this.#batch = { ...batch, ticks: parts.flat() };
  }

  #took({ samples }: EncodedBatch): void {
    this.sent += samples;
    this.#failures = 0;
    this.#failingSinceMs = null;
    this.#notBeforeMs = -Infinity;
    this.#lastSentMs = this.#deps.now();
  }

  #gaveUp({ samples }: EncodedBatch, { answer }: TargetAnswer): void {
    this.refused += samples;
    this.#lastRefusal = { atMs: this.#deps.now(), answer, samples };
    this.#failures = 0;
    this.#failingSinceMs = null;
  }

  #failed({ answer, outcome, retryAfterMs }: TargetAnswer): void {
    if (this.#stop.signal.aborted) return;
    const nowMs = this.#deps.now();
    this.failedRequests += 1;
    this.#failingSinceMs ??= nowMs;
    this.#lastError = { atMs: nowMs, answer };
    const doubledMs =
      outcome === 'misset'
        ? BACK_OFF_MS_MAX
        : Math.min(BACK_OFF_MS_MAX, BACK_OFF_MS_MIN * 2 ** this.#failures);
    this.#failures += 1;
    const pauseMs = doubledMs / 2 + (doubledMs / 2) * this.#deps.random();
    this.#notBeforeMs = nowMs + Math.max(pauseMs, retryAfterMs ?? 0);
  }

  /** null: nothing waits, or so little and so young that it waits for more. */
  async #nextBatch(): Promise<Batch | null> {
    if (this.#mayWait()) return null;
    const ticks: QueuedTick[] = [];
    let samples = 0;
    let place = this.#place;
    let oldestMs: Millis | null = null;
    for (let isFull = false; !isFull; ) {
      const block = this.#block ?? (await this.#nextBlock(place));
      if (block === null) break;
      oldestMs ??= block.writtenMs;
      while (this.#taken < block.ticks.length) {
        const tick = block.ticks[this.#taken] as QueuedTick;
        isFull = samples + tick.values.length > BATCH_SAMPLES_MAX;
        if (isFull) break;
        ticks.push(tick);
        samples += tick.values.length;
        this.#takenSamples += tick.values.length;
        this.#taken += 1;
      }
      const isDone = this.#taken === block.ticks.length;
      place = isDone
        ? block.end
        : { bytes: block.start.bytes, samples: block.start.samples + this.#takenSamples };
      this.#block = isDone ? null : block;
    }
    return oldestMs === null ? null : { ticks, samples, place, writtenMs: oldestMs };
  }

  #mayWait(): boolean {
    const { queue, now } = this.#deps;
    const waiting = queue.end.samples - this.#place.samples;
    if (waiting <= 0) return true;
    if (this.#block !== null || waiting >= BATCH_SAMPLES_MAX) return false;
    const writtenMs = queue.writtenMs(this.#place);
    return writtenMs !== null && Math.abs(now() - writtenMs) < BATCH_WAIT_MS;
  }

  /** Goes on within a block where the place lies in it. */
  async #nextBlock(place: QueuePlace): Promise<QueuedBlock | null> {
    const read = await this.#deps.queue.read(place);
    this.#taken = 0;
    this.#takenSamples = 0;
    if (!read) return null;
    const block = { ...read, ticks: sendableTicks(read.ticks) };
    const dropped = Math.max(0, block.start.samples - place.samples);
    this.dropped += dropped;
    if (dropped > 0) this.#lastDroppedMs = this.#deps.now();
    for (const tick of block.ticks) {
      if (block.start.samples + this.#takenSamples + tick.values.length > place.samples) break;
      this.#taken += 1;
      this.#takenSamples += tick.values.length;
    }
    return block;
  }
}

/** None with more samples than a request may have; parts of one list are one list, and parts are the same after a restart. */
function sendableTicks(ticks: readonly QueuedTick[]): readonly QueuedTick[] {
  if (ticks.every(({ values }) => values.length <= BATCH_SAMPLES_MAX)) return ticks;
  const parts = new Map<QueuedTick['series'], QueuedTick['series'][]>();
  return ticks.flatMap((tick) => {
    if (tick.values.length <= BATCH_SAMPLES_MAX) return [tick];
    const lists = parts.get(tick.series) ?? partsOf(tick.series);
    parts.set(tick.series, lists);
    return lists.map((series, i): QueuedTick => {
      const from = i * BATCH_SAMPLES_MAX;
      return { atMs: tick.atMs, series, values: tick.values.subarray(from, from + series.length) };
    });
  });
}

function partsOf(series: QueuedTick['series']): QueuedTick['series'][] {
  const count = Math.ceil(series.length / BATCH_SAMPLES_MAX);
  return Array.from({ length: count }, (_, i) =>
    series.slice(i * BATCH_SAMPLES_MAX, (i + 1) * BATCH_SAMPLES_MAX),
  );
}

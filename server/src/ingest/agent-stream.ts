/**
 * The ordered stream of one connection: what arrives is handled in its order, made durable, and only then acknowledged.
 *
 * Why inventory and events stand alone. Acknowledgements and `lastSeq` are cumulative: seq 7 durable means that everything
 * up to 7 is. Samples live in the journal of the metrics engine, which makes them durable in the order of the calls, so
 * they may follow each other without waiting. Inventory and events live in SQL. If seq 6 (an event) and seq 7 (samples)
 * were under way together, a crash could leave 7 in the journal and 6 nowhere, and the agent would be told to go on from 8.
 * So a frame for SQL waits until all before it is durable, and all after it wait for its mark.
 *
 * Why an effect happens once. Effect (CMDB, sink) and mark (fleet) are two transactions, effect first. A crash between
 * them brings the frame again, which is harmless: the same inventory section changes nothing (hash, then difference), and
 * sinks know an event by (agent, epoch, seq, index). The other order would lose the effect. Counters and findings are in
 * the same transaction as the mark.
 */
import type { Millis } from '@muster/shared/time.ts';
import { WireError } from '@muster/shared/wire/bytes.ts';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import type { AgentEvent, InventoryBody } from '@muster/shared/wire/frame-bodies.ts';
import { decodeFrame, type Frame } from '@muster/shared/wire/frames.ts';
import {
  CLOCK_AHEAD_MS_MAX,
  FRAME_BYTES_MAX,
  UNACKED_BYTES_MAX,
  UNACKED_FRAMES_MAX,
  UNACKED_VALUES_MAX,
  VALUES_PER_FRAME_MAX,
} from '@muster/shared/wire/limits.ts';
import { type SamplesBody, SamplesDecoder, type Tick, type Values } from '@muster/shared/wire/samples.ts';
import type { Clock } from '../clock.ts';
import type { Cmdb } from '../cmdb/cmdb.ts';
import type { LeftOut } from '../cmdb/left-out.ts';
import type { Finding } from '../fleet/finding.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { Refusal } from '../fleet/refusal.ts';
import type { EnrolmentScope, InventoryHashes } from '../fleet/store.ts';
import type { MetricStore, StoredTick } from '../metrics/store.ts';
import { type Attempts, isPassing, isStorageFull } from './attempts.ts';
import { parseEvents, parseInventory, type ToServerTime } from './frame-body.ts';
import type { Gate } from './gate.ts';
import { type Log, messageOf } from '../log.ts';
import { SERIES_PER_MACHINE_MAX, SeriesBook } from './series-book.ts';
import type { NamedSeries, SeriesNames } from './series-names.ts';
import type { IngestSinks } from './sinks.ts';

/** A jump in seq beyond this is no gap but nonsense: seven days at one frame a second are 604,800. */
export const GAP_FRAMES_MAX = 10_000_000;
/** Pause asked for while the disk of the server is full. */
export const STORAGE_FULL_RETRY_MS = 30_000;
/** What the frames waiting for their turn may weigh: what an agent may have unacknowledged, the last one whole. */
export const QUEUED_BYTES_MAX = UNACKED_BYTES_MAX + FRAME_BYTES_MAX;
/** And how many values may be in them: 8 bytes each in memory, though a single bit may do on the wire. */
export const QUEUED_VALUES_MAX = UNACKED_VALUES_MAX + VALUES_PER_FRAME_MAX;

export interface StreamDeps {
  readonly fleet: Fleet;
  readonly metrics: Pick<MetricStore, 'append' | 'resolveWithin'>;
  readonly cmdb: Pick<Cmdb, 'applyInventory' | 'placeholder' | 'ciOfAgent'>;
  readonly sinks: Pick<IngestSinks, 'samples' | 'event' | 'unknown'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Bounds how many inflated inventories are in memory, over all agents. */
  readonly inventoryGate: Gate;
  readonly attempts: Attempts;
  /** What the configuration leaves out of this agent's inventories; null: not known. */
  readonly leftOutOf: (agentId: string) => LeftOut | null;
  /** Shared by all connections. */
  readonly names: SeriesNames;
}

export interface StreamStart {
  readonly agentId: string;
  readonly hostname: string;
  readonly scope: EnrolmentScope;
  readonly ciId: string | null;
  readonly epoch: string;
  /** Highest durable seq of the epoch. */
  readonly lastSeq: number;
  /** A first frame with a seq up to here is no gap, though it may be above lastSeq + 1. */
  readonly firstSeq: number;
  /** Added to the agent's times. */
  readonly shiftMs: Millis;
}

export interface LiveTick {
  readonly atMs: Millis;
  readonly series: readonly NamedSeries[];
  readonly values: Values;
}

/** The connection, as its stream sees it. */
export interface StreamOwner {
  ack(seq: number): void;
  refuse(refusal: Refusal): void;
  /** The stream belongs to this CI from here on. */
  belongsTo(ciId: string): void;
  live(ticks: readonly LiveTick[]): void;
  spoolUsed(usedBytes: number): void;
}

interface Gap {
  readonly fromSeq: number;
  readonly toSeq: number;
}
interface SamplesItem {
  readonly type: 'samples';
  readonly seq: number;
  readonly ticks: readonly Tick[];
  /** Left out because they are from too far ahead. */
  readonly aheadTicks: number;
  readonly gap: Gap | null;
  readonly weightBytes: number;
  readonly values: number;
}
interface BodyItem {
  readonly type: 'inventory' | 'events';
  readonly seq: number;
  /** zstd. */
  readonly body: Uint8Array;
  readonly gap: Gap | null;
  readonly weightBytes: number;
  readonly values: 0;
}
type Item =
  | SamplesItem
  | BodyItem
  | { readonly type: 'epoch'; readonly epoch: string; readonly weightBytes: 0; readonly values: 0 };

export class AgentStream {
  readonly #deps: StreamDeps;
  readonly #start: StreamStart;
  readonly #owner: StreamOwner;
  readonly #decoder = new SamplesDecoder();
  readonly #series: SeriesBook;
  #ciId: string | null;
  /** As the fleet knows it. */
  #storedCiId: string | null;

  /** As of what has arrived. */
  #arrivedEpoch: string;
  /** Highest seq taken into the queue, or durable before. */
  #takenSeq: number;
  /** Last seq that this connection sent; 0 = none. */
  #sentSeq = 0;
  #firstSeq: number;

  /** As of what has been handled. */
  #epoch: string;
  #durableSeq: number;
  #lastTickMs: Millis | null = null;

  readonly #queue: Item[] = [];
  /** Queued and under way. */
  #items = 0;
  #weightBytes = 0;
  #values = 0;
  /** Samples handed to the engine and not yet durable. */
  #inFlight = 0;
  /** A frame that stands alone is being handled. */
  #alone = false;
  #ended = false;
  #ackDue = false;
  /** Samples that the engine refused; what follows them durable is behind a gap. */
  #lost: Gap | null = null;
  #idleWaiters: (() => void)[] = [];
  #unknownSeries = 0;
  #toldOverLimit = false;

  constructor(deps: StreamDeps, start: StreamStart, owner: StreamOwner) {
    this.#deps = deps;
    this.#start = start;
    this.#owner = owner;
    this.#series = new SeriesBook(
      (identity, perMachineMax) => deps.metrics.resolveWithin(identity, perMachineMax),
      deps.names,
      (left) => this.#overLimit(left),
    );
    this.#ciId = start.ciId;
    this.#storedCiId = start.ciId;
    this.#arrivedEpoch = start.epoch;
    this.#epoch = start.epoch;
    this.#takenSeq = start.lastSeq;
    this.#durableSeq = start.lastSeq;
    this.#firstSeq = start.firstSeq;
  }

  /** Series of this connection that the catalogue does not know. */
  get unknownSeries(): number {
    return this.#unknownSeries;
  }

  /** One binary message. @throws Refusal; the stream must not be used after it. */
  receive(bytes: Uint8Array, nowMs: Millis): void {
    if (bytes.length > FRAME_BYTES_MAX)
      throw new Refusal(
        'frame-too-large',
        `a frame of ${bytes.length} bytes; ${FRAME_BYTES_MAX} are allowed`,
      );
    const frame = frameOf(bytes);
    if (frame.type === 'live') return this.#live(this.#decode(frame.body));
    // Decoded on arrival, also where it is a duplicate: the next frame's deltas build on it.
    const decoded = frame.type === 'samples' ? this.#decode(frame.body) : null;
    const place = this.#place(frame.seq);
    if (place === 'duplicate') return this.#acknowledgeAgain(frame.seq);
    const item = decoded
      ? this.#samplesItem(frame, decoded, place.gap, bytes.length, nowMs)
      : otherItem(frame, place.gap, bytes.length);
    this.#takenSeq = frame.seq;
    this.#enqueue(item);
  }

  /** The next data frame is seq 1 of this epoch. @throws Refusal */
  newEpoch(epoch: string): void {
    if (epoch === this.#arrivedEpoch)
      throw new Refusal('protocol', `epoch ${epoch} is the present one already`);
    this.#arrivedEpoch = epoch;
    this.#takenSeq = 0;
    this.#sentSeq = 0;
    this.#firstSeq = 1;
    this.#enqueue({ type: 'epoch', epoch, weightBytes: 0, values: 0 });
  }

  /** From the next frame on, data goes to this CI (machines were merged or split). */
  reassign(ciId: string): void {
    this.#belongs(ciId);
  }

  /**
   * No more will arrive. `drain`: what has arrived is still handled; `discard`: only what is under way.
   * Resolves when nothing is under way any more.
   */
  async end(mode: 'drain' | 'discard'): Promise<void> {
    if (mode === 'discard') this.#discard();
    if (this.#items > 0) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
    this.#ended = true;
    this.#series.close();
  }

  #decode(body: Uint8Array): readonly Tick[] {
    const { declared, ticks } = this.#bodyOf(body);
    if (declared.length === 0) return ticks;
    const unknown = this.#series.declare(declared);
    if (unknown.length > 0 && this.#unknownSeries === 0)
      this.#deps.log('warn', 'series that the catalogue does not know are left out', {
        agentId: this.#start.agentId,
        first: unknown[0],
        count: unknown.length,
      });
    this.#unknownSeries += unknown.length;
    return ticks;
  }

  #bodyOf(body: Uint8Array): SamplesBody {
    try {
      return this.#decoder.decode(body);
    } catch (error) {
      throw wireRefusal(error);
    }
  }

  #place(seq: number): 'duplicate' | { gap: Gap | null } {
    if (seq < this.#sentSeq) throw new Refusal('protocol', `seq ${seq} came after ${this.#sentSeq}`);
    const fromSeq = Math.max(this.#takenSeq + 1, Math.min(this.#firstSeq, seq));
    if (seq - fromSeq > GAP_FRAMES_MAX)
      throw new Refusal('protocol', `seq ${seq} came after ${this.#takenSeq}`);
    this.#sentSeq = seq;
    if (seq <= this.#takenSeq) return 'duplicate';
    return { gap: seq > fromSeq ? { fromSeq, toSeq: seq - 1 } : null };
  }

  #samplesItem(
    frame: Frame,
    decoded: readonly Tick[],
    gap: Gap | null,
    weightBytes: number,
    nowMs: Millis,
  ): Item {
    const { agentId, shiftMs } = this.#start;
    const latestMs = nowMs + CLOCK_AHEAD_MS_MAX - shiftMs;
    const ticks = notAhead(decoded, latestMs);
    const aheadTicks = decoded.length - ticks.length;
    // Refused again and again the frame would hold up all that follows, so in the end it is taken without those ticks.
    if (aheadTicks > 0 && !this.#deps.attempts.failed(agentId, this.#arrivedEpoch, frame.seq))
      throw new Refusal('clock-ahead', `seq ${frame.seq} has samples from more than 24 h ahead`);
    let values = 0;
    for (const tick of ticks) values += tick.values.length;
    return { type: 'samples', seq: frame.seq, ticks, gap, weightBytes, values, aheadTicks };
  }

  #enqueue(item: Item): void {
    const items = this.#items + 1;
    const weightBytes = this.#weightBytes + item.weightBytes;
    if (items > UNACKED_FRAMES_MAX + 1)
      throw new Refusal('limit-exceeded', `more than ${UNACKED_FRAMES_MAX} frames are not acknowledged yet`);
    if (items > 1 && weightBytes > QUEUED_BYTES_MAX)
      throw new Refusal('limit-exceeded', `more than ${QUEUED_BYTES_MAX} bytes are not acknowledged yet`);
    const values = this.#values + item.values;
    if (items > 1 && values > QUEUED_VALUES_MAX)
      throw new Refusal('limit-exceeded', `more than ${QUEUED_VALUES_MAX} values are not acknowledged yet`);
    this.#items = items;
    this.#weightBytes = weightBytes;
    this.#values = values;
    this.#queue.push(item);
    this.#pump();
  }

  #pump(): void {
    while (!this.#alone) {
      const item = this.#queue[0];
      if (!item) return;
      if (item.type === 'samples' && item.gap === null && item.aheadTicks === 0 && this.#ciId !== null) {
        this.#queue.shift();
        this.#append(item, this.#home(this.#ciId));
        continue;
      }
      if (this.#inFlight > 0) return;
      this.#queue.shift();
      this.#alone = true;
      this.#handleAlone(item).then(
        () => {
          this.#alone = false;
          if (item.type !== 'samples') this.#done(item);
          this.#pump();
        },
        (error: unknown) => {
          this.#alone = false;
          this.#fail(error);
          this.#done(item);
        },
      );
    }
  }

  async #handleAlone(item: Item): Promise<void> {
    if (item.type === 'epoch') return this.#beginEpoch(item.epoch);
    switch (item.type) {
      case 'samples':
        if (item.gap) await this.#recordGap(item.gap, item);
        if (item.aheadTicks > 0) await this.#recordAhead(item.seq, item.aheadTicks);
        return this.#append(item, this.#home(this.#ciId ?? (await this.#placeholder())));
      case 'inventory':
        return this.#inventory(item);
      case 'events':
        return this.#events(item);
    }
  }

  /** Hands over to the engine at once, so the order of the calls is that of the stream. */
  #append(item: SamplesItem, ciId: string): void {
    this.#inFlight++;
    let ticks: readonly StoredTick[] = [];
    let durable: Promise<void>;
    try {
      ticks = item.ticks.map((tick) => this.#stored(tick, ciId));
      const delivery = { agentId: this.#start.agentId, epoch: this.#epoch, seq: item.seq };
      durable = this.#deps.metrics.append(delivery, ticks, this.#deps.clock.now());
    } catch (error) {
      durable = Promise.reject(error);
    }
    durable.then(
      () => this.#appended(item, ciId, ticks),
      (error: unknown) => {
        this.#appendFailed(item, error);
        this.#landed(item);
      },
    );
  }

  /** The samples are durable. */
  #appended(item: SamplesItem, ciId: string, ticks: readonly StoredTick[]): void {
    // The engine took these and had refused some before: its mark is past those, so they are gone.
    if (this.#lost) {
      this.#recordGap(this.#lost, item)
        .catch((error: unknown) => this.#appendFailed(item, error))
        .finally(() => this.#landed(item));
      return;
    }
    this.#lastTickMs = ticks.at(-1)?.atMs ?? this.#lastTickMs;
    this.#durable(item.seq);
    try {
      this.#deps.sinks.samples(ciId, ticks, this.#deps.clock.now());
    } catch (error) {
      this.#sinkFailed('samples', error);
    }
    this.#landed(item);
  }

  #appendFailed({ seq }: SamplesItem, error: unknown): void {
    this.#lost = { fromSeq: this.#lost?.fromSeq ?? seq, toSeq: seq };
    this.#fail(error);
  }

  #landed(item: SamplesItem): void {
    this.#inFlight--;
    this.#done(item);
    this.#pump();
  }

  #stored({ atMs, series, values }: Tick, ciId: string): StoredTick {
    const { ids, places, spoolPlace } = this.#series.stored(series, ciId);
    if (spoolPlace >= 0) this.#owner.spoolUsed(values[spoolPlace] as number);
    return {
      atMs: Math.max(0, atMs + this.#start.shiftMs),
      series: ids,
      values: places === null ? values : places.map((place) => values[place] as number),
    };
  }

  async #inventory(item: BodyItem): Promise<void> {
    const { seq } = item;
    const { cmdb, fleet, inventoryGate } = this.#deps;
    const { agentId, hostname, scope } = this.#start;
    const { parsed, applied } = await inventoryGate.run(async () => {
      const parsed = await parseInventory(item.body, this.#toServerTime());
      // Only now: a frame that is refused leaves no trace, so not that of its gap either.
      if (item.gap) await this.#recordGap(item.gap, item);
      const report = {
        reporter: { source: 'agent', id: agentId } as const,
        hostname,
        scope,
        reporterCiId: this.#ciId,
        body: parsed,
        leftOut: this.#deps.leftOutOf(agentId),
        nowMs: this.#deps.clock.now(),
      };
      return { parsed, applied: await this.#attempt(seq, () => cmdb.applyInventory(report)) };
    });
    const findings: Finding[] = [];
    const note = (kind: Finding['kind'], detail: string) => findings.push(this.#finding(kind, detail));
    if (!applied.ok) note('inventory-refused', `The inventory could not be applied: ${applied.error}`);
    else {
      const { ciId, decision, refused } = applied.value;
      if (refused.length > 0) note('inventory-refused', `Not of the known form: ${refused.join(', ')}.`);
      if (decision.decision === 'contradicted') note('identity-contradicted', decision.reason);
      if (ciId !== this.#storedCiId) await fleet.store.setCi(agentId, ciId);
      this.#storedCiId = ciId;
      this.#belongs(ciId);
    }
    // What is lacking is told as unknown, so that the agent sends it whole.
    const inventory = applied.ok
      ? { ...hashesOf(parsed, applied.value.refused), ...unknownOf(applied.value.lacking) }
      : {};
    await this.#commit(seq, { inventory, droppedFrames: 0, findings });
  }

  async #events(item: BodyItem): Promise<void> {
    const { seq } = item;
    const { sinks, clock } = this.#deps;
    const { agentId } = this.#start;
    const events = await parseEvents(item.body, this.#toServerTime());
    if (item.gap) await this.#recordGap(item.gap, item);
    const ciId = this.#home(this.#ciId ?? (await this.#placeholder()));
    const findings: Finding[] = [];
    const delivered = await this.#attempt(seq, async () => {
      for (const [index, event] of events.entries())
        await sinks.event(ciId, { agentId, epoch: this.#epoch, seq, index }, event, clock.now());
    });
    if (!delivered.ok)
      findings.push(this.#finding('event-failed', `Frame ${seq} could not be handled: ${delivered.error}`));
    const dropped = events.filter((event) => event.type === 'dropped');
    if (dropped.length > 0)
      findings.push(this.#finding('frames-dropped', dropped.map(droppedWords).join(' ')));
    const droppedFrames = dropped.reduce((sum, { frames }) => sum + frames, 0);
    await this.#commit(seq, { inventory: {}, droppedFrames, findings });
    for (const { frames, fromMs, toMs } of dropped)
      this.#quietly('unknown', () =>
        sinks.unknown(ciId, agentId, { why: 'dropped', frames, fromMs, toMs }, clock.now()),
      );
  }

  /** Tells a failure of ours that may pass from one that will not: after some attempts the frame is let go, with a finding. */
  async #attempt<T>(
    seq: number,
    work: () => Promise<T>,
  ): Promise<{ ok: true; value: T } | { ok: false; error: string }> {
    try {
      return { ok: true, value: await work() };
    } catch (error) {
      if (isPassing(error) || !this.#deps.attempts.failed(this.#start.agentId, this.#epoch, seq)) throw error;
      this.#deps.log('error', 'a frame failed again and is passed by', {
        agentId: this.#start.agentId,
        seq,
        error: messageOf(error),
      });
      return { ok: false, error: messageOf(error) };
    }
  }

  async #commit(
    seq: number,
    effect: { inventory: InventoryHashes; droppedFrames: number; findings: readonly Finding[] },
  ): Promise<void> {
    const { fleet } = this.#deps;
    const { agentId } = this.#start;
    await fleet.store.commitDelivery({ agentId, epoch: this.#epoch, seq, ...effect });
    for (const finding of effect.findings) await fleet.auditFinding(agentId, finding);
    this.#durable(seq);
  }

  async #beginEpoch(epoch: string): Promise<void> {
    const { fleet, clock } = this.#deps;
    const step = { agentId: this.#start.agentId, epoch, previousSeq: this.#durableSeq, nowMs: clock.now() };
    const { type } = await fleet.store.beginEpoch(step);
    if (type !== 'new') throw new Refusal('protocol', `epoch ${epoch} was used before`);
    this.#epoch = epoch;
    this.#durableSeq = 0;
  }

  async #recordGap(gap: Gap, before: Item): Promise<void> {
    const { fleet, sinks, clock } = this.#deps;
    const { agentId, shiftMs } = this.#start;
    const frames = gap.toSeq - gap.fromSeq + 1;
    const finding = this.#finding('frames-missing', `Frames ${gap.fromSeq} to ${gap.toSeq} never arrived.`);
    const counted = await fleet.store.recordGap({ agentId, epoch: this.#epoch, ...gap, finding });
    if (counted === 0) return;
    await fleet.auditFinding(agentId, finding);
    const firstTick = before.type === 'samples' ? before.ticks[0] : undefined;
    const toMs = firstTick ? firstTick.atMs + shiftMs : clock.now();
    const fromMs = this.#lastTickMs === null ? null : Math.min(this.#lastTickMs, toMs);
    const ciId = this.#ciId;
    if (ciId !== null)
      this.#quietly('unknown', () =>
        sinks.unknown(ciId, agentId, { why: 'gap', frames, fromMs, toMs }, clock.now()),
      );
  }

  async #recordAhead(seq: number, ticks: number): Promise<void> {
    await this.#deps.fleet.addFinding(
      this.#start.agentId,
      this.#finding(
        'clock-ahead',
        `${ticks} readings of frame ${seq} were from more than 24 h ahead and are left out.`,
      ),
    );
  }

  /** Told once for each connection. */
  #overLimit({ metric, instance }: NamedSeries): void {
    if (this.#toldOverLimit) return;
    this.#toldOverLimit = true;
    const { agentId } = this.#start;
    const detail = `The machine has ${SERIES_PER_MACHINE_MAX} series; new ones are left out, such as ${metric} "${instance}".`;
    this.#deps.log('warn', 'new series of a machine are left out', { agentId, detail });
    this.#deps.fleet
      .addFinding(agentId, this.#finding('series-left-out', detail))
      .catch((error: unknown) =>
        this.#deps.log('error', 'a finding could not be kept', { agentId, error: messageOf(error) }),
      );
  }

  async #placeholder(): Promise<string> {
    const { cmdb, fleet, clock } = this.#deps;
    const { agentId, hostname, scope } = this.#start;
    const ciId = await cmdb.placeholder({ agentId, hostname, scope }, clock.now());
    await fleet.store.setCi(agentId, ciId);
    this.#storedCiId = ciId;
    this.#belongs(ciId);
    return ciId;
  }

  /** People merge and split CIs while an agent is connected: what comes from then on is of the CI that it is now. */
  #home(ciId: string): string {
    const now = this.#deps.cmdb.ciOfAgent(this.#start.agentId) ?? ciId;
    this.#belongs(now);
    return now;
  }

  #belongs(ciId: string): void {
    if (ciId === this.#ciId) return;
    this.#ciId = ciId;
    this.#owner.belongsTo(ciId);
  }

  #live(ticks: readonly Tick[]): void {
    const named = ticks.map(({ atMs, series, values }) => {
      const names: NamedSeries[] = [];
      const kept: number[] = [];
      for (let i = 0; i < series.length; i++) {
        const name = this.#series.name(series[i] as number);
        if (!name) continue;
        names.push(name);
        kept.push(values[i] as number);
      }
      return { atMs: Math.max(0, atMs + this.#start.shiftMs), series: names, values: kept };
    });
    this.#owner.live(named);
  }

  /** Nonsense in the far future becomes now: an event must not say when something happened tomorrow. */
  #toServerTime(): ToServerTime {
    const nowMs = this.#deps.clock.now();
    return (atMs) => {
      const moved = atMs + this.#start.shiftMs;
      return moved > nowMs + CLOCK_AHEAD_MS_MAX ? nowMs : Math.max(0, moved);
    };
  }

  #durable(seq: number): void {
    this.#durableSeq = Math.max(this.#durableSeq, seq);
    this.#ackSoon();
  }

  /** A duplicate of something still under way is acknowledged with it. */
  #acknowledgeAgain(seq: number): void {
    if (seq <= this.#durableSeq && this.#arrivedEpoch === this.#epoch) this.#ackSoon();
  }

  /** One acknowledgement for all that became durable in one go. */
  #ackSoon(): void {
    if (this.#ackDue) return;
    this.#ackDue = true;
    queueMicrotask(() => {
      this.#ackDue = false;
      // Once the agent has begun a new epoch it would take a number of the old one for one of the new.
      if (!this.#ended && this.#arrivedEpoch === this.#epoch) this.#owner.ack(this.#durableSeq);
    });
  }

  #fail(error: unknown): void {
    if (this.#ended) return;
    this.#discard();
    this.#owner.refuse(this.#refusalOf(error));
  }

  #refusalOf(error: unknown): Refusal {
    if (error instanceof Refusal) return error;
    if (isStorageFull(error))
      return new Refusal('busy', 'the disk of the server is full', {
        cause: error,
        retryAfterMs: STORAGE_FULL_RETRY_MS,
      });
    this.#deps.log('error', 'a frame could not be handled', {
      agentId: this.#start.agentId,
      error: messageOf(error),
    });
    return new Refusal('server-error', 'the server could not handle a frame', { cause: error });
  }

  #discard(): void {
    this.#ended = true;
    for (const item of this.#queue.splice(0)) this.#done(item);
  }

  #done(item: Item): void {
    this.#items--;
    this.#weightBytes -= item.weightBytes;
    this.#values -= item.values;
    if (this.#items > 0 || this.#idleWaiters.length === 0) return;
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const wake of waiters) wake();
  }

  #quietly(sink: string, call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#sinkFailed(sink, error);
    }
  }

  #sinkFailed(sink: string, error: unknown): void {
    this.#deps.log('error', 'a sink failed', {
      sink,
      agentId: this.#start.agentId,
      error: messageOf(error),
    });
  }

  #finding(kind: Finding['kind'], detail: string): Finding {
    return { kind, atMs: this.#deps.clock.now(), detail };
  }
}

function otherItem(frame: Frame, gap: Gap | null, weightBytes: number): Item {
  const type = frame.type === 'inventory' ? 'inventory' : 'events';
  // A copy: the buffer of the socket must not stay alive for the sake of a part of it.
  return { type, seq: frame.seq, body: frame.body.slice(), gap, weightBytes, values: 0 };
}

function hashesOf(body: InventoryBody, refused: readonly string[]): InventoryHashes {
  return Object.fromEntries(
    Object.entries(body.sections)
      .filter(([name, section]) => section !== undefined && !refused.includes(name))
      .map(([name, section]) => [name, section.hash]),
  );
}

/** No section has this hash. */
const UNKNOWN_HASH = '0'.repeat(64);

function unknownOf(sections: readonly InventorySection[]): InventoryHashes {
  return Object.fromEntries(sections.map((section) => [section, UNKNOWN_HASH]));
}

function droppedWords({ frames, why }: Extract<AgentEvent, { type: 'dropped' }>): string {
  return `${frames} frames (${why}).`;
}

function frameOf(bytes: Uint8Array): Frame {
  try {
    return decodeFrame(bytes);
  } catch (error) {
    throw wireRefusal(error);
  }
}

function wireRefusal(error: unknown): unknown {
  return error instanceof WireError ? new Refusal('frame-invalid', error.message, { cause: error }) : error;
}

/** The same list where none is left out, which is nearly always. */
function notAhead(ticks: readonly Tick[], latestMs: Millis): readonly Tick[] {
  for (const { atMs } of ticks) if (atMs > latestMs) return ticks.filter((tick) => tick.atMs <= latestMs);
  return ticks;
}

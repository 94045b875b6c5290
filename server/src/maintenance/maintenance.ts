/** Maintenance windows at work: who is in one now, who was when, and what happens as windows begin and end. */
import { DAY_MS, MINUTE_MS, SECOND_MS, type Millis } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import type { Span } from '../availability/spans.ts';
import { type Coverage, coverageOf, type CoverageSource } from './coverage.ts';
import {
  changedWindow,
  endedWindow,
  isOver,
  newWindow,
  prolongedWindow,
  skippedWindow,
  type WindowFields,
} from './edit.ts';
import { Roster } from './roster.ts';
import type { CoverageChange, MaintenanceStore } from './store.ts';
import type { ActiveWindow, MaintenanceView, PlannedSpan } from './view.ts';
import {
  type Begins,
  inForce,
  latest,
  NO_BEGINS,
  OCCURRENCE_MS_MAX,
  type Occurrence,
  occurrencesOf,
  ONCE_MS_MAX,
  type Trigger,
  type WindowRecord,
} from './window.ts';

/** Changes of relations, tags and machines are many; who is covered is worked out again no more often than this. */
export const COVERAGE_INTERVAL_MS = 10 * SECOND_MS;
/** Different coverages worked out in one tick: one of thousands of machines takes a tenth of a second. */
export const COVERED_PER_TICK = 4;
/** Of these for windows that run. */
const COVERED_RUNNING_PER_TICK = 3;
/** Of a window that is over so long nobody asks any more. */
export const WINDOWS_KEPT_MS = 3 * 366 * DAY_MS;
/** Questions about times further off than this from now are cut. */
export const ASKED_AHEAD_MS_MAX = 800 * DAY_MS;
/** Windows at a time, those that are over not counted. */
export const WINDOWS_MAX = 1_000;
/** Time is worked out ahead by this much, more than any window lasts. */
const BUILT_AHEAD_MS = ONCE_MS_MAX + 30 * DAY_MS;
/** A trouble may be noticed this long after it began, and still begins a flexible window. */
const NOTICED_LATE_MS_MAX = 10 * MINUTE_MS;
/** A begin and all it can last. */
const BEGUN_MS_MAX = 3 * OCCURRENCE_MS_MAX;
const PRUNE_INTERVAL_MS = DAY_MS;

/** A window began or ended, for one CI (flexible with a begin of its own) or for all that it covers. */
export interface WindowEdge {
  readonly type: 'begins' | 'ends';
  readonly window: WindowRecord;
  readonly ciId: string | null;
  readonly span: Span;
}

export interface MaintenanceDeps {
  readonly store: MaintenanceStore;
  readonly newId: (prefix: string, nowMs: Millis) => string;
  readonly source: CoverageSource;
  /** CIs with which something is wrong, and since when. Asked when a flexible window may begin. */
  readonly troubles: (nowMs: Millis) => Iterable<readonly [ciId: string, sinceMs: Millis]>;
  readonly onEdge?: (edge: WindowEdge, nowMs: Millis) => void;
  readonly report: (what: string, error: unknown) => void;
}

export interface WindowStanding {
  readonly state: 'running' | 'waiting' | 'coming' | 'over';
  /** In force now, of several begins the one that ends last. */
  readonly now: Span | null;
  readonly next: Occurrence | null;
  readonly last: Span | null;
}

export interface Maintenance extends MaintenanceView {
  tick(nowMs: Millis): void;
  /** Something is wrong with the CI since then: a flexible window may begin, at once. */
  troubled(ciId: string, sinceMs: Millis, nowMs: Millis): void;
  /** Relations, tags or machines have changed. */
  membersChanged(): void;
  /** Everything that was decided is durable. */
  settled(): Promise<void>;

  all(): Iterable<WindowRecord>;
  /** @throws AppError not-found */
  get(id: string): WindowRecord;
  standing(window: WindowRecord, nowMs: Millis): WindowStanding;
  /** Ids of the CIs in it now. */
  coveredBy(windowId: string): readonly string[];
  /** Of what a window would cover. */
  coverage(fields: Pick<WindowRecord, 'targets' | 'children'>): Coverage;
  /** Windows that cover the CI now. */
  windowsOf(ciId: string): WindowRecord[];

  /** @throws AppError input-invalid */
  set(fields: WindowFields, actor: string, nowMs: Millis): Promise<WindowRecord>;
  /** @throws AppError not-found, input-invalid, transition-not-allowed */
  change(id: string, fields: Partial<WindowFields>, actor: string, nowMs: Millis): Promise<WindowRecord>;
  /** @throws AppError not-found, input-invalid, transition-not-allowed */
  prolong(id: string, byMs: Millis, actor: string, nowMs: Millis): Promise<WindowRecord>;
  /** @throws AppError not-found, input-invalid, transition-not-allowed */
  skip(id: string, startMs: Millis, actor: string, nowMs: Millis): Promise<WindowRecord>;
  /** @throws AppError not-found, transition-not-allowed */
  end(id: string, actor: string, nowMs: Millis): Promise<WindowRecord>;
}

/** Reads what was decided before. */
export async function createMaintenance(deps: MaintenanceDeps, nowMs: Millis): Promise<Maintenance> {
  const { store } = deps;
  const [windows, coverage, triggers] = await Promise.all([
    store.windows(),
    store.coverage(),
    store.triggers(),
  ]);
  return new Keeper(deps, windows, coverage, triggers, nowMs);
}

/** Stretches of one window for one kind of asker, worked out so far. */
interface Timeline {
  readonly spans: PlannedSpan[];
  builtToMs: Millis;
}

interface Held {
  record: WindowRecord;
  /** By CI with a begin of its own; '' for all others. */
  timelines: Map<string, Timeline>;
  /** When the latest version takes place or may begin. */
  frames: { spans: Occurrence[]; builtToMs: Millis };
  readonly begins: Map<string, Millis[]>;
  /** Nothing is to come. */
  over: boolean;
}

class Keeper implements Maintenance {
  readonly #deps: MaintenanceDeps;
  readonly #held = new Map<string, Held>();
  readonly #roster = new Roster();
  readonly #listeners: ((nowMs: Millis) => void)[] = [];
  readonly #unwritten: { coverage: CoverageChange[]; triggers: Trigger[] } = { coverage: [], triggers: [] };
  #running = new Map<string, WindowEdge>();
  #runningIds: ReadonlySet<string> = new Set();
  #writing: Promise<void> = Promise.resolve();
  #edits: Promise<unknown> = Promise.resolve();
  #nowMs: Millis;
  /** Between these nothing begins and nothing ends. */
  #edgesAtMs = Infinity;
  #nextEdgeMs = -Infinity;
  #stale = true;
  /** Windows whose coverage may be another by now; those that wait longest first. */
  readonly #uncovered = new Set<string>();
  #coveredMs = -Infinity;
  #prunedMs: Millis;

  constructor(
    deps: MaintenanceDeps,
    windows: readonly WindowRecord[],
    coverage: readonly CoverageChange[],
    triggers: readonly Trigger[],
    nowMs: Millis,
  ) {
    this.#deps = deps;
    this.#nowMs = nowMs;
    this.#prunedMs = nowMs;
    for (const record of windows) this.#hold(record, nowMs);
    for (const change of coverage) this.#roster.apply(change);
    for (const trigger of triggers) this.#addBegin(trigger);
    // What ran before the start is no news: its begin was told then.
    this.#running = this.#runningAt(nowMs);
  }

  at(ciId: string, nowMs: Millis): ActiveWindow | null {
    let found: PlannedSpan | null = null;
    const isNow = nowMs >= this.#edgesAtMs && nowMs < this.#nextEdgeMs;
    // Of hundreds of windows few run.
    const windowIds = isNow ? this.#runningIds : this.#roster.windowsOf(ciId);
    for (const windowId of windowIds) {
      const held = this.#held.get(windowId);
      if (held === undefined || !this.#roster.holds(windowId, ciId, nowMs)) continue;
      const span = spanAt(this.#timeline(held, ciId, nowMs + 1), nowMs);
      if (span !== null && (found === null || span.toMs > found.toMs)) found = span;
    }
    if (found === null) return null;
    const { windowId, title, fromMs, toMs } = found;
    return { windowId, title, fromMs, toMs };
  }

  spans(ciId: string, fromMs: Millis, toMs: Millis): readonly PlannedSpan[] {
    const lastMs = Math.min(toMs, Math.max(this.#nowMs, fromMs) + ASKED_AHEAD_MS_MAX);
    const found: PlannedSpan[] = [];
    let lists = 0;
    for (const windowId of this.#roster.windowsOf(ciId)) {
      const held = this.#held.get(windowId);
      if (held === undefined) continue;
      const before = found.length;
      const timeline = this.#timeline(held, ciId, lastMs);
      for (const stay of this.#roster.stays(windowId, ciId))
        cutInto(found, timeline.spans, Math.max(fromMs, stay.fromMs), Math.min(lastMs, stay.toMs));
      if (found.length > before) lists += 1;
    }
    return lists < 2 ? found : found.sort((a, b) => a.fromMs - b.fromMs);
  }

  onChange(listener: (nowMs: Millis) => void): void {
    this.#listeners.push(listener);
  }

  tick(nowMs: Millis): void {
    this.#nowMs = nowMs;
    if (this.#stale && nowMs - this.#coveredMs >= COVERAGE_INTERVAL_MS) {
      this.#stale = false;
      this.#coveredMs = nowMs;
      for (const [id, { over }] of this.#held) if (!over) this.#uncovered.add(id);
    }
    if (this.#uncovered.size > 0) this.#coverSome(nowMs);
    if (nowMs >= this.#nextEdgeMs) this.#passEdges(nowMs);
    this.#writeSoon();
    this.#prune(nowMs);
  }

  troubled(ciId: string, sinceMs: Millis, nowMs: Millis): void {
    let begun = false;
    for (const windowId of this.#roster.windowsOf(ciId)) {
      const held = this.#held.get(windowId);
      if (held === undefined || held.over || !this.#roster.holds(windowId, ciId, nowMs)) continue;
      begun = this.#begin(held, ciId, sinceMs, nowMs) || begun;
    }
    // Listeners are told with the next tick: in a storm there are many of these at once.
    if (begun) this.#nextEdgeMs = -Infinity;
  }

  membersChanged(): void {
    this.#stale = true;
  }

  async settled(): Promise<void> {
    await this.#edits;
    this.#writeSoon();
    await this.#writing;
  }

  *all(): Iterable<WindowRecord> {
    for (const { record } of this.#held.values()) yield record;
  }

  get(id: string): WindowRecord {
    const held = this.#held.get(id);
    if (!held) throw new AppError('not-found', `There is no maintenance window ${id}.`);
    return held.record;
  }

  standing(window: WindowRecord, nowMs: Millis): WindowStanding {
    const held = this.#held.get(window.id);
    if (!held) return { state: 'over', now: null, next: null, last: null };
    let [now, last]: [Span | null, Span | null] = [null, null];
    for (const ciId of ['', ...held.begins.keys()]) {
      const timeline = this.#timeline(held, ciId, nowMs + 1);
      const span = spanAt(timeline, nowMs);
      if (span !== null && (now === null || span.toMs > now.toMs)) now = span;
      const past = timeline.spans[indexAfter(timeline.spans, nowMs) - 1];
      if (past !== undefined && past.toMs <= nowMs && (last === null || past.toMs > last.toMs)) last = past;
    }
    const next = this.#frameAfter(held, nowMs);
    const isOpen = next !== null && next.fromMs <= nowMs;
    const state = now !== null ? 'running' : isOpen ? 'waiting' : next !== null ? 'coming' : 'over';
    return { state, now, next, last };
  }

  coveredBy(windowId: string): readonly string[] {
    return this.#roster.members(windowId);
  }

  coverage(fields: Pick<WindowRecord, 'targets' | 'children'>): Coverage {
    return coverageOf(fields, this.#deps.source);
  }

  windowsOf(ciId: string): WindowRecord[] {
    return [...this.#roster.windowsOf(ciId)].flatMap((windowId) => {
      const held = this.#held.get(windowId);
      return held && this.#roster.holds(windowId, ciId, Infinity) ? [held.record] : [];
    });
  }

  set(fields: WindowFields, actor: string, nowMs: Millis): Promise<WindowRecord> {
    return this.#edit(nowMs, () => {
      const open = [...this.#held.values()].filter(({ over }) => !over).length;
      if (open >= WINDOWS_MAX)
        throw new AppError('input-invalid', `There are ${open} windows to come already; end some first.`);
      return newWindow(this.#deps.newId('mw', nowMs), fields, actor, nowMs);
    });
  }

  change(id: string, fields: Partial<WindowFields>, actor: string, nowMs: Millis): Promise<WindowRecord> {
    return this.#edit(nowMs, () => changedWindow(this.get(id), fields, actor, nowMs));
  }

  prolong(id: string, byMs: Millis, actor: string, nowMs: Millis): Promise<WindowRecord> {
    return this.#edit(nowMs, () => prolongedWindow(this.get(id), byMs, actor, nowMs));
  }

  skip(id: string, startMs: Millis, actor: string, nowMs: Millis): Promise<WindowRecord> {
    return this.#edit(nowMs, () => skippedWindow(this.get(id), startMs, actor, nowMs));
  }

  end(id: string, actor: string, nowMs: Millis): Promise<WindowRecord> {
    return this.#edit(nowMs, () => endedWindow(this.get(id), actor, nowMs));
  }

  /** One after the other: stored first, in force then. */
  #edit(nowMs: Millis, make: () => WindowRecord): Promise<WindowRecord> {
    const done = this.#edits.then(async () => {
      const record = make();
      await this.#deps.store.put(record);
      this.#hold(record, nowMs);
      const changes = this.#cover([record.id], nowMs);
      // It is in force already; who is in it is written again until it is.
      this.#unwritten.coverage.push(...changes);
      this.#writeSoon();
      await this.#writing;
      this.#passEdges(Math.max(nowMs, this.#nowMs));
      this.#tell(nowMs);
      return record;
    });
    this.#edits = done.catch(() => undefined);
    return done;
  }

  #hold(record: WindowRecord, nowMs: Millis): void {
    const begins = this.#held.get(record.id)?.begins ?? new Map<string, Millis[]>();
    this.#held.set(record.id, {
      record,
      begins,
      timelines: new Map(),
      frames: { spans: [], builtToMs: -Infinity },
      over: isOver(record, nowMs),
    });
  }

  /** Coverage of these is worked out; what it changes is taken over and returned. */
  #cover(ids: Iterable<string>, nowMs: Millis): CoverageChange[] {
    const changes: CoverageChange[] = [];
    const found = new Map<string, string[]>();
    for (const id of ids) {
      this.#uncovered.delete(id);
      const held = this.#held.get(id);
      if (held === undefined || held.over) continue;
      const key = coverageKey(held.record);
      const wanted = found.get(key) ?? this.coverage(held.record).covered.map(({ ciId }) => ciId);
      found.set(key, wanted);
      const change = this.#roster.changeTo(id, wanted, nowMs);
      if (change === null) continue;
      this.#roster.apply(change);
      changes.push(change);
    }
    return changes;
  }

  /** Those that run first, but the others too; those of equal targets together. */
  #coverSome(nowMs: Millis): void {
    const groups = new Map<string, { ids: string[]; runs: boolean }>();
    for (const id of this.#uncovered) {
      const held = this.#held.get(id);
      if (held === undefined || held.over) {
        this.#uncovered.delete(id);
        continue;
      }
      const key = coverageKey(held.record);
      const group = groups.get(key) ?? { ids: [], runs: false };
      groups.set(key, group);
      group.ids.push(id);
      group.runs ||= this.#runningIds.has(id);
    }
    const all = [...groups.values()];
    const running = all.filter(({ runs }) => runs).slice(0, COVERED_RUNNING_PER_TICK);
    const others = all.filter((group) => !running.includes(group));
    const now = [...running, ...others.slice(0, COVERED_PER_TICK - running.length)];
    this.#takeCoverage(
      now.flatMap(({ ids }) => ids),
      nowMs,
    );
  }

  #takeCoverage(ids: readonly string[], nowMs: Millis): void {
    const changes = this.#cover(ids, nowMs);
    if (changes.length === 0) return;
    this.#unwritten.coverage.push(...changes);
    // What joins may be in trouble, and a flexible window waits for that.
    this.#beginOpenFrames(nowMs);
    if (ids.some((id) => this.#runningIds.has(id))) this.#tell(nowMs);
  }

  #addBegin({ windowId, ciId, atMs }: Trigger): void {
    const held = this.#held.get(windowId);
    if (held === undefined) return;
    const key = ciId ?? '';
    held.begins.set(
      key,
      [...(held.begins.get(key) ?? []), atMs].sort((a, b) => a - b),
    );
    if (key === '') held.timelines.clear();
    else held.timelines.delete(key);
  }

  /** @returns whether the window begins by this trouble */
  #begin(held: Held, ciId: string, sinceMs: Millis, nowMs: Millis): boolean {
    const { record } = held;
    const { flexible, agreedAtMs } = latest(record);
    if (flexible === null) return false;
    const frame = this.#frameOf(held, nowMs, sinceMs);
    if (frame === null) return false;
    const key = flexible.per === 'ci' ? ciId : '';
    const begun = held.begins.get(key) ?? [];
    if (begun.some((atMs) => frame.fromMs <= atMs && atMs < frame.toMs)) return false;
    const atMs = Math.min(nowMs, Math.max(sinceMs, frame.fromMs, agreedAtMs));
    const trigger = { windowId: record.id, ciId: key === '' ? null : key, atMs };
    this.#addBegin(trigger);
    this.#unwritten.triggers.push(trigger);
    return true;
  }

  /** The frame that is open, or the one in which the trouble began and that closed while nobody had noticed it. */
  #frameOf(held: Held, nowMs: Millis, sinceMs: Millis): Occurrence | null {
    const frames = this.#frames(held, nowMs + 1);
    for (const atMs of [nowMs, Math.max(sinceMs, nowMs - NOTICED_LATE_MS_MAX)]) {
      const frame = frames[indexAfter(frames, atMs) - 1];
      if (frame !== undefined && atMs < frame.toMs) return frame;
    }
    return null;
  }

  #frameAfter(held: Held, nowMs: Millis): Occurrence | null {
    if (held.over) return null;
    const frames = this.#frames(held, nowMs + 1);
    const at = indexAfter(frames, nowMs);
    const open = frames[at - 1];
    if (open !== undefined && open.toMs > nowMs) return open;
    return frames[at] ?? this.#farFrame(held, nowMs);
  }

  /** Of a rule that recurs once a year. */
  #farFrame({ record }: Held, nowMs: Millis): Occurrence | null {
    for (const days of [400, 5 * 366]) {
      const [first] = occurrencesOf(latest(record), nowMs, nowMs + days * DAY_MS);
      if (first !== undefined) return first;
    }
    return null;
  }

  #frames(held: Held, toMs: Millis): readonly Occurrence[] {
    const { frames, record } = held;
    if (frames.builtToMs < toMs + ONCE_MS_MAX) {
      const builtToMs = toMs + BUILT_AHEAD_MS;
      const version = latest(record);
      held.frames = { spans: occurrencesOf(version, version.agreedAtMs, builtToMs), builtToMs };
    }
    return held.frames.spans;
  }

  #timeline(held: Held, ciId: string, toMs: Millis): Timeline {
    const { record, begins, timelines } = held;
    const key = ciId !== '' && begins.has(ciId) ? ciId : '';
    let timeline = timelines.get(key);
    if (timeline === undefined) {
      timeline = { spans: [], builtToMs: record.createdAtMs };
      timelines.set(key, timeline);
    }
    if (timeline.builtToMs < toMs + ONCE_MS_MAX) {
      const { id: windowId, title } = record;
      const builtToMs = Math.max(toMs, record.createdAtMs) + BUILT_AHEAD_MS;
      // Anew from the last stretch on, which may have been cut where the work ended.
      const lastMs = timeline.spans.at(-1)?.fromMs ?? timeline.builtToMs;
      const fromMs = Math.min(timeline.builtToMs, lastMs);
      if (timeline.spans.length > 0) timeline.spans.pop();
      for (const span of inForce(record, beginsOf(begins, key), fromMs, builtToMs))
        timeline.spans.push({ ...span, windowId, title });
      timeline.builtToMs = builtToMs;
    }
    return timeline;
  }

  #runningAt(nowMs: Millis): Map<string, WindowEdge> {
    const running = new Map<string, WindowEdge>();
    let nextMs = Infinity;
    for (const held of this.#held.values()) {
      if (held.over) continue;
      for (const key of ['', ...recentBegins(held.begins, nowMs)]) {
        const { spans } = this.#timeline(held, key, nowMs + 1);
        const at = indexAfter(spans, nowMs);
        const span = spans[at - 1];
        if (span !== undefined && span.toMs > nowMs) {
          const ciId = key === '' ? null : key;
          running.set(`${held.record.id} ${key}`, { type: 'begins', window: held.record, ciId, span });
          nextMs = Math.min(nextMs, span.toMs);
        }
        nextMs = Math.min(nextMs, spans[at]?.fromMs ?? Infinity);
      }
      const frame = this.#frameAfter(held, nowMs);
      if (frame !== null) nextMs = Math.min(nextMs, frame.fromMs > nowMs ? frame.fromMs : frame.toMs);
      else held.over = isOver(held.record, nowMs);
    }
    // Beyond this the timelines are not built.
    this.#nextEdgeMs = Math.min(nextMs, nowMs + DAY_MS);
    this.#edgesAtMs = nowMs;
    this.#runningIds = new Set([...running.values()].map(({ window }) => window.id));
    return running;
  }

  #passEdges(nowMs: Millis): void {
    this.#beginOpenFrames(nowMs);
    const before = this.#running;
    this.#running = this.#runningAt(nowMs);
    this.#coverWhatBegins(before, nowMs);
    let changed = false;
    for (const [key, edge] of before)
      if (!this.#running.has(key)) {
        changed = true;
        this.#deps.onEdge?.({ ...edge, type: 'ends' }, nowMs);
      }
    for (const [key, edge] of this.#running)
      if (!before.has(key)) {
        changed = true;
        this.#deps.onEdge?.(edge, nowMs);
      }
    if (changed) this.#tell(nowMs);
  }

  /** Nobody is woken because the coverage of a window was still to be worked out. */
  #coverWhatBegins(before: ReadonlyMap<string, WindowEdge>, nowMs: Millis): void {
    const begun = [...this.#running].filter(([key]) => !before.has(key)).map(([, { window }]) => window.id);
    const ids = this.#stale ? begun : begun.filter((id) => this.#uncovered.has(id));
    if (ids.length > 0) this.#unwritten.coverage.push(...this.#cover(ids, nowMs));
  }

  /** What is wrong already when a flexible window may begin, begins it. */
  #beginOpenFrames(nowMs: Millis): void {
    const open = [...this.#held.values()].filter((held) => {
      if (held.over || latest(held.record).flexible === null) return false;
      const frame = this.#frameAfter(held, nowMs);
      return frame !== null && frame.fromMs <= nowMs;
    });
    if (open.length === 0) return;
    for (const [ciId, sinceMs] of this.#deps.troubles(nowMs))
      for (const held of open)
        if (this.#roster.holds(held.record.id, ciId, nowMs)) this.#begin(held, ciId, sinceMs, nowMs);
  }

  #tell(nowMs: Millis): void {
    for (const listener of this.#listeners) listener(nowMs);
  }

  #prune(nowMs: Millis): void {
    if (nowMs - this.#prunedMs < PRUNE_INTERVAL_MS) return;
    this.#prunedMs = nowMs;
    const gone = [...this.#held.values()].filter(
      ({ over, record }) =>
        over &&
        nowMs - record.changedAtMs > WINDOWS_KEPT_MS &&
        occurrencesOf(latest(record), nowMs - WINDOWS_KEPT_MS, nowMs).length === 0,
    );
    if (gone.length === 0) return;
    const ids = gone.map(({ record }) => record.id);
    for (const id of ids) {
      this.#held.delete(id);
      this.#roster.forget(id);
    }
    this.#inTurn('old windows could not be dropped', () => this.#deps.store.drop(ids));
  }

  #writeSoon(): void {
    const { coverage, triggers } = this.#unwritten;
    if (coverage.length === 0 && triggers.length === 0) return;
    this.#inTurn('a window could not be written', async () => {
      const [changes, begins] = [[...coverage], [...triggers]];
      if (changes.length > 0) await this.#deps.store.addCoverage(changes);
      coverage.splice(0, changes.length);
      if (begins.length > 0) await this.#deps.store.addTriggers(begins);
      triggers.splice(0, begins.length);
    });
  }

  /** What fails stays to be written and is tried again. */
  #inTurn(what: string, work: () => Promise<void>): void {
    this.#writing = this.#writing.then(work).catch((error: unknown) => this.#deps.report(what, error));
  }
}

/** Equal for windows that cover the same. */
function coverageKey({ targets, children }: WindowRecord): string {
  return JSON.stringify([children, targets]);
}

function beginsOf(begins: ReadonlyMap<string, readonly Millis[]>, key: string): Begins {
  if (begins.size === 0) return NO_BEGINS;
  return { own: key === '' ? [] : (begins.get(key) ?? []), all: begins.get('') ?? [] };
}

/** CIs whose own begin may still be in force. */
function recentBegins(begins: ReadonlyMap<string, readonly Millis[]>, nowMs: Millis): string[] {
  const recent: string[] = [];
  for (const [ciId, times] of begins)
    if (ciId !== '' && (times.at(-1) ?? -Infinity) > nowMs - BEGUN_MS_MAX) recent.push(ciId);
  return recent;
}

/** Index of the first span that begins after the moment. */
function indexAfter(spans: readonly Span[], atMs: Millis): number {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((spans[middle] as Span).fromMs <= atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function spanAt({ spans }: Timeline, atMs: Millis): PlannedSpan | null {
  const span = spans[indexAfter(spans, atMs) - 1];
  return span !== undefined && atMs < span.toMs ? span : null;
}

/** What of the spans lies in [fromMs, toMs); those that lie in it whole are handed on as they are. */
function cutInto(found: PlannedSpan[], spans: readonly PlannedSpan[], fromMs: Millis, toMs: Millis): void {
  for (let i = Math.max(0, indexAfter(spans, fromMs) - 1); i < spans.length; i++) {
    const span = spans[i] as PlannedSpan;
    if (span.fromMs >= toMs) return;
    if (span.toMs <= fromMs) continue;
    const isWhole = span.fromMs >= fromMs && span.toMs <= toMs;
    found.push(
      isWhole ? span : { ...span, fromMs: Math.max(span.fromMs, fromMs), toMs: Math.min(span.toMs, toMs) },
    );
  }
}

/**
 * Learns from the record when machines are up, and keeps what it suggests. Nothing is applied unless an administrator
 * confirms it: a broken habit must not become what is expected.
 */
import type { SuggestionState, WeekHours } from '@muster/shared/api/presence.ts';
import { DAY_MS, MINUTE_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import { expectedSpans, usableZone } from '../availability/expectation.ts';
import type { Expectation, Expectations } from '../availability/expectation.ts';
import type { AvailabilityStore, BareRecord } from '../availability/store.ts';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import { AppError } from '../errors.ts';
import type { Membership } from '../relations/membership.ts';
import { habitOf, weekDifference } from './habit.ts';
import {
  DISMISSED_MINUTES_MIN,
  LEARN_MS,
  type LearnedMachine,
  type Precedents,
  type Proposal,
  proposalsOf,
} from './learn.ts';
import type { BeforeSuggestion, SuggestionRecord, SuggestionStore } from './store.ts';

/** The record is looked at this long after a start, and from then on this often. */
export const FIRST_LOOK_MS = 10 * MINUTE_MS;
export const LOOK_INTERVAL_MS = 7 * DAY_MS;
/** Machines whose record is read in one go. */
const MACHINES_PER_READ = 50;
/** Decided suggestions that are kept; the oldest go first. */
export const DECIDED_KEPT_MAX = 200;
/** Away inside the hours for less than this is lunch. */
const LEFT_MS_MIN = 30 * MINUTE_MS;

/** Makes a confirmed suggestion what is expected of its machines, and takes that back from today on. @throws AppError */
export interface ApplyHours {
  apply(suggestion: SuggestionRecord, actor: string, nowMs: Millis): Promise<BeforeSuggestion>;
  undo(before: BeforeSuggestion, actor: string, nowMs: Millis): Promise<void>;
}

export interface PresenceHoursDeps {
  readonly store: SuggestionStore;
  readonly record: Pick<AvailabilityStore, 'bareIntervals'>;
  readonly directory: Pick<CiDirectory, 'all'>;
  readonly expectations: Pick<Expectations, 'of'>;
  readonly membership: Pick<Membership, 'locationsOf'>;
  readonly apply: ApplyHours;
  readonly newId: (prefix: string, nowMs: Millis) => string;
  readonly pause: () => Promise<void>;
  readonly report: (what: string, error: unknown) => void;
}

export interface PresenceHours {
  list(state: SuggestionState | null): readonly SuggestionRecord[];
  lookedAtMs(): Millis | null;
  /** @throws AppError not-found, transition-not-allowed, and what applying it fails with */
  confirm(id: string, actor: string, nowMs: Millis): Promise<SuggestionRecord>;
  /** @throws AppError not-found, transition-not-allowed */
  dismiss(id: string, reason: string, actor: string, nowMs: Millis): Promise<SuggestionRecord>;
  /** The suggestion is open again. @throws AppError not-found, transition-not-allowed */
  undo(id: string, actor: string, nowMs: Millis): Promise<SuggestionRecord>;
  /** Reads the record of all machines; seconds for thousands, giving way between. */
  look(nowMs: Millis): Promise<void>;
  /** Once a second; looks when it is time, behind the caller. */
  tick(nowMs: Millis): void;
}

export async function createPresenceHours(deps: PresenceHoursDeps): Promise<PresenceHours> {
  const keeper = new HoursKeeper(deps);
  await keeper.open();
  return keeper;
}

class HoursKeeper implements PresenceHours {
  readonly #deps: PresenceHoursDeps;
  readonly #records = new Map<string, SuggestionRecord>();
  #nextLookMs: Millis | null = null;
  #lookedAtMs: Millis | null = null;
  #looking = false;
  readonly #deciding = new Set<string>();

  constructor(deps: PresenceHoursDeps) {
    this.#deps = deps;
  }

  async open(): Promise<void> {
    for (const record of await this.#deps.store.all()) this.#records.set(record.id, record);
  }

  list(state: SuggestionState | null): readonly SuggestionRecord[] {
    const all = [...this.#records.values()].filter((one) => state === null || one.state === state);
    return all.sort((a, b) => b.proposedAtMs - a.proposedAtMs || b.ciIds.length - a.ciIds.length);
  }

  lookedAtMs(): Millis | null {
    return this.#lookedAtMs;
  }

  async confirm(id: string, actor: string, nowMs: Millis): Promise<SuggestionRecord> {
    const proposed = this.#proposed(id);
    if (this.#deciding.has(id))
      throw new AppError('transition-not-allowed', 'This suggestion is being confirmed already.');
    this.#deciding.add(id);
    try {
      const before = await this.#deps.apply.apply(proposed, actor, nowMs);
      const decided = { decidedBy: actor, decidedAtMs: nowMs, before };
      return await this.#save({ ...proposed, ...decided, state: 'confirmed' });
    } finally {
      this.#deciding.delete(id);
    }
  }

  async undo(id: string, actor: string, nowMs: Millis): Promise<SuggestionRecord> {
    const record = this.#records.get(id);
    if (!record) throw new AppError('not-found', `There is no suggestion ${id}.`);
    if (!isUndoable(record) || this.#deciding.has(id))
      throw new AppError('transition-not-allowed', `This suggestion is ${record.state}.`);
    if (this.list('proposed').some(({ key }) => key === record.key))
      throw new AppError('transition-not-allowed', 'There is a newer suggestion for these machines.');
    this.#deciding.add(id);
    try {
      if (record.before) await this.#deps.apply.undo(record.before, actor, nowMs);
      const open = { decidedBy: null, decidedAtMs: null, reason: null, before: null };
      return await this.#save({ ...record, ...open, state: 'proposed' });
    } finally {
      this.#deciding.delete(id);
    }
  }

  async dismiss(id: string, reason: string, actor: string, nowMs: Millis): Promise<SuggestionRecord> {
    const proposed = this.#proposed(id);
    return this.#save({ ...proposed, state: 'dismissed', reason, decidedBy: actor, decidedAtMs: nowMs });
  }

  tick(nowMs: Millis): void {
    this.#nextLookMs ??= nowMs + FIRST_LOOK_MS;
    if (nowMs < this.#nextLookMs) return;
    this.#nextLookMs = nowMs + LOOK_INTERVAL_MS;
    this.look(nowMs).catch((error: unknown) => this.#deps.report('learning hours from the record', error));
  }

  async look(nowMs: Millis): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const machines = await this.#machines(nowMs);
      await this.#keep(proposalsOf(machines, this.#precedents()), nowMs);
      this.#lookedAtMs = nowMs;
    } finally {
      this.#looking = false;
    }
  }

  async #machines(nowMs: Millis): Promise<LearnedMachine[]> {
    const { directory, record, pause } = this.#deps;
    const fromMs = nowMs - LEARN_MS;
    const entries = [...directory.all()].filter(
      ({ lifecycle }) => lifecycle === 'in_use' || lifecycle === 'deployed',
    );
    const machines: LearnedMachine[] = [];
    for (let i = 0; i < entries.length; i += MACHINES_PER_READ) {
      const some = entries.slice(i, i + MACHINES_PER_READ);
      const records = await record.bareIntervals(
        some.map(({ id }) => id),
        fromMs,
        nowMs,
      );
      for (const entry of some) {
        const intervals = records.get(entry.id);
        if (intervals) machines.push(this.#learned(entry, intervals, fromMs, nowMs));
      }
      await pause();
    }
    return machines;
  }

  #learned(entry: CiEntry, intervals: BareRecord, fromMs: Millis, nowMs: Millis): LearnedMachine {
    const expectation = this.#deps.expectations.of(entry);
    const { timeZone: zone } = entry;
    const roaming = expectation.roaming;
    return {
      ciId: entry.id,
      class: entry.class,
      locationId: this.#deps.membership.locationsOf(entry.id)[0] ?? null,
      zone,
      habit: habitOf(intervals, zone, fromMs, nowMs),
      roaming,
      always: expectation.hours === 'always',
      week: weekOf(expectation, zone, nowMs),
      daysLeft: roaming ? 0 : daysLeft(intervals, expectation, zone, fromMs, nowMs),
    };
  }

  #precedents(): Precedents {
    const decided = this.list(null);
    const most = (record: SuggestionRecord, ciIds: readonly string[]) => {
      const held = new Set(record.ciIds);
      return ciIds.filter((id) => held.has(id)).length * 2 >= ciIds.length;
    };
    return {
      confirmed: (ciIds) =>
        decided.find((one) => one.state === 'confirmed' && one.kind === 'hours' && most(one, ciIds))?.hours ??
        null,
      dismissed: (kind, ciIds, hours) =>
        decided.some(
          (one) =>
            one.state === 'dismissed' &&
            one.kind === kind &&
            most(one, ciIds) &&
            (hours === null ||
              one.hours === null ||
              weekDifference(hours, one.hours) < DISMISSED_MINUTES_MIN),
        ),
    };
  }

  /** What is proposed already is renewed, what is no habit any more is withdrawn. */
  async #keep(proposals: readonly Proposal[], nowMs: Millis): Promise<void> {
    const open = new Map(this.list('proposed').map((one) => [one.key, one]));
    for (const proposal of proposals) {
      const before = open.get(proposal.key);
      open.delete(proposal.key);
      await this.#save({
        ...proposal,
        id: before?.id ?? this.#deps.newId('sug', nowMs),
        state: 'proposed',
        proposedAtMs: before?.proposedAtMs ?? nowMs,
        decidedBy: null,
        decidedAtMs: null,
        reason: null,
      });
    }
    for (const gone of open.values()) await this.#save({ ...gone, state: 'superseded', decidedAtMs: nowMs });
    await this.#prune();
  }

  async #prune(): Promise<void> {
    const decided = this.list(null).filter(({ state }) => state !== 'proposed');
    const old = decided.slice(DECIDED_KEPT_MAX).map(({ id }) => id);
    for (const id of old) this.#records.delete(id);
    if (old.length > 0) await this.#deps.store.drop(old);
  }

  #proposed(id: string): SuggestionRecord {
    const record = this.#records.get(id);
    if (!record) throw new AppError('not-found', `There is no suggestion ${id}.`);
    if (record.state !== 'proposed')
      throw new AppError('transition-not-allowed', `This suggestion is ${record.state} already.`);
    return record;
  }

  async #save(record: SuggestionRecord): Promise<SuggestionRecord> {
    await this.#deps.store.put(record);
    this.#records.set(record.id, record);
    return record;
  }
}

/** What replaced nothing that is known cannot be taken back here. */
export function isUndoable({ state, before }: SuggestionRecord): boolean {
  return state === 'dismissed' || (state === 'confirmed' && (before ?? null) !== null);
}

/** The hours of the last seven whole days, as expected now: the widest range of each day. */
function weekOf(expectation: Expectation, zone: string | null, nowMs: Millis): WeekHours {
  const name = usableZone(zone);
  const today = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(name).startOfDay();
  const week: WeekHours = Array.from({ length: 7 }, () => null);
  for (let back = 7; back >= 1; back--) {
    const day = today.subtract({ days: back });
    const fromMs = day.epochMilliseconds;
    const toMs = day.add({ days: 1 }).epochMilliseconds;
    const spans = expectedSpans(expectation, zone, fromMs, toMs);
    const [first, last] = [spans[0], spans.at(-1)];
    if (!first || !last) continue;
    week[day.dayOfWeek - 1] = {
      fromMinute: Math.min(1_439, Math.floor((first.fromMs - fromMs) / MINUTE_MS)),
      toMinute: Math.min(1_440, Math.ceil((last.toMs - fromMs) / MINUTE_MS)),
    };
  }
  return week;
}

/** Days on which it was asleep, off or out of reach for a while between two stretches up, inside its hours. */
function daysLeft(
  intervals: BareRecord,
  expectation: Expectation,
  zone: string | null,
  fromMs: Millis,
  toMs: Millis,
): number {
  const days = new Set<number>();
  const spans = expectedSpans(expectation, zone, fromMs, toMs);
  let at = 0;
  for (const { fromMs: begin, toMs: end, presence, cause, planned } of intervals) {
    const left = presence === 'asleep' || presence === 'off' || cause === 'unreachable';
    if (!left || planned || end === null) continue;
    while ((spans[at]?.toMs ?? Infinity) <= begin) at += 1;
    const span = spans[at];
    if (!span) break;
    // Who comes late or goes early has other hours, and takes nothing along.
    const isWithin = begin > span.fromMs && end < span.toMs;
    if (isWithin && end - begin >= LEFT_MS_MIN) days.add(span.fromMs);
  }
  return days.size;
}

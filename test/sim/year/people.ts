/** When people are at their laptops: arrival, lunch, meetings, trains, evenings, home office, holidays, illness. */
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { OfficeTime } from './office-time.ts';
import type { Random } from './random.ts';

export interface Habit {
  readonly atMs: Millis;
  /** boot: after a shutdown. drop: the network goes while it is awake; back: it returns. */
  readonly what: 'boot' | 'wake' | 'sleep' | 'off' | 'restart' | 'drop' | 'back';
  /** sleep, off: the agent had time to say so. */
  readonly word: boolean;
  readonly home: boolean;
  /** restart: how long it takes. */
  readonly lengthMs: Millis;
}

export interface Session {
  readonly fromMs: Millis;
  readonly toMs: Millis;
  readonly home: boolean;
}

export interface Diary {
  readonly habits: readonly Habit[];
  /** Awake and connected without a break. */
  readonly sessions: readonly Session[];
  /** Lunches slept through, by word. */
  readonly noons: readonly Session[];
}

/** Share of the sleeps and shutdowns of which nothing is heard: battery empty, network gone before the goodbye. */
const WORDLESS = 0.03;
const SESSION_MS_MIN = 30 * MINUTE_MS;

export function diaryOf(random: Random, time: OfficeTime): Diary {
  return new Person(random, time).diary();
}

class Person {
  readonly #random: Random;
  readonly #time: OfficeTime;
  readonly #habits: Habit[] = [];
  readonly #sessions: Session[] = [];
  readonly #noons: Session[] = [];
  readonly #arrives: number;
  readonly #away: readonly boolean[];
  readonly #fridayOff: boolean;
  #isOff = true;
  #home = false;
  #sinceMs: Millis = 0;
  #lastMs: Millis = -Infinity;

  constructor(random: Random, time: OfficeTime) {
    this.#random = random;
    this.#time = time;
    this.#arrives = random.normal(8.5 * 60, 35);
    this.#fridayOff = random.chance(0.15);
    this.#away = daysAway(random, time);
  }

  diary(): Diary {
    for (let day = 0; day < this.#time.days; day++) {
      const rests = !this.#time.isWorkday(day) || (this.#fridayOff && this.#time.weekday(day) === 4);
      if (this.#away[day]) continue;
      if (!rests) this.#workday(day);
      else if (this.#random.chance(0.05)) this.#evening(day, this.#random.between(10, 20) * 60);
    }
    return { habits: this.#habits, sessions: this.#sessions, noons: this.#noons };
  }

  #workday(day: number): void {
    const random = this.#random;
    const home = random.chance(0.35);
    const arrives = this.#arrives + random.normal(0, 14);
    const leaves = arrives + 9 * 60 + random.normal(0, 40);
    this.#start(this.#time.at(day, arrives), home);
    const breaks: { at: number; length: number; what: 'noon' | 'meeting' | 'drop' | 'train' | 'update' }[] =
      [];
    if (random.chance(0.7))
      breaks.push({ at: random.between(11.75, 12.75) * 60, length: random.between(25, 60), what: 'noon' });
    if (random.chance(0.3))
      breaks.push({
        at: arrives + random.between(40, 110),
        length: random.between(3, 20),
        what: 'meeting',
      });
    if (random.chance(0.35))
      breaks.push({ at: random.between(14, 15) * 60, length: dropMinutes(random), what: 'drop' });
    if (random.chance(0.03))
      breaks.push({ at: random.between(15.2, 15.6) * 60, length: random.between(40, 110), what: 'train' });
    else if (this.#time.weekday(day) === 2 && random.chance(0.25))
      breaks.push({
        at: random.between(15.2, 15.6) * 60,
        length: random.chance(0.1) ? random.between(8, 16) : random.between(2, 5),
        what: 'update',
      });
    for (const { at, length, what } of breaks.toSorted((a, b) => a.at - b.at)) {
      const fromMs = this.#time.at(day, at);
      const toMs = fromMs + Math.max(10 * SECOND_MS, length * MINUTE_MS);
      if (at + length > leaves - 10 || fromMs <= this.#lastMs) continue;
      if (what === 'noon' || what === 'meeting') {
        const word = this.#stop(fromMs, 'sleep');
        if (what === 'noon' && word) this.#noons.push({ fromMs, toMs, home });
        this.#start(toMs, home);
      } else if (what === 'update') this.#restart(fromMs, toMs - fromMs);
      else this.#drop(fromMs, toMs);
    }
    const endMs = this.#time.at(day, leaves);
    // Walks out with the lid open: the network is gone before anything is said.
    if (random.chance(0.04)) this.#note('drop', endMs - 5 * MINUTE_MS);
    this.#stop(endMs, random.chance(0.3) ? 'off' : 'sleep');
    if (random.chance(0.15)) this.#evening(day, random.between(19.5, 21) * 60);
  }

  #evening(day: number, minute: number): void {
    this.#start(this.#time.at(day, minute), true);
    this.#stop(this.#time.at(day, minute + this.#random.between(30, 160)), 'sleep');
  }

  #start(atMs: Millis, home: boolean): void {
    this.#home = home;
    this.#note(this.#isOff ? 'boot' : 'wake', atMs);
    this.#isOff = false;
    this.#sinceMs = this.#lastMs;
  }

  #stop(atMs: Millis, what: 'sleep' | 'off'): boolean {
    const word = !this.#random.chance(WORDLESS);
    this.#endSession(atMs);
    this.#note(what, atMs, { word });
    this.#isOff = what === 'off';
    return word;
  }

  #drop(fromMs: Millis, toMs: Millis): void {
    this.#endSession(fromMs);
    this.#note('drop', fromMs);
    this.#note('back', toMs);
    this.#sinceMs = toMs;
  }

  #restart(atMs: Millis, lengthMs: Millis): void {
    this.#endSession(atMs);
    this.#note('restart', atMs, { word: true, lengthMs });
    this.#sinceMs = atMs + lengthMs + 2 * MINUTE_MS;
    this.#lastMs = this.#sinceMs;
  }

  #endSession(atMs: Millis): void {
    if (atMs - this.#sinceMs >= SESSION_MS_MIN)
      this.#sessions.push({ fromMs: this.#sinceMs, toMs: atMs, home: this.#home });
  }

  #note(what: Habit['what'], atMs: Millis, more: Partial<Pick<Habit, 'word' | 'lengthMs'>> = {}): void {
    const inOrderMs = Math.max(Math.round(atMs / SECOND_MS) * SECOND_MS, this.#lastMs + MINUTE_MS);
    this.#lastMs = what === 'back' ? Math.max(atMs, this.#lastMs + 10 * SECOND_MS) : inOrderMs;
    this.#habits.push({
      what,
      atMs: this.#lastMs,
      word: more.word ?? true,
      home: this.#home,
      lengthMs: more.lengthMs ?? 0,
    });
  }
}

/** Mostly a moment, seldom long. */
function dropMinutes(random: Random): number {
  const kind = random.next();
  if (kind < 0.7) return random.between(0.2, 0.7);
  return kind < 0.95 ? random.between(1, 5) : random.between(5, 25);
}

/** Five to six weeks of holidays in blocks, the longest of two to three and a half weeks; days of illness. */
function daysAway(random: Random, time: OfficeTime): boolean[] {
  const away = Array.from({ length: time.days }, () => false);
  const block = (from: number, days: number) => {
    for (let day = Math.max(0, from); day < Math.min(time.days, from + days); day++) away[day] = true;
  };
  block(random.whole(170, 240), random.whole(14, 25));
  block(random.whole(20, 150), random.whole(3, 8));
  block(random.whole(260, 340), random.whole(3, 8));
  if (random.chance(0.7)) block(random.whole(354, 358), 12);
  for (let day = random.whole(0, 60); day < time.days; day += random.whole(30, 120))
    block(day, random.whole(1, 5));
  return away;
}

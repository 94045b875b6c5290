/** Finds items by any of their short names: in memory, best first. Pure. */
import type { SearchField, SearchMatch } from '@muster/shared/api/search.ts';

export interface SearchKey extends SearchMatch {
  /** As it is compared: folded by `foldKey`. */
  readonly text: string;
}

export interface Found<T> {
  readonly item: T;
  readonly match: SearchMatch;
}

/** What somebody typed: each word must occur somewhere in the item. */
export interface Question {
  readonly whole: string;
  readonly words: readonly QuestionWord[];
}
interface QuestionWord {
  readonly text: string;
  /** The digits where the word can be a piece of a MAC address, in whatever spelling. */
  readonly macDigits: string | null;
}

/** Fewer hex digits without separators are a word, not a piece of an address. */
const MAC_DIGITS_MIN = 4;
const MAC_PIECE = /^[0-9a-f]{2}([:-][0-9a-f]{1,2}){1,5}$/;
const MAC_DOTTED_PIECE = /^[0-9a-f]{4}(\.[0-9a-f]{1,4}){1,2}$/;
const MAC_PLAIN_PIECE = new RegExp(`^[0-9a-f]{${MAC_DIGITS_MIN},12}$`);

/** Better fields first; of two equally good matches the one of the earlier field counts. */
const FIELD_WEIGHTS: Readonly<Record<SearchField, number>> = {
  name: 0,
  ref: 0,
  assetNumber: 1,
  serial: 2,
  hostname: 3,
  mac: 4,
  address: 5,
  user: 6,
  owner: 7,
  title: 8,
  tag: 9,
  model: 10,
  id: 11,
  mail: 7,
  formerName: 8,
  detail: 12,
};

/** 0 the same, 1 begins with it, 2 a word in it does, 3 it is somewhere inside. */
const EXACT = 0;
const PREFIX = 1;
const WORD = 2;
const INSIDE = 3;
const RANK_STEP = 1_000;
const FIELD_STEP = 40;

export function questionOf(text: string): Question {
  const whole = text.trim().toLowerCase();
  return {
    whole,
    words: whole.split(/\s+/).map((word) => ({ text: word, macDigits: macDigitsOf(word) })),
  };
}

export function searchKey(field: SearchField, value: string): SearchKey {
  return { field, value, text: foldKey(field, value) };
}

function foldKey(field: SearchField, value: string): string {
  const text = value.toLowerCase();
  return field === 'mac' ? text.replaceAll(/[-:.]/g, '') : text;
}

function macDigitsOf(word: string): string | null {
  const isPiece = MAC_PIECE.test(word) || MAC_DOTTED_PIECE.test(word) || MAC_PLAIN_PIECE.test(word);
  return isPiece ? word.replaceAll(/[-:.]/g, '') : null;
}

interface Entry<T> {
  readonly item: T;
  readonly keys: readonly SearchKey[];
  /** All keys in one text: one look rules most items out. */
  readonly all: string;
}

/** Items by id with their keys; 5,000 machines with 15 keys each are asked within a few milliseconds. */
export class KeyIndex<T> {
  readonly #entries = new Map<string, Entry<T>>();

  get size(): number {
    return this.#entries.size;
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  put(id: string, item: T, keys: readonly SearchKey[]): void {
    this.#entries.set(id, { item, keys, all: keys.map(({ text }) => text).join('\n') });
  }

  get(id: string): T | undefined {
    return this.#entries.get(id)?.item;
  }

  keysOf(id: string): readonly SearchKey[] {
    return this.#entries.get(id)?.keys ?? [];
  }

  delete(id: string): void {
    this.#entries.delete(id);
  }

  /** The best `limit`, and whether there are others. Of equals the shorter value, then the smaller one, is first. */
  find(question: Question, limit: number): { items: Found<T>[]; more: boolean } {
    // Thousands may match a single letter: only the best are kept in order, the rest is counted.
    const best: Scored<T>[] = [];
    let count = 0;
    for (const entry of this.#entries.values()) {
      if (!question.words.every((word) => mayHold(entry.all, word))) continue;
      const found = bestKey(entry.keys, question);
      if (found === undefined) continue;
      count += 1;
      keepBest(best, { item: entry.item, ...found }, limit);
    }
    return {
      items: best.map(({ item, key: { field, value } }) => ({ item, match: { field, value } })),
      more: count > limit,
    };
  }
}

interface Scored<T> {
  readonly item: T;
  readonly key: SearchKey;
  readonly score: number;
}

/** Puts it in its place among the best, of which no more than `limit` stay. */
function keepBest<T>(best: Scored<T>[], found: Scored<T>, limit: number): void {
  const last = best.at(-1);
  if (last && best.length >= limit && isBefore(last, found)) return;
  const at = best.findIndex((each) => isBefore(found, each));
  best.splice(at === -1 ? best.length : at, 0, found);
  if (best.length > limit) best.pop();
}

function isBefore<T>(a: Scored<T>, b: Scored<T>): boolean {
  return a.score < b.score || (a.score === b.score && a.key.text <= b.key.text);
}

function mayHold(all: string, { text, macDigits }: QuestionWord): boolean {
  return all.includes(text) || (macDigits !== null && all.includes(macDigits));
}

/** The key that answers best; undefined where a word of the question is in no key. */
export function bestKey(
  keys: readonly SearchKey[],
  question: Question,
): { key: SearchKey; score: number } | undefined {
  const [first] = question.words;
  if (first === undefined) return undefined;
  if (question.words.length === 1) return bestFor(keys, first);
  const whole = bestFor(keys, { text: question.whole, macDigits: null });
  if (whole) return whole;
  const each = question.words.map((word) => bestFor(keys, word));
  if (each.some((found) => found === undefined)) return undefined;
  // Words that stand apart say less than the phrase: whatever their place, they come behind it.
  const [of] = each;
  return of && { key: of.key, score: of.score + INSIDE * RANK_STEP };
}

function bestFor(
  keys: readonly SearchKey[],
  word: QuestionWord,
): { key: SearchKey; score: number } | undefined {
  let best: { key: SearchKey; score: number } | undefined;
  for (const key of keys) {
    const needle = key.field === 'mac' ? word.macDigits : word.text;
    const rank = needle === null ? null : rankOf(key.text, needle);
    if (rank === null) continue;
    const score = scoreOf(rank, key);
    if (best === undefined || score < best.score) best = { key, score };
  }
  return best;
}

function scoreOf(rank: number, { field, text }: SearchKey): number {
  return rank * RANK_STEP + FIELD_WEIGHTS[field] * FIELD_STEP + Math.min(FIELD_STEP - 1, text.length);
}

/** null: not in it. */
export function rankOf(text: string, needle: string): number | null {
  const at = text.indexOf(needle);
  if (at === -1) return null;
  if (at === 0) return text.length === needle.length ? EXACT : PREFIX;
  return startsWord(text, needle, at) ? WORD : INSIDE;
}

function startsWord(text: string, needle: string, first: number): boolean {
  for (let at = first; at !== -1; at = text.indexOf(needle, at + 1))
    if (!isLetterOrDigit(text, at - 1)) return true;
  return false;
}

function isLetterOrDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  // Nearly all are plain: the pattern costs more than all the rest of a comparison.
  if (code < 128) return (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
  return /[\p{L}\p{N}]/u.test(text.charAt(at));
}

/**
 * A second copy of the dictionary of series, one JSON line each: without it the numbers in all other files mean nothing.
 * A line is there before the index has its series. One that was cut short is cut off, damaged ones are passed over.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { SeriesDefinition } from './dictionary.ts';

export const SERIES_FILE = 'series.jsonl';

const LINE_END = 10;

/** Writes the copy. Definitions come ascending by id. */
export class SeriesFile {
  readonly #folder: string;
  readonly #file: string;
  /** Whole lines; what is behind them was left by a write that failed. */
  #bytes = 0;
  /** What was added up to here is there. */
  #lastId = -1;
  /** Lines that were found further on. */
  #ahead: ReadonlyMap<number, string> = new Map();
  /** Of the index, not yet here. */
  #owed: readonly SeriesDefinition[] = [];

  constructor(folder: string) {
    this.#folder = folder;
    this.#file = path.join(folder, SERIES_FILE);
  }

  /**
   * Returns what the file has and the index does not, up to the first id that is missing: what lies behind comes from the
   * journal, in the order of ids. Of an index that knows nothing, all. What the file lacks comes with the next `append`.
   */
  open(known: readonly SeriesDefinition[]): SeriesDefinition[] {
    const newest = known.at(-1);
    this.#lastId = newest?.id ?? -1;
    this.#bytes = fs.existsSync(this.#file) ? fs.statSync(this.#file).size : 0;
    if (newest !== undefined && this.#bytes > 0 && this.#endsWith(`\n${lineOf(newest)}\n`)) return [];
    const found = this.#bytes === 0 ? [] : readSeries(this.#folder);
    this.#bytes = this.#wholeBytes();
    const ids = new Set(found.map(({ id }) => id));
    this.#owed = known.filter(({ id }) => !ids.has(id));
    const unknown: SeriesDefinition[] = [];
    for (const one of found) {
      if (one.id <= this.#lastId) continue;
      if (known.length > 0 && one.id !== this.#lastId + 1) break;
      unknown.push(one);
      this.#lastId = one.id;
    }
    const ahead = found.filter(({ id }) => id > this.#lastId);
    this.#ahead = new Map(ahead.map((one) => [one.id, lineOf(one)]));
    return unknown;
  }

  /** On the disk when it returns; what is there already is left out. */
  append(series: readonly SeriesDefinition[]): void {
    const fresh = series.filter((one) => one.id > this.#lastId && this.#ahead.get(one.id) !== lineOf(one));
    this.#write([...this.#owed, ...fresh]);
    this.#owed = [];
    this.#lastId = Math.max(this.#lastId, series.at(-1)?.id ?? -1);
  }

  #write(series: readonly SeriesDefinition[]): void {
    if (series.length === 0) return;
    const bytes = Buffer.from(`${series.map(lineOf).join('\n')}\n`);
    const file = fs.openSync(this.#file, fs.constants.O_RDWR | fs.constants.O_CREAT);
    try {
      fs.ftruncateSync(file, this.#bytes);
      for (let at = 0; at < bytes.length; )
        at += fs.writeSync(file, bytes, at, bytes.length - at, this.#bytes + at);
      fs.fsyncSync(file);
    } finally {
      fs.closeSync(file);
    }
    this.#bytes += bytes.length;
  }

  #endsWith(text: string): boolean {
    const wanted = Buffer.from(text);
    // The first line has no end before it.
    const length = Math.min(wanted.length, this.#bytes);
    const tail = Buffer.alloc(length);
    const file = fs.openSync(this.#file, 'r');
    try {
      fs.readSync(file, tail, 0, length, this.#bytes - length);
    } finally {
      fs.closeSync(file);
    }
    return length >= wanted.length - 1 && tail.equals(wanted.subarray(wanted.length - length));
  }

  /** Up to the last line end. */
  #wholeBytes(): number {
    if (this.#bytes === 0) return 0;
    return fs.readFileSync(this.#file).lastIndexOf(LINE_END) + 1;
  }
}

/** Ascending by id; of several of one id the last counts. */
export function readSeries(folder: string): SeriesDefinition[] {
  const file = path.join(folder, SERIES_FILE);
  if (!fs.existsSync(file)) return [];
  const found = new Map<number, SeriesDefinition>();
  // What has no line end was cut short, even where it looks whole.
  for (const line of fs.readFileSync(file, 'utf8').split('\n').slice(0, -1)) {
    const definition = parseLine(line);
    if (definition !== undefined) found.set(definition.id, definition);
  }
  return [...found.values()].sort((a, b) => a.id - b.id);
}

function lineOf({ id, ciId, metric, instance, decimals }: SeriesDefinition): string {
  return JSON.stringify([id, ciId, metric, instance, decimals]);
}

function parseLine(line: string): SeriesDefinition | undefined {
  if (line === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  // By hand: a schema would bring its library, 4 MiB, into the heap of the thread.
  if (!Array.isArray(value) || value.length !== 5) return undefined;
  const [id, ciId, metric, instance, decimals]: unknown[] = value;
  if (typeof ciId !== 'string' || typeof metric !== 'string' || typeof instance !== 'string')
    return undefined;
  if (!isWhole(id) || id < 0 || !isWhole(decimals)) return undefined;
  return { id, ciId, metric, instance, decimals };
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

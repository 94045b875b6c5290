/**
 * A second copy of the dictionary of series, one JSON line each: without it the numbers in all other files mean nothing.
 * A line is there before the index has its series; lines that were cut short or damaged are passed over.
 */
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { SeriesDefinition } from './dictionary.ts';

export const SERIES_FILE = 'series.jsonl';

const Line = z.tuple([z.int().nonnegative(), z.string(), z.string(), z.string(), z.int()]);

/** On the disk when it returns. */
export function appendSeries(folder: string, series: readonly SeriesDefinition[]): void {
  if (series.length === 0) return;
  const lines = series.map(({ id, ciId, metric, instance, decimals }) =>
    JSON.stringify([id, ciId, metric, instance, decimals]),
  );
  const file = fs.openSync(path.join(folder, SERIES_FILE), 'a');
  try {
    // The first line end closes a line that was cut short.
    fs.writeFileSync(file, `\n${lines.join('\n')}\n`);
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
}

/** Ascending by id; of several of one id the first counts. */
export function readSeries(folder: string): SeriesDefinition[] {
  const file = path.join(folder, SERIES_FILE);
  if (!fs.existsSync(file)) return [];
  const found = new Map<number, SeriesDefinition>();
  for (const line of fs.readFileSync(file, 'utf8').split('\n')) {
    const definition = parseLine(line);
    if (definition !== undefined && !found.has(definition.id)) found.set(definition.id, definition);
  }
  return [...found.values()].sort((a, b) => a.id - b.id);
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
  const parsed = Line.safeParse(value);
  if (!parsed.success) return undefined;
  const [id, ciId, metric, instance, decimals] = parsed.data;
  return { id, ciId, metric, instance, decimals };
}

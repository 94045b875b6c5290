/** Ticks in plain arrays, to compare and print them: tests only. */
import type { Tick } from './samples.ts';

export function plainTicks(ticks: readonly Tick[]): { atMs: number; series: number[]; values: number[] }[] {
  return ticks.map(({ atMs, series, values }) => ({ atMs, series: [...series], values: [...values] }));
}

/** What a figure of the bench is: its name, its unit, the gates it must pass, and what was measured of whom. */

import type { CurvePoint } from './power-law.ts';

export type Subject = 'muster' | 'prometheus' | 'victoriametrics';
export const SUBJECTS = ['muster', 'prometheus', 'victoriametrics'] as const;

/**
 * A limit. `against` a peer: Muster's figure divided by the peer's; against null: Muster's figure itself.
 * `gate` must be reached, `stretch` is hoped for. Whether it is a floor or a ceiling follows from `better` of the figure.
 */
export interface Gate {
  readonly against: 'prometheus' | 'victoriametrics' | null;
  /** null: there is only the stretch. */
  readonly gate: number | null;
  readonly stretch?: number;
}

export interface Figure {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  /** Empty: told for information. The first that names a peer decides what `ratio` is in the output. */
  readonly gates: readonly Gate[];
}

/** One value per round. A subject without values was not measured. */
export type Values = Partial<Record<Subject, readonly number[]>>;

export interface Measured {
  readonly values: Readonly<Record<string, Values>>;
  /** Points behind a figure that is the exponent of a curve. */
  readonly curves?: Readonly<Record<string, readonly CurvePoint[]>>;
  /** Runs that failed: their figures are of the others, or not there. */
  readonly failures?: readonly string[];
  /** Sentences for below the table: what was different from the plan, what the figure hides. */
  readonly notes?: readonly string[];
}

/** Figures that come out of one set of runs. Its name and the names of its figures are what `--only` takes. */
export interface Trial {
  readonly name: string;
  /** What runs, for `--list`. */
  readonly summary: string;
  readonly figures: readonly Figure[];
  run(bench: Bench): Promise<Measured>;
}

/** What every trial is given. */
export interface Bench {
  readonly seed: number;
  /** Small sizes, to see that everything works: figures are worth nothing. */
  readonly quick: boolean;
  readonly rounds: number;
  /** Seconds of one paced run that count. */
  readonly pacedSeconds: number;
  /** The peers that are installed here. */
  readonly peers: readonly Exclude<Subject, 'muster'>[];
  /** What is being done, on the error stream. */
  say(text: string): void;
}

/** A run whose samples were not all stored, or that could not be made: there is no figure then. */
export class InvalidRun extends Error {
  override readonly name = 'InvalidRun';
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** @param share 0.5 for the median, 0.95 for the 95th percentile; nearest rank. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

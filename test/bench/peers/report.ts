/** The figures as a table for the terminal and as JSON. */
import {
  type Figure,
  type Gate,
  type Measured,
  median,
  type Subject,
  SUBJECTS,
  type Values,
} from './figure.ts';
import type { CurvePoint } from './power-law.ts';

export interface FigureResult {
  readonly title: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly muster: number | null;
  readonly prometheus: number | null;
  readonly victoriametrics: number | null;
  readonly ratio: number | null;
  readonly gate: number | null;
  readonly stretch: number | null;
  readonly passed: boolean | null;
  readonly gates: readonly GateResult[];
  readonly spread: Partial<Record<Subject, { min: number; max: number; rounds: number }>>;
  /** Of a growth curve, whose exponent the figure is. */
  readonly points?: readonly CurvePoint[];
}

interface GateResult extends Gate {
  /** What the gate is held against: a ratio, or Muster's own figure. */
  readonly value: number | null;
  readonly passed: boolean | null;
  readonly stretchPassed: boolean | null;
}

function resultOf(figure: Figure, values: Values): FigureResult {
  const middle = (subject: Subject): number | null => {
    const found = values[subject] ?? [];
    return found.length === 0 ? null : median(found);
  };
  const muster = middle('muster');
  const ratioTo = (against: Gate['against']): number | null => {
    const other = against === null ? 1 : middle(against);
    return muster === null || other === null || other === 0 ? null : muster / other;
  };
  const gates = figure.gates.map((gate): GateResult => {
    const value = ratioTo(gate.against);
    return {
      ...gate,
      value,
      passed: gate.gate === null ? null : reached(figure, value, gate.gate),
      stretchPassed: gate.stretch === undefined ? null : reached(figure, value, gate.stretch),
    };
  });
  const peer = figure.gates.find(({ against }) => against !== null)?.against ?? 'prometheus';
  const decided = gates.filter(({ gate }) => gate !== null).map(({ passed }) => passed);
  return {
    title: figure.title,
    unit: figure.unit,
    better: figure.better,
    muster,
    prometheus: middle('prometheus'),
    victoriametrics: middle('victoriametrics'),
    ratio: ratioTo(peer),
    gate: figure.gates[0]?.gate ?? null,
    stretch: figure.gates[0]?.stretch ?? null,
    passed: decided.length === 0 || decided.includes(null) ? null : decided.every((one) => one === true),
    gates,
    spread: Object.fromEntries(
      SUBJECTS.flatMap((subject) => {
        const found = values[subject] ?? [];
        const spread = { min: Math.min(...found), max: Math.max(...found), rounds: found.length };
        return found.length === 0 ? [] : [[subject, spread]];
      }),
    ),
  };
}

function reached(figure: Figure, value: number | null, limit: number): boolean | null {
  if (value === null) return null;
  return figure.better === 'higher' ? value >= limit : value <= limit;
}

/** Rows of the table: a figure, then one line for each of its gates. */
export function tableOf(results: Readonly<Record<string, FigureResult>>): string {
  const head = ['figure', 'unit', 'Muster', 'Prometheus', 'VictoriaMetrics', 'gate', 'is', 'stretch', ''];
  const rows = Object.values(results).flatMap(rowsOf);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

function rowsOf(result: FigureResult): string[][] {
  const { title, unit, gates, better } = result;
  const first = [
    title,
    unit,
    spreadText(result, 'muster'),
    spreadText(result, 'prometheus'),
    spreadText(result, 'victoriametrics'),
  ];
  if (gates.length === 0) return [[...first, '', ratioText(result), '', 'for information']];
  return gates.map((gate, i) => [
    ...(i === 0 ? first : ['', '', '', '', '']),
    gateText(gate, better, gate.gate),
    short(gate.value) + (gate.against === null ? '' : ' ×'),
    gate.stretch === undefined ? '' : gateText(gate, better, gate.stretch),
    verdict(gate),
  ]);
}

function ratioText({ ratio }: FigureResult): string {
  return ratio === null ? '' : `${short(ratio)} ×`;
}

function gateText({ against }: Gate, better: 'higher' | 'lower', limit: number | null): string {
  if (limit === null) return '';
  const sign = better === 'higher' ? '≥' : '≤';
  return `${sign} ${short(limit)}${against === null ? '' : ` × ${against === 'prometheus' ? 'Prom' : 'VM'}`}`;
}

function verdict({ gate, value, passed, stretchPassed }: GateResult): string {
  if (value === null) return 'not measured';
  if (gate === null) return stretchPassed === true ? 'stretch' : 'not the stretch';
  return passed ? (stretchPassed === true ? 'stretch' : 'passed') : 'MISSED';
}

function spreadText({ spread, ...result }: FigureResult, subject: Subject): string {
  const middle = result[subject];
  const { min, max, rounds } = spread[subject] ?? { min: 0, max: 0, rounds: 0 };
  if (middle === null) return '–';
  return rounds > 1 ? `${short(middle)} [${short(min)}–${short(max)}]` : short(middle);
}

/** Three digits, with k or M where the number is long. */
function short(value: number | null): string {
  if (value === null) return '–';
  if (Math.abs(value) >= 1e6) return `${digits(value / 1e6)} M`;
  if (Math.abs(value) >= 1e4) return `${digits(value / 1e3)} k`;
  return digits(value);
}

function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** What a trial found, figure by figure, in the order in which it names them. */
export function resultsOf(
  figures: readonly Figure[],
  { values, curves = {} }: Measured,
): Record<string, FigureResult> {
  return Object.fromEntries(
    figures.map((figure) => {
      const points = curves[figure.name];
      const result = resultOf(figure, values[figure.name] ?? {});
      return [figure.name, points ? { ...result, points } : result];
    }),
  );
}

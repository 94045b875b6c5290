/** What happened, as marks above a plot: those that would cover one another are folded to a count. Pure. */
import type { Severity } from '@muster/shared/api/rules.ts';
import type { Millis } from '@muster/shared/time.ts';

export const MARKER_KINDS = ['change', 'breach', 'opened'] as const;

export interface ChartMarker {
  readonly atMs: Millis;
  /** Diamond, triangle, square. */
  readonly kind: (typeof MARKER_KINDS)[number];
  readonly label: string;
  /** Of a breach; critical where it is not said. */
  readonly severity?: Severity;
  /** A link to the record, without content; the mark becomes its content. */
  readonly link?: React.ReactElement<{ children?: React.ReactNode }>;
}

/** A time agreed beforehand: a tinted span with its words. */
export interface ChartWindow {
  readonly fromMs: Millis;
  readonly toMs: Millis;
  readonly label: string;
}

export interface FoldedMarker {
  /** In the pixels of `xOf`. */
  readonly x: number;
  /** What is drawn: of the gravest kind, the first. */
  readonly shown: ChartMarker;
  /** In order of time. */
  readonly markers: readonly ChartMarker[];
}

/** Marks nearer than this would touch (CSS px). */
export const FOLD_PX = 16;

/** `xOf` gives pixels for a time, `nearPx` in the same pixels. */
export function foldMarkers(
  markers: readonly ChartMarker[],
  xOf: (atMs: Millis) => number,
  nearPx: number,
): FoldedMarker[] {
  const groups: { x: number; markers: ChartMarker[] }[] = [];
  for (const marker of [...markers].sort((a, b) => a.atMs - b.atMs)) {
    const x = xOf(marker.atMs);
    const last = groups.at(-1);
    if (last && x - last.x < nearPx) last.markers.push(marker);
    else groups.push({ x, markers: [marker] });
  }
  return groups.map((group) => {
    const shown = group.markers.reduce((gravest, each) => (rank(each) > rank(gravest) ? each : gravest));
    return { x: group.x, shown, markers: group.markers };
  });
}

function rank({ kind }: ChartMarker): number {
  return MARKER_KINDS.indexOf(kind);
}

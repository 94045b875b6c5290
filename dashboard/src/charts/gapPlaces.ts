/** Where the words of gaps stand: in one row, over nothing else, or nowhere. In px of the canvas. Pure. */

/** Where words stand already; `y` is the baseline. */
export interface Box {
  readonly x: number;
  readonly end: number;
  readonly y: number;
}

export interface WordedGap {
  readonly left: number;
  readonly right: number;
  /** Of its words. */
  readonly width: number;
}

export interface Plot {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly rowHeight: number;
  /** Lines that words should not stand on. */
  readonly lines: readonly number[];
}

const ROWS = [1, 2, 3] as const;
const MARGIN_SHARE = 0.45;
/** The letters reach so far below their baseline. */
const BELOW_SHARE = 0.3;

export function isFree(box: Box, taken: readonly Box[], rowHeight: number): boolean {
  const margin = rowHeight * MARGIN_SHARE;
  return taken.every(
    (other) =>
      Math.abs(other.y - box.y) >= rowHeight || box.end + margin <= other.x || box.x >= other.end + margin,
  );
}

/** The longest gap first, and the row that it gets is that of all: one for each gap, null where there is no room. */
export function gapPlaces(gaps: readonly WordedGap[], plot: Plot, taken: readonly Box[]): (Box | null)[] {
  const places: (Box | null)[] = gaps.map(() => null);
  const all = [...taken];
  let row: number | null = null;
  const longestFirst = [...gaps.keys()].sort((a, b) => lengthOf(gaps[b]) - lengthOf(gaps[a]));
  for (const index of longestFirst) {
    const gap = gaps[index];
    if (gap === undefined || lengthOf(gap) <= 0) continue;
    const box = placeOf(gap, row === null ? ROWS : [row], gaps, plot, all);
    if (box === null) continue;
    row ??= Math.round((box.y - plot.top) / plot.rowHeight);
    places[index] = box;
    all.push(box);
  }
  return places;
}

function lengthOf(gap: WordedGap | undefined): number {
  return gap === undefined ? 0 : gap.right - gap.left;
}

/** Inside the gap where it is wide enough, else beside it, where no other gap would seem to be meant. */
function placeOf(
  gap: WordedGap,
  rows: readonly number[],
  gaps: readonly WordedGap[],
  { left, right, top, rowHeight, lines }: Plot,
  taken: readonly Box[],
): Box | null {
  const margin = rowHeight * MARGIN_SHARE;
  const { width } = gap;
  const isInside = width + 2 * margin < lengthOf(gap);
  const starts = isInside
    ? [(gap.left + gap.right - width) / 2]
    : [gap.left - margin - width, gap.right + margin];
  const boxes = starts.flatMap((x) => rows.map((row) => ({ x, end: x + width, y: top + row * rowHeight })));
  const fits = (box: Box) =>
    box.x >= left &&
    box.end <= right &&
    isFree(box, taken, rowHeight) &&
    gaps.every((other) => other === gap || other.right <= box.x || other.left >= box.end);
  const isOffLines = ({ y }: Box) =>
    lines.every((line) => line <= y - rowHeight || line >= y + rowHeight * BELOW_SHARE);
  return boxes.find((box) => fits(box) && isOffLines(box)) ?? boxes.find(fits) ?? null;
}

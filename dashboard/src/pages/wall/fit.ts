/** How large the cells of a roll may be so that all of it is seen at once. Pure. */

/** Room between two cells. */
const GAP_PX = 2;
export const CELL_PX_MAX = 24;
export const CELL_PX_MIN = 4;

export interface Room {
  readonly widthPx: number;
  readonly heightPx: number;
  /** What each site takes besides its cells. */
  readonly headingPx: number;
}

/** The largest cell with which `counts` machines per site fit; the smallest there is where nothing fits. */
export function cellSize(counts: readonly number[], { widthPx, heightPx, headingPx }: Room): number {
  for (let size = CELL_PX_MAX; size > CELL_PX_MIN; size--) {
    const pitch = size + GAP_PX;
    const perRow = Math.max(1, Math.floor((widthPx + GAP_PX) / pitch));
    const height = counts.reduce((sum, count) => sum + headingPx + Math.ceil(count / perRow) * pitch, 0);
    if (height <= heightPx) return size;
  }
  return CELL_PX_MIN;
}

/** A tile with a name: its least width with the gap, and its height with the gap. */
const TILE_WIDTH_REM = 11.5;
const TILE_HEIGHT_REM = 2.75;

/** Whether every machine can be shown with its name. `remPx`: size of the letters of the page. */
export function tilesFit(counts: readonly number[], room: Room & { readonly remPx: number }): boolean {
  const perRow = Math.max(1, Math.floor(room.widthPx / (TILE_WIDTH_REM * room.remPx)));
  const height = counts.reduce(
    (sum, count) => sum + room.headingPx + Math.ceil(count / perRow) * TILE_HEIGHT_REM * room.remPx,
    0,
  );
  return height <= room.heightPx;
}

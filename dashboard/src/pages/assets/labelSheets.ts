/** Sheets and rolls of labels, in millimetres. Pure. */

export interface LabelSheet {
  readonly title: string;
  readonly pageWidthMm: number;
  readonly pageHeightMm: number;
  readonly columns: number;
  readonly rows: number;
  readonly widthMm: number;
  readonly heightMm: number;
  readonly leftMm: number;
  readonly topMm: number;
  /** From the left edge of one label to that of the next, and from top to top. */
  readonly stepXMm: number;
  readonly stepYMm: number;
}

const A4 = { pageWidthMm: 210, pageHeightMm: 297 } as const;
const roll = (title: string, widthMm: number, heightMm: number): LabelSheet => ({
  title,
  pageWidthMm: widthMm,
  pageHeightMm: heightMm,
  columns: 1,
  rows: 1,
  widthMm,
  heightMm,
  leftMm: 0,
  topMm: 0,
  stepXMm: widthMm,
  stepYMm: heightMm,
});

export const LABEL_SHEETS: Readonly<Record<string, LabelSheet>> = {
  l7160: {
    ...A4,
    title: 'Avery L7160 (63.5 × 38.1 mm, 3 × 7)',
    columns: 3,
    rows: 7,
    widthMm: 63.5,
    heightMm: 38.1,
    leftMm: 7.2,
    topMm: 15.15,
    stepXMm: 66.04,
    stepYMm: 38.1,
  },
  l7163: {
    ...A4,
    title: 'Avery L7163 (99.1 × 38.1 mm, 2 × 7)',
    columns: 2,
    rows: 7,
    widthMm: 99.1,
    heightMm: 38.1,
    leftMm: 4.65,
    topMm: 15.15,
    stepXMm: 101.64,
    stepYMm: 38.1,
  },
  '3490': {
    ...A4,
    title: 'Avery 3490 (70 × 36 mm, 3 × 8)',
    columns: 3,
    rows: 8,
    widthMm: 70,
    heightMm: 36,
    leftMm: 0,
    topMm: 4.5,
    stepXMm: 70,
    stepYMm: 36,
  },
  'a4-24': {
    ...A4,
    title: 'A4 24 (70 × 37 mm, 3 × 8)',
    columns: 3,
    rows: 8,
    widthMm: 70,
    heightMm: 37,
    leftMm: 0,
    topMm: 0.5,
    stepXMm: 70,
    stepYMm: 37,
  },
  '62x29': roll('62 × 29 mm', 62, 29),
  '50x30': roll('50 × 30 mm', 50, 30),
};

export interface LabelPlace {
  readonly page: number;
  readonly xMm: number;
  readonly yMm: number;
}

/** Where each of `count` labels goes; the first is put at place `start` (from 1, in reading order). */
export function labelPlaces(sheet: LabelSheet, count: number, start: number): LabelPlace[] {
  const perPage = sheet.columns * sheet.rows;
  const first = Math.min(Math.max(1, Math.trunc(start)), perPage) - 1;
  return Array.from({ length: count }, (_, i) => {
    const at = first + i;
    const onPage = at % perPage;
    return {
      page: Math.floor(at / perPage),
      xMm: sheet.leftMm + (onPage % sheet.columns) * sheet.stepXMm,
      yMm: sheet.topMm + Math.floor(onPage / sheet.columns) * sheet.stepYMm,
    };
  });
}

/** What the square code of a label says. */
export function scanAddress(origin: string, assetNumber: string): string {
  return `${origin}/scan/${encodeURIComponent(assetNumber)}`;
}

/** The asset number in what was scanned: our own address, or the bare number of a bar code. */
export function scannedNumber(text: string): string {
  const match = /\/scan\/([^/?#]+)\/?(?:[?#].*)?$/.exec(text.trim());
  if (!match?.[1]) return text.trim();
  try {
    return decodeURIComponent(match[1]);
  } catch {
    return match[1]; // Not encoded as we do: taken as it stands.
  }
}

/** Groups as bubbles on one or two rings, in per cent of a square; the relations between them as curves through the middle. Pure. */
import type { MapGroups } from '@muster/shared/api/relations.ts';

export interface Bubble {
  readonly at: number;
  readonly x: number;
  readonly y: number;
  readonly size: number;
}

export interface RingLine {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly path: string;
  readonly width: number;
}

const MIDDLE = 50;
/** Of more groups every second stands on a ring further in. */
const ONE_RING_MAX = 14;
const OUTER = 40;
const INNER = 22;
const SIZE_MAX = 17;
/** Of the way to the next. */
const BUBBLE_SHARE = 0.95;
const WIDTH_MAX = 0.8;

export function ringOf(afar: Pick<MapGroups, 'groups' | 'ties'>, shownMax: number) {
  const shown = Math.min(afar.groups.length, shownMax);
  const rings = shown > ONE_RING_MAX ? [OUTER, INNER] : [OUTER];
  const middles = Array.from({ length: shown }, (_, at) => {
    const angle = (at / shown) * 2 * Math.PI - Math.PI / 2;
    const radius = shown === 1 ? 0 : (rings[at % rings.length] ?? OUTER);
    return {
      at,
      x: rounded(MIDDLE + radius * Math.cos(angle)),
      y: rounded(MIDDLE + radius * Math.sin(angle)),
    };
  });
  const distances = middles.flatMap((one) =>
    middles.slice(0, one.at).map((other) => Math.hypot(one.x - other.x, one.y - other.y)),
  );
  const size = rounded(Math.min(SIZE_MAX, BUBBLE_SHARE * Math.min(...distances)));
  const bubbles = middles.map((middle): Bubble => ({ ...middle, size }));
  const most = Math.max(1, ...afar.ties.map(([, , count]) => count));
  const lines = afar.ties.flatMap(([from, to, count]): RingLine[] => {
    const [a, b] = [bubbles[from], bubbles[to]];
    if (a === undefined || b === undefined) return [];
    const path = `M${a.x} ${a.y}Q${MIDDLE} ${MIDDLE} ${b.x} ${b.y}`;
    return [{ from, to, count, path, width: rounded(0.15 + WIDTH_MAX * (count / most)) }];
  });
  return { bubbles, lines };
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

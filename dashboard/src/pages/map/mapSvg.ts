/** The map as an SVG file: the same forms, marks and colours, drawn without the graphics card. Pure. */
import type { MapAnswer } from '@muster/shared/api/relations.ts';
import { type Look, MARK_PATHS, SHAPE_PATHS } from './looks.ts';

export interface SvgInput {
  readonly map: Pick<MapAnswer, 'nodes' | 'edges'>;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly lookOf: (node: MapAnswer['nodes'][number]) => Look;
  readonly colours: Readonly<Record<string, string>>;
}

const WIDTH = 1600;
const HEIGHT = 1000;
const MARGIN = 60;
/** Of more nodes only those that many edges lead to have their name in the picture. */
const NAMES_MAX = 400;

export function mapSvg({ map, x, y, lookOf, colours }: SvgInput): string {
  const [left, right] = span(x);
  const [top, bottom] = span(y);
  const scale = Math.min(
    (WIDTH - 2 * MARGIN) / (right - left || 1),
    (HEIGHT - 2 * MARGIN) / (bottom - top || 1),
  );
  const at = (index: number): [number, number] => [
    round(MARGIN + ((x[index] ?? 0) - left) * scale),
    // The card's y points up.
    round(HEIGHT - MARGIN - ((y[index] ?? 0) - top) * scale),
  ];
  const radius = map.nodes.length > 2_000 ? 3 : map.nodes.length > 300 ? 5 : 8;
  const edgesOf = new Uint32Array(map.nodes.length);
  const lines = map.edges.map(([from, to]) => {
    edgesOf[from] = (edgesOf[from] ?? 0) + 1;
    edgesOf[to] = (edgesOf[to] ?? 0) + 1;
    return `M${at(from).join(' ')}L${at(to).join(' ')}`;
  });
  const named = new Set(
    map.nodes
      .map((_node, index) => index)
      .sort((a, b) => (edgesOf[b] ?? 0) - (edgesOf[a] ?? 0))
      .slice(0, NAMES_MAX),
  );
  const nodes = map.nodes.map((node, index) => {
    const { shape, mark, colour } = lookOf(node);
    const [cx, cy] = at(index);
    const fill = colours[colour] ?? '#888';
    const inner = MARK_PATHS[mark];
    const body =
      mark === 'hollow'
        ? `<path d="${SHAPE_PATHS[shape]}" fill="${colours.surface}" stroke="${fill}" stroke-width=".4"/>`
        : `<path d="${SHAPE_PATHS[shape]}" fill="${fill}"/>`;
    const name = named.has(index)
      ? `<text x="${cx + radius + 3}" y="${cy + 4}">${escaped(node.name)}</text>`
      : '';
    return `<g transform="translate(${cx} ${cy}) scale(${radius})">${body}${inner === null ? '' : `<path d="${inner}" stroke="#fff" stroke-width=".28" fill="none"/>`}</g>${name}`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11" fill="${colours.text}"><rect width="${WIDTH}" height="${HEIGHT}" fill="${colours.surface}"/><path d="${lines.join('')}" stroke="${colours.line}" fill="none"/>${nodes.join('')}</svg>`;
}

function span(values: Float32Array): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low > high ? [0, 1] : [low, high];
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

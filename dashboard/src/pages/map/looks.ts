/** How a node looks: its form says the class, its colour and its mark the state. One home for picture, legend and export. Pure. */
import type { MapNode } from '@muster/shared/api/relations.ts';
import type { Key } from '../../i18n/catalogue.ts';

/** More lines than this cover everything and say nothing; then an item shows its own when it is chosen. */
export const EDGES_DRAWN_MAX = 8_000;

export const SHAPES = ['square', 'circle', 'diamond', 'triangle', 'hexagon', 'cross'] as const;
export type Shape = (typeof SHAPES)[number];
/** 'plain' works, 'crossed' does not answer or would be lost, 'hollow' is off, 'barred' is planned or has less behind it. */
export const MARKS = ['plain', 'crossed', 'hollow', 'barred'] as const;
export type Mark = (typeof MARKS)[number];
export type Colour = 'up' | 'crit' | 'idle' | 'planned' | 'unknown' | 'neutral' | 'warn';

export interface Look {
  readonly shape: Shape;
  readonly mark: Mark;
  readonly colour: Colour;
}

const SHAPE_OF: Readonly<Record<string, Shape>> = {
  Server: 'square',
  Workstation: 'circle',
  VirtualMachine: 'diamond',
  Service: 'triangle',
  BusinessApplication: 'triangle',
  NetworkDevice: 'hexagon',
  Subnet: 'hexagon',
};

export function shapeOf(ciClass: string): Shape {
  return SHAPE_OF[ciClass] ?? 'cross';
}

/** `impact`: what a failure that is only thought of would make of it. */
export function lookOf(
  { class: ciClass, state }: Pick<MapNode, 'class' | 'state'>,
  impact?: 'failing' | 'lost' | 'degraded' | 'affected',
): Look {
  const shape = shapeOf(ciClass);
  if (impact === 'failing' || impact === 'lost') return { shape, mark: 'crossed', colour: 'crit' };
  if (impact === 'degraded' || impact === 'affected') return { shape, mark: 'barred', colour: 'warn' };
  switch (state) {
    case 'up':
      return { shape, mark: 'plain', colour: 'up' };
    case 'silent':
      return { shape, mark: 'crossed', colour: 'crit' };
    case 'asleep':
    case 'off':
      return { shape, mark: 'hollow', colour: 'idle' };
    case 'planned':
      return { shape, mark: 'barred', colour: 'planned' };
    case 'unknown':
      return { shape, mark: 'hollow', colour: 'unknown' };
    case null:
      return { shape, mark: 'plain', colour: 'neutral' };
  }
}

export const SHAPE_WORDS = {
  square: 'map.shape.square',
  circle: 'map.shape.circle',
  diamond: 'map.shape.diamond',
  triangle: 'map.shape.triangle',
  hexagon: 'map.shape.hexagon',
  cross: 'map.shape.cross',
} as const satisfies Record<Shape, Key>;

/** Outline of a shape around 0,0 with radius 1, as an SVG path. */
export const SHAPE_PATHS: Readonly<Record<Shape, string>> = {
  square: 'M-.85-.85h1.7v1.7h-1.7z',
  circle: 'M-1 0a1 1 0 1 0 2 0a1 1 0 1 0-2 0z',
  diamond: 'M0-1.1L1.1 0L0 1.1L-1.1 0z',
  triangle: 'M0-1L1 .8H-1z',
  hexagon: 'M-.5-.87H.5L1 0L.5 .87H-.5L-1 0z',
  cross: 'M-.35-1H.35V-.35H1V.35H.35V1H-.35V.35H-1V-.35H-.35z',
};

/** Lines within the shape that say its mark. */
export const MARK_PATHS: Readonly<Record<Mark, string | null>> = {
  plain: null,
  crossed: 'M-.4-.4L.4 .4M.4-.4L-.4 .4',
  hollow: null,
  barred: 'M-.5 0H.5',
};

/** The map drawn by the graphics card: zoom, pan, choose by pointer and keys. */
import { useEffect, useMemo, useRef } from 'react';
import { MultiDirectedGraph } from 'graphology';
import Sigma from 'sigma';
import type { MapAnswer } from '@muster/shared/api/relations.ts';
import { useT } from '../../i18n/i18n.ts';
import { LabelRoom, labelPainter } from './labels.ts';
import { EDGES_DRAWN_MAX, type Look } from './looks.ts';
import { lookNumber, shapeProgram } from './shapeProgram.ts';
import { busiest, isDirection, neighbourTowards } from './walk.ts';

export interface MapCanvasProps {
  readonly map: Pick<MapAnswer, 'nodes' | 'edges' | 'types'>;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly lookOf: (node: MapAnswer['nodes'][number]) => Look;
  readonly colours: Readonly<Record<string, string>>;
  readonly chosen: string | undefined;
  readonly onChoose: (id: string | undefined) => void;
  readonly onOpen: (id: string) => void;
  /** Given the means to make a picture of what is shown. */
  readonly onReady: (picture: () => HTMLCanvasElement) => void;
}

const PAN_SHARE = 0.15;
/** The camera glides: while it moves the card need not draw edges. */
const GLIDE_MS = 160;
/** Of more edges a frame without a graphics card takes longer than the eye forgives. */
const EDGES_MOVING_MAX = 1_000;
const NODES_LABELS_MOVING_MAX = 300;
const POINTS_NODES = 2_000;

export function MapCanvas({ map, x, y, lookOf, colours, chosen, onChoose, onOpen, onReady }: MapCanvasProps) {
  const t = useT();
  const frame = useRef<HTMLDivElement>(null);
  const held = useRef<{ sigma: Sigma; graph: MultiDirectedGraph } | null>(null);
  const choose = useRef(onChoose);
  choose.current = onChoose;
  const sigmaOf = useRef<Sigma | null>(null);
  /** The places that the graph holds. */
  const placesShown = useRef<Float32Array | null>(null);
  const places = useMemo(() => new Map(map.nodes.map(({ id }, at) => [id, at])), [map]);

  // The nodes and edges themselves: a new graph.
  useEffect(() => {
    if (frame.current === null) return undefined;
    const graph = new MultiDirectedGraph();
    placesShown.current = x;
    const degree = new Uint32Array(map.nodes.length);
    for (const [from, to] of map.edges) {
      degree[from] = (degree[from] ?? 0) + 1;
      degree[to] = (degree[to] ?? 0) + 1;
    }
    map.nodes.forEach((node, at) => {
      graph.addNode(node.id, {
        x: x[at] ?? 0,
        y: y[at] ?? 0,
        label: node.name,
        size: sizeOf(degree[at] ?? 0, map.nodes.length),
      });
    });
    const width = map.edges.length > 5_000 ? 0.5 : 1;
    const drawn = map.edges.length > EDGES_DRAWN_MAX ? [] : map.edges;
    drawn.forEach(([from, to], at) => {
      const [fromId, toId] = [map.nodes[from]?.id, map.nodes[to]?.id];
      if (fromId !== undefined && toId !== undefined)
        graph.addDirectedEdgeWithKey(at, fromId, toId, { size: width });
    });
    const room = new LabelRoom();
    const sigma = new Sigma(graph, frame.current, {
      nodeProgramClasses: {
        circle: shapeProgram({
          asPoints: map.nodes.length > POINTS_NODES,
          isMoving: () => sigmaOf.current?.getCamera().isAnimated() === true,
        }),
      },
      defaultEdgeType: map.edges.length > 5_000 ? 'line' : 'arrow',
      defaultEdgeColor: colours.line ?? '#999',
      defaultDrawNodeLabel: labelPainter(room, {
        text: colours.text ?? '#000',
        surface: colours.surface ?? '#fff',
      }),
      labelRenderedSizeThreshold: map.nodes.length > 500 ? 6 : 3,
      labelDensity: 1,
      labelFont: 'system-ui, sans-serif',
      labelSize: 12,
      hideEdgesOnMove: map.edges.length > EDGES_MOVING_MAX,
      hideLabelsOnMove: map.nodes.length > NODES_LABELS_MOVING_MAX,
      zIndex: true,
      minCameraRatio: 0.02,
      maxCameraRatio: 4,
    });
    sigma.on('beforeRender', () => room.clear());
    sigma.on('clickNode', ({ node }) => choose.current(node));
    sigma.on('clickStage', () => choose.current(undefined));
    held.current = { sigma, graph };
    sigmaOf.current = sigma;
    onReady(() => pictureOf(sigma, colours.surface ?? '#fff'));
    return () => {
      held.current = null;
      sigma.kill();
    };
    // Places follow below without a new graph.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [map, colours]);

  // Places, while the layout goes on.
  useEffect(() => {
    const graph = held.current?.graph;
    if (graph === undefined || placesShown.current === x) return;
    placesShown.current = x;
    let at = 0;
    graph.updateEachNodeAttributes(
      (_id, attributes) => {
        const next = { ...attributes, x: x[at] ?? 0, y: y[at] ?? 0 };
        at++;
        return next;
      },
      { attributes: ['x', 'y'] },
    );
  }, [x, y]);

  // Of too many relations only those of the chosen one.
  useEffect(() => {
    const graph = held.current?.graph;
    const from = chosen === undefined ? undefined : places.get(chosen);
    if (graph === undefined || from === undefined || map.edges.length <= EDGES_DRAWN_MAX) return undefined;
    for (const [at, [one, other]] of map.edges.entries()) {
      const [fromId, toId] = [map.nodes[one]?.id, map.nodes[other]?.id];
      if ((one === from || other === from) && fromId !== undefined && toId !== undefined)
        graph.addDirectedEdgeWithKey(at, fromId, toId, { size: 1 });
    }
    return () => {
      graph.clearEdges();
    };
  }, [map, places, chosen]);

  // Looks: states change each second, the graph does not.
  useEffect(() => {
    const sigma = held.current?.sigma;
    if (sigma === undefined) return;
    const byId = new Map(map.nodes.map((node) => [node.id, node]));
    const near =
      chosen === undefined || held.current?.graph.hasNode(chosen) !== true
        ? null
        : new Set([chosen, ...held.current.graph.neighbors(chosen)]);
    sigma.setSetting('nodeReducer', (id, data) => {
      const node = byId.get(id);
      if (node === undefined) return data;
      const { shape, mark, colour } = lookOf(node);
      const away = near !== null && !near.has(id);
      return {
        ...data,
        look: lookNumber(shape, mark),
        color: away ? (colours.faint ?? '#ccc') : (colours[colour] ?? '#888'),
        label: away ? null : data.label,
        size: id === chosen ? data.size * 1.6 : data.size,
        zIndex: away ? 0 : mark === 'crossed' ? 2 : 1,
        forceLabel: id === chosen || (near?.has(id) === true && near.size < 40),
        highlighted: false,
      };
    });
    sigma.setSetting('edgeReducer', (edge, data) => {
      if (near === null) return data;
      const ends: readonly string[] = held.current?.graph.extremities(edge) ?? [];
      return chosen !== undefined && ends.includes(chosen)
        ? { ...data, color: colours.accent, size: 2, zIndex: 1 }
        : { ...data, color: colours.faint };
    });
  }, [map, lookOf, chosen, colours]);

  /** Chooses the neighbour that lies that way and brings it to the middle. */
  function walk(key: string): void {
    const from = chosen === undefined ? undefined : places.get(chosen);
    if (from === undefined || !isDirection(key)) return;
    const neighbours = map.edges.flatMap(([one, other]) =>
      one === from ? other : other === from ? one : [],
    );
    const to = neighbourTowards(from, neighbours, key, x, y);
    if (to !== null) choosePlace(to);
  }

  function choosePlace(at: number): void {
    const node = map.nodes[at];
    if (node === undefined) return;
    onChoose(node.id);
    const shown = held.current?.sigma.getNodeDisplayData(node.id);
    if (shown) glide({ x: shown.x, y: shown.y });
  }

  function glide(state: { x?: number; y?: number; ratio?: number; angle?: number }): void {
    const camera = held.current?.sigma.getCamera();
    if (camera === undefined) return;
    if (window.matchMedia('(prefers-reduced-motion: reduce)').matches) camera.setState(state);
    else void camera.animate(state, { duration: GLIDE_MS });
  }

  function onKeyDown(event: React.KeyboardEvent): void {
    const camera = held.current?.sigma.getCamera();
    if (camera === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const { x: cameraX, y: cameraY, ratio } = camera.getState();
    const step = PAN_SHARE * ratio;
    const pans: Record<string, { x?: number; y?: number }> = {
      ArrowLeft: { x: cameraX - step },
      ArrowRight: { x: cameraX + step },
      ArrowUp: { y: cameraY + step },
      ArrowDown: { y: cameraY - step },
    };
    const moves: Record<string, () => void> = {
      '+': () => glide({ ratio: Math.max(0.02, ratio / 1.4) }),
      '=': () => glide({ ratio: Math.max(0.02, ratio / 1.4) }),
      '-': () => glide({ ratio: Math.min(4, ratio * 1.4) }),
      '0': () => glide({ x: 0.5, y: 0.5, ratio: 1, angle: 0 }),
      Escape: () => onChoose(undefined),
      Enter: () => {
        if (chosen !== undefined && places.has(chosen)) return onOpen(chosen);
        const at = busiest(map.nodes.length, map.edges);
        if (at !== null) choosePlace(at);
      },
    };
    const pan = pans[event.key];
    const walks = pan !== undefined && chosen !== undefined && places.has(chosen) && !event.shiftKey;
    const move = walks ? () => walk(event.key) : pan !== undefined ? () => glide(pan) : moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    move();
  }

  return (
    <div
      ref={frame}
      role="application"
      aria-label={t('map.canvas', { nodes: map.nodes.length, edges: map.edges.length })}
      tabIndex={0}
      onKeyDown={onKeyDown}
      className="relative h-full w-full overflow-hidden rounded-md"
    />
  );
}

function sizeOf(degree: number, nodes: number): number {
  const base = nodes > 5_000 ? 1.8 : nodes > 2_000 ? 3 : nodes > 300 ? 5 : 8;
  return base + Math.min(base, Math.sqrt(degree) * 0.6);
}

/** All layers on one canvas. What the card drew is gone after the frame, so it is drawn and taken in one go. */
function pictureOf(sigma: Sigma, background: string): HTMLCanvasElement {
  sigma.refresh({ schedule: false });
  const layers = sigma.getCanvases();
  const { width, height } = sigma.getDimensions();
  const scale = window.devicePixelRatio || 1;
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width * scale, height * scale];
  const context = canvas.getContext('2d');
  if (context === null) return canvas;
  context.fillStyle = background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  for (const name of ['edges', 'nodes', 'edgeLabels', 'labels'])
    if (layers[name]) context.drawImage(layers[name], 0, 0, canvas.width, canvas.height);
  return canvas;
}

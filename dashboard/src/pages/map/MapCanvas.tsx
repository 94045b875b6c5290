/** The map drawn by the graphics card: zoom, pan, choose by pointer and keys. */
import { useEffect, useRef } from 'react';
import { MultiDirectedGraph } from 'graphology';
import Sigma from 'sigma';
import type { MapAnswer } from '@muster/shared/api/relations.ts';
import { useT } from '../../i18n/i18n.ts';
import { LabelRoom, labelPainter } from './labels.ts';
import type { Look } from './looks.ts';
import { lookNumber, ShapeProgram } from './shapeProgram.ts';

export interface MapCanvasProps {
  readonly map: Pick<MapAnswer, 'nodes' | 'edges' | 'types'>;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly lookOf: (node: MapAnswer['nodes'][number]) => Look;
  readonly colours: Readonly<Record<string, string>>;
  readonly chosen: string | undefined;
  readonly onChoose: (id: string | undefined) => void;
  /** Given the means to make a picture of what is shown. */
  readonly onReady: (picture: () => HTMLCanvasElement) => void;
}

const PAN_SHARE = 0.15;

export function MapCanvas({ map, x, y, lookOf, colours, chosen, onChoose, onReady }: MapCanvasProps) {
  const t = useT();
  const frame = useRef<HTMLDivElement>(null);
  const held = useRef<{ sigma: Sigma; graph: MultiDirectedGraph } | null>(null);
  const choose = useRef(onChoose);
  choose.current = onChoose;

  // The nodes and edges themselves: a new graph.
  useEffect(() => {
    if (frame.current === null) return undefined;
    const graph = new MultiDirectedGraph();
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
    for (const [from, to] of map.edges) {
      const [fromId, toId] = [map.nodes[from]?.id, map.nodes[to]?.id];
      if (fromId !== undefined && toId !== undefined)
        graph.addEdge(fromId, toId, { size: map.edges.length > 5_000 ? 0.5 : 1 });
    }
    const room = new LabelRoom();
    const sigma = new Sigma(graph, frame.current, {
      nodeProgramClasses: { circle: ShapeProgram },
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
      hideEdgesOnMove: map.edges.length > 20_000,
      hideLabelsOnMove: map.nodes.length > 5_000,
      zIndex: true,
      minCameraRatio: 0.02,
      maxCameraRatio: 4,
    });
    sigma.on('beforeRender', () => room.clear());
    sigma.on('clickNode', ({ node }) => choose.current(node));
    sigma.on('clickStage', () => choose.current(undefined));
    held.current = { sigma, graph };
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
    if (graph === undefined) return;
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

  function onKeyDown(event: React.KeyboardEvent): void {
    const camera = held.current?.sigma.getCamera();
    if (camera === undefined) return;
    const { x: cameraX, y: cameraY, ratio } = camera.getState();
    const step = PAN_SHARE * ratio;
    const moves: Record<string, () => void> = {
      ArrowLeft: () => camera.setState({ x: cameraX - step }),
      ArrowRight: () => camera.setState({ x: cameraX + step }),
      ArrowUp: () => camera.setState({ y: cameraY + step }),
      ArrowDown: () => camera.setState({ y: cameraY - step }),
      '+': () => camera.setState({ ratio: Math.max(0.02, ratio / 1.4) }),
      '=': () => camera.setState({ ratio: Math.max(0.02, ratio / 1.4) }),
      '-': () => camera.setState({ ratio: Math.min(4, ratio * 1.4) }),
      '0': () => camera.setState({ x: 0.5, y: 0.5, ratio: 1, angle: 0 }),
      Escape: () => onChoose(undefined),
    };
    const move = moves[event.key];
    if (move === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
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
  const base = nodes > 2_000 ? 3 : nodes > 300 ? 5 : 8;
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

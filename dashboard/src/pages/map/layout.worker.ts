/** Lays out a graph beside the page, in steps that it reports. */
import { UndirectedGraph } from 'graphology';
import forceAtlas2 from 'graphology-layout-forceatlas2';

export interface LayoutTask {
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** Pairs of places. */
  readonly edges: Uint32Array;
  readonly rounds: number;
}

export interface LayoutNews {
  readonly done: number;
  readonly rounds: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
}

const ROUNDS_PER_STEP = 10;
/** Showing so many places costs the page more than it tells: then only the end is shown. */
const SHOWN_ONCE_NODES = 2_000;

self.addEventListener('message', ({ data }: MessageEvent<LayoutTask>) => {
  const graph = new UndirectedGraph();
  data.x.forEach((x, at) => graph.addNode(at, { x, y: data.y[at] ?? 0, size: 4 }));
  for (let at = 0; at + 1 < data.edges.length; at += 2) {
    const [from, to] = [data.edges[at], data.edges[at + 1]];
    if (from !== to) graph.mergeEdge(from, to);
  }
  const settings = {
    ...forceAtlas2.inferSettings(graph),
    barnesHutOptimize: graph.order > 300,
    scalingRatio: 20,
    gravity: 0.6,
  };
  const perStep = graph.order > SHOWN_ONCE_NODES ? data.rounds : ROUNDS_PER_STEP;
  for (let done = 0; done < data.rounds; ) {
    const iterations = Math.min(perStep, data.rounds - done);
    forceAtlas2.assign(graph, { iterations, settings });
    done += iterations;
    const x = new Float32Array(graph.order);
    const y = new Float32Array(graph.order);
    graph.forEachNode((name, { x: nodeX, y: nodeY }) => {
      x[Number(name)] = nodeX;
      y[Number(name)] = nodeY;
    });
    const news: LayoutNews = { done, rounds: data.rounds, x, y };
    self.postMessage(news);
  }
});

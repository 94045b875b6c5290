/** Places of the nodes: kept ones at once, the rest worked out beside the page; it can be stopped at any time. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { MapAnswer } from '@muster/shared/api/relations.ts';
import type { LayoutNews, LayoutTask } from './layout.worker.ts';
import { merged, needsLayout, type Placement, placed, readPositions, writePositions } from './positions.ts';

const ROUNDS_MAX = 300;
const ROUNDS_MIN = 20;
/** Rounds times nodes: a round of 10,000 nodes takes a tenth of a second, and nobody waits longer than a few seconds. */
const WORK_MAX = 250_000;

export interface Layout {
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** Share that is done, 0 to 1; null: nothing goes on. */
  readonly progress: number | null;
  readonly stop: () => void;
  /** From the beginning, and differently from what is kept. */
  readonly again: () => void;
}

interface Shown {
  readonly map: MapAnswer;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly progress: number | null;
}

export function useLayout(map: MapAnswer): Layout {
  const worker = useRef<Worker | null>(null);
  const beginning = useRef<Beginning | null>(null);
  if (beginning.current?.map !== map) beginning.current = beginningOf(map);
  const { x: firstX, y: firstY } = beginning.current;
  const [shown, setShown] = useState<Shown>({ map, x: firstX, y: firstY, progress: null });
  const current = shown.map === map ? shown : { map, x: firstX, y: firstY, progress: null };
  const latest = useRef(current);
  latest.current = current;

  const stop = useCallback(() => {
    if (worker.current === null) return;
    worker.current.terminate();
    worker.current = null;
    const { map: of, x, y } = latest.current;
    writePositions(merged(readPositions(), of.nodes, x, y));
    setShown((before) => ({ ...before, progress: null }));
  }, []);

  const start = useCallback(
    (x: Float32Array, y: Float32Array) => {
      worker.current?.terminate();
      const running = new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' });
      worker.current = running;
      running.addEventListener('message', ({ data }: MessageEvent<LayoutNews>) => {
        const done = data.done >= data.rounds;
        setShown({ map, x: data.x, y: data.y, progress: done ? null : data.done / data.rounds });
        if (!done) return;
        running.terminate();
        if (worker.current === running) worker.current = null;
        writePositions(merged(readPositions(), map.nodes, data.x, data.y));
      });
      running.addEventListener('error', () => {
        // The places that there are stay; nothing else is lost.
        worker.current = null;
        setShown((before) => ({ ...before, progress: null }));
      });
      const task: LayoutTask = {
        x,
        y,
        edges: Uint32Array.from(map.edges.flatMap(([from, to]) => [from, to])),
        rounds: Math.max(ROUNDS_MIN, Math.min(ROUNDS_MAX, Math.round(WORK_MAX / map.nodes.length))),
      };
      running.postMessage(task);
      setShown({ map, x, y, progress: 0 });
    },
    [map],
  );

  useEffect(() => {
    const placement = beginning.current?.map === map ? beginning.current : beginningOf(map);
    setShown({ map, x: placement.x, y: placement.y, progress: null });
    if (needsLayout(placement)) start(placement.x, placement.y);
    else if (placement.fresh > 0)
      writePositions(merged(readPositions(), map.nodes, placement.x, placement.y));
    return () => {
      worker.current?.terminate();
      worker.current = null;
    };
  }, [map, start]);

  const again = useCallback(() => {
    const { x, y } = placed(map, {});
    start(x, y);
  }, [map, start]);

  return { x: current.x, y: current.y, progress: current.progress, stop, again };
}

interface Beginning extends Placement {
  readonly map: MapAnswer;
}

/** Once for each map: what is kept is long, and the graph is drawn with the same places that the layout begins with. */
function beginningOf(map: MapAnswer): Beginning {
  return { map, ...placed(map, readPositions()) };
}

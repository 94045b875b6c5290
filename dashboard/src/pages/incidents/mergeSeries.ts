/** Stored samples and the agent's own recording of one metric as one line each. Pure. */
import type { IncidentDetail } from '@muster/shared/api/incidents.ts';

export type EvidenceSeries = NonNullable<IncidentDetail['evidence']>['series'][number];
/** For a line of one point. */
const DEFAULT_STEP_MS = 10_000;

type Point = EvidenceSeries['data'][number]['points'][number];

export interface MergedSeries {
  readonly metric: string;
  readonly unit: string;
  readonly lines: readonly {
    readonly instance: string;
    readonly points: readonly Point[];
    /** Distance of the coarser of the two: where it is kept, nothing is missing. */
    readonly stepMs: number;
  }[];
}

/** One entry for each metric in the order of the evidence; the finer recording replaces stored samples in its time. */
export function mergeSeries(series: readonly EvidenceSeries[]): MergedSeries[] {
  return [...Map.groupBy(series, ({ metric }) => metric)].map(([metric, parts]) => ({
    metric,
    unit: parts[0]?.unit ?? '1',
    lines: [...new Set(parts.flatMap(({ data }) => data.map(({ instance }) => instance)))]
      .map((instance) => {
        const stored = pointsOf(parts, 'stored', instance);
        const flight = pointsOf(parts, 'flight', instance);
        return {
          instance,
          points: join(stored, flight),
          stepMs: Math.max(stepOf(stored), stepOf(flight)) || DEFAULT_STEP_MS,
        };
      })
      .filter(({ points }) => points.length > 0),
  }));
}

/** Samples come evenly; the median distance is their step, 0 where there is none. */
function stepOf(points: readonly Point[]): number {
  const steps = points.slice(1).map((point, index) => (point[0] ?? 0) - (points[index]?.[0] ?? 0));
  return steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
}

function pointsOf(
  parts: readonly EvidenceSeries[],
  source: EvidenceSeries['source'],
  instance: string,
): Point[] {
  return parts
    .filter((part) => part.source === source)
    .flatMap(({ data }) => data.filter((each) => each.instance === instance))
    .flatMap(({ points }) => points);
}

function join(stored: readonly Point[], flight: readonly Point[]): Point[] {
  const from = flight[0]?.[0] ?? Number.POSITIVE_INFINITY;
  const to = flight.at(-1)?.[0] ?? Number.NEGATIVE_INFINITY;
  const outside = stored.filter(([at = 0]) => at < from || at > to);
  return [...outside, ...flight].sort(([a = 0], [b = 0]) => a - b);
}

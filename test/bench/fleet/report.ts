/** The figures of a load, of one process or of several together. */
import type { LoadReport } from './run-load.ts';

type Sums = Pick<
  LoadReport,
  | 'agents'
  | 'ticksMade'
  | 'framesSent'
  | 'framesAcknowledged'
  | 'samplesSent'
  | 'samplesAcknowledged'
  | 'frameBytes'
  | 'frameSamples'
  | 'bytesSent'
  | 'bytesReceived'
  | 'lateFrames'
  | 'lateFirstFrames'
  | 'attempts'
  | 'accepted'
  | 'pings'
  | 'cpuSeconds'
>;

export function merged(reports: readonly LoadReport[]) {
  const [first] = reports;
  if (!first) throw new Error('no process of the load has reported');
  const sum = (name: keyof Sums) => reports.reduce((total, report) => total + report[name], 0);
  const last = (name: keyof LoadReport['times']) => highest(reports.map(({ times }) => times[name]));
  const ackMs = new Array<number>(first.ackMs.length).fill(0);
  for (const report of reports)
    for (const [ms, count] of report.ackMs.entries()) ackMs[ms] = (ackMs[ms] ?? 0) + count;
  const refused: Record<string, number> = {};
  for (const report of reports)
    for (const [code, count] of Object.entries(report.refused)) refused[code] = (refused[code] ?? 0) + count;
  const frameBytes = sum('frameBytes');
  return {
    ...first.setting,
    agents: sum('agents'),
    startMs: first.startMs,
    ticksMade: sum('ticksMade'),
    framesSent: sum('framesSent'),
    framesAcknowledged: sum('framesAcknowledged'),
    samplesSent: sum('samplesSent'),
    samplesAcknowledged: sum('samplesAcknowledged'),
    /** WebSocket headers included; samples that were sent again count again. */
    frameBytes,
    bytesPerSample: frameBytes / Math.max(1, sum('frameSamples')),
    bytesSent: sum('bytesSent'),
    bytesReceived: sum('bytesReceived'),
    pings: sum('pings'),
    /** Acknowledged more than an interval after the last tick in it was made. */
    lateFrames: sum('lateFrames'),
    lateFirstFrames: sum('lateFirstFrames'),
    ackMs: {
      p50: percentile(ackMs, 0.5),
      p95: percentile(ackMs, 0.95),
      p99: percentile(ackMs, 0.99),
      max: Math.round(highest(reports.map(({ ackMsMax }) => ackMsMax)) ?? 0),
    },
    /** From the start of connecting until all are in. */
    connectMs: last('connectMs'),
    attempts: sum('attempts'),
    accepted: sum('accepted'),
    refused,
    /** From the first frame (burst: after the warm ones) to its acknowledgement, and to the last one. */
    firstAckMs: lowest(reports.map(({ times }) => times.firstAckMs)),
    allAcksMs: last('allAcksMs'),
    /** Storm, from the moment the server listens again; null where there was none. */
    storm: reports.every(({ storm }) => storm === null)
      ? null
      : {
          agentsLost: reports.reduce((total, { storm }) => total + (storm?.agentsLost ?? 0), 0),
          downMs: highest(reports.map(({ storm }) => storm?.downMs ?? null)),
          firstBackMs: lowest(reports.map(({ storm }) => storm?.firstBackMs ?? null)),
          halfBackMs: highest(reports.map(({ storm }) => storm?.halfBackMs ?? null)),
          allBackMs: highest(reports.map(({ storm }) => storm?.allBackMs ?? null)),
          caughtUpMs: highest(reports.map(({ storm }) => storm?.caughtUpMs ?? null)),
          attempts: reports.reduce((total, { storm }) => total + (storm?.attempts ?? 0), 0),
        },
    seconds: highest(reports.map(({ seconds }) => seconds)),
    /** Of the load itself, all its processes, from the start to the end. */
    cpuSeconds: sum('cpuSeconds'),
  };
}

function percentile(counts: readonly number[], share: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  for (const [ms, count] of counts.entries()) {
    seen += count;
    if (seen >= total * share) return ms;
  }
  return counts.length - 1;
}

function highest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function lowest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}

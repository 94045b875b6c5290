/**
 * An engine that is going to be killed: takes the readings of `readings.ts` as fast as it can, with housekeeping all the
 * time, and tells on standard output what it has acknowledged: "machine seq", one a line, written before anything else happens.
 *
 *   node test/fault/engine-child.ts FOLDER SEED
 */
import { writeSync } from 'node:fs';
import { openMetricEngine } from '@muster/server/store/engine/engine.ts';
import { endOf, frameOf, MACHINES, SERIES } from './readings.ts';

const [folder, seedText] = process.argv.slice(2);
if (folder === undefined || seedText === undefined) throw new Error('FOLDER and SEED are wanted');
const seed = Number(seedText);
const EPOCH = '00000000000000aa';
const FRAMES_A_ROUND = 40;

const engine = await openMetricEngine({
  folder,
  limits: {
    segmentBytesMax: 64 << 10,
    groupCommitMs: 1,
    groupCommitMsQuiet: 1,
    chunkRows: 60,
    rollupGraceMs: 0,
    rollupWindowsMax: 8,
    clockDoubtMs: 0,
    measurePauseMs: 0,
  },
});
const ids = Array.from({ length: MACHINES }, (_, machine) =>
  Array.from({ length: SERIES }, (_, one) =>
    engine.resolve({ ciId: `ci_${machine}`, metric: 'temperature', instance: `sensor ${one}` }),
  ),
);
const seqs = ids.map((_, machine) => engine.delivered(`agt_${machine}`, EPOCH));
say('open\n');
for (;;) {
  const sent = ids.map(async (own, machine) => {
    for (let n = 0; n < FRAMES_A_ROUND; n++) {
      const seq = (seqs[machine] as number) + 1;
      seqs[machine] = seq;
      const ticks = frameOf(seed, machine, seq).map(({ atMs, series, values }) => ({
        atMs,
        series: series.map((one) => own[one] as number),
        values,
      }));
      await engine.append({ agentId: `agt_${machine}`, epoch: EPOCH, seq }, ticks, endOf(seq));
      say(`${machine} ${seq}\n`);
    }
  });
  await Promise.all([...sent, engine.maintain(endOf(Math.min(...seqs)))]);
}

/** At once, for it may be killed the moment after; the pipe takes nothing while nobody reads it, which is a reason to wait. */
function say(line: string): void {
  for (;;) {
    try {
      writeSync(1, line);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

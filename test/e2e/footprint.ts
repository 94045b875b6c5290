/**
 * What the agent costs the machine it watches: memory, processor time and bytes on the wire, minute by minute.
 *
 *   node test/e2e/footprint.ts [--minutes 10] [--plain]
 *
 * One agent alone, as the installer sets it up (test/bench/footprint/installed-agent.ts), with TLS and a pinned key (`--plain` goes without).
 * The first minute holds the start, the enrolment and the whole inventory and is shown apart; the figures at the end
 * are of the minutes after it. Linux only. `node test/bench/footprint.ts` puts the agents of others beside it.
 *
 *   PSS        resident memory, a page shared by n processes counted as 1/n (/proc/PID/smaps_rollup)
 *   private    anonymous memory: what only this process has, and what the system cannot drop
 *   RSS        all resident pages, most of which are clean pages of the Node binary
 *   CPU        user and system time of all threads, and of children that have ended
 *   up, down   bytes that TCP carried from and to the agent, TLS and WebSocket included
 *   on wire    the same with the headers of Ethernet, IPv4 and TCP, from the segments that the kernel counted (ss)
 *   children   whether a child process ended in that minute
 */
import { parseArgs } from 'node:util';
import { INTERVAL_MS_DEFAULT } from '@muster/shared/wire/limits.ts';
import { startInstalledAgent } from '../bench/footprint/installed-agent.ts';
import { footprintOf, number } from '../bench/footprint/result.ts';
import { type Minute, MINUTE_MS, watch } from '../bench/footprint/watch.ts';
import { cleanUp } from '../bench/peers/children.ts';

const MINUTES_DEFAULT = '10';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: MINUTES_DEFAULT },
    plain: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
if (!Number.isInteger(minutes) || minutes < 1) throw new Error('--minutes must be a whole number from 1 on');
try {
  await measure();
} finally {
  await cleanUp();
}

async function measure(): Promise<void> {
  const agent = await startInstalledAgent({ name: 'muster', title: 'agent', plain: values.plain });
  printRow([
    'minute',
    'PSS MiB',
    'private',
    'RSS',
    'CPU ms',
    'up B',
    'down B',
    'on wire B',
    'samples',
    'children',
  ]);
  const [rows = []] = await watch([agent], minutes, (minute, [row]) => {
    if (row) print(minute, row);
  });
  const all = footprintOf('agent', rows.slice(1), null);
  const lines = {
    PSS: `${all.pssMib.toFixed(1)} MiB (highest ${all.pssMibMax.toFixed(1)})`,
    'private memory': `${all.privateMib.toFixed(1)} MiB`,
    CPU: `${all.cpuMs.toFixed(1)} ms/min (highest ${all.cpuMsMax.toFixed(1)})`,
    'TCP payload': `${number(all.payloadBytes)} B/min`,
    'on the wire':
      all.wireBytes === null
        ? 'not known: there is no ss'
        : `${number(all.wireBytes)} B/min with all headers`,
    'samples in a tick': (all.samples / (MINUTE_MS / INTERVAL_MS_DEFAULT)).toFixed(1),
    'minutes with children': String(all.minutesWithChildren),
  };
  console.log(`\nover ${minutes} minutes at ${INTERVAL_MS_DEFAULT / 1_000} s:`);
  for (const [what, figure] of Object.entries(lines)) console.log(`  ${what.padEnd(22)} ${figure}`);
  await agent.stop();
}

function print(minute: number, row: Minute): void {
  printRow([
    minute === 0 ? 'start' : String(minute),
    ...[row.pssKib, row.privateKib, row.residentKib].map((kib) => (kib / 1_024).toFixed(1)),
    row.cpuMs.toFixed(1),
    ...[row.upBytes, row.downBytes, row.wireBytes].map(number),
    String(row.samples),
    row.childPageFaults === 0 ? '0' : 'yes',
  ]);
}

function printRow(cells: readonly string[]): void {
  console.log(cells.map((cell) => cell.padStart(9)).join(' '));
}

/**
 * What our agent costs the machine it watches, beside the agents of others from Debian, in the same minutes.
 *
 *   node test/bench/footprint.ts [--minutes 30] [--interfaces 5] [--json FILE]
 *
 * Ours: as the installer sets it up, every 10 s over wss with a pinned key, to a server of its own (test/bench/footprint/installed-agent.ts);
 * and a second one that gives no memory back. Beside them node_exporter, zabbix-agent2 and collectd at 10 s, and netdata at 1 s, each on
 * loopback with what takes its values. What is not installed is said and left out. The first minute holds the starts and is
 * shown apart. After the minutes that count come one in which strace counts the processes that each starts, and the inventory. `--interfaces` is how many network interfaces the machine gets
 * meanwhile, because the gates are for about 100 series.
 * What the columns mean is in docs/BENCH.md. Linux only. `node test/e2e/footprint.ts` measures ours alone.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { INTERVAL_MS_DEFAULT } from '@muster/shared/wire/limits.ts';
import { startCollectd } from './footprint/collectd.ts';
import { installPrograms, PROGRAMS } from './footprint/installed.ts';
import { inventoryCost, startInstalledAgent } from './footprint/installed-agent.ts';
import { addInterfaces } from './footprint/interfaces.ts';
import { startNetdata } from './footprint/netdata.ts';
import { startNodeExporter } from './footprint/node-exporter.ts';
import { aligned, footprintOf, gatesOf, gatesText, number, tableText } from './footprint/result.ts';
import type { Subject } from './footprint/subject.ts';
import { cpuMsOfOwnChildren, processesStarted, stolenMs } from './footprint/tree-usage.ts';
import { type Minute, MINUTE_MS, watch } from './footprint/watch.ts';
import { startZabbixAgent2 } from './footprint/zabbix-agent2.ts';
import { cleanUp } from './peers/children.ts';

const MINUTES_DEFAULT = '30';
const INTERFACES_DEFAULT = '5';
const INVENTORY_RUNS = 7;
const INSTALLED = 'muster';
const UNRECLAIMED = 'muster_without_reclaim';
const NODE_EXPORTER = 'node_exporter';

const STARTS: readonly { readonly path: string; start(): Promise<Subject> }[] = [
  { path: PROGRAMS.nodeExporter.path, start: startNodeExporter },
  { path: PROGRAMS.zabbixAgent2.path, start: startZabbixAgent2 },
  { path: PROGRAMS.collectd.path, start: startCollectd },
  { path: PROGRAMS.netdata.path, start: startNetdata },
];

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: MINUTES_DEFAULT },
    interfaces: { type: 'string', default: INTERFACES_DEFAULT },
    json: { type: 'string' },
  },
});
const minutes = Number(values.minutes);
if (!Number.isInteger(minutes) || minutes < 1) throw new Error('--minutes must be a whole number from 1 on');
const removeInterfaces = moreInterfaces(Number(values.interfaces));
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => {
    removeInterfaces();
    void cleanUp().finally(() => process.exit(code));
  });
try {
  await measure();
} finally {
  removeInterfaces();
  await cleanUp();
}

function moreInterfaces(count: number): () => void {
  try {
    return addInterfaces(count);
  } catch (error) {
    say(`no more interfaces, so fewer series: ${error instanceof Error ? error.message : String(error)}`);
    return () => undefined;
  }
}

async function measure(): Promise<void> {
  installPrograms(say);
  const subjects: Subject[] = [];
  const ours = [
    { name: INSTALLED, title: 'Muster as installed, 10 s' },
    { name: UNRECLAIMED, title: 'Muster without reclaim, 10 s', reclaims: false },
  ];
  for (const options of ours) {
    say(`starting ${options.title}`);
    subjects.push(await startInstalledAgent(options));
  }
  for (const { path, start } of STARTS.filter((one) => existsSync(one.path))) {
    say(`starting ${path}`);
    try {
      subjects.push(await start());
    } catch (error) {
      say(`left out: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  console.log(machineText());
  const stolenBeforeMs = stolenMs();
  const all = await watch(subjects, minutes, (minute, rows) =>
    console.log(minuteText(minute, subjects, rows)),
  );
  const stolenMsPerMinute = (stolenMs() - stolenBeforeMs) / (minutes + 1);
  say('one more minute, in which strace counts processes');
  const started = await Promise.all(subjects.map(({ pid }) => processesStarted(pid, MINUTE_MS)));
  for (const subject of subjects) await subject.stop();
  const inventory = await inventoryCost(INVENTORY_RUNS, cpuMsOfOwnChildren);

  const footprints = subjects.map(({ title }, i) =>
    footprintOf(title, (all[i] ?? []).slice(1), started[i] ?? null),
  );
  const [installed, unreclaimed] = footprints;
  if (!installed || !unreclaimed) throw new Error('our own agents were not measured');
  const nodeExporter = footprints[subjects.findIndex(({ name }) => name === NODE_EXPORTER)] ?? null;
  const gates = gatesOf({ installed, unreclaimed, nodeExporter, inventorySeconds: inventory.wallMs / 1_000 });
  const series = installed.samples / (MINUTE_MS / INTERVAL_MS_DEFAULT);
  console.log(`\nover ${minutes} minutes; ours tells ${number(series)} series:\n${tableText(footprints)}\n`);
  console.log(`the host took ${number(stolenMsPerMinute)} ms a minute from this machine\n`);
  console.log(
    `one inventory: ${number(inventory.wallMs)} ms wall, ${number(inventory.cpuMs)} ms CPU\n\n${gatesText(gates)}`,
  );
  if (values.json === undefined) return;
  const peers = subjects.map(({ name }, i) => [name, { ...footprints[i], minutes: all[i] }]);
  const result = {
    machine: machineText(),
    minutes,
    series,
    stolenMsPerMinute,
    agents: Object.fromEntries(peers),
    inventory,
    gates,
  };
  writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
}

function machineText(): string {
  return `${cpus()[0]?.model ?? 'processor'} × ${availableParallelism()}, Linux ${release()}, Node ${process.versions.node}`;
}

function minuteText(minute: number, subjects: readonly Subject[], rows: readonly Minute[]): string {
  const head = [
    minute === 0 ? 'start' : `minute ${minute}`,
    'PSS MiB',
    'private',
    'RSS',
    'CPU ms',
    'wire B',
    'samples',
  ];
  const cells = rows.map((row, i) => [
    `  ${subjects[i]?.title ?? ''}`,
    ...[row.pssKib, row.privateKib, row.residentKib].map((kib) => (kib / 1_024).toFixed(1)),
    row.cpuMs.toFixed(1),
    number(row.wireBytes),
    row.samples.toFixed(0),
  ]);
  return aligned([head, ...cells]);
}

function say(text: string): void {
  console.error(`footprint: ${text}`);
}

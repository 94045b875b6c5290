/**
 * The whole inventory of this machine, from a cold process: our agent as it is installed against fusioninventory-inventory (Debian package
 * fusioninventory-agent), turn by turn in one run. Wall time and peak memory (ru_maxrss) of each, and what each lists.
 * Run: node test/bench/inventory.ts [runs]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SECTION_SCHEMAS, type SectionData } from '@muster/shared/inventory/sections.ts';
import { childFlags } from '@muster/agent/inventory/child.ts';
import { InventoryBody } from '@muster/shared/wire/frame-bodies.ts';
import { bundleAgent } from '../../server/src/install/bundle-agent.ts';
import { installedEnvironment, installedFlags } from './footprint/service-command.ts';

const RUNS_DEFAULT = 5;
const OUTPUT_BYTES_MAX = 64 << 20;

const runs = Number(process.argv[2] ?? RUNS_DEFAULT);
const folder = mkdtempSync(join(tmpdir(), 'muster-bench-inventory-'));
async function compare(): Promise<void> {
  const script = join(folder, 'agent.mjs');
  writeFileSync(script, (await bundleAgent(folder, null)).script);
  const [ours, theirs]: Program[] = [
    {
      name: 'muster-agent inventory',
      argv: [process.execPath, ...childFlags(installedFlags()), script, 'inventory'],
    },
    { name: 'fusioninventory-inventory', argv: ['fusioninventory-inventory'] },
  ];
  if (!ours || !theirs || spawnSync(theirs.argv[0] ?? '', ['--version']).error) {
    console.log('fusioninventory-inventory is not installed: apt-get install fusioninventory-agent');
    return;
  }
  // Once each without counting: the files of both are then in the page cache.
  const outputs = [ours, theirs].map((program) => measure(program).stdout);
  const measured = [ours, theirs].map((): Measured[] => []);
  for (let run = 0; run < runs; run++)
    for (const [index, program] of [ours, theirs].entries()) measured[index]?.push(measure(program));

  console.log(`median of ${runs} runs          wall s   peak MB`);
  for (const [index, { name }] of [ours, theirs].entries()) {
    const of = (figure: (one: Measured) => number) => median((measured[index] ?? []).map(figure));
    console.log(
      `${name.padEnd(27)} ${of(({ wallMs }) => wallMs / 1_000)
        .toFixed(3)
        .padStart(8)} ${of(({ peakBytes }) => peakBytes / 1e6)
        .toFixed(1)
        .padStart(9)}`,
    );
  }
  printSections(outputs[0] ?? '', outputs[1] ?? '');
}

interface Program {
  readonly name: string;
  readonly argv: readonly string[];
}

interface Measured {
  readonly wallMs: number;
  readonly peakBytes: number;
  readonly stdout: string;
}

/** GNU time reads ru_maxrss of the child; its own start is in both walls alike. */
function measure({ name, argv }: Program): Measured {
  const figures = join(folder, 'time');
  const startMs = performance.now();
  const result = spawnSync('/usr/bin/time', ['-f', '%M', '-o', figures, ...argv], {
    env: installedEnvironment(),
    encoding: 'utf8',
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  const wallMs = performance.now() - startMs;
  if (result.status !== 0) throw new Error(`${name} failed: ${result.stderr}`);
  return { wallMs, peakBytes: Number(readFileSync(figures, 'utf8').trim()) * 1_024, stdout: result.stdout };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** What another agent calls a section, and how many items of it ours has. `null`: left out on purpose. */
const COUNTERPARTS: Readonly<Record<string, ((all: SectionData) => number) | null>> = {
  ACCESSLOG: () => 1,
  BATTERIES: ({ devices }) => devices.batteries.length,
  BIOS: () => 1,
  CONTROLLERS: ({ devices }) => devices.controllers.length,
  CPUS: ({ hardware }) => hardware.cpus.length,
  DRIVES: ({ storage }) => storage.fileSystems.length,
  ENVS: null,
  FIREWALL: ({ security }) => security.firewalls.length,
  HARDWARE: () => 1,
  INPUTS: ({ devices }) => devices.inputs.length,
  LOCAL_GROUPS: ({ users }) => users.groups.length,
  LOCAL_USERS: ({ users }) => users.users.length,
  LOGICAL_VOLUMES: ({ storage }) => storage.logicalVolumes.length,
  MEMORIES: ({ hardware }) => hardware.memoryModules.length,
  MONITORS: ({ devices }) => devices.monitors.length,
  NETWORKS: ({ network }) => network.interfaces.length,
  OPERATINGSYSTEM: () => 1,
  PHYSICAL_VOLUMES: ({ storage }) => storage.physicalVolumes.length,
  PORTS: ({ devices }) => devices.connectors.length,
  PRINTERS: ({ devices }) => devices.printers.length,
  PROCESSES: null,
  REMOTE_MGMT: ({ security }) => security.remoteControls.length,
  SLOTS: ({ devices }) => devices.expansionSlots.length,
  SOFTWARES: ({ software }) => software.packages.length,
  SOUNDS: ({ devices }) => devices.sounds.length,
  STORAGES: ({ storage }) => storage.disks.length,
  USBDEVICES: ({ devices }) => devices.usbDevices.length,
  USERS: ({ users }) => (users.lastUser === null ? 0 : 1),
  VERSIONCLIENT: () => 1,
  VERSIONPROVIDER: () => 1,
  VIDEOS: ({ devices }) => devices.gpus.length,
  VIRTUALMACHINES: ({ guests }) => guests.guests.length,
  VOLUME_GROUPS: ({ storage }) => storage.volumeGroups.length,
};

function printSections(ours: string, theirs: string): void {
  const { sections } = InventoryBody.parse(JSON.parse(ours));
  const all = Object.fromEntries(
    Object.entries(SECTION_SCHEMAS).map(([name, schema]) => [
      name,
      schema.parse(sections[name as keyof typeof sections]?.data),
    ]),
  ) as unknown as SectionData;
  const found = new Map<string, number>();
  for (const [, name = ''] of theirs.matchAll(/^ {4}<([A-Z_]+)>/gm))
    found.set(name, (found.get(name) ?? 0) + 1);
  console.log('\nsection            theirs   ours');
  const missing: string[] = [];
  for (const [name, count] of [...found].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const counterpart = COUNTERPARTS[name];
    const own =
      counterpart === null
        ? 'not told, on purpose'
        : counterpart === undefined
          ? 'missing'
          : String(counterpart(all));
    if (counterpart === undefined) missing.push(name);
    console.log(`${name.padEnd(18)} ${String(count).padStart(6)} ${own.padStart(6)}`);
  }
  const more = {
    'listening ports': all.sockets.listening.length,
    'services elsewhere': all.sockets.outgoing.length,
    services: all.services.services.length,
    drivers: all.drivers.drivers.length,
    'RAID sets': all.storage.raids.length,
    antivirus: all.security.antivirus.length,
  };
  console.log(
    `\nours only: ${Object.entries(more)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ')}`,
  );
  console.log(missing.length === 0 ? 'no section is missing' : `missing: ${missing.join(', ')}`);
}

try {
  await compare();
} finally {
  rmSync(folder, { recursive: true });
}

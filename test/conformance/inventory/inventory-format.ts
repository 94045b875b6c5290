/** The set `inventory_format`: reports of other agents that must be taken, and the schema that our export must fit. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isIPv4, isIPv6 } from 'node:net';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Snapshot } from '@muster/shared/inventory/sections.ts';
import { snapshotOf } from '@muster/server/cmdb/held-sections.ts';
import { glpiInventory } from '@muster/server/intake/export.ts';
import { createIntakeWorld } from '@muster/server/intake/testing.ts';
import { Ajv } from 'ajv';
import type { Failure, Report } from './case.ts';

interface Sample {
  readonly name: string;
  readonly body: Buffer;
  /** Of a partial report: the whole one that it belongs to. */
  readonly base: Buffer | null;
}

type Check = (sample: Sample) => Promise<string | null>;

/** null: the set is not there. */
export async function inventoryFormat(testdata: string): Promise<Report | null> {
  const folder = join(testdata, 'inventory_format');
  const schemaFile = join(folder, 'inventory.schema.json');
  if (!existsSync(schemaFile)) return null;
  const examples = samplesIn(join(folder, 'examples'), '.json');
  const xml = samplesIn(join(folder, 'tests/data'), '.xml');
  const partials = examples.filter(({ base }) => base !== null);
  const validate = validator(readFileSync(schemaFile, 'utf8'));
  return {
    'inventory_format examples taken': await run(examples, taken),
    'inventory_format XML taken': await run(xml, taken),
    'inventory_format export fits the schema': await run([...examples, ...xml], (sample) =>
      exportFits(sample, validate),
    ),
    'inventory_format partial changes only what it carries': await run(partials, partialIsPartial),
  };
}

async function run(samples: readonly Sample[], check: Check) {
  const failures: Failure[] = [];
  for (const sample of samples) {
    const why = await check(sample).catch((error: unknown) => `threw: ${String(error)}`);
    if (why !== null) failures.push({ case: sample.name, why });
  }
  return { pass: samples.length - failures.length, total: samples.length, failures };
}

/** `computer_1_partial_cpu.json` belongs to `computer_1.json`. */
function samplesIn(folder: string, ending: string): Sample[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => {
      const [, stem] = /^(.+)_partial_\w+\.json$/.exec(name) ?? [];
      const base = stem === undefined ? null : join(folder, `${stem}.json`);
      return {
        name,
        body: readFileSync(join(folder, name)),
        base: base !== null && existsSync(base) ? readFileSync(base) : null,
      };
    });
}

/** The world after the sample, and what became of it. */
async function delivered({ body, base }: Sample) {
  const world = await createIntakeWorld();
  if (base !== null) await world.post(base, { contentType: 'application/json' });
  const before = await heldIn(world);
  const answer = await world.post(body, { contentType: 'application/json' });
  const [delivery] = await world.deliveries();
  return { world, before, answer, delivery, after: await heldIn(world) };
}

type World = Awaited<ReturnType<typeof createIntakeWorld>>;

async function heldIn({ machines }: World): Promise<Snapshot> {
  const [machine] = await machines.machines();
  return machine ? snapshotOf(await machines.sections(machine.id)) : {};
}

async function taken(sample: Sample): Promise<string | null> {
  const { answer, delivery } = await delivered(sample);
  if (answer?.status !== 200) return `answered ${answer?.status ?? 'nothing'}: ${delivery?.detail ?? ''}`;
  if (delivery?.result === 'refused') return `refused: ${delivery.detail}`;
  return /left out/.test(delivery?.detail ?? '') ? (delivery?.detail ?? null) : null;
}

async function exportFits(
  sample: Sample,
  validate: (value: unknown) => string | null,
): Promise<string | null> {
  const { world } = await delivered(sample);
  for (const { id, name, tags } of await world.machines.machines()) {
    const snapshot = snapshotOf(await world.machines.sections(id));
    const exported = glpiInventory({ name, tags, snapshot, reportedAtMs: world.nowMs(), version: '0.0.0' });
    const why = validate(JSON.parse(JSON.stringify(exported)));
    if (why !== null) return why;
  }
  return null;
}

/** Sections of ours and the theirs that can change them. */
const CARRIED_BY: Readonly<Record<string, readonly string[]>> = {
  hardware: ['cpus', 'memories'],
  os: ['operatingsystem'],
  network: ['networks'],
  storage: ['drives', 'storages', 'physical_volumes', 'volume_groups', 'logical_volumes'],
  software: ['softwares'],
  users: ['local_users', 'local_groups'],
  devices: [
    'batteries',
    'controllers',
    'monitors',
    'usbdevices',
    'printers',
    'videos',
    'sounds',
    'inputs',
    'slots',
    'ports',
  ],
  guests: ['virtualmachines'],
  security: ['antivirus', 'firewalls', 'remote_mgmt', 'drives'],
};

async function partialIsPartial(sample: Sample): Promise<string | null> {
  const { world, before, after, answer } = await delivered(sample);
  if (answer?.status !== 200) return `answered ${answer?.status ?? 'nothing'}`;
  if ((await world.machines.machines()).length !== 1) return 'it is not one machine any more';
  const { content } = JSON.parse(sample.body.toString('utf8')) as { content: Record<string, unknown> };
  for (const [section, sources] of Object.entries(CARRIED_BY)) {
    const carried = sources.some((source) => source in content);
    const [was, is] = [before[section as keyof Snapshot], after[section as keyof Snapshot]];
    if (!carried && !isDeepStrictEqual(was, is)) return `section ${section} changed, but was not carried`;
    if (carried && is === undefined) return `section ${section} was carried, but is not known`;
  }
  const lost = await goneIn(world);
  return lost === 0 ? null : `${lost} parts are gone`;
}

async function goneIn({ machines }: World): Promise<number> {
  const [machine] = await machines.machines();
  const parts = machine ? await machines.parts(machine.id, true) : [];
  return parts.filter(({ removedAtMs }) => removedAtMs !== null).length;
}

/** Draft-07; the first error as text, null: valid. */
export function validator(schema: string): (value: unknown) => string | null {
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajv.addFormat('ipv4', isIPv4);
  ajv.addFormat('ipv6', isIPv6);
  const validate = ajv.compile(JSON.parse(schema) as object);
  return (value) => {
    if (validate(value)) return null;
    const [first] = validate.errors ?? [];
    return `${validate.errors?.length ?? 0} errors, the first: ${first?.instancePath ?? ''} ${first?.message ?? ''}`;
  };
}

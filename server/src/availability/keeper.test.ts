import { HOUR_MS, MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import type { GoodbyeReason, LeaveReason } from '@muster/shared/wire/goodbye.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import { createMemoryAvailabilityStore } from '../store/memory/availability.ts';
import { CLASS_EXPECTATIONS } from './expectation.ts';
import { createPresence, MASS_HOLD_MS, START_GRACE_MS } from './keeper.ts';
import type { LinkEnd, PresenceKeeper } from './keeper.ts';
import type { Sighting, Testimony } from './neighbours.ts';
import { bootsWithin, RESTART_PATIENCE_MS } from './status.ts';

/** A Friday noon in UTC, inside office hours. */
const NOON = Date.UTC(2026, 10, 20, 12, 0, 0);

function ci(id: string, fields: Partial<CiEntry> = {}): CiEntry {
  return {
    id,
    class: 'Server',
    name: id,
    lifecycle: 'in_use',
    criticality: 3,
    tags: [],
    site: null,
    owner: null,
    agentId: id,
    timeZone: 'UTC',
    createdAtMs: 0,
    ...fields,
  };
}

/** A keeper with machines that send every ten seconds, and a clock that only `wait` moves. */
class Roll {
  readonly store = createMemoryAvailabilityStore();
  readonly entries = new Map<string, CiEntry>();
  readonly answers = new Map<string, 'answers' | 'silent'>();
  readonly probed: string[] = [];
  /** Others on the same network, by machine; and what those who are asked say, null while nobody may be asked. */
  readonly neighbours = new Map<string, string[]>();
  readonly circles = new Map<string, string[][]>();
  readonly sightings = new Map<string, Sighting[]>();
  readonly askedMs: number[] = [];
  readonly #listeners: ((entry: CiEntry) => void)[] = [];
  readonly #newest = new Map<string, number>();
  readonly #sending = new Set<string>();
  keeper: PresenceKeeper;
  nowMs = NOON;

  constructor(...entries: CiEntry[]) {
    for (const entry of entries) this.entries.set(entry.id, entry);
    this.keeper = this.#make();
  }

  #make(): PresenceKeeper {
    const directory: CiDirectory = {
      get: (id) => this.entries.get(id),
      all: () => this.entries.values(),
      onChange: (listener) => this.#listeners.push(listener),
    };
    return createPresence({
      store: this.store,
      directory,
      expectations: CLASS_EXPECTATIONS,
      newestSampleMs: (id) => this.#newest.get(id) ?? null,
      probe: async (address) => {
        this.probed.push(address);
        return this.answers.get(address) ?? 'silent';
      },
      neighbours: {
        of: (id) => this.neighbours.get(id) ?? [],
        ask: (id) => {
          const sightings = this.sightings.get(id);
          if (!sightings) return null;
          this.askedMs.push(this.nowMs);
          return Promise.resolve<Testimony>({ atMs: this.nowMs, address: `10.0.0.${id}`, sightings });
        },
      },
      circlesOf: (id) => this.circles.get(id) ?? [],
      report: (what, error) => {
        throw new Error(what, { cause: error });
      },
    });
  }

  /** Ids of those that are missed. */
  silent(): string[] {
    return [...this.entries.keys()].filter((id) => this.keeper.get(id)?.silence === 'yes');
  }

  change(entry: CiEntry): void {
    this.entries.set(entry.id, entry);
    for (const listener of this.#listeners) listener(entry);
  }

  connect(id: string, bootId = 'boot-1', address = `10.0.0.${id}`): void {
    this.keeper.connected(id, id, { bootId, address }, this.nowMs);
    this.#sending.add(id);
  }

  samples(id: string, ...timesMs: number[]): void {
    this.#newest.set(id, Math.max(this.#newest.get(id) ?? 0, ...timesMs));
    this.keeper.samples(
      id,
      timesMs.map((atMs) => ({ atMs })),
      this.nowMs,
    );
  }

  /** Samples that the agent kept while it could not send, every ten seconds. */
  backlog(id: string, fromMs: number, toMs: number): void {
    for (let atMs = fromMs; atMs < toMs; atMs += 10 * SECOND_MS) this.samples(id, atMs);
  }

  disconnect(id: string, how: LinkEnd['how'] = 'closed', reason: LeaveReason | null = null): void {
    this.#sending.delete(id);
    this.keeper.disconnected(id, id, { how, reason, lastEvidenceMs: this.nowMs }, this.nowMs);
  }

  /** The line goes dead; the socket stays until the pings have told. */
  cut(id: string): void {
    const lastEvidenceMs = this.nowMs;
    this.#sending.delete(id);
    this.#dead.push({ id, lastEvidenceMs });
  }
  readonly #dead: { id: string; lastEvidenceMs: number }[] = [];

  async wait(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    while (this.nowMs < untilMs) {
      this.nowMs += SECOND_MS;
      if (this.nowMs % (10 * SECOND_MS) === 0) for (const id of this.#sending) this.samples(id, this.nowMs);
      for (const { id, lastEvidenceMs } of this.#dead)
        if (this.nowMs === lastEvidenceMs + 45 * SECOND_MS)
          this.keeper.disconnected(id, id, { how: 'timeout', reason: null, lastEvidenceMs }, this.nowMs);
      this.keeper.tick(this.nowMs);
      await Promise.resolve();
      await Promise.resolve();
    }
    await this.keeper.settled();
  }

  /** The server dies and another one starts on the same records. */
  async restartServer(downMs: number): Promise<void> {
    await this.keeper.settled();
    this.#sending.clear();
    this.#listeners.length = 0;
    this.nowMs += downMs;
    this.keeper = this.#make();
    await this.keeper.start(this.nowMs);
  }

  /** 'second-of-start presence/cause*' per interval, seconds since noon; * = revised. */
  async record(id: string): Promise<string[]> {
    await this.keeper.settled();
    return (await this.store.intervals(id, 0, Infinity)).map(
      (i) =>
        `${(i.fromMs - NOON) / SECOND_MS} ${i.presence}${i.cause ? `/${i.cause}` : ''}${i.revised ? '*' : ''}`,
    );
  }

  async started(id: string, bootId: string, at: number, booted: number, previous: GoodbyeReason | null) {
    await this.keeper.event(
      id,
      { type: 'started', atMs: at, bootId, bootedAtMs: booted, previous, agentVersion: '1' },
      this.nowMs,
    );
  }

  said(id: string): string {
    return (this.keeper.get(id)?.evidence ?? []).map((words) => words.en).join(' ');
  }
}

async function up(...entries: CiEntry[]): Promise<Roll> {
  const roll = new Roll(...entries);
  await roll.keeper.start(roll.nowMs);
  for (const { id } of entries) roll.connect(id);
  await roll.wait(2 * MINUTE_MS);
  return roll;
}

test('[PR1] a machine that nothing is heard of is silent after 45 s, from the last evidence on', async () => {
  const roll = await up(ci('1'));
  roll.cut('1');
  await roll.wait(44 * SECOND_MS);
  expect(roll.keeper.get('1')).toMatchObject({ presence: 'up', silence: 'no' });
  await roll.wait(2 * SECOND_MS);
  expect(roll.keeper.get('1')).toMatchObject({
    presence: 'unknown',
    cause: 'unreachable',
    expected: false,
    silence: 'yes',
    silentSinceMs: NOON + 120 * SECOND_MS,
  });
  expect(await roll.record('1')).toEqual(['0 up', '120 unknown/unreachable']);
});

test('[PR3] kill -9 of the agent: the socket closes, the host answers: the agent is gone, the host is not judged', async () => {
  const roll = await up(ci('1'));
  roll.answers.set('10.0.0.1', 'answers');
  roll.disconnect('1');
  await roll.wait(46 * SECOND_MS);
  expect(roll.keeper.get('1')).toMatchObject({ presence: 'unknown', cause: 'agent-stopped', silence: 'yes' });
  expect(roll.said('1')).toContain('the host runs, the agent on it does not');
});

test('[PR4] loss of the network: no answer and no witness: unreachable, and silent all the same', async () => {
  const roll = await up(ci('1'));
  roll.cut('1');
  await roll.wait(MINUTE_MS);
  expect(roll.keeper.get('1')).toMatchObject({ presence: 'unknown', cause: 'unreachable', silence: 'yes' });
  expect(roll.said('1')).toContain('There is no witness');
});

test('[PR4] a dead connection to a host that answers is not a stopped agent', async () => {
  const roll = await up(ci('1'));
  roll.answers.set('10.0.0.1', 'answers');
  roll.cut('1');
  await roll.wait(2 * MINUTE_MS);
  expect(roll.keeper.get('1')).toMatchObject({ presence: 'unknown', cause: 'unreachable' });
  expect(roll.said('1')).toContain('the agent hangs or something on the way blocks it');
});

test('[PR8] a host that stops answering later changes the cause, from then on', async () => {
  const roll = await up(ci('1'));
  roll.answers.set('10.0.0.1', 'answers');
  roll.disconnect('1');
  await roll.wait(MINUTE_MS);
  roll.answers.set('10.0.0.1', 'silent');
  await roll.wait(MINUTE_MS);
  const [first, gone, lost] = await roll.record('1');
  expect([first, gone]).toEqual(['0 up', '120 unknown/agent-stopped']);
  expect(lost).toMatch(/^2\d\d unknown\/unreachable$/);
});

test('[PR8] an address of several machines is a gateway and is not probed', async () => {
  const roll = await up(ci('1'), ci('2'));
  roll.connect('1', 'boot-1', '203.0.113.7');
  roll.connect('2', 'boot-1', '203.0.113.7');
  roll.disconnect('1');
  await roll.wait(2 * MINUTE_MS);
  expect(roll.probed).toEqual([]);
  expect(roll.keeper.get('1')).toMatchObject({ cause: 'unreachable' });
});

test('[PR16] a new boot id says that it started; its own word puts the time right', async () => {
  const roll = await up(ci('1'));
  roll.disconnect('1');
  await roll.wait(3 * MINUTE_MS);
  roll.connect('1', 'boot-2');
  expect(roll.keeper.get('1')?.bootsMs).toEqual([roll.nowMs]);
  const bootedMs = roll.nowMs - MINUTE_MS;
  await roll.started('1', 'boot-2', roll.nowMs - 30 * SECOND_MS, bootedMs, null);
  expect(roll.keeper.get('1')?.bootsMs).toEqual([bootedMs]);
});

test('[PR8] the same machine is probed once a minute at the most', async () => {
  const roll = await up(ci('1'));
  roll.disconnect('1');
  await roll.wait(10 * MINUTE_MS);
  expect(roll.probed.length).toBeGreaterThanOrEqual(9);
  expect(roll.probed.length).toBeLessThanOrEqual(10);
});

test.each([
  ['shutdown', 'off', 'shut-down'],
  ['sleep', 'asleep', 'asleep'],
  ['restart', 'down', 'shut-down'],
  ['stop', 'unknown', 'agent-stopped'],
] as const)('[PR2] the last word %s makes the machine %s at once', async (reason, presence, cause) => {
  const roll = await up(ci('1'));
  roll.disconnect('1', 'goodbye', reason);
  await roll.wait(SECOND_MS);
  expect(roll.keeper.get('1')).toMatchObject({ presence, cause });
  expect(await roll.record('1')).toEqual(['0 up', `120 ${presence}/${cause}`]);
  expect(roll.said('1')).toContain('announced at 20 Nov 2026, 12:02:00 (+00:00)');
});

test('[PR21] an agent that was uninstalled says so, and its silence is none, however long and also after a restart of the server', async () => {
  const roll = await up(ci('1'));
  const told = { type: 'stopping', atMs: roll.nowMs, reason: 'stop', uninstalled: true } as const;
  await roll.keeper.event('1', told, roll.nowMs);
  roll.disconnect('1', 'goodbye', 'uninstall');
  await roll.wait(10 * MINUTE_MS);
  const gone = { presence: 'unknown', cause: 'agent-uninstalled', state: 'unknown', silence: 'no' };
  expect(roll.keeper.get('1')).toMatchObject(gone);
  expect(roll.said('1')).toContain('was uninstalled on the machine at 20 Nov 2026, 12:02:00 (+00:00)');
  await roll.restartServer(MINUTE_MS);
  await roll.wait(10 * MINUTE_MS);
  expect(roll.keeper.get('1')).toMatchObject(gone);
  expect(await roll.record('1')).toEqual(['0 up', '120 unknown/agent-uninstalled']);
  roll.connect('1', 'boot-1');
  expect(roll.keeper.get('1')).toMatchObject({ presence: 'up', cause: null });
});

test('[PR2] an agent that upgrades itself is not missed', async () => {
  const roll = await up(ci('1'));
  roll.disconnect('1', 'goodbye', 'upgrade');
  await roll.wait(20 * SECOND_MS);
  roll.connect('1');
  await roll.started('1', 'boot-1', roll.nowMs - SECOND_MS, 0, 'upgrade');
  await roll.wait(MINUTE_MS);
  expect(await roll.record('1')).toEqual(['0 up']);
});

test('[PR2] the last word comes twice, on the socket and in the stream, and counts once', async () => {
  const roll = await up(ci('1'));
  await roll.keeper.event('1', { type: 'stopping', atMs: roll.nowMs, reason: 'shutdown' }, roll.nowMs);
  await roll.wait(SECOND_MS);
  roll.disconnect('1', 'goodbye', 'shutdown');
  expect(await roll.record('1')).toEqual(['0 up', '120 off/shut-down']);
});

test('[PR5] back with a new boot: down from the last evidence to the boot', async () => {
  const roll = await up(ci('1'));
  roll.cut('1');
  await roll.wait(10 * MINUTE_MS);
  roll.connect('1', 'boot-2');
  await roll.started('1', 'boot-2', NOON + 715 * SECOND_MS, NOON + 700 * SECOND_MS, null);
  await roll.wait(MINUTE_MS);
  expect(await roll.record('1')).toEqual(['0 up', '120 down/host-down*', '700 up*', '715 up']);
});

test('[PR5] a restart that was announced is down by its own word, and a fast one too', async () => {
  const roll = await up(ci('1'));
  roll.disconnect('1', 'goodbye', 'restart');
  await roll.wait(30 * SECOND_MS);
  roll.connect('1', 'boot-2');
  await roll.started('1', 'boot-2', roll.nowMs - 2 * SECOND_MS, roll.nowMs - 12 * SECOND_MS, 'restart');
  await roll.wait(20 * SECOND_MS);
  expect(await roll.record('1')).toEqual(['0 up', '120 down/shut-down', '138 up*', '148 up']);
});

test('[PR5] a crash and reboot faster than silence is an outage all the same', async () => {
  const roll = await up(ci('1'));
  roll.disconnect('1');
  await roll.wait(30 * SECOND_MS);
  roll.connect('1', 'boot-2');
  expect(await roll.record('1')).toEqual(['0 up', '120 down/host-down', '150 up']);
});

test('[PR6] back with the same boot: no host outage, and the spool makes the silence up', async () => {
  const roll = await up(ci('1'));
  roll.cut('1');
  await roll.wait(10 * MINUTE_MS);
  roll.connect('1');
  expect(await roll.record('1')).toEqual(['0 up', '120 unknown/unreachable', '720 up']);
  roll.backlog('1', NOON + 130 * SECOND_MS, NOON + 720 * SECOND_MS);
  await roll.wait(20 * SECOND_MS);
  expect(await roll.record('1')).toEqual(['0 up', '120 up*', '720 up']);
});

test('[PR6] what the spool does not fill stays unknown', async () => {
  const roll = await up(ci('1'));
  roll.cut('1');
  await roll.wait(10 * MINUTE_MS);
  roll.connect('1');
  roll.backlog('1', NOON + 500 * SECOND_MS, NOON + 720 * SECOND_MS);
  await roll.wait(20 * SECOND_MS);
  expect(await roll.record('1')).toEqual(['0 up', '120 unknown/unreachable', '500 up*', '720 up']);
});

test('[PR6] an agent that was killed and started again names itself as the cause', async () => {
  const roll = await up(ci('1'));
  roll.disconnect('1');
  await roll.wait(10 * MINUTE_MS);
  roll.connect('1');
  await roll.started('1', 'boot-1', roll.nowMs - SECOND_MS, 0, null);
  await roll.wait(20 * SECOND_MS);
  expect(await roll.record('1')).toEqual(['0 up', '120 unknown/agent-stopped*', '719 up']);
  const [, gap] = await roll.store.intervals('1', 0, Infinity);
  expect(gap?.evidence.map((words) => words.en).join(' ')).toContain('killed or crashed');
});

test('[PR6] an agent that ran on without a connection after its start: unknown, until its spool arrives', async () => {
  const roll = await up(ci('1'));
  roll.disconnect('1');
  await roll.wait(10 * MINUTE_MS);
  roll.connect('1');
  await roll.started('1', 'boot-1', NOON + 300 * SECOND_MS, 0, null);
  expect(await roll.record('1')).toEqual([
    '0 up',
    '120 unknown/agent-stopped*',
    '300 unknown/unreachable',
    '720 up',
  ]);
  roll.backlog('1', NOON + 310 * SECOND_MS, NOON + 720 * SECOND_MS);
  await roll.wait(20 * SECOND_MS);
  expect(await roll.record('1')).toEqual(['0 up', '120 unknown/agent-stopped*', '300 up*', '720 up']);
});

test('[PR6] two crashes while offline: each boot is told apart when the spool arrives', async () => {
  const roll = await up(ci('1'));
  roll.cut('1');
  await roll.wait(20 * MINUTE_MS);
  roll.connect('1', 'boot-3');
  const at = (s: number) => NOON + s * SECOND_MS;
  roll.backlog('1', at(130), at(300));
  await roll.started('1', 'boot-2', at(400), at(390), null);
  roll.backlog('1', at(410), at(600));
  await roll.started('1', 'boot-3', at(800), at(780), 'restart');
  roll.backlog('1', at(810), at(1_320));
  await roll.wait(20 * SECOND_MS);
  expect(await roll.record('1')).toEqual([
    '0 up',
    '120 up*',
    '290 down/host-down*',
    '390 up*',
    '590 down/shut-down*',
    '780 up*',
    '1320 up',
  ]);
});

test('[PR7] a server that was away blames itself, and the spool takes the blame away', async () => {
  const roll = await up(ci('1'));
  await roll.restartServer(5 * MINUTE_MS);
  expect(roll.keeper.get('1')).toMatchObject({
    presence: 'unknown',
    cause: 'server-self',
    silence: 'undecided',
  });
  roll.connect('1');
  roll.backlog('1', NOON + 130 * SECOND_MS, roll.nowMs);
  await roll.wait(20 * SECOND_MS);
  expect(await roll.record('1')).toEqual(['0 up']);
});

test('[PR7] a machine that does not come back after the start of the server is silent after the grace', async () => {
  const roll = await up(ci('1'));
  await roll.restartServer(MINUTE_MS);
  await roll.wait(START_GRACE_MS - SECOND_MS);
  expect(roll.keeper.get('1')).toMatchObject({ cause: 'server-self', silence: 'undecided' });
  await roll.wait(2 * SECOND_MS);
  expect(roll.keeper.get('1')).toMatchObject({ cause: 'unreachable', silence: 'yes' });
  expect(await roll.record('1')).toEqual(['0 up', '120 unknown/unreachable*']);
});

test('[PR7] connections that the end of the server closed do not speak against the agents', async () => {
  const roll = await up(ci('1'));
  roll.answers.set('10.0.0.1', 'answers');
  roll.disconnect('1', 'closed');
  await roll.restartServer(MINUTE_MS);
  await roll.wait(START_GRACE_MS + MINUTE_MS);
  expect(roll.keeper.get('1')).toMatchObject({ presence: 'unknown', cause: 'unreachable' });
  expect(roll.said('1')).not.toContain('Its side closed');
});

test('[PR7] a server that stood still, or whose clock jumped, waits before it judges', async () => {
  const roll = await up(ci('1'));
  roll.disconnect('1');
  roll.nowMs += HOUR_MS;
  await roll.wait(30 * SECOND_MS);
  expect(roll.keeper.get('1')).toMatchObject({ presence: 'up' });
  roll.connect('1');
  await roll.wait(MINUTE_MS);
  expect(roll.keeper.get('1')).toMatchObject({ presence: 'up' });
  roll.nowMs -= HOUR_MS;
  await roll.wait(2 * MINUTE_MS);
  expect(roll.keeper.get('1')).toMatchObject({ presence: 'up' });
  const record = await roll.store.intervals('1', 0, Infinity);
  expect(record.every((i) => i.toMs === null || i.toMs > i.fromMs)).toBe(true);
});

test('[PR7] most machines silent at once: first the server blames itself, then the network', async () => {
  const roll = await up(ci('1'), ci('2'), ci('3'), ci('4'));
  for (const id of ['1', '2', '3']) roll.cut(id);
  await roll.wait(MINUTE_MS);
  expect(roll.keeper.get('1')).toMatchObject({ cause: 'server-self', silence: 'undecided' });
  expect(roll.keeper.counts()).toMatchObject({ up: 1, unknown: 3, silent: 0 });
  await roll.wait(MASS_HOLD_MS);
  for (const id of ['1', '2', '3'])
    expect(roll.keeper.get(id)).toMatchObject({ presence: 'unknown', cause: 'network', silence: 'yes' });
});

test('[PR9] a workstation that shuts down outside its hours is off, expected, and no outage', async () => {
  const roll = new Roll(ci('1', { class: 'Workstation' }));
  roll.nowMs = NOON + 7 * HOUR_MS;
  await roll.keeper.start(roll.nowMs);
  roll.connect('1');
  await roll.wait(MINUTE_MS);
  roll.disconnect('1', 'goodbye', 'shutdown');
  await roll.wait(10 * MINUTE_MS);
  expect(roll.keeper.get('1')).toMatchObject({
    presence: 'off',
    cause: 'shut-down',
    expected: true,
    silence: 'no',
  });
  expect(roll.keeper.counts()).toEqual({
    total: 1,
    up: 0,
    asleep: 0,
    off: 1,
    planned: 0,
    silent: 0,
    unknown: 0,
  });
});

test('[PR9] a clean stop of a workstation outside its hours says so and is no silence', async () => {
  const roll = new Roll(ci('1', { class: 'Workstation' }));
  roll.nowMs = NOON + 7 * HOUR_MS;
  await roll.keeper.start(roll.nowMs);
  roll.connect('1');
  roll.disconnect('1', 'goodbye', 'stop');
  await roll.wait(10 * MINUTE_MS);
  expect(roll.keeper.get('1')).toMatchObject({ cause: 'agent-stopped', expected: true, silence: 'no' });
  expect(roll.said('1')).toContain('stopped on purpose');
});

test('[PR9] a roaming machine is missed only in the hours in which it was last heard', async () => {
  const roll = await up(ci('1', { class: 'Workstation' }));
  roll.answers.set('10.0.0.1', 'answers');
  roll.disconnect('1');
  await roll.wait(2 * MINUTE_MS);
  expect(roll.keeper.get('1')).toMatchObject({ cause: 'agent-stopped', silence: 'yes', expected: false });
  roll.nowMs = NOON + 3 * 24 * HOUR_MS;
  await roll.wait(2 * MINUTE_MS);
  expect(roll.keeper.get('1')).toMatchObject({ inHours: true, silence: 'no' });
});

test('[PR9] a roaming machine that is merely out of reach is not missed, at its hours neither', async () => {
  const roll = await up(ci('1', { class: 'Workstation' }), ci('2'), ci('3'));
  roll.cut('1');
  await roll.wait(20 * MINUTE_MS);
  expect(roll.keeper.get('1')).toMatchObject({
    presence: 'unknown',
    cause: 'unreachable',
    state: 'unknown',
    inHours: true,
    silence: 'no',
    expected: true,
  });
});

test('[PR9] a roaming machine that hangs while its host answers is missed', async () => {
  const roll = await up(ci('1', { class: 'Workstation' }), ci('2'), ci('3'));
  roll.answers.set('10.0.0.1', 'answers');
  roll.cut('1');
  await roll.wait(2 * MINUTE_MS);
  expect(roll.keeper.get('1')).toMatchObject({ cause: 'unreachable', silence: 'yes' });
});

test('[PR9] a roaming machine that takes long to restart is not missed', async () => {
  const roll = await up(ci('1', { class: 'Workstation' }));
  roll.disconnect('1', 'goodbye', 'restart');
  await roll.wait(RESTART_PATIENCE_MS + MINUTE_MS);
  expect(roll.keeper.get('1')).toMatchObject({ presence: 'down', cause: 'shut-down', silence: 'no' });
});

test('[PR19] roaming machines that fell silent together are missed until the others are back', async () => {
  const laptops = ['1', '2', '3', '4', '5'].map((id) => ci(id, { class: 'Workstation' }));
  const servers = ['6', '7', '8', '9', '10', '11', '12'].map((id) => ci(id));
  const roll = await up(...laptops, ...servers);
  for (const id of ['1', '2', '3', '4', '5']) roll.circles.set(id, [['1', '2', '3', '4', '5', 'switch']]);
  // Two of five: their users may have gone to lunch.
  for (const id of ['1', '2']) roll.cut(id);
  await roll.wait(5 * MINUTE_MS);
  expect(roll.silent()).toEqual([]);
  for (const id of ['1', '2']) roll.connect(id, 'boot-1');
  await roll.wait(10 * MINUTE_MS);
  for (const id of ['1', '2', '3']) roll.cut(id);
  await roll.wait(2 * MINUTE_MS);
  expect(roll.silent()).toEqual(['1', '2', '3']);
  roll.connect('1', 'boot-1');
  await roll.wait(15 * SECOND_MS);
  expect(roll.silent()).toEqual([]);
});

test('[PR19] those that left minutes apart are no company', async () => {
  const laptops = ['1', '2', '3'].map((id) => ci(id, { class: 'Workstation' }));
  const roll = await up(...laptops, ...['6', '7', '8', '9', '10'].map((id) => ci(id)));
  for (const id of ['1', '2', '3']) roll.circles.set(id, [['1', '2', '3']]);
  for (const id of ['1', '2', '3']) {
    roll.cut(id);
    await roll.wait(5 * MINUTE_MS);
  }
  expect(roll.silent()).toEqual([]);
});

test('[PR9] a fixed workstation is missed as soon as its hours begin, and from then on', async () => {
  const roll = new Roll(ci('1', { class: 'Workstation', tags: ['fixed'] }));
  roll.nowMs = NOON + 7 * HOUR_MS;
  await roll.keeper.start(roll.nowMs);
  roll.connect('1');
  roll.cut('1');
  await roll.wait(2 * MINUTE_MS);
  expect(roll.keeper.get('1')).toMatchObject({ silence: 'no' });
  roll.nowMs = NOON + 3 * 24 * HOUR_MS - 4 * HOUR_MS - MINUTE_MS;
  await roll.wait(2 * MINUTE_MS);
  expect(roll.keeper.get('1')).toMatchObject({
    silence: 'yes',
    silentSinceMs: Date.UTC(2026, 10, 23, 8),
  });
});

test('[PR10] an announced restart is waited for, then missed', async () => {
  const roll = await up(ci('1'));
  roll.disconnect('1', 'goodbye', 'restart');
  await roll.wait(RESTART_PATIENCE_MS - SECOND_MS);
  expect(roll.keeper.get('1')).toMatchObject({ silence: 'undecided' });
  await roll.wait(2 * SECOND_MS);
  expect(roll.keeper.get('1')).toMatchObject({ presence: 'down', silence: 'yes' });
});

test('[PR11] a machine taken out of service is planned, in the record from then on', async () => {
  const roll = await up(ci('1'));
  roll.change(ci('1', { lifecycle: 'in_repair' }));
  roll.cut('1');
  await roll.wait(2 * MINUTE_MS);
  expect(roll.keeper.get('1')).toMatchObject({ planned: true, silence: 'no', expected: true });
  expect(roll.keeper.counts()).toMatchObject({ planned: 1, silent: 0 });
  const record = await roll.store.intervals('1', 0, Infinity);
  expect(record.map((i) => [i.presence, i.planned])).toEqual([
    ['up', false],
    ['unknown', true],
  ]);
});

test('[PR12] a listener hears of changes, not of each sign of life', async () => {
  const roll = new Roll(ci('1'));
  await roll.keeper.start(roll.nowMs);
  const heard: string[] = [];
  roll.keeper.onChange((status) => heard.push(`${status.presence} ${status.silence}`));
  roll.connect('1');
  await roll.wait(5 * MINUTE_MS);
  roll.cut('1');
  await roll.wait(5 * MINUTE_MS);
  roll.connect('1');
  expect(heard).toEqual(['up no', 'unknown yes', 'up no']);
});

test('[PR12] an end of an older connection does not end the present one', async () => {
  const roll = await up(ci('1'));
  roll.keeper.connected('1', 'agent-new', { bootId: 'boot-1', address: '10.0.0.1' }, roll.nowMs);
  roll.disconnect('1', 'moved');
  await roll.wait(2 * MINUTE_MS);
  expect(roll.keeper.get('1')).toMatchObject({ presence: 'up' });
});

test('[AV11] a record that cannot be written is kept and written with the next change', async () => {
  const roll = new Roll(ci('1'));
  const reported: string[] = [];
  let isFull = true;
  const keeper = createPresence({
    store: {
      ...roll.store,
      record: async (changes) => {
        if (isFull) throw new Error('the disk is full');
        await roll.store.record(changes);
      },
    },
    directory: {
      get: (id) => roll.entries.get(id),
      all: () => roll.entries.values(),
      onChange: () => undefined,
    },
    expectations: CLASS_EXPECTATIONS,
    newestSampleMs: () => null,
    probe: null,
    report: (what) => reported.push(what),
  });
  keeper.connected('1', 'a', { bootId: 'b', address: '' }, NOON);
  const gasp = { type: 'stopping', atMs: NOON + 60_000, reason: 'shutdown' } as const;
  await expect(keeper.event('1', gasp, NOON + 60_000)).rejects.toThrow('the disk is full');
  expect(reported).toEqual(['writing presence']);
  isFull = false;
  keeper.tick(NOON + 61_000);
  await keeper.settled();
  expect(await roll.record('1')).toEqual(['0 up', '60 off/shut-down']);
});

type Act =
  | { act: 'wait'; seconds: number }
  | { act: 'connect'; boot: number }
  | { act: 'disconnect'; how: LinkEnd['how']; reason: LeaveReason | null }
  | { act: 'backlog'; back: number; length: number }
  | { act: 'started'; boot: number; back: number; booted: number; previous: GoodbyeReason | null }
  | { act: 'restart-server'; seconds: number }
  | { act: 'plan'; repair: boolean };

const words = [null, 'shutdown', 'restart', 'sleep', 'stop', 'upgrade'] as const;
const reasons = fc.constantFrom<GoodbyeReason | null>(...words);
const leavings = fc.constantFrom<LeaveReason | null>(...words, 'uninstall');
const acts: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ act: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 150 }) }),
  fc.record({ act: fc.constant('connect' as const), boot: fc.integer({ min: 1, max: 3 }) }),
  fc.record({
    act: fc.constant('disconnect' as const),
    how: fc.constantFrom('goodbye', 'closed', 'timeout', 'revoked'),
    reason: leavings,
  }),
  fc.record({
    act: fc.constant('backlog' as const),
    back: fc.integer({ min: 0, max: 400 }),
    length: fc.integer({ min: 1, max: 20 }),
  }),
  fc.record({
    act: fc.constant('started' as const),
    boot: fc.integer({ min: 1, max: 3 }),
    back: fc.integer({ min: -20, max: 300 }),
    booted: fc.integer({ min: -20, max: 600 }),
    previous: reasons,
  }),
  fc.record({ act: fc.constant('restart-server' as const), seconds: fc.integer({ min: 1, max: 300 }) }),
  fc.record({ act: fc.constant('plan' as const), repair: fc.boolean() }),
);

async function play(roll: Roll, act: Act): Promise<void> {
  switch (act.act) {
    case 'wait':
      return roll.wait(act.seconds * SECOND_MS);
    case 'connect':
      return roll.connect('1', `boot-${act.boot}`);
    case 'disconnect':
      return roll.disconnect('1', act.how, act.reason);
    case 'backlog': {
      const fromMs = roll.nowMs - act.back * SECOND_MS;
      return roll.backlog('1', fromMs, fromMs + act.length * 10 * SECOND_MS);
    }
    case 'started': {
      const atMs = roll.nowMs - act.back * SECOND_MS;
      return roll.started('1', `boot-${act.boot}`, atMs, atMs - act.booted * SECOND_MS, act.previous);
    }
    case 'restart-server':
      return roll.restartServer(act.seconds * SECOND_MS);
    case 'plan':
      return roll.change(ci('1', { lifecycle: act.repair ? 'in_repair' : 'in_use' }));
  }
}

test('[AV9] whatever happens in whatever order, the record has no hole, no overlap and ends with the present', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(acts, { maxLength: 25 }), async (list) => {
      const roll = await up(ci('1'));
      for (const act of list) await play(roll, act);
      await roll.wait(SECOND_MS);
      const record = await roll.store.intervals('1', 0, Infinity);
      expect(record[0]?.fromMs).toBe(NOON);
      for (const [i, interval] of record.entries()) {
        if (i > 0) expect(interval.fromMs).toBe(record[i - 1]?.toMs);
        if (interval.toMs !== null) expect(interval.toMs).toBeGreaterThan(interval.fromMs);
      }
      const last = record.at(-1);
      expect(last?.toMs).toBeNull();
      const { presence, cause, planned } = roll.keeper.get('1') ?? {};
      expect({ presence: last?.presence, cause: last?.cause, planned: last?.planned }).toEqual({
        presence,
        cause,
        planned,
      });
    }),
    { numRuns: 150 },
  );
});

const saw = (name: string, what: Sighting['saw'], more: Partial<Sighting> = {}): Sighting => ({
  ciId: name,
  name,
  saw: what,
  by: what === 'answers' ? 'resolved' : null,
  gateway: 'answers',
  ...more,
});

/** Four servers in one network. */
async function neighbourhood(...more: CiEntry[]): Promise<Roll> {
  const entries = [ci('1'), ci('2'), ci('3'), ci('4'), ...more];
  const roll = await up(...entries);
  for (const { id } of entries)
    roll.neighbours.set(
      id,
      entries.map((other) => other.id).filter((other) => other !== id),
    );
  return roll;
}

test('[WN6] a neighbour that sees the host, after its side closed the connection: the agent is gone, and who saw it stands there', async () => {
  const roll = await neighbourhood();
  roll.sightings.set('1', [saw('pc-2', 'answers', { by: 'tcp' }), saw('pc-3', 'silent')]);
  roll.disconnect('1');
  await roll.wait(46 * SECOND_MS);
  expect(roll.keeper.get('1')).toMatchObject({ presence: 'unknown', cause: 'agent-stopped', silence: 'yes' });
  expect(roll.said('1')).toContain('pc-2 on the same network got an answer from its address 10.0.0.1');
  expect(roll.said('1')).toContain('So the host runs, and the agent on it does not.');
  expect(roll.said('1')).not.toContain('There is no witness');
});

test('[WN6] a neighbour that sees the host while its connection is dead: the agent or the host hangs', async () => {
  const roll = await neighbourhood();
  roll.sightings.set('1', [saw('pc-2', 'answers')]);
  roll.cut('1');
  await roll.wait(60 * SECOND_MS);
  expect(roll.keeper.get('1')).toMatchObject({ presence: 'unknown', cause: 'agent-stopped' });
  expect(roll.said('1')).toContain('the agent or the host hangs');
});

test('[WN6] several neighbours with a working gateway that do not see it: the host is down from the last evidence on', async () => {
  const roll = await neighbourhood();
  roll.sightings.set('1', [saw('pc-2', 'silent'), saw('pc-3', 'silent')]);
  roll.disconnect('1');
  await roll.wait(46 * SECOND_MS);
  expect(roll.keeper.get('1')).toMatchObject({ presence: 'down', cause: 'host-down', silence: 'yes' });
  expect(roll.said('1')).toContain('pc-2 and pc-3 on the same network got no answer');
  expect(await roll.record('1')).toEqual(['0 up', '120 down/host-down']);
});

test('[WN6] one neighbour alone that sees nothing proves nothing', async () => {
  const roll = await neighbourhood();
  roll.sightings.set('1', [saw('pc-2', 'silent')]);
  roll.disconnect('1');
  await roll.wait(60 * SECOND_MS);
  expect(roll.keeper.get('1')).toMatchObject({ presence: 'unknown', cause: 'unreachable' });
  expect(roll.said('1')).toContain('pc-2 on the same network got no answer');
});

test.each([
  ['mute', { gateway: 'unknown' }],
  ['silent', { gateway: 'silent' }],
] as const)(
  '[WN6] neighbours that are asked and are %s with %j: of two it is the network, of one it is nothing',
  async (what, more) => {
    for (const [names, cause] of [
      [['pc-2', 'pc-3'], 'network'],
      [['pc-2'], 'unreachable'],
    ] as const) {
      const roll = await neighbourhood();
      roll.sightings.set(
        '1',
        names.map((name) => saw(name, what, more)),
      );
      roll.cut('1');
      await roll.wait(60 * SECOND_MS);
      expect(roll.keeper.get('1')).toMatchObject({ presence: 'unknown', cause });
      expect(roll.said('1').includes('the network that they share')).toBe(cause === 'network');
    }
  },
);

test('[WN6] all that stood on its network fell silent with it: the network, without asking anybody', async () => {
  const others = ['5', '6', '7', '8', '9', '10', '11', '12'].map((id) => ci(id));
  const roll = await neighbourhood(...others);
  for (const { id } of others) roll.neighbours.delete(id);
  for (const id of ['1', '2', '3', '4'])
    roll.neighbours.set(
      id,
      ['1', '2', '3', '4'].filter((o) => o !== id),
    );
  for (const id of ['1', '2', '3', '4']) roll.cut(id);
  await roll.wait(60 * SECOND_MS);
  for (const id of ['1', '2', '3', '4'])
    expect(roll.keeper.get(id)).toMatchObject({ presence: 'unknown', cause: 'network', silence: 'yes' });
  expect(roll.said('1')).toContain('3 other machines on its network fell silent');
});

test('[WN6] a laptop that several neighbours do not see is gone from its network, not down', async () => {
  const roll = await neighbourhood(ci('5', { class: 'Workstation' }));
  roll.sightings.set('5', [saw('pc-2', 'silent'), saw('pc-3', 'silent')]);
  roll.cut('5');
  await roll.wait(60 * SECOND_MS);
  expect(roll.keeper.get('5')).toMatchObject({ presence: 'unknown', cause: 'unreachable' });
  expect(roll.said('5')).toContain('switched off, asleep or taken along');
});

test('[WN7] what only the neighbour table says is not believed before a minute; they are asked again then', async () => {
  const roll = await neighbourhood();
  roll.sightings.set('1', [saw('pc-2', 'answers', { by: 'table' })]);
  roll.disconnect('1');
  await roll.wait(50 * SECOND_MS);
  expect(roll.keeper.get('1')).toMatchObject({ cause: 'unreachable' });
  expect(roll.said('1')).toContain('that may be from before');
  await roll.wait(60 * SECOND_MS);
  expect(roll.keeper.get('1')).toMatchObject({ cause: 'agent-stopped' });
  expect(roll.askedMs).toHaveLength(2);
});

test('[WN5] nobody is asked where the host answers the server itself, or where the machine said why it goes', async () => {
  const roll = await neighbourhood();
  roll.answers.set('10.0.0.1', 'answers');
  for (const id of ['1', '2']) roll.sightings.set(id, [saw('pc-3', 'silent'), saw('pc-4', 'silent')]);
  roll.disconnect('1');
  roll.disconnect('2', 'goodbye', 'shutdown');
  await roll.wait(3 * MINUTE_MS);
  expect(roll.askedMs).toEqual([]);
  expect(roll.keeper.get('1')).toMatchObject({ cause: 'agent-stopped' });
  expect(roll.keeper.get('2')).toMatchObject({ presence: 'off' });
});

test('[WN5] they are asked three times at the most in one absence, a minute apart', async () => {
  const roll = await neighbourhood();
  roll.sightings.set('1', [saw('pc-2', 'silent')]);
  roll.disconnect('1');
  await roll.wait(10 * MINUTE_MS);
  expect(roll.askedMs).toHaveLength(3);
  const apart = roll.askedMs.slice(1).map((atMs, at) => atMs - (roll.askedMs[at] ?? 0));
  expect(Math.min(...apart)).toBeGreaterThanOrEqual(MINUTE_MS);
});

test('[WN6] a host that counted as down and returns with the same boot was cut off, and its spool says the rest', async () => {
  const roll = await neighbourhood();
  roll.sightings.set('1', [saw('pc-2', 'silent'), saw('pc-3', 'silent')]);
  roll.disconnect('1');
  await roll.wait(5 * MINUTE_MS);
  const backMs = roll.nowMs;
  roll.connect('1');
  expect(await roll.record('1')).toEqual(['0 up', '120 unknown/unreachable*', '420 up']);
  roll.backlog('1', NOON + 120 * SECOND_MS, backMs + 10 * SECOND_MS);
  expect(await roll.record('1')).toEqual(['0 up', '120 up*', '420 up']);
});

test('[PR14] a sleep that is told after waking up makes the absence asleep, of a server as of a laptop', async () => {
  const roll = await up(ci('1'));
  roll.cut('1');
  const sleptMs = roll.nowMs;
  await roll.wait(2 * HOUR_MS);
  expect(roll.keeper.get('1')).toMatchObject({ cause: 'unreachable', silence: 'yes' });
  roll.connect('1');
  const wokeMs = roll.nowMs;
  await roll.keeper.event('1', { type: 'stopping', atMs: sleptMs, reason: 'sleep' }, wokeMs);
  await roll.started('1', 'boot-1', wokeMs, NOON - HOUR_MS, 'sleep');
  expect(await roll.record('1')).toEqual(['0 up', '120 asleep/asleep*', '7320 up']);
  const [, asleep] = await roll.store.intervals('1', 0, Infinity);
  expect(asleep?.evidence.map(({ en }) => en).join(' ')).toContain('it slept from');
});

test('[PR15] a machine that was up before the server restarted is up since then, not since the restart', async () => {
  const roll = await up(ci('1'));
  await roll.restartServer(20 * SECOND_MS);
  roll.connect('1');
  await roll.wait(MINUTE_MS);
  expect(roll.keeper.get('1')).toMatchObject({ presence: 'up', sinceMs: NOON });
  await roll.restartServer(20 * SECOND_MS);
  roll.connect('1', 'boot-2');
  await roll.wait(MINUTE_MS);
  expect(roll.keeper.get('1')?.sinceMs).toBeGreaterThan(NOON + 3 * MINUTE_MS);
});

test('[PR15] a machine that was silent before the server restarted is silent since then', async () => {
  const roll = await up(ci('1'));
  roll.cut('1');
  await roll.wait(5 * MINUTE_MS);
  await roll.restartServer(20 * SECOND_MS);
  await roll.wait(START_GRACE_MS + MINUTE_MS);
  expect(roll.keeper.get('1')).toMatchObject({ silence: 'yes', sinceMs: NOON + 2 * MINUTE_MS });
});

test('[PR16] several starts of the operating system within an hour are seen in the status', async () => {
  const roll = await up(ci('1'));
  await roll.started('1', 'boot-1', NOON, NOON - HOUR_MS, null);
  for (const n of [2, 3, 4]) {
    roll.disconnect('1');
    await roll.wait(3 * MINUTE_MS);
    roll.connect('1', `boot-${n}`);
    await roll.started('1', `boot-${n}`, roll.nowMs, roll.nowMs - 30 * SECOND_MS, null);
    await roll.wait(10 * SECOND_MS);
  }
  const status = roll.keeper.get('1');
  expect(status && bootsWithin(status, HOUR_MS, roll.nowMs)).toBe(3);
  expect(status && bootsWithin(status, HOUR_MS, roll.nowMs + 2 * HOUR_MS)).toBe(0);
});

test('[PR17] a machine whose clock jumps is neither silent nor absent: its own times are no evidence of now', async () => {
  const roll = await up(ci('1'));
  for (const jumpMs of [-3 * HOUR_MS, 5 * HOUR_MS]) {
    for (let i = 0; i < 12; i++) {
      roll.keeper.samples('1', [{ atMs: roll.nowMs + jumpMs }], roll.nowMs);
      await roll.wait(10 * SECOND_MS);
    }
    expect(roll.keeper.get('1')).toMatchObject({ presence: 'up', silence: 'no' });
  }
  expect(await roll.record('1')).toEqual(['0 up']);
});

test('[PR17] a machine that gets another address is the same machine, and is probed at the new one', async () => {
  const roll = await up(ci('1'));
  roll.disconnect('1', 'closed');
  await roll.wait(3 * SECOND_MS);
  roll.connect('1', 'boot-1', '10.0.9.77');
  await roll.wait(5 * MINUTE_MS);
  expect(await roll.record('1')).toEqual(['0 up']);
  expect(roll.keeper.get('1')).toMatchObject({ presence: 'up', silence: 'no', sinceMs: NOON });
  roll.disconnect('1');
  await roll.wait(MINUTE_MS);
  expect(roll.probed).toEqual(['10.0.9.77']);
});

test('[PR18] hours that end and begin are noticed of machines that are up', async () => {
  const roll = await up(ci('1', { class: 'Workstation' }), ci('2'));
  expect(roll.keeper.get('1')).toMatchObject({ inHours: true });
  await roll.wait(6 * HOUR_MS);
  expect(roll.keeper.get('1')).toMatchObject({ presence: 'up', inHours: false });
});

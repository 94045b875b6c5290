/**
 * Silence is explained, not guessed: a killed agent, a cut network, a clean stop and a server that stays away, each with real
 * processes. Everything is started at once, so that the waits (90 s after the start of a server none is judged) overlap.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { openServerKey } from '@muster/server/fleet/server-key.ts';
import { dataFolder } from '@muster/server/data-folder.ts';
import { INTERVAL_MS_DEFAULT } from '@muster/shared/wire/limits.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  cleanUp,
  enrolmentToken,
  figure,
  ROOT,
  type RunningAgent,
  type RunningServer,
  startAgent,
  startServer,
  temporaryFolder,
  until,
} from './harness.ts';
import { createNetwork, type Network, noNetworks, noOtherMachines, onMachine } from './other-machine.ts';

interface Words {
  en: string;
  zh: string;
}
interface Ci {
  id: string;
  name: string;
  class: string;
  presence: string;
  cause: string | null;
  expected: boolean;
  details: { name: string; value: unknown }[];
}
interface Incident {
  id: string;
  ref: string;
  state: string;
  title: Words;
  description: Words;
  why: Words;
  priority: number;
  openedAt: string;
  resolvedAt: string | null;
  evidence: { presence: { presence: string; cause: string; reasons: Words[] } | null } | null;
}
interface Interval {
  from: string;
  to: string | null;
  presence: string;
  cause: string | null;
  expected: boolean;
  planned: boolean;
  evidence: Words[];
  revised: boolean;
}
interface Availability {
  agreedSeconds: number;
  downSeconds: number;
  unknownSeconds: number;
  outages: number;
  intervals: Interval[];
}

/** From the start of a server to its first judgement, the moment for which silences are held, and some seconds for the incident. */
const JUDGED_WITHIN_MS = 180_000;
/** The longest back-off of an agent, a connection attempt that was under way, and some seconds. */
const BACK_WITHIN_MS = 90_000;
const TEST_MS = 280_000;
const AGENT = [join(ROOT, 'agent/src/main.ts')];

const machinesMissing = noOtherMachines();
const networksMissing = noNetworks();
if (machinesMissing ?? networksMissing)
  console.log(`skipped in part: no other machines can be made here: ${machinesMissing ?? networksMissing}`);

/** A machine with its agent, and what the test did to it. */
class Machine {
  readonly name: string;
  readonly server: RunningServer;
  readonly #options: Parameters<typeof startAgent>[0];
  agent: RunningAgent;
  ciId = '';
  goneMs = 0;

  constructor(server: RunningServer, name: string, options: Parameters<typeof startAgent>[0]) {
    this.server = server;
    this.name = name;
    this.#options = options;
    this.agent = startAgent(options);
  }

  /** Its inventory has arrived: the record knows class and time zone. */
  async known(): Promise<void> {
    const ci = await until(
      async () => {
        const { items } = await this.server.api<{ items: Ci[] }>('GET', `/cis?q=${this.name}`);
        const found = items.find(({ name }) => name === this.name);
        const one = found && (await this.server.api<Ci>('GET', `/cis/${found.id}`));
        return one?.presence === 'up' && one.details.some(({ name }) => name === 'timeZone') ? one : null;
      },
      {
        withinMs: 30_000,
        what: () => `${this.name} is in the CMDB; its agent printed:\n${this.agent.output()}`,
      },
    );
    this.ciId = ci.id;
  }

  ci(): Promise<Ci> {
    return this.server.api<Ci>('GET', `/cis/${this.ciId}`);
  }

  /** Times at which its agent was connected. */
  connections(): number {
    return this.agent.output().match(/: connected$/gm)?.length ?? 0;
  }

  /** Everything up to then has arrived: an agent sends in order. */
  arrivedUpTo(atMs: number): Promise<boolean> {
    return until(async () => (await this.lastReadingMs(atMs)) > atMs, {
      withinMs: 60_000,
      everyMs: 500,
      what: () => `${this.name} sends on; its agent printed:\n${this.agent.output()}`,
    });
  }

  async lastReadingMs(sinceMs: number): Promise<number> {
    return Math.max(0, ...(await this.readingsMs(sinceMs - INTERVAL_MS_DEFAULT, Date.now() + 1)));
  }

  startAgain(): void {
    this.agent = startAgent({ ...this.#options, dataDir: this.agent.dataDir });
  }

  /** The incident with its evidence. */
  async incident(): Promise<Incident | null> {
    const { items } = await this.server.api<{ items: Incident[] }>('GET', `/incidents?ci=${this.ciId}`);
    expect(items.length, 'one cause, one incident').toBeLessThanOrEqual(1);
    return items[0] ? this.server.api<Incident>('GET', `/incidents/${items[0].id}`) : null;
  }

  opened(): Promise<Incident> {
    return until(
      async () => {
        const incident = await this.incident();
        return incident?.evidence?.presence ? incident : null;
      },
      {
        withinMs: JUDGED_WITHIN_MS,
        everyMs: 500,
        what: `there is an incident of ${this.name}, with evidence`,
      },
    );
  }

  resolved(): Promise<Incident> {
    return until(
      async () => {
        const incident = await this.incident();
        return incident?.state === 'resolved' ? incident : null;
      },
      {
        withinMs: BACK_WITHIN_MS,
        everyMs: 500,
        what: () => `the incident of ${this.name} is resolved; its agent printed:\n${this.agent.output()}`,
      },
    );
  }

  availability(): Promise<Availability> {
    const from = new Date(this.goneMs - 5_000).toISOString();
    const to = new Date(Date.now()).toISOString();
    return this.server.api<Availability>('GET', `/availability?ci=${this.ciId}&from=${from}&to=${to}`);
  }

  /** As soon as the record is so: corrections come with the agent's stream. */
  async availabilityOnce(isCorrected: (intervals: readonly Interval[]) => boolean): Promise<Availability> {
    let seen: readonly Interval[] = [];
    return until(
      async () => {
        const answer = await this.availability();
        seen = answer.intervals;
        return isCorrected(seen) ? answer : null;
      },
      {
        withinMs: 30_000,
        everyMs: 500,
        what: () => `the record of ${this.name} is corrected; it is ${JSON.stringify(seen, null, 1)}`,
      },
    );
  }

  /** Longest time between two stored readings. */
  async longestGapMs(fromMs: number, toMs: number): Promise<number> {
    const times = [fromMs, ...(await this.readingsMs(fromMs, toMs)), toMs];
    return Math.max(...times.slice(1).map((atMs, i) => atMs - (times[i] ?? 0)));
  }

  /** Times of the stored ones. */
  async readingsMs(fromMs: number, toMs: number): Promise<number[]> {
    const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString());
    const { series } = await this.server.api<{ series: { points: number[][] }[] }>(
      'GET',
      `/metrics/range?ci=${this.ciId}&metric=memory.used&from=${from}&to=${to}&points=5000`,
    );
    return (series[0]?.points ?? []).map(([atMs = 0]) => atMs);
  }
}

let server: RunningServer;
const networks: Network[] = [];
let killed: Machine;
let workstation: Machine;
let stopped: Machine;
let cut: Machine;
let away: Machine;
let neighbour: Machine;
/**
 * A machine of another server across networks: of the first one most would be away at once while these lose their line, and it would
 * suspect the network, rightly.
 */
let startApart: (name: string, network: Network, dataDir?: string) => Machine;
/** Small enough to be filled at once, and large enough that it is found well before. */
const SMALL_DISK = 'size=24m';
let smallDisk: string | null = null;

beforeAll(async () => {
  if (machinesMissing !== null) return;
  await Promise.all([startOnLoopback(), ...(networksMissing === null ? [startAcrossNetworks()] : [])]);
}, 120_000);

afterAll(async () => {
  if (smallDisk !== null) execFileSync('umount', ['--lazy', smallDisk]);
  await cleanUp();
  for (const network of networks) network.remove();
});

/** Agents of machines that answer at their address: loopback. */
async function startOnLoopback(): Promise<void> {
  server = await startServer();
  const ofServers = await enrolmentToken(server, { class: 'Server' });
  const ofWorkstations = await enrolmentToken(server, { class: 'Workstation' });
  const start = (name: string, token: string, zone: string) =>
    new Machine(server, name, { server: server.url, token, prefix: onMachine(name, zone) });
  killed = start('srv-killed', ofServers, 'Etc/UTC');
  workstation = start('pc-at-night', ofWorkstations, zoneAtNight(Date.now()));
  stopped = start('srv-stopped', ofServers, 'Asia/Shanghai');
  const all = [killed, workstation, stopped];
  await Promise.all(all.map((machine) => machine.known()));
  for (const machine of all) machine.goneMs = Date.now();
  await Promise.all([killed.agent.kill(), workstation.agent.stop(), stopped.agent.stop()]);
}

/** A server that other networks reach, and its machines. */
async function serverAcross({
  hostAddress,
}: Network): Promise<{ server: RunningServer; start: typeof startApart }> {
  const server = await startServer({ env: { MUSTER_HOST: hostAddress, MUSTER_INSECURE: '1' } });
  const token = await enrolmentToken(server, { class: 'Server' });
  const { text: serverKey } = openServerKey(dataFolder(server.dataDir).serverKey);
  return {
    server,
    start: (name, network, dataDir) =>
      new Machine(server, name, {
        ...(dataDir === undefined ? {} : { dataDir }),
        server: server.url,
        token,
        prefix: onMachine(name, 'Etc/UTC', network),
        args: ['--server-key', serverKey, '--insecure'],
      }),
  };
}

/** One machine behind a cable that is cut, and two behind one address, which nobody can question there. */
async function startAcrossNetworks(): Promise<void> {
  const cable = createNetwork('cable');
  networks.push(cable);
  const gateway = createNetwork('gateway');
  networks.push(gateway);
  const [of, apart] = await Promise.all([serverAcross(cable), serverAcross(cable)]);
  startApart = apart.start;
  const startRemote = of.start;
  cut = startRemote('srv-cut', cable);
  away = startRemote('srv-away', gateway);
  neighbour = startRemote('srv-neighbour', gateway);
  await Promise.all([cut, away, neighbour].map((machine) => machine.known()));
  cut.goneMs = Date.now();
  cable.cut();
  away.goneMs = Date.now();
  await away.agent.kill();
}

test.skipIf(machinesMissing !== null).concurrent(
  '[PR3] kill -9 of an agent on a host that answers: the agent has stopped; back again, the host was not down',
  async () => {
    const incident = await killed.opened();
    figure(
      'kill -9 of an agent to its incident',
      (Date.parse(incident.openedAt) - killed.goneMs) / 1_000,
      's',
    );
    expect(await killed.ci()).toMatchObject({ presence: 'unknown', cause: 'agent-stopped', expected: false });
    expect(incident.title.en).toMatch(/^srv-killed is silent since .+: the agent has stopped$/);
    expect(incident.title.zh).toMatch(/^srv-killed 自 .+起失联：代理程序已停止$/);
    expect(incident.evidence?.presence).toMatchObject({ presence: 'unknown', cause: 'agent-stopped' });
    expect(reasons(incident, 'en')).toMatch(
      /Its side closed the connection at .+ without saying why\. Its address answered at .+: the host runs, the agent on it does not\./,
    );
    expect(reasons(incident, 'zh')).toMatch(/未说明原因。.*探测其地址有应答：主机仍在运行，代理程序已停止。/);

    killed.startAgain();
    await killed.resolved();
    const { intervals, downSeconds, outages } = await killed.availabilityOnce((record) =>
      record.some(({ evidence }) => /had ended without a word/.test(texts(evidence, 'en'))),
    );
    const gap = intervals.find(({ cause }) => cause === 'agent-stopped');
    expect(texts(gap?.evidence ?? [], 'en')).toMatch(/the host was not down.*had ended without a word/);
    expect(texts(gap?.evidence ?? [], 'zh')).toMatch(/主机并未宕机.*未作通知即已结束/);
    expect({ downSeconds, outages }).toEqual({ downSeconds: 0, outages: 0 });
  },
  TEST_MS,
);

test.skipIf(machinesMissing !== null).concurrent(
  '[PR2] a server that is stopped on purpose is missed all the same, and says so',
  async () => {
    const incident = await stopped.opened();
    expect(await stopped.ci()).toMatchObject({
      presence: 'unknown',
      cause: 'agent-stopped',
      expected: false,
    });
    expect(reasons(incident, 'en')).toMatch(
      /The agent announced at .+ \(\+08:00\) that it was stopped on purpose\./,
    );
    expect(reasons(incident, 'zh')).toMatch(/代理程序于 .+（\+08:00）通知：已被正常停止。/);
    expect(reasons(incident, 'en')).not.toMatch(/without saying why/);
  },
  TEST_MS,
);

test.skipIf(machinesMissing !== null).concurrent(
  '[PR9] a workstation whose agent is stopped outside its hours says so and is no outage',
  async () => {
    // The server of the same moment has its incident: the judgement was made.
    await Promise.all([stopped.opened(), killed.opened()]);
    expect(await workstation.ci()).toMatchObject({
      class: 'Workstation',
      presence: 'unknown',
      cause: 'agent-stopped',
      expected: true,
    });
    expect(await workstation.incident()).toBeNull();
    const { agreedSeconds, downSeconds, outages, intervals } = await workstation.availability();
    expect({ agreedSeconds, downSeconds, outages }).toEqual({ agreedSeconds: 0, downSeconds: 0, outages: 0 });
    const last = intervals.at(-1);
    expect(last).toMatchObject({ presence: 'unknown', cause: 'agent-stopped', expected: false });
    expect(texts(last?.evidence ?? [], 'en')).toMatch(/that it was stopped on purpose\./);
    expect(texts(last?.evidence ?? [], 'zh')).toMatch(/已被正常停止。/);
  },
  TEST_MS,
);

test.skipIf(networksMissing !== null).concurrent(
  '[PR4] [PR6] loss of the network: cannot be reached; back again, the spool shows that the machine was up',
  async () => {
    const incident = await cut.opened();
    figure('loss of the network to its incident', (Date.parse(incident.openedAt) - cut.goneMs) / 1_000, 's');
    expect(await cut.ci()).toMatchObject({ presence: 'unknown', cause: 'unreachable', expected: false });
    expect(incident.title.en).toMatch(/^srv-cut is silent since .+: it cannot be reached$/);
    expect(incident.title.zh).toMatch(/^srv-cut 自 .+起失联：无法到达$/);
    expect(reasons(incident, 'en')).toMatch(
      /Nothing came over its connection any more; .+ Nothing answered at its address at .+ There is no witness/,
    );
    expect(reasons(incident, 'zh')).toMatch(/连接上不再有任何数据.+探测其地址无应答。.*没有旁证/);
    expect(reasons(incident, 'en')).not.toMatch(/closed the connection/);

    const mendedMs = Date.now();
    networks[0]?.mend();
    await cut.resolved();
    figure('network back to resolved', (Date.now() - mendedMs) / 1_000, 's');
    const { intervals, downSeconds, outages } = await cut.availabilityOnce((record) =>
      record.every(({ presence }) => presence === 'up'),
    );
    expect({ downSeconds, outages }).toEqual({ downSeconds: 0, outages: 0 });
    const filled = intervals.find(({ revised }) => revised);
    expect(texts(filled?.evidence ?? [], 'en')).toMatch(/Samples kept in the agent's spool cover this time/);
    expect(texts(filled?.evidence ?? [], 'zh')).toMatch(/代理程序缓存的数据覆盖了这段时间/);
    expect(await cut.longestGapMs(cut.goneMs, mendedMs)).toBeLessThan(2 * INTERVAL_MS_DEFAULT);
  },
  TEST_MS,
);

test.skipIf(networksMissing !== null).concurrent(
  '[AT102] an agent whose address and route change is connected again within a minute, and nothing is lost',
  async () => {
    const network = createNetwork('moves');
    networks.push(network);
    const moved = startApart('srv-moved', network);
    await moved.known();
    const connections = moved.connections();
    const movedMs = Date.now();
    network.move();
    await until(() => moved.connections() > connections, {
      withinMs: 60_000,
      what: () => `it is connected again; its agent printed:\n${moved.agent.output()}`,
    });
    const backMs = Date.now();
    figure('another address and route to connected', (backMs - movedMs) / 1_000, 's');
    await moved.arrivedUpTo(backMs);
    expect(await moved.longestGapMs(movedMs - INTERVAL_MS_DEFAULT, backMs)).toBeLessThan(
      2 * INTERVAL_MS_DEFAULT,
    );
    expect(await moved.ci()).toMatchObject({ presence: 'up' });
  },
  TEST_MS,
);

test.skipIf(networksMissing !== null).concurrent(
  '[AT101] an agent on a full disk stays connected, says so, keeps in memory what a cut line holds up, and goes on when there is room',
  async () => {
    const network = createNetwork('full');
    networks.push(network);
    const dataDir = temporaryFolder('small-disk');
    execFileSync('mount', ['-t', 'tmpfs', '-o', SMALL_DISK, 'none', dataDir]);
    smallDisk = dataDir;
    const full = startApart('srv-full', network, dataDir);
    await full.known();
    const filler = join(dataDir, 'filler');
    fill(filler);
    const fullMs = Date.now();
    expect(statfsSync(dataDir).bavail).toBe(0);
    await full.arrivedUpTo(fullMs + INTERVAL_MS_DEFAULT);
    expect(full.connections()).toBe(1);
    const said = spawnSync(process.execPath, [...AGENT, 'status', '--data-dir', dataDir], {
      encoding: 'utf8',
    });
    expect(said.stdout).toMatch(
      /connection {2}connected since .+\n(.*\n)*disk +0 MiB free .+\nwhat to do {2}Free some space/,
    );

    network.cut();
    await until(() => / not connected: /.test(full.agent.output()), {
      withinMs: 90_000,
      what: 'the agent misses its server',
    });
    fill(filler);
    expect(statfsSync(dataDir).bavail).toBe(0);
    network.mend();
    await until(() => full.connections() === 2, {
      withinMs: BACK_WITHIN_MS,
      what: () => `it is connected again; its agent printed:\n${full.agent.output()}`,
    });
    const backMs = Date.now();
    await full.arrivedUpTo(backMs);
    expect(await full.longestGapMs(fullMs, backMs)).toBeLessThan(2 * INTERVAL_MS_DEFAULT);

    rmSync(filler);
    const roomMs = Date.now();
    const status = await until(
      () => {
        const now = JSON.parse(readFileSync(join(dataDir, 'status.json'), 'utf8')) as FullDiskStatus;
        return now.atMs > roomMs && now.spool.depth === 0 ? now : null;
      },
      { withinMs: 60_000, everyMs: 500, what: 'it writes again' },
    );
    expect(status).toMatchObject({ pid: full.agent.process.pid, spool: { dropped: 0, fault: null } });
  },
  TEST_MS,
);

test.skipIf(networksMissing !== null).concurrent(
  '[PR4] a server that stays away is an incident although nothing witnesses it; back again, it is resolved',
  async () => {
    const incident = await away.opened();
    expect(await away.ci()).toMatchObject({ presence: 'unknown', cause: 'unreachable', expected: false });
    expect(incident.title.en).toMatch(/^srv-away is silent since .+: it cannot be reached$/);
    expect(reasons(incident, 'en')).toMatch(
      /closed the connection at .+ without saying why\. There is no witness: nothing tells whether the host itself runs\./,
    );
    expect(reasons(incident, 'zh')).toMatch(/没有旁证：无法判断主机本身是否仍在运行。/);
    expect(reasons(incident, 'en')).not.toMatch(/answered/);
    expect(await neighbour.ci()).toMatchObject({ presence: 'up', expected: true });
    expect(await neighbour.incident()).toBeNull();

    away.startAgain();
    await away.resolved();
    expect(await away.ci()).toMatchObject({ presence: 'up', cause: null, expected: true });
    // Only its return tells what it was: the agent had ended, on a host that ran on.
    const { downSeconds } = await away.availabilityOnce((record) =>
      record.some(({ cause, revised }) => cause === 'agent-stopped' && revised),
    );
    expect(downSeconds).toBe(0);
  },
  TEST_MS,
);

interface FullDiskStatus {
  atMs: number;
  spool: { depth: number };
}

/** Takes all the room that is left, to the last block. */
function fill(path: string): void {
  const block = Buffer.alloc(4_096);
  try {
    for (;;) appendFileSync(path, block);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

function reasons(incident: Incident, language: keyof Words): string {
  return texts(incident.evidence?.presence?.reasons ?? [], language);
}

function texts(words: readonly Words[], language: keyof Words): string {
  return words.map((one) => one[language]).join(language === 'zh' ? '' : ' ');
}

/** A zone in which it is the middle of the night now, whatever the day. */
function zoneAtNight(nowMs: number): string {
  const hour = new Date(nowMs).getUTCHours();
  // Local time is UTC + offset; 1 o'clock is as far from office hours as it gets. POSIX signs: Etc/GMT+5 is UTC-5.
  const offset = ((1 - hour + 36) % 24) - 12;
  return `Etc/GMT${offset >= 0 ? '-' : '+'}${Math.abs(offset)}`;
}

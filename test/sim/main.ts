/**
 * `muster sim`: a seeded fleet of simulated agents over the real wire, for demonstrations, load and tests.
 * With --data-dir the spools are files and a ledger names each reading that must arrive.
 */
import { mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { LinkStatus } from '@muster/agent/connection.ts';
import { readTokenFile } from '@muster/agent/config.ts';
import { bindOptionValues } from '@muster/agent/option-values.ts';
import { webSocketOpener } from '@muster/agent/socket.ts';
import { systemTimers } from '@muster/agent/timers.ts';
import { delayToNextTick } from '@muster/agent/schedule.ts';
import { parseReleaseKey } from '@muster/shared/release/key.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import { readScenario } from './scenario.ts';
import { SimAgent } from './sim-agent.ts';
import type { SimUpgradeOptions } from './sim-upgrade.ts';

const USAGE = `Usage: muster sim --server URL --token-file FILE [--agents N] [--seed S] [--scenario FILE]
  [--interval-ms MS] [--series N] [--duration-s S] [--server-key KEY] [--data-dir DIR]
  [--release-key FILE.pub] [--serial N] [--download-s S] [--broken PERCENT] [--refusing PERCENT]

--token-file: the enrolment token; "-" takes it from standard input. --token TOKEN does as well, and stands on the list of processes.

Simulated machines that speak the real protocol. After --duration-s (default: until Ctrl-C) nothing new is
produced and the command ends when the server has acknowledged everything.

With --release-key they take upgrades from the server, by releases of that key: at first they run number --serial (default 1),
--download-s is how long each loads (default 20), and so many percent do not come back well with a new version, or refuse it.`;

const REPORT_MS = 5_000;
/** How long the end may wait for acknowledgements before it says what is left. */
const DRAIN_MS_MAX = 120_000;

/** How long a machine with a broken version is away: shorter than a real trial, so that people see it. */
const BROKEN_TRIAL_MS = 30 * SECOND_MS;

const OPTIONS = {
  server: { type: 'string', default: 'http://127.0.0.1:8420' },
  token: { type: 'string' },
  'token-file': { type: 'string' },
  'server-key': { type: 'string' },
  'tls-pin': { type: 'string' },
  agents: { type: 'string', default: '50' },
  seed: { type: 'string', default: '1' },
  scenario: { type: 'string' },
  'interval-ms': { type: 'string', default: '10000' },
  series: { type: 'string', default: '0' },
  'duration-s': { type: 'string' },
  'data-dir': { type: 'string' },
  'release-key': { type: 'string' },
  serial: { type: 'string', default: '1' },
  'download-s': { type: 'string', default: '20' },
  broken: { type: 'string', default: '0' },
  refusing: { type: 'string', default: '0' },
  help: { type: 'boolean', short: 'h' },
} as const;

try {
  await main();
} catch (error) {
  console.error(`muster sim: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const options = readOptions();
  if (!options) {
    console.log(USAGE);
    return;
  }
  const { agents: count, seed, intervalMs, durationMs, dataDir, scenario } = options;
  if (dataDir) mkdirSync(join(dataDir, 'spools'), { recursive: true });
  const ledger = dataDir ? openSync(join(dataDir, 'ledger.csv'), 'a') : null;
  const totals = { ticks: 0, samples: 0 };
  const problems = new Map<string, number>();
  const open = webSocketOpener({
    url: options.url,
    tls: options.url.startsWith('wss:') ? 'direct' : 'none',
    tlsPin: options.tlsPin,
    ca: null,
    proxy: null,
    userAgent: 'muster-sim',
  });
  const nowMs = () => performance.timeOrigin + performance.now();

  const agents = Array.from(
    { length: count },
    (_, index) =>
      new SimAgent({
        seed,
        index,
        open,
        serverKey: options.serverKey,
        token: options.token,
        spoolPath: dataDir ? join(dataDir, 'spools', `${index}.db`) : ':memory:',
        faults: scenario.faults,
        seriesMin: options.seriesMin,
        upgrades: options.upgrades,
        nowMs: () => Math.round(nowMs()),
        elapsedMs: () => performance.now(),
        timers: systemTimers,
        onProduced: (agent, atMs, samples) => {
          totals.ticks += 1;
          totals.samples += samples;
          if (ledger !== null) writeSync(ledger, `${agent},${atMs},${samples}\n`);
        },
        onStatus: (_agent, status: LinkStatus) => {
          if (status.state === 'waiting')
            problems.set(status.problem.code, (problems.get(status.problem.code) ?? 0) + 1);
        },
      }),
  );

  let producing = true;
  const stop = () => {
    producing = false;
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  if (durationMs !== null) setTimeout(stop, durationMs).unref();

  const phase = (index: number) => (index * 0.618_033_988_75) % 1;
  for (const agent of agents) {
    agent.start();
    const next = () => {
      if (!producing) return;
      const clock = { wallMs: nowMs(), monotonicMs: performance.now() };
      const delayMs = delayToNextTick(
        { intervalMs, phase: phase(agent.machine.index), live: null, lastTickMonotonicMs: clock.monotonicMs },
        clock,
      );
      setTimeout(() => {
        if (!producing) return;
        agent.tick(Math.round(nowMs()));
        next();
      }, delayMs);
    };
    next();
  }

  const report = () => {
    const online = agents.filter((agent) => agent.online).length;
    const waiting = agents.reduce((sum, agent) => sum + agent.depth, 0);
    const told = [...problems].map(([code, times]) => `${code} ×${times}`).join(', ');
    problems.clear();
    console.log(
      `sim: ${online}/${count} online, ${totals.samples} samples in ${totals.ticks} ticks, ${waiting} frames not acknowledged${told ? `; ${told}` : ''}`,
    );
  };
  const reporter = setInterval(report, REPORT_MS);
  await whileTrue(() => producing);
  const deadline = performance.now() + DRAIN_MS_MAX;
  await whileTrue(
    () => agents.some((agent) => agent.depth > 0) && performance.now() < deadline,
    () => {
      for (const agent of agents) agent.pump();
    },
  );
  clearInterval(reporter);
  report();
  const left = agents.reduce((sum, agent) => sum + agent.depth, 0);
  const dropped = agents.reduce((sum, agent) => sum + agent.dropped, 0);
  console.log(`sim: end: ${totals.samples} samples, ${left} frames left, ${dropped} dropped`);
  for (const agent of agents) agent.close();
  if (left > 0) process.exitCode = 2;
}

function readOptions() {
  const { values } = parseArgs({ args: bindOptionValues(process.argv.slice(2), OPTIONS), options: OPTIONS });
  if (values.help) return null;
  const file = values['token-file'];
  const token = file === undefined ? values.token : readTokenFile(file);
  if (!token)
    throw new Error(
      `the enrolment token is missing: make one on the page "Add a machine" or with POST /api/v1/enrolment-tokens\n\n${USAGE}`,
    );
  return {
    url: `${values.server.replace(/^http/, 'ws').replace(/\/$/, '')}/ws/agent`,
    token,
    serverKey: values['server-key'] ?? null,
    tlsPin: values['tls-pin'] ?? null,
    agents: whole('--agents', values.agents, 1, 20_000),
    seed: whole('--seed', values.seed, 0, 0x7fff_ffff),
    intervalMs: whole('--interval-ms', values['interval-ms'], 100, 3_600_000),
    seriesMin: whole('--series', values.series, 0, 1_000),
    durationMs:
      values['duration-s'] === undefined
        ? null
        : whole('--duration-s', values['duration-s'], 1, 86_400 * 365) * 1_000,
    upgrades: upgradesOf(values),
    dataDir: values['data-dir'] ?? null,
    scenario: values.scenario === undefined ? { faults: [] } : readScenario(values.scenario),
  };
}

function upgradesOf(values: {
  'release-key'?: string | undefined;
  serial: string;
  'download-s': string;
  broken: string;
  refusing: string;
}): SimUpgradeOptions | undefined {
  const file = values['release-key'];
  if (file === undefined) return undefined;
  const key = parseReleaseKey(readFileSync(file, 'utf8'));
  if (key === null) throw new Error(`--release-key ${file} is no public half of a release key`);
  const broken = whole('--broken', values.broken, 0, 100);
  const refusing = whole('--refusing', values.refusing, 0, 100);
  return {
    key: key.text,
    development: key.development,
    serial: whole('--serial', values.serial, 0, Number.MAX_SAFE_INTEGER),
    downloadMs: whole('--download-s', values['download-s'], 0, 86_400) * SECOND_MS,
    trialMs: BROKEN_TRIAL_MS,
    fate: (index) => {
      const place = (index * 37) % 100;
      if (place < broken) return 'broken';
      return place < broken + refusing ? 'refuse' : 'good';
    },
  };
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max)
    throw new Error(`${name} must be a whole number from ${min} to ${max}, not ${text}`);
  return value;
}

/** Resolves when `condition` is false; looks ten times a second. */
async function whileTrue(condition: () => boolean, each: () => void = () => {}): Promise<void> {
  while (condition()) {
    each();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/**
 * Load of many agents on a Muster server, from one process or a few; prints one line of JSON on standard output.
 *
 *   node test/bench/fleet/main.ts --url ws://127.0.0.1:8420/ws/agent --server-key KEY --token TOKEN --agents 2000 --mode paced --ticks 12
 *
 *   --url URL             ws://host:port/ws/agent (plain text only)
 *   --server-key KEY      the server's identity key, base64url; 'GET /api/v1/enrolment-tokens' answers tell it, as the install line does
 *   --token TOKEN         enrolment token, or some with commas between, with enough uses (one has at most 10,000); left out: the agents are enrolled already
 *   --agents N            2000
 *   --series N            series of each agent, 100
 *   --mode paced          each agent makes a tick every interval, at a moment of its own
 *          burst          all ticks lie in the past and are sent as fast as the server takes them
 *          storm          like paced; when the server goes away, all come back within the first second in which it listens again;
 *                         ends when all is caught up
 *   --ticks N             of each agent, 12 (storm: at least)
 *   --interval-ms N       10000
 *   --hold N              ticks in a frame, 1
 *   --window N            burst: frames of one agent under way, 16
 *   --seed N              1; the same seed is the same agents with the same values
 *   --start-ms MS         time of tick 0 (default: burst ends now, the others begin when all are connected)
 *   --first-tick N        0; ticks before it were sent by an earlier run with the same seed, start and hold
 *   --warm N              ticks before the 'ready' (burst) or 'steady' event, 1; they are not in the burst's figures
 *   --gate                waits for a line on standard input after 'ready' (burst) or 'connected' (others)
 *   --connecting N        handshakes under way at the first connection, 64; 0: all at once
 *   --processes N         1
 *   --first-agent N       0
 *
 * Progress goes to standard error, one JSON object a line with `event` and `atMs`: connected, ready, steady, burst, lost, listening, back, caught-up, done.
 * Values: workload.ts (MUSTER_BENCH_WORKLOAD names another generator). `tickAtMs` and `openWorkload` there give time and values of each tick again.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { bindOptionValues } from '@muster/agent/option-values.ts';
import { type LoadOptions, type LoadReport, runLoad } from './run-load.ts';
import { merged } from './report.ts';

const OPTIONS = {
  url: { type: 'string', default: 'ws://127.0.0.1:8420/ws/agent' },
  'server-key': { type: 'string' },
  token: { type: 'string' },
  agents: { type: 'string', default: '2000' },
  series: { type: 'string', default: '100' },
  mode: { type: 'string', default: 'paced' },
  ticks: { type: 'string', default: '12' },
  'interval-ms': { type: 'string', default: '10000' },
  hold: { type: 'string', default: '1' },
  window: { type: 'string', default: '16' },
  seed: { type: 'string', default: '1' },
  'start-ms': { type: 'string' },
  'first-tick': { type: 'string', default: '0' },
  warm: { type: 'string', default: '1' },
  gate: { type: 'boolean', default: false },
  connecting: { type: 'string', default: '64' },
  processes: { type: 'string', default: '1' },
  'first-agent': { type: 'string', default: '0' },
} as const;

const { values: flags } = parseArgs({
  args: bindOptionValues(process.argv.slice(2), OPTIONS),
  options: OPTIONS,
});

const options = loadOptions();
const processes = Number(flags.processes);
if (process.send !== undefined) await runAsChild();
else if (processes > 1) await runProcesses();
else {
  const report = await runLoad(options, { tell, gate: flags.gate ? lineOfInput : null, schedule: null });
  print(merged([report]));
}
process.exit(0);

function loadOptions(): LoadOptions {
  const { mode, 'server-key': serverKey } = flags;
  if (mode !== 'paced' && mode !== 'burst' && mode !== 'storm')
    throw new Error(`--mode ${mode}: paced, burst or storm`);
  if (serverKey === undefined) throw new Error('--server-key is missing');
  return {
    url: flags.url,
    serverKey,
    tokens: flags.token === undefined ? [] : flags.token.split(','),
    firstAgent: Number(flags['first-agent']),
    agents: Number(flags.agents),
    fleetSize: Number(flags.agents),
    series: Number(flags.series),
    mode,
    ticks: Number(flags.ticks),
    intervalMs: Number(flags['interval-ms']),
    hold: Number(flags.hold),
    window: Number(flags.window),
    seed: Number(flags.seed),
    startMs: flags['start-ms'] === undefined ? null : Number(flags['start-ms']),
    firstTick: Number(flags['first-tick']),
    warm: Number(flags.warm),
    connecting: Number(flags.connecting),
  };
}

/** Splits the agents; a step is done when all processes have done it. */
async function runProcesses(): Promise<void> {
  const share = Math.ceil(options.agents / processes);
  const children = Array.from({ length: processes }, () =>
    fork(import.meta.filename, process.argv.slice(2), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
  );
  const steps = new Map<string, number>();
  const reports: LoadReport[] = [];
  await Promise.all(
    children.map(async (child, i) => {
      const of: LoadOptions = {
        ...options,
        firstAgent: options.firstAgent + i * share,
        agents: Math.max(0, Math.min(share, options.agents - i * share)),
        connecting: Math.ceil(options.connecting / processes),
      };
      child.send({ options: of });
      await new Promise<void>((resolve, reject) => {
        child.on('message', (message: { event?: string; asks?: string; report?: LoadReport }) => {
          if (message.report) {
            reports.push(message.report);
            resolve();
          }
          if (message.event !== undefined && stepDone(steps, message.event)) tell(message.event);
          if (message.asks !== undefined && stepDone(steps, `asks ${message.asks}`))
            void allow(children, message.asks);
        });
        child.on('exit', (code) => reject(new Error(`a process of the load ended with code ${code}`)));
      });
    }),
  );
  print(merged(reports));
}

function stepDone(steps: Map<string, number>, step: string): boolean {
  const count = (steps.get(step) ?? 0) + 1;
  steps.set(step, count);
  return count % processes === 0;
}

/** All begin at the same moment, after the gate where there is one. */
async function allow(children: readonly ChildProcess[], step: string): Promise<void> {
  if (flags.gate && step === 'gate') await lineOfInput();
  const startMs = Date.now();
  for (const child of children) child.send({ allowed: step, startMs });
}

async function runAsChild(): Promise<void> {
  const waiting = new Map<string, (startMs: number) => void>();
  let begin: (of: LoadOptions) => void = () => {};
  const given = new Promise<LoadOptions>((resolve) => {
    begin = resolve;
  });
  process.on('message', (message: { options?: LoadOptions; allowed?: string; startMs?: number }) => {
    if (message.options) begin(message.options);
    if (message.allowed !== undefined) waiting.get(message.allowed)?.(message.startMs ?? 0);
  });
  const ask = (step: string) =>
    new Promise<number>((resolve) => {
      waiting.set(step, resolve);
      process.send?.({ asks: step });
    });
  const report = await runLoad(await given, {
    tell: (event) => void process.send?.({ event }),
    gate: async () => void (await ask('gate')),
    schedule: () => ask('schedule'),
  });
  await new Promise<void>((resolve) => process.send?.({ report }, () => resolve()));
}

function lineOfInput(): Promise<void> {
  return new Promise((resolve) => {
    const lines = createInterface({ input: process.stdin });
    lines.once('line', () => {
      lines.close();
      resolve();
    });
    lines.once('close', () => resolve());
  });
}

function tell(event: string): void {
  process.stderr.write(`${JSON.stringify({ event, atMs: Date.now() })}\n`);
}

function print(report: unknown): void {
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

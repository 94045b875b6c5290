/**
 * From a breach to an incident on the screen: a real server with a fleet of simulated machines, and Chromium on the list of
 * incidents, which nobody touches.
 *
 *   node test/bench/breach.ts [--machines 2000] [--series 100] [--breaches 300] [--json FILE]
 *
 * A breach begins when the agent has written the sample that is beyond the level, and ends when the reference of its
 * incident stands in the page; the way to the server and the drawing are in it. The rule has no hold time.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { webSocketOpener } from '@muster/agent/socket.ts';
import { systemTimers } from '@muster/agent/timers.ts';
import { chromium } from 'playwright-core';
import {
  ADMIN_PASSWORD,
  CHROMIUM,
  CHROMIUM_ARGS,
  cleanUp,
  enrolmentToken,
  ROOT,
  startServer,
  until,
} from '../e2e/harness.ts';
import type { Fault } from '../sim/scenario.ts';
import { SimAgent } from '../sim/sim-agent.ts';

const MINUTE_MS = 60_000;
const INTERVAL_MS = 10_000;
const SEED = 4_711;
/** Between two breaches: about as many a second as a bad day brings. */
const BETWEEN_MS = 200;

const ROW_PX_MAX = 80;

const wallMs = (): number => performance.timeOrigin + performance.now();
/** Runs in the page: notes when each reference was first seen. */
const WATCH = `globalThis.seen = {};
new MutationObserver(() => {
  for (const ref of document.body.textContent.match(/INC-\\d+/g) ?? [])
    seen[ref] ??= performance.timeOrigin + performance.now();
}).observe(document.body, { childList: true, subtree: true, characterData: true });`;

const { values } = parseArgs({
  options: {
    machines: { type: 'string', default: '2000' },
    series: { type: 'string', default: '100' },
    breaches: { type: 'string', default: '300' },
    json: { type: 'string' },
  },
});
if (!CHROMIUM) throw new Error('Chromium is missing: apt-get install chromium');

const machines = Number(values.machines);
const breaches = Number(values.breaches);
const server = await startServer({ localAgent: false });
try {
  const token = await enrolmentToken(server, { usesMax: machines + 10 });
  const fleet = spawn(
    process.execPath,
    [join(ROOT, 'test/sim/main.ts'), '--server', server.url, '--token', token]
      .concat(['--agents', String(machines - breaches), '--series', values.series])
      .concat(['--interval-ms', String(INTERVAL_MS)]),
    { stdio: 'ignore' },
  );
  process.once('exit', () => fleet.kill('SIGKILL'));

  /** When the sample beyond the level was written, by machine. */
  const breachedMs = new Map<string, number>();
  const fleetOfOurs = Array.from({ length: breaches }, (_, index) => {
    const faults: Fault[] = [];
    const agent: SimAgent = new SimAgent({
      seed: SEED,
      index,
      open: webSocketOpener({
        url: `${server.url.replace('http', 'ws')}/ws/agent`,
        tls: 'none',
        tlsPin: null,
        ca: null,
        proxy: null,
        userAgent: 'muster-bench',
      }),
      serverKey: null,
      token,
      spoolPath: ':memory:',
      faults,
      seriesMin: Number(values.series),
      nowMs: () => Date.now(),
      elapsedMs: () => performance.now(),
      timers: systemTimers,
      onProduced: () => {
        const { hostname } = agent.machine;
        if (faults.length > 0 && !breachedMs.has(hostname)) breachedMs.set(hostname, wallMs());
      },
      onStatus: () => {},
    });
    return { agent, faults };
  });
  for (const { agent } of fleetOfOurs) agent.start();
  const ticking = fleetOfOurs.map(({ agent }, index) => {
    agent.tick(Date.now());
    return setTimeout(
      () => setInterval(() => agent.tick(Date.now()), INTERVAL_MS),
      (index / breaches) * INTERVAL_MS,
    );
  });
  await until(
    async () =>
      (await server.api<{ fleet: { up: number } }>('GET', '/overview')).fleet.up >= machines || undefined,
    { withinMs: 15 * MINUTE_MS, what: `${machines} machines are up`, everyMs: 1_000 },
  );
  for (const { id } of (await server.api<{ items: { id: string }[] }>('GET', '/rules?limit=500')).items)
    await server.api('PATCH', `/rules/${id}`, { enabled: false });
  await server.api('POST', '/rules', {
    name: 'Bench',
    condition: {
      type: 'threshold',
      metric: 'cpu.utilisation',
      op: 'above',
      levels: [{ severity: 'warning', level: 95, clear: 80 }],
      forMs: 0,
      keepForMs: 0,
    },
  });

  const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS });
  const context = await browser.newContext({ baseURL: server.url, locale: 'en-GB' });
  await context.request.post('/api/v1/session', { data: { name: 'admin', password: ADMIN_PASSWORD } });
  // The list draws only the rows in sight: all of them are.
  const page = await context.newPage();
  await page.setViewportSize({ width: 1_440, height: 600 + ROW_PX_MAX * breaches });
  await page.goto('/incidents');
  await page.waitForSelector('main h1');
  await page.evaluate(WATCH);
  for (const { agent, faults } of fleetOfOurs) {
    faults.push({ kind: 'cpu-burn', agents: [0, breaches], fromS: 0, toS: Number.MAX_SAFE_INTEGER });
    agent.tick(Date.now());
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
  }
  const spentMs = await until(
    async () => {
      const seen = await page.evaluate(
        () => (globalThis as unknown as { seen: Record<string, number> }).seen,
      );
      const incidents: { ref: string; ci: { name: string } | null }[] = [];
      let cursor = '';
      do {
        const part = await server.api<{ items: typeof incidents; nextCursor: string | null }>(
          'GET',
          `/incidents?limit=500${cursor}`,
        );
        incidents.push(...part.items);
        cursor = part.nextCursor === null ? '' : `&cursor=${part.nextCursor}`;
      } while (cursor !== '');
      const spent = incidents.flatMap(({ ref, ci }) => {
        const seenMs = seen[ref];
        const fromMs = breachedMs.get(ci?.name ?? '');
        return seenMs === undefined || fromMs === undefined ? [] : [seenMs - fromMs];
      });
      return spent.length >= breaches ? spent.toSorted((a, b) => a - b) : undefined;
    },
    { withinMs: 2 * MINUTE_MS, what: `${breaches} incidents stand in the page`, everyMs: 1_000 },
  );
  await browser.close();
  fleet.kill('SIGTERM');
  for (const timer of ticking) clearTimeout(timer);

  const at = (share: number) =>
    spentMs[Math.min(spentMs.length - 1, Math.floor(share * spentMs.length))] ?? 0;
  const figures = {
    machines,
    breaches,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    worstMs: spentMs.at(-1) ?? 0,
  };
  console.log(
    `${machines} machines × ${values.series} series at ${INTERVAL_MS / 1_000} s, ${cpus().length} cores`,
  );
  for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(12)} ${Math.round(value)}`);
  if (values.json) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
} finally {
  await cleanUp();
}
process.exit(0);

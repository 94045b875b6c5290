/**
 * The dashboard at the size it is made for: 5,000 simulated machines of 100 series each, a real server, real Chromium.
 *
 *   node test/bench/dashboard.ts [--machines 5000] [--series 100] [--minutes 3] [--json FILE]
 *   node test/bench/dashboard.ts --url http://127.0.0.1:8420 --pid PID --password PASSWORD    on a server that runs
 *
 * Prints what a person waits for (overview, clicks), what scrolling shows, what an open tab holds over time, what an
 * open dashboard costs the server, and how much script the first page loads. The whole trial is --minutes 30.
 */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, type BrowserContext, type CDPSession, chromium, type Page } from 'playwright-core';
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

const MACHINES_DEFAULT = 5_000;
const SERIES_DEFAULT = 100;
const MINUTES_DEFAULT = 3;
const STARTS = 7;
const CLICK_ROUNDS = 4;
/** Nothing new may be asked of the main thread for so long before a page counts as interactive. */
const QUIET_MS = 250;
/** Between two clicks, as a quick person would. */
const SETTLE_MS = 300;
const SCROLL_STEPS = 60;
const VIEWERS = 5;
const COST_S = 30;
const MINUTE_MS = 60_000;
/** All that a page reads at its start is there. */
const SETTLED_MS = 20_000;
/** USER_HZ: what /proc shows times in. */
const CLOCK_TICKS_PER_SECOND = 100;

interface Target {
  readonly url: string;
  readonly pid: number;
  readonly password: string;
}
type Figures = Record<string, number | string>;

const { values } = parseArgs({
  options: {
    machines: { type: 'string', default: String(MACHINES_DEFAULT) },
    series: { type: 'string', default: String(SERIES_DEFAULT) },
    minutes: { type: 'string', default: String(MINUTES_DEFAULT) },
    url: { type: 'string' },
    pid: { type: 'string' },
    password: { type: 'string', default: ADMIN_PASSWORD },
    json: { type: 'string' },
    only: { type: 'string' },
  },
});
if (!CHROMIUM) throw new Error('Chromium is missing: apt-get install chromium');

const figures: Figures = {};
const wanted = (part: string) => values.only === undefined || values.only.split(',').includes(part);
function tell(name: string, value: number | string, unit = ''): void {
  figures[name] = value;
  const text = typeof value === 'number' ? value.toFixed(Math.abs(value) < 10 ? 2 : 0) : value;
  console.log(`${name.padEnd(58)} ${text.padStart(10)} ${unit}`);
}

async function findTarget(): Promise<Target> {
  if (values.url) return { url: values.url, pid: Number(values.pid ?? 0), password: values.password };
  const server = await startServer({ localAgent: false });
  const machines = Number(values.machines);
  const token = await enrolmentToken(server, { usesMax: machines + 10 });
  const startedMs = performance.now();
  const fleet = spawn(
    process.execPath,
    [
      join(ROOT, 'test/sim/main.ts'),
      '--server',
      server.url,
      '--token',
      token,
      '--agents',
      String(machines),
      '--series',
      values.series,
    ],
    { stdio: 'ignore' },
  );
  process.once('exit', () => fleet.kill('SIGKILL'));
  await until(
    async () =>
      (await server.api<{ fleet: { up: number } }>('GET', '/overview')).fleet.up >= machines || undefined,
    { withinMs: 15 * MINUTE_MS, what: `${machines} machines are up`, everyMs: 1_000 },
  );
  tell('fleet enrolled and up', (performance.now() - startedMs) / 1_000, 's');
  const status = await server.api<{ samplesPerSecond: number; seriesCount: number }>('GET', '/status');
  tell('series', status.seriesCount);
  return { url: server.url, pid: server.process.pid ?? 0, password: ADMIN_PASSWORD };
}

async function signedIn(
  from: Browser,
  target: Target,
  size = { width: 1440, height: 900 },
): Promise<BrowserContext> {
  const context = await from.newContext({ baseURL: target.url, viewport: size, locale: 'en-GB' });
  await context.request.post('/api/v1/session', { data: { name: 'admin', password: target.password } });
  await context.addInitScript({ path: join(import.meta.dirname, 'dashboard-probe.js') });
  return context;
}

/** Interactive: counts and top lists stand, and the main thread has been free since. */
async function measureStarts(from: Browser, target: Target): Promise<void> {
  const spent: number[] = [];
  for (let round = 0; round < STARTS; round++) {
    const context = await signedIn(from, target);
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    const script = await countScript(cdp);
    await page.goto('/', { waitUntil: 'commit' });
    const interactiveMs = await page.evaluate<number>(`probe.interactive(() => ${COUNTED}, ${QUIET_MS})`);
    spent.push(interactiveMs);
    if (round === 0) {
      tell('script read until then, on the wire', script.bytes() / 1_000, 'KB');
      tell('scripts read until then', script.count());
    }
    await context.close();
  }
  tell('overview interactive, cold browser, median', quantile(spent, 0.5), 'ms');
  tell('overview interactive, cold browser, worst', Math.max(...spent), 'ms');
}

async function countScript(cdp: CDPSession) {
  const kinds = new Map<string, string>();
  let bytes = 0;
  let count = 0;
  await cdp.send('Network.enable');
  cdp.on('Network.responseReceived', ({ requestId, type }) => kinds.set(requestId, type));
  cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (kinds.get(requestId) !== 'Script') return;
    bytes += encodedDataLength;
    count += 1;
  });
  return { bytes: () => bytes, count: () => count };
}

interface Click {
  readonly name: string;
  /** Brings the page into the state before the click. */
  readonly prepare: (page: Page) => Promise<void>;
  /** What is clicked, as a selector, or a key that is pressed. */
  readonly click?: string;
  readonly type?: { readonly into: string; readonly text: string };
  /** A function of the page that says whether the result stands. */
  readonly done: string;
}

/** Evaluated by the debugger: the page itself forbids code from strings. */
async function shows(page: Page, done: string): Promise<void> {
  await page.evaluate(`probe.until(() => ${done})`);
}

/** Changes the page without loading it anew, as a link does. */
const go = (path: string, ready: string) => async (page: Page) => {
  await page.evaluate(`history.pushState({}, '', '${path}'); dispatchEvent(new PopStateEvent('popstate'))`);
  await shows(page, ready);
  await page.waitForTimeout(SETTLE_MS);
};
/** The counts of the fleet stand on the overview. */
const COUNTED =
  "/[0-9]/.test(document.querySelector('main a[href*=\"presence=up\"]')?.textContent ?? '') && document.querySelector('main h1') !== null";
const COUNTS = 'document.querySelector(\'main a[href*="presence=up"]\') !== null';
const ROWS = "document.querySelectorAll('main [data-row-link]').length > 5";
const at = (path: string) => `location.pathname.startsWith('${path}')`;

const CLICKS: readonly Click[] = [
  {
    name: 'overview → machines',
    prepare: go('/', COUNTS),
    click: 'nav a[href="/machines"]',
    done: `${at('/machines')} && ${ROWS}`,
  },
  {
    name: 'machines: filter by a name',
    prepare: go('/machines', ROWS),
    type: { into: '[data-list-filter]', text: '-042' },
    done: "[...document.querySelectorAll('main [data-row-link]')].every((row) => row.textContent.includes('-042')) && document.querySelectorAll('main [data-row-link]').length > 0",
  },
  {
    name: 'machines: sort by CPU',
    prepare: go('/machines', ROWS),
    click: 'main th button:has-text("CPU")',
    done: "[...document.querySelectorAll('main th[aria-sort]')].some((head) => head.textContent.includes('CPU') && head.getAttribute('aria-sort') !== 'none')",
  },
  {
    name: 'machines → machine, chart drawn',
    prepare: go('/machines', ROWS),
    click: 'main [data-row-link]',
    done: `${at('/machines/ci_')} && document.querySelector('main canvas') !== null`,
  },
  {
    name: 'machine → hardware',
    prepare: async (page) => {
      await go('/machines', ROWS)(page);
      await page.locator('main [data-row-link]').first().click();
      await page.waitForSelector('main canvas');
      await page.waitForTimeout(SETTLE_MS);
    },
    click: 'main a[href$="/hardware"]',
    done: "location.pathname.endsWith('/hardware') && /PowerEdge|ThinkPad/.test(document.querySelector('main').textContent)",
  },
  {
    name: 'machine → software',
    prepare: async (page) => {
      await go('/machines', ROWS)(page);
      await page.locator('main [data-row-link]').nth(1).click();
      await page.waitForSelector('main canvas');
      await page.waitForTimeout(SETTLE_MS);
    },
    click: 'main a[href$="/software"]',
    done: "location.pathname.endsWith('/software') && document.querySelector('main').textContent.includes('sim-package')",
  },
  ...(
    ['/incidents', '/alerts', '/availability', '/capacity', '/cis', '/rules', '/agents', '/settings'] as const
  ).map(
    (path): Click => ({
      name: `overview → ${path.slice(1)}`,
      prepare: go('/', COUNTS),
      click: `nav a[href="${path}"]`,
      done: `${at(path)} && document.querySelector('main h1') !== null && document.querySelector('main .skeleton') === null`,
    }),
  ),
  {
    name: 'search: find a machine by its name',
    prepare: async (page) => {
      await go('/', COUNTS)(page);
      await page.keyboard.press('Control+k');
      await page.waitForSelector('[role=dialog] input');
    },
    type: { into: '[role=dialog] input', text: '-4999' },
    done: "[...document.querySelectorAll('[role=dialog] [role=option]')].some((option) => option.textContent.includes('-4999'))",
  },
];

/** From the event in the page to the frame in which the result stands. */
async function measureClicks(from: Browser, target: Target): Promise<void> {
  const context = await signedIn(from, target);
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto('/');
  await shows(page, COUNTS);
  const all: number[] = [];
  for (const each of CLICKS) {
    const spent: number[] = [];
    for (let round = 0; round < CLICK_ROUNDS; round++) {
      await each.prepare(page);
      if (each.type) await page.locator(each.type.into).first().fill('');
      const waiting = page.evaluate<number>(
        `probe.after('${each.type ? 'input' : 'pointerdown'}', () => ${each.done})`,
      );
      waiting.catch(() => undefined); // Told below; the page may be gone by then.
      if (each.click) await page.locator(each.click).first().click();
      if (each.type) await page.locator(each.type.into).first().fill(each.type.text);
      const ms = await Promise.race([
        waiting,
        new Promise<null>((resolve) => setTimeout(() => resolve(null), 15_000)),
      ]);
      if (ms === null) {
        tell(`click: ${each.name}`, 'no result', 'in 15 s');
        break;
      }
      spent.push(ms);
      if (each.type) await page.keyboard.press('Escape');
    }
    all.push(...spent);
    if (spent.length > 0)
      tell(
        `click: ${each.name}, median / worst`,
        `${quantile(spent, 0.5).toFixed(0)} / ${Math.max(...spent).toFixed(0)}`,
        'ms',
      );
  }
  tell('click to result, p50', quantile(all, 0.5), 'ms');
  tell('click to result, p95', quantile(all, 0.95), 'ms');
  await context.close();
}

/** Each frame of a long scroll is looked at: does a row stand everywhere between head and foot of the list? */
async function measureScroll(from: Browser, target: Target): Promise<void> {
  const context = await signedIn(from, target);
  const page = await context.newPage();
  await page.goto('/machines');
  await shows(page, ROWS);
  await page.waitForTimeout(1_000);
  const box = await page.locator('main [data-row-link]').first().boundingBox();
  await page.mouse.move(720, (box?.y ?? 400) + 100);
  await page.evaluate('probe.watchRows()');
  for (let step = 0; step < SCROLL_STEPS; step++) {
    await page.mouse.wheel(0, 1_200);
    await page.waitForTimeout(40);
  }
  const frames = await page.evaluate<{ seen: number; blank: number; longestMs: number }>('probe.frames');
  tell('scroll: frames looked at', frames.seen);
  tell('scroll: frames with a blank row', frames.blank);
  tell('scroll: longest frame', frames.longestMs, 'ms');
  await context.close();
}

/** Processor time of the server with none and with several dashboards open on overview and list. */
async function measureCost(from: Browser, target: Target): Promise<void> {
  if (target.pid === 0) return;
  const idle = await cpuMsPerSecond(target.pid);
  for (const path of ['/', '/machines']) {
    const contexts: BrowserContext[] = [];
    for (let viewer = 0; viewer < VIEWERS; viewer++) {
      const context = await signedIn(from, target, { width: 1_000, height: 700 });
      contexts.push(context);
      const page = await context.newPage();
      await page.goto(path);
      await page.waitForSelector('main h1');
    }
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const busy = await cpuMsPerSecond(target.pid);
    tell(`server CPU for each dashboard open on ${path}`, (busy - idle) / VIEWERS, 'ms/s');
    for (const context of contexts) await context.close();
  }
  tell('server CPU with no dashboard open', idle, 'ms/s');
}

async function cpuMsPerSecond(pid: number): Promise<number> {
  const before = cpuMs(pid);
  const startMs = performance.now();
  await new Promise((resolve) => setTimeout(resolve, COST_S * 1_000));
  return ((cpuMs(pid) - before) * 1_000) / (performance.now() - startMs);
}

function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / CLOCK_TICKS_PER_SECOND;
}

/** Three windows stay open, live; after each minute what is garbage is collected and the rest counted. */
async function measureMemory(from: Browser, target: Target, minutes: number): Promise<void> {
  const asked = await signedIn(from, target);
  const { items } = (await (await asked.request.get('/api/v1/cis?limit=1')).json()) as {
    items: { id: string }[];
  };
  await asked.close();
  const windows = [];
  for (const path of ['/', '/machines', `/machines/${items[0]?.id ?? ''}/live`]) {
    const context = await signedIn(from, target);
    const page = await context.newPage();
    await page.goto(path);
    await page.waitForSelector('main h1');
    const cdp = await context.newCDPSession(page);
    await cdp.send('Performance.enable');
    windows.push({
      name: path.endsWith('/live') ? '/machines/:id/live' : path,
      context,
      cdp,
      heap: [] as number[],
    });
  }
  for (let minute = 0; minute <= minutes; minute++) {
    await new Promise((resolve) => setTimeout(resolve, minute === 0 ? SETTLED_MS : MINUTE_MS));
    for (const { cdp, heap } of windows) heap.push(await heapMebibytes(cdp));
  }
  for (const { name, context, heap } of windows) {
    tell(`heap of the tab on ${name}, first`, heap[0] ?? 0, 'MiB');
    tell(`heap of the tab on ${name}, after ${minutes} min`, heap.at(-1) ?? 0, 'MiB');
    tell(`heap of the tab on ${name}, highest`, Math.max(...heap), 'MiB');
    // What is read once and kept comes in the first minutes.
    tell(
      `heap of the tab on ${name}, growth in the second half`,
      slopeOf(heap.slice(heap.length >> 1)) * 60,
      'MiB/h',
    );
    await context.close();
  }
}

async function heapMebibytes(cdp: CDPSession): Promise<number> {
  await cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await cdp.send('Performance.getMetrics');
  return (metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0) / 2 ** 20;
}

/** Least squares over the index. */
function slopeOf(ys: readonly number[]): number {
  const n = ys.length;
  const meanX = (n - 1) / 2;
  const meanY = ys.reduce((sum, y) => sum + y, 0) / n;
  let top = 0;
  let bottom = 0;
  for (const [x, y] of ys.entries()) {
    top += (x - meanX) * (y - meanY);
    bottom += (x - meanX) ** 2;
  }
  return bottom === 0 ? 0 : top / bottom;
}

function quantile(values_: readonly number[], q: number): number {
  const sorted = values_.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? 0;
}

let browser: Browser | null = null;
try {
  tell('cores', cpus().length);
  const target = await findTarget();
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    // Exact readings of the heap.
    args: [...CHROMIUM_ARGS, '--js-flags=--expose-gc', '--enable-precise-memory-info'],
  });
  if (wanted('start')) await measureStarts(browser, target);
  if (wanted('clicks')) await measureClicks(browser, target);
  if (wanted('scroll')) await measureScroll(browser, target);
  if (wanted('cost')) await measureCost(browser, target);
  if (wanted('memory')) await measureMemory(browser, target, Number(values.minutes));
  if (values.json) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
} finally {
  await browser?.close();
  await cleanUp();
}

/**
 * The records of a fleet of 10,000 machines, 1,000 packages each and 50,000 relations, in the browser and at the API:
 *
 *   node test/bench/cis.ts [--data DIR] [--rounds 15] [--pictures DIR] [--json FILE]
 *
 * `--data`: data folder of a server, made where it is missing. Times run from the change of the address, or the last key, to the
 * frame in which the result stands; at the API from the question to the end of its answer, one after another.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import {
  ADMIN_PASSWORD,
  CHROMIUM,
  CHROMIUM_ARGS,
  cleanUp,
  type RunningServer,
  startServer,
  temporaryFolder,
} from '../e2e/harness.ts';
import { productName, seedFleet } from './seed.ts';

const { values } = parseArgs({
  options: {
    machines: { type: 'string', default: '10000' },
    packages: { type: 'string', default: '1000' },
    products: { type: 'string', default: '10000' },
    relations: { type: 'string', default: '50000' },
    rounds: { type: 'string', default: '15' },
    data: { type: 'string' },
    pictures: { type: 'string' },
    json: { type: 'string' },
  },
});
if (!CHROMIUM) throw new Error('Chromium is missing: apt-get install chromium');
const ROUNDS = Number(values.rounds);
/** Between two clicks, as a quick person would. */
const SETTLE_MS = 300;
const GIVE_UP_MS = 30_000;

/** The map itself, or the groups that stand for it from afar. */
const DRAWN =
  "document.querySelector('main [role=application], main button[title][aria-label]') !== null && document.querySelector('main progress') === null";
const ROWS = "document.querySelectorAll('main [data-row-link]').length > 5";
const CALM =
  "document.querySelector('main h1') !== null && document.querySelector('main .skeleton') === null";
const says = (text: string) =>
  `(document.querySelector('main')?.textContent ?? '').includes(${JSON.stringify(text)})`;

interface Times {
  readonly p50: number;
  readonly p95: number;
  readonly worst: number;
}
const figures: Record<string, Times | string> = {};

interface Ci {
  readonly id: string;
  readonly name: string;
}

const dataDir = values.data ?? temporaryFolder('bench-cis');
mkdirSync(dataDir, { recursive: true });
if (values.pictures !== undefined) mkdirSync(values.pictures, { recursive: true });
let browser: Browser | null = null;
try {
  if (!existsSync(join(dataDir, 'muster.db')))
    await seedFleet(
      join(dataDir, 'muster.db'),
      {
        machines: Number(values.machines),
        packages: Number(values.packages),
        products: Number(values.products),
        relations: Number(values.relations),
      },
      Math.round(performance.timeOrigin + performance.now()),
    );
  const server = await startServer({ dataDir, localAgent: false });
  console.log(`server ready after ${server.readyMs.toFixed(0)} ms`);
  const machines = await read<{ items: Ci[] }>(server, '/cis?limit=50');
  const services = await read<{ items: Ci[] }>(server, '/cis?class=Service&limit=20');
  await measureApi(server, machines.items, services.items);
  browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS });
  await measurePages(browser, server, machines.items, services.items);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
} finally {
  await browser?.close();
  await cleanUp();
}

function read<T>(server: RunningServer, path: string): Promise<T> {
  return server.api<T>('GET', path);
}

async function measureApi(
  server: RunningServer,
  machines: readonly Ci[],
  services: readonly Ci[],
): Promise<void> {
  const machine = (round: number) => machines[round % machines.length]?.id ?? '';
  const service = (round: number) => services[round % services.length]?.id ?? '';
  const paths: Readonly<Record<string, (round: number) => string>> = {
    'list, first page': () => '/cis?limit=100',
    'list by part of a name': (round) =>
      `/cis?limit=100&q=${machines[round % machines.length]?.name.slice(-3) ?? ''}`,
    'list of a class': () => '/cis?class=Person&limit=100',
    'list by software': (round) => `/cis?limit=100&software=${productName(600 + round)}`,
    'search for a machine': (round) => `/search?q=${machines[round % machines.length]?.name ?? ''}`,
    'search for software': (round) => `/search?q=${productName(1 + round * 91)}`,
    'one CI': (round) => `/cis/${machine(round)}`,
    'its software': (round) => `/cis/${machine(round)}/software?limit=500`,
    'its relations': (round) => `/cis/${machine(round)}/relations`,
    'impact of a machine': (round) => `/cis/${machine(round)}/impact`,
    'impact of a service': (round) => `/cis/${service(round)}/impact`,
    'the map': () => '/map',
  };
  for (const [name, path] of Object.entries(paths)) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const fromMs = performance.now();
      await read(server, path(round));
      times.push(performance.now() - fromMs);
    }
    tell(`api: ${name}`, times);
  }
}

interface Step {
  readonly name: string;
  /** State before the step. */
  readonly from: { readonly path: string; readonly ready: string };
  /** Address that is gone to, or text that is typed into the search box. */
  readonly path?: (round: number) => string;
  readonly typed?: (round: number) => string;
  readonly done: (round: number) => string;
}

function siteOf(round: number): string {
  return ['Suzhou', 'Nanjing', 'Wuxi'][round % 3] ?? '';
}

function stepsOf(machines: readonly Ci[], services: readonly Ci[]): Step[] {
  const machine = (round: number) => machines[round % machines.length] ?? { id: '', name: '' };
  const service = (round: number) => services[round % services.length] ?? { id: '', name: '' };
  const help = { path: '/help', ready: CALM };
  const found = (text: string) =>
    `[...document.querySelectorAll('[role=dialog] [role=option]')].some((one) => one.textContent.includes(${JSON.stringify(text)}))`;
  return [
    { name: 'open the list of machines', from: help, path: () => '/machines', done: () => ROWS },
    {
      name: 'filter machines by site',
      from: { path: '/machines', ready: ROWS },
      path: (round) => `/machines?site=${siteOf(round)}`,
      done: (round) =>
        `location.search.includes('site') && ${ROWS} && [...document.querySelectorAll('main [data-row-link]')].every((row) => row.closest('tr')?.textContent.includes('${siteOf(round)}'))`,
    },
    {
      name: 'filter machines by part of a name',
      from: { path: '/machines', ready: ROWS },
      path: (round) => `/machines?q=-0${round}`,
      done: (round) =>
        `[...document.querySelectorAll('main [data-row-link]')].every((row) => row.textContent.includes('-0${round}')) && document.querySelector('main [data-row-link]') !== null`,
    },
    {
      name: 'open the people among the CIs',
      from: help,
      path: () => '/cis?class=Person',
      done: () => `${says('Person 0')} && ${CALM}`,
    },
    {
      name: 'open the servers among the CIs',
      from: help,
      path: () => '/cis?class=Server',
      done: () => `document.querySelectorAll('main tbody tr').length > 5 && ${CALM}`,
    },
    {
      name: 'open a CI',
      from: help,
      path: (round) => `/cis/${machine(round).id}`,
      done: (round) => `${says(machine(round).name)} && ${CALM}`,
    },
    {
      name: 'open the impact of a machine',
      from: help,
      path: (round) => `/cis/${machine(round).id}?tab=impact`,
      done: (round) =>
        `${says(machine(round).name)} && document.querySelectorAll('main tbody tr').length > 0 && ${CALM}`,
    },
    {
      name: 'open a service',
      from: help,
      path: (round) => `/services/${service(round).id}`,
      done: (round) => `${says(service(round).name)} && ${CALM}`,
    },
    {
      name: 'open the map',
      from: help,
      path: () => '/map',
      done: () => DRAWN,
    },
    {
      name: 'open the map around a service',
      from: help,
      path: (round) => `/map?around=${service(round).id}`,
      done: () => DRAWN,
    },
    {
      name: 'search: a machine by its name',
      from: help,
      typed: (round) => machine(round).name,
      done: (round) => found(machine(round).name),
    },
    {
      name: 'search: software',
      from: help,
      typed: (round) => productName(500 + round * 91),
      done: (round) => found(productName(500 + round * 91)),
    },
  ];
}

async function measurePages(
  from: Browser,
  server: RunningServer,
  machines: readonly Ci[],
  services: readonly Ci[],
): Promise<void> {
  const context = await from.newContext({
    baseURL: server.url,
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
  });
  await context.request.post('/api/v1/session', { data: { name: 'admin', password: ADMIN_PASSWORD } });
  await context.addInitScript({ path: join(import.meta.dirname, 'dashboard-probe.js') });
  const page = await context.newPage();
  await page.goto('/help');
  for (const [at, step] of stepsOf(machines, services).entries()) {
    const times: number[] = [];
    // The first of all reads the script of the page, which is kept from then on.
    for (let round = 0; round <= ROUNDS; round++) {
      const ms = await timeOf(page, step, round);
      if (ms === null) {
        const what = `no result in ${GIVE_UP_MS / 1_000} s`;
        figures[step.name] = what;
        console.log(step.name.padEnd(40), what);
        await page.goto('/help');
        break;
      }
      if (round > 0) times.push(ms);
    }
    if (times.length > 0) tell(step.name, times);
    if (values.pictures !== undefined) {
      await page.waitForTimeout(SETTLE_MS);
      const name = `${String(at + 1).padStart(2, '0')}-${step.name.replaceAll(/[^a-z]+/gi, '-')}.png`;
      await page.screenshot({ path: join(values.pictures, name) });
    }
  }
  await context.close();
}

/** null: nothing came. */
async function timeOf(page: Page, { from, path, typed, done }: Step, round: number): Promise<number | null> {
  await page.keyboard.press('Escape');
  await page.evaluate(
    `history.pushState({}, '', '${from.path}'); dispatchEvent(new PopStateEvent('popstate'))`,
  );
  await page.evaluate(`probe.until(() => location.pathname === '${from.path}' && ${from.ready})`);
  await page.waitForTimeout(SETTLE_MS);
  let waiting: Promise<number>;
  if (path !== undefined) {
    waiting = page.evaluate<number>(
      `(async () => {
        const fromMs = performance.now();
        history.pushState({}, '', ${JSON.stringify(path(round))});
        dispatchEvent(new PopStateEvent('popstate'));
        await probe.until(() => ${done(round)});
        return performance.now() - fromMs;
      })()`,
    );
  } else {
    await page.keyboard.press('Control+k');
    await page.waitForSelector('[role=dialog] input:focus');
    waiting = page.evaluate<number>(`probe.after('input', () => ${done(round)})`);
    await page.locator('[role=dialog] input').fill(typed?.(round) ?? '');
  }
  // Told as no result; the page may be gone by then.
  return Promise.race([
    waiting.catch(() => null),
    new Promise<null>((resolve) => setTimeout(() => resolve(null), GIVE_UP_MS)),
  ]);
}

function tell(name: string, all: readonly number[]): void {
  const sorted = all.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  const times: Times = { p50: at(0.5), p95: at(0.95), worst: at(1) };
  figures[name] = times;
  console.log(
    name.padEnd(40),
    `p50 ${times.p50.toFixed(0).padStart(5)}  p95 ${times.p95.toFixed(0).padStart(5)}  worst ${times.worst.toFixed(0).padStart(5)} ms`,
  );
}

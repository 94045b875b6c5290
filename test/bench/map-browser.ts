/**
 * The map in Chromium at 10,000 CIs and 50,000 relations, on the mock server: from afar as it opens, then each CI with the layout, frames
 * while it moves and memory; the list. Software graphics: what a machine without a graphics card shows.
 *
 *   node test/bench/map-browser.ts --dist DIR [--cis 10000] [--relations 50000] [--picture FILE]
 *   DIR is a built dashboard: vite build --outDir DIR, in dashboard/
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type Page } from 'playwright-core';
import { MOCK_ACCOUNT, startMock } from '../../dashboard/mock/server.ts';
import type { MapAnswer } from '@muster/shared/api/relations.ts';
import type { GraphNode } from '../../server/src/relations/nodes.ts';
import { groupsOf } from '../../server/src/relations/map-groups.ts';
import { CHROMIUM, CHROMIUM_ARGS } from '../e2e/harness.ts';

const MOVING_MS = 3_000;
/** Nothing new may be asked of the main thread for so long. */
const QUIET_MS = 250;
const PATIENCE_MS = 60_000;
const SITES = 9;
const CLASSES = ['Server', 'Workstation', 'VirtualMachine', 'Service'] as const;

interface Frames {
  readonly fps: number;
  readonly p95Ms: number;
}

const { values } = parseArgs({
  options: {
    dist: { type: 'string' },
    cis: { type: 'string', default: '10000' },
    relations: { type: 'string', default: '50000' },
    picture: { type: 'string' },
  },
});
if (!values.dist) throw new Error('name the built dashboard: --dist DIR');
if (!CHROMIUM) throw new Error('Chromium is missing: apt-get install chromium');
const cis = Number(values.cis);
const bodies = answers();
const mock = await startMock({ port: 0, distDir: values.dist });
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: [...CHROMIUM_ARGS, '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
});
try {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  await page.addInitScript({ path: join(import.meta.dirname, 'dashboard-probe.js') });
  await page.route('**/api/v1/map**', (route) =>
    route.fulfill({
      contentType: 'application/json',
      body: route.request().url().includes('group=none') ? bodies.each : bodies.afar,
    }),
  );
  const at = (path: string) => `http://127.0.0.1:${mock.port}${path}`;
  await page.goto(at('/sign-in'));
  await page.locator('input').first().fill(MOCK_ACCOUNT.name);
  await page.locator('input[type=password]').fill(MOCK_ACCOUNT.password);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/');

  await opened(page, at('/map?as=picture'), 'from afar', 'main button.rounded-full');
  tell('from afar, answer', bodies.afar.length / 1_000, 'KB');
  if (values.picture) await page.screenshot({ path: values.picture.replace(/\.png$/, '-afar.png') });
  await opened(page, at('/map?as=list'), 'from afar as a list', 'main table');

  tell('each CI, answer', bodies.each.length / 1_000, 'KB');
  for (const visit of ['first', 'second']) {
    const startedMs = await opened(
      page,
      at('/map?as=picture&group=none'),
      `each CI, ${visit} visit`,
      '[role=application] canvas',
    );
    await page.locator('progress').waitFor({ state: 'detached', timeout: PATIENCE_MS });
    tell(`each CI, ${visit} visit, arranged`, performance.now() - startedMs, 'ms');
    await page.waitForTimeout(1_000);
    const { fps, p95Ms } = await page.evaluate<Frames>(`probe.moving(${MOVING_MS})`);
    tell(`each CI, ${visit} visit, frames while moving`, fps, '/s');
    tell(`each CI, ${visit} visit, frame p95`, p95Ms, 'ms');
  }
  if (values.picture) await page.screenshot({ path: values.picture });
  await opened(
    page,
    at('/map?as=list&group=none'),
    'each CI as a list',
    '[role=table],[role=grid],main table',
  );
} finally {
  await browser.close();
  await mock.close();
}

/** Until it stands and the page takes input again. @returns when it began */
async function opened(page: Page, url: string, what: string, selector: string): Promise<number> {
  const startedMs = performance.now();
  await page.goto(url, { waitUntil: 'commit' });
  await page.locator(selector).first().waitFor({ timeout: PATIENCE_MS });
  const interactiveMs = await page.evaluate<number>(
    `probe.interactive(() => document.querySelector('${selector}') !== null, ${QUIET_MS})`,
  );
  tell(`${what}, interactive`, interactiveMs, 'ms');
  return startedMs;
}

function tell(what: string, value: number, unit: string): void {
  console.log(`${what.padEnd(48)} ${value.toFixed(value < 10 ? 2 : 0).padStart(8)} ${unit}`);
}

/** The same graph in each run; few CIs have most relations. */
function answers(): { each: string; afar: string } {
  let seed = 7;
  const random = (below: number) => (seed = (seed * 48_271) % 0x7fffffff) % below;
  const nodes = Array.from(
    { length: cis },
    (_, at): GraphNode => ({
      id: `ci_${String(at).padStart(20, '0')}`,
      name: `node-${at}`,
      class: CLASSES[at % CLASSES.length] ?? 'Server',
      subclass: null,
      site: `site-${at % SITES}`,
      lifecycle: 'in_use',
      criticality: 3,
      owner: null,
      supportGroup: null,
      users: null,
      machineId: null,
    }),
  );
  const edges = Array.from({ length: Number(values.relations) }, (_, at): [number, number, number] => [
    random(cis),
    Math.floor((random(1_000) / 1_000) ** 3 * (cis - 1)),
    at % 2,
  ]);
  const isSilent = ({ id }: GraphNode) => Number(id.slice(3)) % 50 === 0;
  const shape = { nodes, edges, types: ['dependsOn', 'connectsTo'], lonely: 0, cut: false };
  const rest = { types: shape.types, lonely: 0, cut: false };
  const each: MapAnswer = {
    ...rest,
    afar: null,
    edges,
    nodes: nodes.map((node) => ({
      id: node.id,
      name: node.name,
      class: node.class,
      site: node.site,
      state: isSilent(node) ? 'silent' : 'up',
      openIncidents: 0,
    })),
  };
  const afar: MapAnswer = {
    ...rest,
    nodes: [],
    edges: [],
    afar: groupsOf(shape, 'site', { isSilent, openIncidentsOf: () => 0, serviceOf: () => undefined }),
  };
  return { each: JSON.stringify(each), afar: JSON.stringify(afar) };
}

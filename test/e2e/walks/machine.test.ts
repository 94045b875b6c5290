/** A machine is watched, looked at closer, compared and left: the page asks the agent for seconds only while it is seen. */
import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, signIn } from '../browser.ts';
import {
  CHROMIUM,
  cleanUp,
  enrolmentToken,
  figure,
  type RunningServer,
  startAgent,
  startServer,
  until,
} from '../harness.ts';

const POINTS = 4;

describe.skipIf(!CHROMIUM)('the page of a machine', () => {
  let server: RunningServer;
  let browser: Browser | null = null;
  let page: Page;
  let id = '';
  beforeAll(async () => {
    server = await startServer();
    startAgent({ server: server.url, token: await enrolmentToken(server) });
    const chromium = await launchBrowser();
    if (chromium === null) throw new Error('there is no Chromium');
    browser = chromium;
    id = await until(
      async () => (await server.api<{ items: { id: string }[] }>('GET', '/cis?presence=up')).items[0]?.id,
      { withinMs: 30_000, what: 'the machine is up' },
    );
    await until(async () => (await server.api<{ parts: unknown[] }>('GET', `/cis/${id}`)).parts.length > 0, {
      withinMs: 60_000,
      what: 'its inventory is there',
    });
    page = await signIn(chromium, server, `/machines/${id}/live`);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await cleanUp();
  });

  test('[DB16] while the page is seen the agent sends every second', { timeout: 40_000 }, async () => {
    const openedMs = performance.now();
    await page.getByText('1 s sampling').waitFor({ timeout: 20_000 });
    figure('opening the page to the first second', (performance.now() - openedMs) / 1_000, 's');
  });

  test('[DB102] a drag over a chart is a range in the address; Back leads out of it', {
    timeout: 40_000,
  }, async () => {
    const chart = page.getByRole('group', { name: 'CPU', exact: true });
    const box = await chart.boundingBox();
    if (!box) throw new Error('the chart is not on the page');
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width * 0.5, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.7, y, { steps: 4 });
    await page.mouse.move(box.x + box.width * 0.93, y, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/from=.*to=/);
    const { searchParams } = new URL(page.url());
    const lengthMs = Date.parse(searchParams.get('to') ?? '') - Date.parse(searchParams.get('from') ?? '');
    expect(lengthMs).toBeGreaterThanOrEqual(29_000);
    expect(lengthMs).toBeLessThan(15 * 60_000);
    await page.getByText(/^One point every/).waitFor();

    await chart.focus();
    await page.keyboard.press('-');
    await until(
      () =>
        Date.parse(new URL(page.url()).searchParams.get('from') ?? '') <
        Date.parse(searchParams.get('from') ?? ''),
      {
        withinMs: 20_000,
        what: 'the range is wider',
      },
    );
    expect(await page.locator('[role=group][aria-label=CPU]:focus').count()).toBe(1);
    await page.goBack();
    await page.goBack();
    await page.waitForURL((url) => !url.searchParams.has('from'));
    await page.getByText('1 s sampling').waitFor({ timeout: 20_000 });
  });

  test('[DB14] the CSV of a chart has the stored points', { timeout: 120_000 }, async () => {
    await until(
      async () => {
        const now = Date.now();
        const query = new URLSearchParams({
          ci: id,
          metric: 'cpu.utilisation',
          from: new Date(now - 900_000).toISOString(),
          to: new Date(now).toISOString(),
          points: '900',
        });
        const path = `/metrics/range?${query.toString()}`;
        const { series } = await server.api<{ series: { points: number[][] }[] }>('GET', path);
        return (series[0]?.points.length ?? 0) >= POINTS;
      },
      { withinMs: 90_000, what: 'some points are stored' },
    );
    await page.reload();
    await page.getByText('1 s sampling').waitFor({ timeout: 20_000 });
    await page.getByRole('button', { name: 'More about CPU' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: /CSV/ }).click(),
    ]);
    const [head = '', ...rows] = (await readFile(await download.path(), 'utf8')).split('\r\n');
    expect(head.replace('\uFEFF', '')).toBe('time,in use (%)');
    expect(rows.length).toBeGreaterThanOrEqual(POINTS);
    for (const row of rows) expect(row).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z,[\d.e-]+$/);
  });

  test('[DB104] the charts stand beside the time before', { timeout: 30_000 }, async () => {
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.getByRole('menuitemradio', { name: 'The range before' }).click();
    await page.waitForURL(/against=before/);
    const cpu = page.getByRole('region', { name: 'CPU', exact: true });
    await cpu.getByText('The range before').first().waitFor();
    await page.getByRole('button', { name: 'Take away The range before' }).click();
    await page.waitForURL((url) => !url.searchParams.has('against'));
  });

  test('[DB106] its relations are a list and a picture of the same', { timeout: 30_000 }, async () => {
    // As the page itself was told: ports of this machine come and go while other tests run.
    const [answer] = await Promise.all([
      page.waitForResponse((one) => new URL(one.url()).pathname.endsWith(`/cis/${id}/relations`)),
      page.getByRole('link', { name: 'Relations' }).click(),
    ]);
    const { items } = (await answer.json()) as { items: unknown[] };
    await page.getByText(`${items.length} relation`).waitFor();
    await page.getByRole('button', { name: 'List', exact: true }).click();
    const list = page.getByRole('table');
    await list.waitFor();
    expect(await list.getByRole('row').count()).toBe(items.length + 1);
  });
});

/** What a reader sees of a page before the first answer of a slow line: the boxes, and nothing that is not known. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, signIn } from '../browser.ts';
import { CHROMIUM, cleanUp, type RunningServer, startServer } from '../harness.ts';

describe.skipIf(!CHROMIUM)('before the first answer', () => {
  let server: RunningServer;
  let browser: Browser | null = null;
  beforeAll(async () => {
    server = await startServer();
    browser = await launchBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await cleanUp();
  });

  test('[DB344] the overview has its boxes, and no number', { timeout: 60_000 }, async () => {
    if (!browser) throw new Error('no browser');
    const { page, release } = await held(browser, server, '/');
    const boxes = page.locator('main').getByRole('heading', { level: 2 });
    await boxes.filter({ hasText: 'Highest memory' }).waitFor();
    expect(await boxes.allInnerTexts()).toEqual([
      'Needs a person',
      'Availability this month',
      'Capacity, days to full',
      'Highest disk use',
      'Highest CPU',
      'Highest memory',
    ]);
    const clock = /\d{1,2} [A-Z][a-z]{2} \d{4}, [\d:]{8}, UTC\S*/;
    expect((await page.locator('main').innerText()).replace(clock, '')).not.toMatch(/\d|nothing|none\b/i);
    release();
    await page.getByRole('heading', { level: 1 }).filter({ hasText: /\p{L}/u }).waitFor();
  });

  test('[DB344] the page of a machine has the boxes of its charts', { timeout: 60_000 }, async () => {
    if (!browser) throw new Error('no browser');
    const { page, release } = await held(browser, server, '/machines/ci_nothing/live');
    await page.getByRole('status', { name: 'Loading' }).waitFor();
    expect(await page.locator('main .card .skeleton').count()).toBeGreaterThan(6);
    expect(await page.locator('main').innerText()).not.toMatch(/\d/);
    release();
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await page.locator('main .skeleton').count()).toBe(0);
  });
});

/** A page whose questions, but who is asking, are answered only once they are released. */
async function held(
  browser: Browser,
  server: RunningServer,
  path: string,
): Promise<{ page: Page; release: () => void }> {
  const page = await signIn(browser, server, '/help');
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  await page.route('**/api/v1/**', async (route) => {
    if (!route.request().url().endsWith('/session')) await released;
    await route.continue();
  });
  await page.goto(path);
  return { page, release };
}

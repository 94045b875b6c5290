/** The wallboard hangs by itself: opened with a token, it keeps nothing in its address, says when it is old, and heals. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../browser.ts';
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

describe.skipIf(!CHROMIUM)('the wallboard', () => {
  let server: RunningServer;
  let browser: Browser | null = null;
  let page: Page;
  let tokenId: string;
  beforeAll(async () => {
    server = await startServer();
    startAgent({ server: server.url, token: await enrolmentToken(server) });
    browser = await launchBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await cleanUp();
  });

  test('[DB204] a viewer’s token opens it and leaves the address at once', { timeout: 60_000 }, async () => {
    if (!browser) throw new Error('no browser');
    const made = await server.api<{ id: string; token: string }>('POST', '/api-tokens', {
      name: 'hall',
      role: 'viewer',
    });
    tokenId = made.id;
    const context = await browser.newContext({ viewport: { width: 1920, height: 1080 } });
    page = await context.newPage();
    await page.goto(`${server.url}/wall?lang=en#token=${made.token}`);
    await page.getByRole('heading', { name: 'Nothing needs you' }).waitFor({ timeout: 30_000 });
    expect(page.url()).toBe(`${server.url}/wall?lang=en`);
    await until(
      async () =>
        (await page.getByRole('region', { name: 'All machines', exact: true }).innerText()).includes('1'),
      {
        withinMs: 30_000,
        what: 'the machine is on the board',
      },
    );
    const [scrolls, theme] = await page.evaluate<[boolean, string]>(
      '[document.documentElement.scrollHeight > innerHeight, document.documentElement.dataset.theme]',
    );
    expect([scrolls, theme]).toEqual([false, 'dark']);
  });

  test('[DB204] data older than 30 s turns it grey and says since when; a server that comes back is enough', {
    timeout: 120_000,
  }, async () => {
    const killedMs = performance.now();
    await server.kill();
    await page.getByText(/^No data since \d\d:\d\d$/).waitFor({ timeout: 50_000 });
    const saidMs = performance.now() - killedMs;
    figure('kill of the server to the board being grey', saidMs / 1_000, 's');
    expect(saidMs).toBeGreaterThan(25_000);
    server = await startServer({ dataDir: server.dataDir, port: server.port, token: server.token });
    await page.getByText(/^No data since/).waitFor({ state: 'detached', timeout: 60_000 });
    await page.getByRole('heading', { name: 'Nothing needs you' }).waitFor();
  });

  test('[DB204] a revoked token ends it, in words', { timeout: 60_000 }, async () => {
    await server.api('DELETE', `/api-tokens/${tokenId}`);
    await page.reload();
    await page
      .getByRole('heading', { name: 'This wallboard may not show anything' })
      .waitFor({ timeout: 20_000 });
  });
});

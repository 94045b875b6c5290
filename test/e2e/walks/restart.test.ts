/** The server dies under an open page and comes back: the page says so, keeps what it shows, and heals by itself. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, signIn } from '../browser.ts';
import {
  CHROMIUM,
  cleanUp,
  figure,
  type RunningServer,
  startAgent,
  startServer,
  enrolmentToken,
  until,
} from '../harness.ts';

describe.skipIf(!CHROMIUM)('the server restarts under an open page', () => {
  let server: RunningServer;
  let browser: Browser | null = null;
  let page: Page;
  beforeAll(async () => {
    server = await startServer();
    startAgent({ server: server.url, token: await enrolmentToken(server) });
    browser = await launchBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await cleanUp();
  });

  test('[DB2] [DB4] what is shown stays, the loss is said at once, and all is live again without a reload', {
    timeout: 240_000,
  }, async () => {
    if (!browser) throw new Error('no browser');
    const ci = await until(
      async () => (await server.api<{ items: { id: string }[] }>('GET', '/cis?presence=up')).items[0],
      { withinMs: 30_000, what: 'the machine is up' },
    );
    const incident = await server.api<{ ref: string }>('POST', '/incidents', {
      title: 'Printer on floor 3 prints blank pages',
      ciId: ci.id,
    });
    page = await signIn(browser, server, `/incidents/${incident.ref}`);
    await page.evaluate("window.sameWindow = 'yes'");
    const note = page.locator('main textarea').first();
    await note.fill('Toner is being replaced');

    const killedMs = performance.now();
    await server.kill();
    const disc = page.locator('header').getByText(/Not live since/);
    await disc.first().waitFor({ timeout: 30_000 });
    figure('kill of the server to the page saying so', (performance.now() - killedMs) / 1_000, 's');
    expect(await page.locator('h1').first().innerText()).toContain('Printer on floor 3');
    expect(await note.inputValue()).toBe('Toner is being replaced');
    expect(
      await page
        .getByRole('button', { name: /Take it|Resolve/ })
        .first()
        .isDisabled(),
    ).toBe(true);

    server = await startServer({ dataDir: server.dataDir, port: server.port, token: server.token });
    const readyMs = performance.now();
    await page
      .getByText(/Live again/)
      .first()
      .waitFor({ timeout: 45_000 });
    figure('ready again to the page being live', (performance.now() - readyMs) / 1_000, 's');
    expect(await page.evaluate('window.sameWindow')).toBe('yes');
    expect(await note.inputValue()).toBe('Toner is being replaced');

    await page.locator('main form:has(textarea) button[type=submit]').first().click();
    await until(
      async () =>
        (
          await server.api<{ timeline: { text: { en: string } }[] }>('GET', `/incidents/${incident.ref}`)
        ).timeline.some(({ text }) => text.en.includes('Toner is being replaced')),
      { withinMs: 20_000, what: 'the note that was typed before the restart is kept' },
    );
  });

  test('[DB2] the live view of a machine goes on with new seconds after the restart', {
    timeout: 240_000,
  }, async () => {
    const { items } = await server.api<{ items: { id: string }[] }>('GET', '/cis');
    await page.goto(`/machines/${items[0]?.id}/live`);
    await page.locator('main canvas').first().waitFor();
    await server.kill();
    await page
      .locator('header')
      .getByText(/Not live since/)
      .first()
      .waitFor({ timeout: 30_000 });
    server = await startServer({ dataDir: server.dataDir, port: server.port, token: server.token });
    const readyMs = Date.now();
    await page
      .getByText(/Live again/)
      .first()
      .waitFor({ timeout: 45_000 });
    await until(
      async () => {
        const { items: values } = await server.api<{ items: { at: string }[] }>(
          'GET',
          `/cis/${items[0]?.id}/metrics/latest`,
        );
        return values.some(({ at }) => Date.parse(at) > readyMs + 2_000);
      },
      { withinMs: 60_000, what: 'the agent sends again' },
    );
  });

  test('[DB7] a page that was never opened is asked for while the server is away, and opens when it is back', {
    timeout: 240_000,
  }, async () => {
    await page.evaluate("window.sameWindow = 'still'");
    await server.kill();
    await page
      .locator('header')
      .getByText(/Not live since/)
      .first()
      .waitFor({ timeout: 30_000 });
    await page.locator('nav a[href="/rules"]').first().click();
    expect(await page.locator('main').innerText()).not.toBe('');
    server = await startServer({ dataDir: server.dataDir, port: server.port, token: server.token });
    await page.locator('main h1', { hasText: 'Rules' }).waitFor({ timeout: 45_000 });
    expect(await page.evaluate('window.sameWindow')).toBe('still');
  });
});

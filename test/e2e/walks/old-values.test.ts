/** What a reader could take for something else: old values for present ones, ten minutes for a day, a token for one without end. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, signIn } from '../browser.ts';
import {
  CHROMIUM,
  cleanUp,
  enrolmentToken,
  type RunningAgent,
  type RunningServer,
  startAgent,
  startServer,
  until,
} from '../harness.ts';

const DAY_MS = 86_400_000;

describe.skipIf(!CHROMIUM)('what is old or short says so', () => {
  let server: RunningServer;
  let agent: RunningAgent;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    server = await startServer();
    agent = startAgent({ server: server.url, token: await enrolmentToken(server) });
    const chromium = await launchBrowser();
    if (chromium === null) throw new Error('there is no Chromium');
    browser = chromium;
    const id = await until(
      async () => (await server.api<{ items: { id: string }[] }>('GET', '/cis?presence=up')).items[0]?.id,
      { withinMs: 30_000, what: 'the machine is up' },
    );
    await until(
      async () => (await server.api<{ items: unknown[] }>('GET', `/cis/${id}/metrics/latest`)).items.length,
      { withinMs: 30_000, what: 'it has values' },
    );
    page = await signIn(browser, server, `/machines/${id}/live?range=24h`);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await cleanUp();
  });

  test('[DB18] the charts of a day reach over a day, and say since when a new machine has data', async () => {
    await page.getByText(/^Data since \d\d:\d\d$/).waitFor();
    const yesterday = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' }).format(
      Date.now() - DAY_MS,
    );
    expect(await page.getByRole('group', { name: 'CPU', exact: true }).innerText()).toContain(yesterday);
  });

  test('[DB215] values of a machine that is heard no more say how old they are', {
    timeout: 90_000,
  }, async () => {
    const cpu = page.getByRole('region', { name: 'CPU', exact: true });
    expect(await cpu.getByRole('time').count()).toBe(0);
    await agent.kill();
    await cpu.getByText(/^\d+ s ago$/).waitFor({ timeout: 75_000 });
  });

  test.each([1440, 390])(
    '[DB62] the list of tokens says until when they are valid, %i wide',
    async (width) => {
      await server.api('POST', '/api-tokens', { name: `backup ${width}`, role: 'viewer', expiresInDays: 30 });
      const tokens = await signIn(browser, server, '/settings/tokens', { viewport: { width, height: 844 } });
      const until_ = new Intl.DateTimeFormat('en-GB', {
        day: 'numeric',
        month: 'short',
        year: 'numeric',
      }).format(Date.now() + 30 * DAY_MS);
      await tokens.getByText(`backup ${width}`).waitFor();
      expect(await tokens.getByText(until_).first().isVisible()).toBe(true);
      await tokens.context().close();
    },
  );
});

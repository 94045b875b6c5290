/** The language is switched in the middle of a form: nothing typed is lost, and everything turns. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, signIn } from '../browser.ts';
import { CHROMIUM, cleanUp, type RunningServer, startServer, until } from '../harness.ts';

const STEP_MS_MAX = 20_000;
const HAN = /\p{Script=Han}/u;

describe.skipIf(!CHROMIUM)('language switch mid-way', () => {
  let server: RunningServer;
  let browser: Browser | null = null;
  let page: Page;
  beforeAll(async () => {
    server = await startServer();
    browser = await launchBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await cleanUp();
  });

  test('[DB20] [DB209] what was typed stays, every word turns, and the document says its language', {
    timeout: 60_000,
  }, async () => {
    if (!browser) throw new Error('no browser');
    page = await signIn(browser, server, '/machines/new');
    await page.getByLabel('Site', { exact: true }).fill('Halle 3, 二楼');
    await page.getByLabel('Tags').fill('erp, db');
    const uses = page.locator('input[inputmode="numeric"]');
    await uses.fill('7');
    await page.locator('select').first().selectOption('Server');
    await page.evaluate("window.sameWindow = 'yes'");
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    const english = await shownWords(page);

    await page.getByRole('button', { name: '中文' }).click();
    await page.getByRole('heading', { name: '添加计算机' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
    expect(await page.title()).toMatch(HAN);
    expect(await page.getByLabel('地点', { exact: true }).inputValue()).toBe('Halle 3, 二楼');
    expect(await page.getByLabel('标签').inputValue()).toBe('erp, db');
    expect(await uses.inputValue()).toBe('7');
    expect(await page.locator('select').first().inputValue()).toBe('Server');
    expect(await page.evaluate('window.sameWindow')).toBe('yes');
    // Names, versions and keys stay what they are; sentences do not.
    const left = (await shownWords(page)).filter(
      (text) => english.includes(text) && /\p{Ll}{2,} \p{Ll}{2,}/u.test(text),
    );
    expect(left).toEqual([]);
  });

  test('[DB24] [DB209] dates and numbers follow, and the choice is the person’s own in the next browser too', {
    timeout: 60_000,
  }, async () => {
    if (!browser) throw new Error('no browser');
    await page.goto('/');
    await page
      .getByText(/\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2} UTC/)
      .first()
      .waitFor();
    const other = await signIn(browser, server, '/');
    await other.locator('html[lang="zh-CN"]').waitFor({ state: 'attached' });
    await other.getByRole('button', { name: 'English' }).click();
    await other
      .getByText(/\d{1,2} [A-Z][a-z]{2} \d{4}, \d{2}:\d{2}:\d{2}, UTC/)
      .first()
      .waitFor();
  });

  test('[DB330] [DB341] nobody who has not chosen is given the language of another browser', {
    timeout: 60_000,
  }, async () => {
    if (!browser) throw new Error('no browser');
    const account = { name: 'mei', password: 'horse correct battery' };
    await server.api('POST', '/users', { ...account, role: 'viewer' });
    const chinese = await signIn(browser, server, '/machines', { ...account, locale: 'zh-CN' });
    await chinese.getByRole('heading', { name: '计算机', exact: true }).waitFor();
    const english = await signIn(browser, server, '/machines', account);
    await english.getByRole('heading', { name: 'Machines', exact: true }).waitFor();
    // Chosen on the sign-in page: kept by that browser, through the sign-in and a reload.
    const context = await browser.newContext({ locale: 'en-GB', baseURL: server.url });
    const third = await context.newPage();
    await third.goto('/account');
    await third.getByRole('button', { name: '中文' }).click();
    await third.locator('input[name="username"]').fill(account.name);
    await third.locator('input[name="password"]').fill(account.password);
    await third.locator('button[type="submit"]').click();
    await third.getByRole('heading', { name: '语言与主题' }).waitFor();
    await third.reload();
    await third.getByRole('heading', { name: '语言与主题' }).waitFor();
    // Chosen by the user: wins in a browser that spoke another until now.
    await english.getByRole('button', { name: '中文' }).click();
    await english.getByRole('heading', { name: '计算机', exact: true }).waitFor();
    await english.getByRole('button', { name: 'English' }).click();
    await english.getByRole('heading', { name: 'Machines', exact: true }).waitFor();
    await keeps(english, 'en');
    await chinese.reload();
    await chinese.getByRole('heading', { name: 'Machines', exact: true }).waitFor();
    // Given up again: each browser speaks its own.
    await chinese.goto('/account');
    await chinese.getByLabel('Language', { exact: true }).selectOption('As the browser says');
    await chinese.getByRole('heading', { name: '语言与主题' }).waitFor();
    await keeps(chinese, null);
    await chinese.reload();
    await chinese.getByRole('heading', { name: '语言与主题' }).waitFor();
  });
});

/** The page turns before the server has heard of the choice. */
async function keeps(page: Page, language: 'en' | null): Promise<void> {
  await until(
    async () => (await page.request.get('/api/v1/session')).json().then((me) => me.language === language),
    { withinMs: STEP_MS_MAX, what: 'the choice is kept' },
  );
}

async function shownWords(page: Page): Promise<string[]> {
  const lines = await page.locator('body').innerText();
  return lines
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /\p{L}/u.test(line));
}

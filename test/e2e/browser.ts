/** A real browser for the walks: Chromium, signed in as a person would be. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { ADMIN_PASSWORD, CHROMIUM, CHROMIUM_ARGS, type RunningServer } from './harness.ts';

/** null where there is no Chromium: the walk is skipped and counted. */
export async function launchBrowser(): Promise<Browser | null> {
  return CHROMIUM ? chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS }) : null;
}

/** A new window at the sign-in, which is filled in and sent; ends on `path`. */
export async function signIn(
  browser: Browser,
  server: Pick<RunningServer, 'url'>,
  path: string,
  options: BrowserContextOptions & { name?: string; password?: string } = {},
): Promise<Page> {
  const { name = 'admin', password = ADMIN_PASSWORD, ...window } = options;
  const context = await browser.newContext({ locale: 'en-GB', baseURL: server.url, ...window });
  const page = await context.newPage();
  await page.goto(path);
  await page.locator('input[name="username"]').fill(name);
  await page.locator('input[name="password"]').fill(password);
  await page.locator('button[type="submit"]').click();
  await page.waitForURL((url) => url.pathname === path.replace(/[?#].*$/, ''));
  return page;
}

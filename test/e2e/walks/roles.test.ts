/** An administrator adds somebody for the service desk; that person sees what is refused, and takes an incident. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, signIn } from '../browser.ts';
import { CHROMIUM, cleanUp, type RunningServer, startServer } from '../harness.ts';

const STEP_MS_MAX = 20_000;

interface Answer {
  readonly status: number;
  readonly code: string | undefined;
}

describe.skipIf(!CHROMIUM)('roles', () => {
  let server: RunningServer;
  let browser: Browser;
  let admin: Page;
  let desk: Page;
  let password: string;
  const violations: string[] = [];
  beforeAll(async () => {
    server = await startServer();
    const launched = await launchBrowser();
    if (launched === null) throw new Error('no browser');
    browser = launched;
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await cleanUp();
  });

  test('[DB60] [DB62] an administrator adds a user with the role desk; the made-up password is shown once', {
    timeout: 60_000,
  }, async () => {
    admin = await signIn(browser, server, '/settings/users');
    admin.setDefaultTimeout(STEP_MS_MAX);
    admin.on('console', (message) => {
      if (/content security policy/i.test(message.text())) violations.push(message.text());
    });
    await admin.getByRole('button', { name: 'Add a user' }).click();
    const dialog = admin.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('wang.fang');
    await dialog.getByLabel('Shown name').fill('王芳');
    await dialog.getByRole('radio', { name: 'Service desk' }).check();
    await dialog.getByText('Take, assign, note and resolve incidents').waitFor();
    await dialog.getByRole('button', { name: 'Add a user' }).click();
    await dialog.getByText('wang.fang was added').waitFor();
    password = await dialog.getByLabel('Password').innerText();
    expect(password).toMatch(/^(?:[a-z2-9]{5}-){3}[a-z2-9]{5}$/);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await admin.getByRole('cell', { name: '王芳 wang.fang' }).waitFor();
    expect(await admin.locator('body').innerText()).not.toContain(password);
  });

  test('[DB63] nobody is offered to lock the own account', { timeout: 60_000 }, async () => {
    await admin.getByRole('button', { name: 'Actions for Administrator' }).click();
    const items = admin.getByRole('menuitem');
    await items.first().waitFor();
    expect(await items.allInnerTexts()).toEqual(['Change the shown name', 'Own password and sessions']);
    await admin.keyboard.press('Escape');
  });

  test('[DB60] the desk finds no way to what it may not see, and the address says why', {
    timeout: 60_000,
  }, async () => {
    desk = await signIn(browser, server, '/settings/engine', { name: 'wang.fang', password });
    desk.setDefaultTimeout(STEP_MS_MAX);
    await desk.goto('/settings');
    const sections = desk.getByRole('navigation', { name: 'Settings' }).getByRole('link');
    await sections.filter({ hasText: 'Engine' }).waitFor();
    const offered = await sections.allInnerTexts();
    for (const hidden of ['Notifications', 'Users', 'API tokens', 'Other agents', 'Audit log'])
      expect(offered).not.toContain(hidden);

    await desk.goto('/settings/users');
    await desk.getByRole('heading', { name: 'Not for this role' }).waitFor();
    await desk.getByText('The role Service desk may not do that; an administrator can grant it.').waitFor();
    expect(await desk.getByRole('button', { name: 'Add a user' }).count()).toBe(0);
  });

  test('[DB60] what is shown but not allowed cannot be pressed, and says which role may not', {
    timeout: 60_000,
  }, async () => {
    await desk.goto('/rules');
    const rule = desk.getByRole('switch').first();
    await rule.waitFor();
    expect(await rule.isDisabled()).toBe(true);
    expect(await rule.getAttribute('title')).toContain('Service desk');
  });

  test('[HT1] the server refuses by itself, whatever the page shows', { timeout: 30_000 }, async () => {
    // Run in the page, with its cookie.
    const ask = (method: string, path: string, body: object | null): Promise<Answer> =>
      desk.evaluate(
        async (what): Promise<Answer> => {
          const response = await fetch(`/api/v1${what.path}`, {
            method: what.method,
            ...(what.body === null
              ? {}
              : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(what.body) }),
          });
          const answer = (await response.json()) as { code?: string };
          return { status: response.status, code: answer.code };
        },
        { method, path, body },
      );
    const refused = { status: 403, code: 'forbidden' };
    const user = { name: 'mallory', role: 'admin', password: 'correct horse battery' };
    expect(await ask('POST', '/users', user)).toEqual(refused);
    expect(await ask('GET', '/audit', null)).toEqual(refused);
    expect(await ask('POST', '/api-tokens', { name: 'x', role: 'admin' })).toEqual(refused);
    const { items } = await server.api<{ items: { id: string }[] }>('GET', '/rules');
    expect(await ask('PATCH', `/rules/${items[0]?.id}`, { enabled: false })).toEqual(refused);
    expect((await ask('GET', '/users', null)).status).toBe(200);
  });

  test('[DB60] and takes an incident', { timeout: 60_000 }, async () => {
    const { ref } = await server.api<{ ref: string }>('POST', '/incidents', {
      title: 'Printer on floor 3 prints blank pages',
    });
    await desk.goto(`/incidents/${ref}`);
    await desk
      .getByRole('button', { name: /^Take it/ })
      .first()
      .click();
    await expect
      .poll(async () => (await server.api<{ assignee: unknown }>('GET', `/incidents/${ref}`)).assignee, {
        timeout: STEP_MS_MAX,
      })
      .toBeTruthy();
  });

  test('[AC13] signed out everywhere by the administrator, the desk stands at the door', {
    timeout: 60_000,
  }, async () => {
    await admin.getByRole('button', { name: 'Actions for 王芳' }).click();
    await admin.getByRole('menuitem', { name: 'Sign out everywhere' }).click();
    await admin.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere' }).click();
    await admin.getByText('1 session ended.').waitFor();
    // Without a click of the desk: its live view ends, and the page asks who it is.
    await desk.waitForURL((url) => url.pathname === '/sign-in', { timeout: 20_000 });
  });

  test('[DB66] the audit log says it all in sentences, and is whole', { timeout: 60_000 }, async () => {
    await admin.goto('/settings/audit');
    const log = admin.getByRole('region', { name: 'Audit log' });
    await log.getByText('Signed wang.fang out everywhere').waitFor();
    await log.getByText('Added user wang.fang as Service desk').waitFor();
    await admin.getByRole('button', { name: 'Check the chain' }).click();
    await admin.getByText(/^Whole: \d+ entries, each fits the one before\.$/).waitFor();
  });

  test('[WB3] no page on the way broke the content security policy', () => {
    expect(violations).toEqual([]);
  });
});

/** Many machines changed at once, seen at once, taken back; what was filtered is kept as a view. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, signIn } from '../browser.ts';
import {
  CHROMIUM,
  cleanUp,
  enrolmentToken,
  ROOT,
  type RunningServer,
  startServer,
  until,
} from '../harness.ts';

const MACHINES = 8;

interface Listed {
  id: string;
  name: string;
  site: string | null;
  tags: string[];
  lifecycle: string;
}

describe.skipIf(!CHROMIUM)('many machines at once', () => {
  let server: RunningServer;
  let browser: Browser | null = null;
  let page: Page;
  let fleet: ReturnType<typeof spawn> | null = null;
  const listed = async () => (await server.api<{ items: Listed[] }>('GET', '/machines')).items;
  beforeAll(async () => {
    server = await startServer({ localAgent: false });
    browser = await launchBrowser();
    fleet = spawn(
      process.execPath,
      [
        join(ROOT, 'test/sim/main.ts'),
        '--server',
        server.url,
        '--token',
        await enrolmentToken(server),
        '--agents',
        String(MACHINES),
        '--seed',
        '5',
      ],
      { cwd: ROOT, stdio: 'ignore' },
    );
    await until(async () => ((await listed()).length === MACHINES ? true : null), {
      withinMs: 60_000,
      what: 'every machine is in the list',
    });
    if (!browser) throw new Error('no browser');
    page = await signIn(browser, server, '/machines');
    await page.locator('[data-row-id]').first().waitFor();
  }, 120_000);
  afterAll(async () => {
    fleet?.kill('SIGKILL');
    await browser?.close();
    await cleanUp();
  });

  test('[DB82] [DB87] three rows by keys get a tag; Undo takes it away again', {
    timeout: 60_000,
  }, async () => {
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Shift+X');
    await page.getByText(`3 of ${MACHINES} selected`).waitFor();
    await page.getByRole('button', { name: 'Add tags' }).click();
    await page.getByRole('combobox', { name: 'Tags' }).fill('wave-1');
    await page.getByRole('button', { name: 'Change 3 machines' }).click();
    await page.getByText('3 machines changed').waitFor();
    expect((await listed()).filter(({ tags }) => tags.includes('wave-1'))).toHaveLength(3);
    await page.getByRole('button', { name: 'Undo' }).click();
    await until(async () => ((await listed()).some(({ tags }) => tags.includes('wave-1')) ? null : true), {
      withinMs: 20_000,
      what: 'the tag is gone again',
    });
  });

  test('[DB80] [DB82] a retired machine leaves the list and is found by its state', {
    timeout: 60_000,
  }, async () => {
    // By its name: the first may be another one a moment later.
    const id = await page.locator('[data-row-id]').first().getAttribute('data-row-id');
    const row = page.locator(`[data-row-id="${id ?? ''}"]`);
    await row.getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Retire or change lifecycle' }).click();
    await page.getByRole('textbox', { name: 'Reason' }).fill('worn out');
    await page.getByRole('button', { name: 'Retire 1 machine' }).click();
    await row.waitFor({ state: 'detached' });
    expect((await listed()).find((each) => each.id === id)).toMatchObject({ lifecycle: 'retired' });
    await page.goto('/machines?lifecycle=%5B%22retired%22%5D');
    await row.waitFor();
    expect(await page.locator('[data-row-id]').count()).toBe(1);
  });

  test('[DB84] the filter is kept as a view and opened by its tab', { timeout: 60_000 }, async () => {
    await page.getByRole('button', { name: 'Save as view' }).click();
    await page.getByRole('textbox', { name: 'Name of the view' }).fill('Written off');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const tab = page.getByRole('link', { name: 'Written off' });
    await tab.waitFor();
    await page.getByRole('link', { name: 'All machines' }).click();
    await page.getByText(`${MACHINES - 1} machines, problems first`).waitFor();
    await tab.click();
    await page.getByText('1 machine, problems first').waitFor();
    expect(await tab.getAttribute('aria-current')).toBe('page');
  });
});

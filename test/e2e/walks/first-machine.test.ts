/** From the first start to the first further machine: as somebody does it who has just unpacked Muster. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, signIn } from '../browser.ts';
import {
  CHROMIUM,
  cleanUp,
  figure,
  type RunningServer,
  startServer,
  temporaryFolder,
  until,
} from '../harness.ts';
import { type Inside, makeLinuxTree, startInside, treeObstacle } from '../linux-tree.ts';

const PACKAGES = { more: ['curl', 'passwd', 'mawk', 'mount'], without: ['systemd'] };

const obstacle = CHROMIUM ? treeObstacle() : 'there is no Chromium';
if (obstacle !== null) console.log(`muster: the walk to the first machine is skipped: ${obstacle}`);

describe.skipIf(obstacle !== null)('first start to first machine', () => {
  let server: RunningServer;
  let browser: Browser | null = null;
  let page: Page;
  let tree: string;
  let machine: Inside | null = null;
  beforeAll(async () => {
    server = await startServer({ localAgent: true, env: { MUSTER_ADMIN_PASSWORD: undefined } });
    browser = await launchBrowser();
    tree = join(temporaryFolder('walk'), 'root');
    makeLinuxTree(tree, PACKAGES);
    machine = await startInside(tree, 'walk-berlin-01');
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await machine?.end();
    await cleanUp();
  });

  test('[DB52] [DB202] the printed password opens an overview that leads to the next machine', {
    timeout: 60_000,
  }, async () => {
    if (!browser) throw new Error('no browser');
    const password = /^ *Password +(\S+)/m.exec(server.output())?.[1] ?? '';
    expect(password).not.toBe('');
    page = await signIn(browser, server, '/', { password });
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const guide = page.getByRole('region', { name: 'First steps' });
    await guide.getByText('this server', { exact: true }).waitFor({ timeout: 30_000 });
    await guide.locator('li[aria-current="step"]').getByText('Add 2 more machines').waitFor();
    await guide.getByRole('button', { name: 'Put away' }).click();
    await guide.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Go on with the first steps' }).click();
    await guide.getByRole('link', { name: 'Add a machine' }).click();
    await page.waitForURL('**/machines/new');
  });

  test('[DB54] [DB208] [DB348] [IS20] the copied line, run on another machine as it is, brings it in, and it is watched live', {
    timeout: 180_000,
  }, async () => {
    if (!machine) throw new Error('no machine');
    const make = page.getByRole('button', { name: 'Make the line' });
    await page.getByRole('button', { name: 'Windows', exact: true }).click();
    await page.getByRole('link', { name: 'Make a release and add it' }).waitFor();
    expect(await make.isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Linux', exact: true }).click();
    await page.getByLabel('Site', { exact: true }).fill('Berlin');
    await make.click();
    await page.getByRole('button', { name: 'Copy' }).click();
    const line = await until(() => page.evaluate<string>('navigator.clipboard.readText()'), {
      withinMs: 20_000,
      what: 'the line is copied',
    });
    expect(line).toBe(await page.getByLabel('One line to paste').innerText());
    await page.getByText(/Only this server’s own machine can follow 127\.0\.0\.1/).waitFor();

    // A person at the machine pastes it into a shell.
    writeFileSync(join(tree, 'root/pasted'), `${line}\n`);
    const startedMs = performance.now();
    const pasted = await machine.run('sh </root/pasted');
    expect([pasted.status, pasted.output]).toEqual([
      0,
      expect.stringContaining(`machine walk-berlin-01 enrolled, visible at ${server.url}`),
    ]);
    const arrived = page.getByRole('listitem').filter({ hasText: 'walk-berlin-01' }).first();
    await arrived.waitFor({ timeout: 30_000 });
    figure('line pasted to the name on the page', (performance.now() - startedMs) / 1_000, 's');
    await until(async () => (await arrived.getByText('done').count()) === 4, {
      withinMs: 40_000,
      what: 'all four steps are ticked',
    });
    await arrived.getByRole('link', { name: 'Watch it live' }).click();
    await page.waitForURL(/\/machines\/[^/]+\/live/);
    await page.getByRole('heading', { name: 'walk-berlin-01' }).waitFor();
    await page.goto('/?site=Berlin');
    await page.getByText('1 of 1 machine is as expected.').waitFor();
    await page.getByText('Add one more machine').waitFor();
  });
});

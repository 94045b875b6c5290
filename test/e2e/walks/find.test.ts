/** A machine is found by a piece of whatever stands on it, with the keyboard alone. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, signIn } from '../browser.ts';
import {
  CHROMIUM,
  cleanUp,
  enrolmentToken,
  figure,
  ROOT,
  type RunningServer,
  startServer,
  until,
} from '../harness.ts';

const MACHINES = 12;
const SEED = 77;

interface Ci {
  id: string;
  name: string;
  attributes: { serial: string; macAddresses: string[] };
}
interface Detail {
  parts: { id: string; name: string; details: { name: string; value: unknown }[] }[];
}

describe.skipIf(!CHROMIUM)('find a machine by part of a serial', () => {
  let server: RunningServer;
  let browser: Browser | null = null;
  let page: Page;
  let fleet: ReturnType<typeof spawn> | null = null;
  let machines: Ci[];
  beforeAll(async () => {
    server = await startServer();
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
        String(SEED),
      ],
      { cwd: ROOT, stdio: 'ignore' },
    );
    machines = await until(
      async () => {
        const { items } = await server.api<{ items: Ci[] }>('GET', '/cis?fields=serial,macAddresses');
        return items.filter(({ attributes }) => attributes.serial).length === MACHINES ? items : null;
      },
      { withinMs: 40_000, what: 'every machine has told its hardware' },
    );
  }, 90_000);
  afterAll(async () => {
    fleet?.kill('SIGKILL');
    await browser?.close();
    await cleanUp();
  });

  const machineAt = (index: number): Ci => {
    const machine = machines[index];
    if (!machine) throw new Error(`no machine ${index}`);
    return machine;
  };
  /** Long enough to be of one machine only, and neither its beginning nor its end. */
  const pieceOf = (serial: string) => serial.slice(4, -1);

  test('[DB188] [DB189] a piece of its serial and Enter, not waiting for the list, lead to the machine', {
    timeout: 40_000,
  }, async () => {
    if (!browser) throw new Error('no browser');
    const wanted = machineAt(5);
    page = await signIn(browser, server, '/');
    await page.getByRole('navigation', { name: 'Sections' }).waitFor();
    // The frame is drawn a moment before it listens to keys; what was read afterwards comes later.
    await page.getByRole('heading', { level: 1 }).filter({ hasText: /\p{L}/u }).waitFor();
    const startedMs = performance.now();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    await page.keyboard.type(pieceOf(wanted.attributes.serial).toLowerCase());
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/machines/${wanted.id}/live`);
    await page.getByRole('heading', { level: 1, name: wanted.name }).waitFor();
    figure('Ctrl K to the machine by a piece of its serial', performance.now() - startedMs, 'ms');
  });

  test('[DB188] the list says which field matched; arrows choose, Ctrl Enter opens beside', {
    timeout: 40_000,
  }, async () => {
    const wanted = machineAt(2);
    const [mac = ''] = wanted.attributes.macAddresses;
    await page.keyboard.press('Control+k');
    await page.keyboard.type(mac.replaceAll(':', '-').toUpperCase());
    const hit = page.getByRole('option', { name: wanted.name });
    await hit.getByText(`MAC ${mac}`).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    const [beside] = await Promise.all([
      page.context().waitForEvent('page'),
      page.keyboard.press('Control+Enter'),
    ]);
    await beside.waitForURL(`**/machines/${wanted.id}/live`);
    await beside.close();
    await page.keyboard.press('Escape');
    await page.getByRole('combobox').waitFor({ state: 'detached' });
  });

  test('[DB181] [DB188] the serial of a disk leads to the disk, and from there to its machine', {
    timeout: 40_000,
  }, async () => {
    const wanted = machineAt(7);
    const { parts } = await server.api<Detail>('GET', `/cis/${wanted.id}`);
    const serialOf = (part: Detail['parts'][number]) =>
      part.details.find(({ name }) => name === 'serial')?.value;
    const disk = parts.find((part) => typeof serialOf(part) === 'string');
    if (!disk) throw new Error('no part with a serial');
    await page.keyboard.press('Control+k');
    await page.keyboard.type(pieceOf(String(serialOf(disk))));
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/cis/${disk.id}`);
    await page.getByRole('heading', { level: 1, name: disk.name }).waitFor();
    await page.getByRole('link', { name: wanted.name }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/cis/${wanted.id}`);
  });

  test('[SE5] [DB188] a new name is found at once; without a text stands what was opened lately', {
    timeout: 40_000,
  }, async () => {
    const wanted = machineAt(5);
    await server.api('PATCH', `/cis/${wanted.id}`, { name: 'Prüfstand 9' });
    await page.keyboard.press('Control+k');
    await page.getByText('Recent', { exact: true }).waitFor();
    await page.getByRole('option', { name: wanted.name }).waitFor();
    await page.keyboard.type('prüfstand');
    await page.getByRole('option', { name: 'Prüfstand 9' }).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/machines/${wanted.id}/live`);
    const { machines: old } = await server.api<{
      machines: { items: { id: string; match: { field: string } }[] };
    }>('GET', `/search?q=${wanted.name}`);
    expect(old.items.filter(({ match }) => match.field === 'name')).toEqual([]);
  });
});

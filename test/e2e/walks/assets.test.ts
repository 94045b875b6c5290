/** An administrator keeps assets: from a spreadsheet to the label on the thing, its user, its history, and a merge taken back. */
import type { Browser, Page } from 'playwright-core';
import reader from 'jsqr';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, signIn } from '../browser.ts';
import {
  CHROMIUM,
  cleanUp,
  enrolmentToken,
  type RunningServer,
  startAgent,
  startServer,
  until,
} from '../harness.ts';
import { noOtherMachines, onMachine } from '../other-machine.ts';

const ASSETS = 200;
/** The one that its agent is installed on. */
const NUMBER = 'PC-2026-00042';
const SERIAL = 'MSTR0042';

interface Ci {
  id: string;
  name: string;
  assetNumber: string | null;
  lifecycle: string;
  agentId: string | null;
}
interface Found {
  items: { id: string; name: string }[];
}

/** The package is CommonJS: its function stands one step deeper. */
const decode = reader.default;
const SIDE_PX = 400;
/** Runs in the page: the picture on white, as numbers. */
const PIXELS = `async (image) => {
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = ${SIDE_PX};
  const context = canvas.getContext('2d');
  context.fillStyle = 'white';
  context.fillRect(0, 0, ${SIDE_PX}, ${SIDE_PX});
  context.drawImage(image, 20, 20, ${SIDE_PX - 40}, ${SIDE_PX - 40});
  return [...context.getImageData(0, 0, ${SIDE_PX}, ${SIDE_PX}).data];
}`;

function spreadsheet(): Buffer {
  const lines = Array.from({ length: ASSETS }, (_, i) => {
    const number = String(i + 1).padStart(5, '0');
    const user = i % 2 === 0 ? 'Liu Fang' : 'Wang Wei';
    return `PC-2026-${number};ws-${number};MSTR${number.slice(1)};OptiPlex 7010;31/03/2026;6.499,00;CNY;${user};HQ / Room ${(i % 5) + 1}`;
  });
  const head = 'Asset number;Name;Serial number;Model;Purchased;Cost;Currency;User;Location';
  return Buffer.from(`\uFEFF${[head, ...lines].join('\r\n')}\r\n`);
}

describe.skipIf(!CHROMIUM || noOtherMachines() !== null)('assets from a spreadsheet', () => {
  let server: RunningServer;
  let browser: Browser | null = null;
  let page: Page;
  let id = '';
  beforeAll(async () => {
    server = await startServer({ localAgent: false });
    browser = await launchBrowser();
    if (!browser) throw new Error('no browser');
    page = await signIn(browser, server, '/imports');
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await cleanUp();
  });

  test('[IM2] [IM4] [IM5] two hundred assets are tried, then imported', { timeout: 60_000 }, async () => {
    await page
      .getByLabel('File')
      .setInputFiles({ name: 'assets.csv', mimeType: 'text/csv', buffer: spreadsheet() });
    await page.getByRole('button', { name: 'Try all rows' }).click();
    await page.getByText('200 new, 0 changed, 0 unchanged, 0 with errors.').waitFor();
    expect((await server.api<{ total: number }>('GET', '/assets?limit=1')).total).toBe(0);
    await page.getByRole('button', { name: 'Import 200 rows' }).click();
    await page.getByRole('button', { name: 'Take it back' }).waitFor();
    const found = await server.api<{ id: string }>('GET', `/assets/by-number?number=${NUMBER}`);
    id = found.id;
    expect(await server.api<Ci>('GET', `/cis/${id}`)).toMatchObject({ lifecycle: 'planned', agentId: null });
  });

  test('[IM1] the agent of one is matched to it by its serial number', { timeout: 90_000 }, async () => {
    startAgent({
      server: server.url,
      token: await enrolmentToken(server),
      prefix: onMachine('ws-liufang', 'Asia/Shanghai', undefined, {
        product_serial: SERIAL,
        product_name: 'OptiPlex 7010',
        sys_vendor: 'Dell Inc.',
        chassis_type: '3',
      }),
    });
    const ci = await until(
      async () => {
        const held = await server.api<Ci>('GET', `/cis/${id}`);
        return held.agentId === null ? null : held;
      },
      { withinMs: 60_000, what: 'the agent reports as the imported asset' },
    );
    expect(ci.assetNumber).toBe(NUMBER);
    const all = await server.api<Found>('GET', '/cis?limit=500&q=MSTR0042');
    expect(all.items.map((each) => each.id)).toEqual([id]);
  });

  test('[AS50] [AS51] its label opens its record', { timeout: 60_000 }, async () => {
    await page.goto(`/cis/${id}?tab=asset`);
    await page.getByRole('link', { name: 'Label' }).click();
    const code = page.locator('img[data-code=qrcode]');
    await code.waitFor();
    const drawn = await page.evaluate(`(${PIXELS})(document.querySelector('img[data-code=qrcode]'))`);
    const read = decode(new Uint8ClampedArray(drawn as number[]), SIDE_PX, SIDE_PX);
    expect(read?.data).toBe(`${server.url}/scan/${NUMBER}`);
    await page.goto(`/scan/${NUMBER}`);
    await page.waitForURL((url) => url.pathname === `/cis/${id}`);
  });

  test('[AS20] it is moved to another user, and history says so', { timeout: 60_000 }, async () => {
    await page.goto(`/cis/${id}?tab=asset`);
    await page.getByRole('button', { name: 'Hand to somebody else' }).click();
    await page.getByRole('combobox', { name: 'User' }).fill('Chen Jie');
    await page.getByRole('button', { name: 'Hand out' }).click();
    await page.getByText('is with Chen Jie now.').waitFor();
    const asset = await server.api<{ user: { name: string } | null }>('GET', `/assets/${id}`);
    expect(asset.user?.name).toBe('Chen Jie');
    await page.goto(`/cis/${id}?tab=history`);
    await page.getByText('Chen Jie').first().waitFor();
  });

  test('[ID1] another record is merged into it, and the merge is taken back', {
    timeout: 60_000,
  }, async () => {
    const twin = await server.api<Ci>('POST', '/cis', { class: 'Workstation', name: 'ws-twin' });
    const merged = await server.api<{ merges: { id: string }[] }>('POST', '/cis/merge', {
      keep: id,
      others: [twin.id],
    });
    expect((await server.api<Found>('GET', '/cis?q=ws-twin')).items).toEqual([]);
    for (const { id: merge } of merged.merges) await server.api('POST', `/merges/${merge}/undo`);
    const back = await server.api<Found>('GET', '/cis?q=ws-twin');
    expect(back.items.map(({ name }) => name)).toEqual(['ws-twin']);
  });
});

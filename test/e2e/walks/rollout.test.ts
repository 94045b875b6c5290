/**
 * An administrator starts a rollout over 200 simulated agents, watches its rings go by, pauses and resumes it, and reads on the page that its last ring
 * failed, stopped and was rolled back, and on which machines.
 */
import type { Rollout } from '@muster/shared/api/rollouts.ts';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, signIn } from '../browser.ts';
import { CHROMIUM, cleanUp, type RunningServer, until } from '../harness.ts';
import { type RolloutFleet, startRolloutFleet } from '../rollout-fleet.ts';

const STEP_MS_MAX = 30_000;
const RING_MS_MAX = 60_000;
const AGENTS = 200;
const PILOTS = 6;
/** Far less than a list of a rollout that is over waits for its turn. */
const READ_AGAIN_MS_MAX = 5_000;

describe.skipIf(!CHROMIUM)('a rollout', () => {
  let fleet: RolloutFleet;
  let server: RunningServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    fleet = await startRolloutFleet({ agents: AGENTS, releases: [2] });
    ({ server } = fleet);
    const launched = await launchBrowser();
    if (launched === null) throw new Error('no browser');
    browser = launched;
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    fleet.stop();
    await cleanUp();
  });

  test('[DB220] the page says what runs where, and which releases there are', {
    timeout: 120_000,
  }, async () => {
    page = await signIn(browser, server, '/agents');
    page.setDefaultTimeout(STEP_MS_MAX);
    await page.getByRole('link', { name: 'Upgrades' }).click();
    await page.getByText(`${AGENTS} of ${AGENTS} agents are behind release 2.`).waitFor();
    const releases = page.getByRole('table', { name: 'Releases on this server' });
    expect(await releases.getByRole('row').count()).toBe(2);
    await page.getByText('None yet.').waitFor();
  });

  test('[DB225] it can be started only on a preview of what is typed', { timeout: 120_000 }, async () => {
    await page.getByRole('button', { name: 'Start a rollout' }).click();
    const dialog = page.getByRole('dialog', { name: 'Start a rollout' });
    const start = dialog.getByRole('button', { name: /^Start/ });
    await dialog.getByLabel('Number of pilots').fill('0');
    await dialog.getByText('A whole number from 1 to 1,000.').waitFor();
    expect(await start.isDisabled()).toBe(true);
    await dialog.getByLabel('Number of pilots').fill(String(PILOTS));
    await dialog.getByText('Gate and pace').click();
    await dialog.getByLabel('Each ring is watched for, minutes').fill('1');
    await dialog.getByLabel('Under way at once').fill('30');
    await dialog.getByLabel('Of them on one site').fill('20');
    await dialog.getByLabel('Trial on each machine, minutes').fill('1');
    await dialog.getByText(`${PILOTS} machines`).waitFor();
    await dialog.getByRole('button', { name: `Start with ${AGENTS} machines` }).click();
    await page.waitForURL(/\/agents\/upgrades\/./);
  });

  test('[DB221] [DB223] the rings go by, and the watching of each is ended by hand', {
    timeout: 3 * RING_MS_MAX,
  }, async () => {
    for (const [ring, next] of [
      ['Pilot', 'Early'],
      ['Early', 'All others'],
    ] as const) {
      const watched = page.getByText(
        new RegExp(`^Ring “${ring}” is watched until .*, then “${next}” begins.$`),
      );
      await watched.waitFor({ timeout: RING_MS_MAX });
      await page.getByRole('button', { name: 'Next ring now' }).click();
      const dialog = page.getByRole('dialog', { name: 'End the watching of this ring?' });
      await dialog.getByText(/^The next ring begins at once: \d+ machines\.$/).waitFor();
      await dialog.getByRole('button', { name: 'Next ring now' }).click();
      await dialog.waitFor({ state: 'detached' });
    }
  });

  const counts = async () => {
    const { items } = await server.api<{ items: Rollout[] }>('GET', '/rollouts');
    return items[0]?.rings[2]?.counts ?? {};
  };

  async function move(button: string, title: string): Promise<void> {
    await page.getByRole('button', { name: button }).click();
    const dialog = page.getByRole('dialog', { name: title });
    await dialog.getByRole('button', { name: button }).click();
    await dialog.waitFor({ state: 'detached' });
  }

  test('[DB221] [RO9] paused in the midst of a ring, those under way come to their end and nobody new is told; resumed, it goes on', {
    timeout: 2 * RING_MS_MAX,
  }, async () => {
    await until(async () => ((await counts()).done ?? 0) > 0, {
      withinMs: RING_MS_MAX,
      what: 'the last ring is in its midst',
    });
    await move('Pause', 'Pause the rollout?');
    const { waiting = 0 } = await counts();
    expect(waiting).toBeGreaterThan(30);
    // Each that is through would have made room for the next one.
    await page.getByText(`Nobody new is told while it is paused; ${waiting} are to come.`).waitFor();
    const held = await until(
      async () => {
        const all = await counts();
        return Object.keys(all).every((state) => state === 'waiting' || state === 'done') ? all : null;
      },
      { withinMs: RING_MS_MAX, what: 'those under way are through' },
    );
    expect(held.waiting).toBe(waiting);
    // From here on every fifth goes back by itself.
    fleet.breakEveryFifth();
    await move('Resume', 'Resume the rollout?');
    await until(async () => ((await counts()).waiting ?? 0) < waiting, {
      withinMs: RING_MS_MAX,
      what: 'those that waited are told',
    });
  });

  test('[DB221] [DB224] [DB350] the last ring fails: that it stopped and was rolled back, why, and on which machines, is read', {
    timeout: 2 * RING_MS_MAX,
  }, async () => {
    await page.getByRole('combobox', { name: 'Ring', exact: true }).selectOption('Pilot');
    await page.getByRole('alert').filter({ hasText: 'of the last ring failed, were taken back' }).waitFor({
      timeout: RING_MS_MAX,
    });
    await page.getByText('Rolled back', { exact: true }).first().waitFor({ timeout: RING_MS_MAX });
    const pilot = page.getByRole('list', { name: 'Ring' }).getByRole('listitem').filter({ hasText: 'Pilot' });
    await pilot.getByText('Rolled back', { exact: true }).waitFor();
    const rows = page.getByRole('table', { name: 'Agents of the rollout' });
    await rows
      .getByText('Returned', { exact: true })
      .nth(PILOTS - 1)
      .waitFor({ timeout: READ_AGAIN_MS_MAX });
    const trouble = page.getByRole('region', { name: 'Machines with trouble' });
    await trouble.getByText('Went back').first().waitFor();
    expect(await trouble.getByRole('link').count()).toBeGreaterThan(0);

    await page.getByRole('link', { name: 'All rollouts' }).click();
    await page.getByText('Release 2 was stopped by its gate and taken back.').waitFor();
    await page
      .getByText(/^\d+ machines are on the version before again(?:\.|; \d+ were never told\.)$/)
      .waitFor();
    expect(await page.getByRole('button', { name: 'Start a rollout' }).isEnabled()).toBe(true);
  });

  test('[DB226] an agent that went back says why, and is pinned', { timeout: 120_000 }, async () => {
    await page.getByRole('main').getByRole('link', { name: 'Agents', exact: true }).click();
    await page.getByRole('button', { name: 'went back' }).first().click();
    const dialog = page.getByRole('dialog', { name: /^Version on / });
    await dialog.getByText('Release 2 was taken back').waitFor();
    await dialog.getByLabel('Note').fill('Looked at tomorrow');
    await dialog.getByRole('button', { name: 'Pin to this version' }).click();
    await page.getByText(/ stays at its version\.$/).waitFor();
    const { items } = await server.api<{ items: { release: { pinned: boolean } | null }[] }>(
      'GET',
      '/agents?limit=500',
    );
    expect(items.filter(({ release }) => release?.pinned)).toHaveLength(1);
  });
});

/**
 * An administrator reads on the page about privacy what agents send, switches a section off, and reads on the page about agents that the
 * one agent there is works by that version, and by which values; what the agent itself says is the same.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Collected, ConfigVersion } from '@muster/shared/api/agent-config.ts';
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

const STEP_MS_MAX = 20_000;

describe.skipIf(!CHROMIUM)('the configuration of agents', () => {
  let server: RunningServer;
  let agent: RunningAgent;
  let browser: Browser | null = null;
  let page: Page;
  let machine = { id: '', name: '' };

  beforeAll(async () => {
    server = await startServer();
    agent = startAgent({ server: server.url, token: await enrolmentToken(server, { tags: ['watched'] }) });
    const chromium = await launchBrowser();
    if (chromium === null) throw new Error('there is no Chromium');
    browser = chromium;
    machine = await until(
      async () =>
        (await server.api<{ items: { id: string; name: string }[] }>('GET', '/cis?presence=up')).items[0],
      { withinMs: 60_000, what: 'the machine is up' },
    );
    await until(async () => JSON.stringify(await users()).includes('root'), {
      withinMs: 60_000,
      what: 'its accounts are there',
    });
    page = await signIn(chromium, server, '/settings/privacy');
    page.setDefaultTimeout(STEP_MS_MAX);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await cleanUp();
  });

  const users = async () =>
    (await server.api<{ data: unknown }>('GET', `/cis/${machine.id}/sections/users`)).data;

  /** What the agent itself says that it works by. */
  const own = () =>
    JSON.parse(readFileSync(join(agent.dataDir, 'status.json'), 'utf8')) as {
      intervalMs: number;
      configuration: { version: number | null; groups: string[] | null; off: { sections: string[] } };
    };

  test('[PV21] the page about privacy names every field that is sent, in both languages', {
    timeout: 120_000,
  }, async () => {
    const { kinds } = await server.api<Collected>('GET', '/settings/collected');
    await page.getByRole('heading', { level: 1, name: 'Privacy' }).waitFor();
    const closed = page.getByRole('main').locator('button[aria-expanded=false]');
    await closed.first().waitFor();
    while ((await closed.count()) > 0) await closed.first().click();
    await tellsAll(kinds, 'en');
    await page.getByRole('button', { name: '中文' }).click();
    await page.getByRole('heading', { level: 1, name: '隐私' }).waitFor();
    await tellsAll(kinds, 'zh');
    await page.getByRole('button', { name: 'English' }).click();
    const witness = page.getByRole('listitem').filter({ hasText: 'What it saw of a neighbour' });
    await witness.getByText('off by default').first().waitFor();
  });

  async function tellsAll(kinds: Collected['kinds'], language: 'en' | 'zh'): Promise<void> {
    for (const { title, fields } of kinds) {
      const rows = page.getByRole('table', { name: title[language], exact: true }).getByRole('row');
      const texts = await rows.allInnerTexts();
      for (const field of fields)
        expect(texts).toContainEqual(expect.stringMatching(wordsOf(field.title[language], field.path)));
    }
  }

  test('[CF41] what is switched off there is a version that the one agent works by, and so it says itself', {
    timeout: 120_000,
  }, async () => {
    await page.getByRole('combobox', { name: 'Accounts', exact: true }).selectOption('Off');
    await page.getByRole('button', { name: 'What changes' }).click();
    await page.getByRole('button', { name: 'Save as version 1' }).click();
    await page.getByText('Version 1 is made; agents are told now').waitFor();
    await page.getByRole('link', { name: 'Agent configuration' }).first().click();
    await page.getByText('One agent works by version 1', { exact: true }).waitFor();
    await page.getByText('All agents work by the present version.').waitFor();
    await until(() => own().configuration.version === 1, {
      withinMs: STEP_MS_MAX,
      what: 'the agent says that it works by version 1',
    });
    expect(own().configuration).toMatchObject({ groups: [], off: { sections: ['users'] } });
    await until(async () => !JSON.stringify(await users()).includes('root'), {
      withinMs: STEP_MS_MAX,
      what: 'the accounts are gone',
    });
  });

  test('[PV22] of the machine each value is shown with the group that it is of, as the agent works by it; a change is seen without a reload', {
    timeout: 120_000,
  }, async () => {
    await page.getByLabel('Machine', { exact: true }).fill(machine.name);
    await page.getByRole('button', { name: machine.name, exact: true }).click();
    await page.getByText('It is of no group. Works by version 1, told version 1').waitFor();
    const values = page.getByRole('table', { name: 'What a machine gets' });
    const row = (setting: string) =>
      values.getByRole('row').filter({ has: page.getByRole('cell', { name: setting, exact: true }) });
    const told = async (setting: string) => (await row(setting).getByRole('cell').allInnerTexts()).slice(1);
    expect(await told('Inventory: Accounts')).toEqual(['off', 'everybody']);
    expect(await told('Reads samples every')).toEqual([expect.any(String), 'default']);

    const { version, content } = await server.api<ConfigVersion>('GET', '/settings/agent-config');
    const watched = {
      name: 'watched',
      of: { tags: ['watched'], classes: [], sites: [] },
      settings: { intervalMs: 5_000 },
    };
    const body = { basedOn: version, content: { ...content, groups: [watched] } };
    await server.api('PUT', '/settings/agent-config', body);
    await page.getByText('Groups: watched Works by version 2, told version 2').waitFor();
    expect(await told('Reads samples every')).toEqual(['5 s', 'watched']);
    await until(() => own().intervalMs === 5_000, { withinMs: STEP_MS_MAX, what: 'the agent samples so' });
    expect(own().configuration).toMatchObject({ version: 2, groups: ['watched'] });
  });

  test('[CF50] [CF51] [CF52] [CF53] what another saves meanwhile and what is typed here both stand; a label that is none keeps all from being saved', {
    timeout: 120_000,
  }, async () => {
    await page.getByRole('button', { name: 'Edit watched' }).click();
    await page.getByRole('combobox', { name: 'Reports the inventory every' }).selectOption('1 h');
    const labels = page.getByRole('textbox', { name: 'Labels' });
    await labels.fill('room=12\nRoom 13');
    const next = page.getByRole('button', { name: 'What changes' });
    await page
      .getByRole('region', { name: 'not saved yet' })
      .getByText('“Room 13” is not of the form name=value')
      .waitFor();
    expect(await next.isDisabled()).toBe(true);
    expect(await page.getByRole('button', { name: 'Close watched' }).isDisabled()).toBe(true);
    await labels.fill('room=12');
    await page.getByRole('link', { name: 'Privacy', exact: true }).first().click();
    await page.getByRole('dialog', { name: 'Leave without saving?' }).getByText('Stay here').click();
    await page.getByText('Tags: watched · 1 machine').waitFor();
    await next.click();
    await page.getByText('Machines that are told something else: 1 of 1').waitFor();

    const { version, content } = await server.api<ConfigVersion>('GET', '/settings/agent-config');
    expect(version).toBe(2);
    const theirs = { ...content, everybody: { ...content.everybody, intervalMs: 15_000 } };
    await server.api('PUT', '/settings/agent-config', { basedOn: 2, content: theirs });
    const told: string[] = [];
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/ has saved version 3 meanwhile\. /).waitFor();
    expect(await dialog.getByRole('listitem').count()).toBe(2);
    await page.exposeFunction('tell', (text: string) => void told.push(text));
    await page.evaluate(`new MutationObserver((changes) => {
      for (const { addedNodes } of changes)
        for (const { textContent } of addedNodes)
          if (/meanwhile|nothing is left|is made; agents/.test(textContent)) tell(textContent);
    }).observe(document.body, { childList: true, subtree: true })`);
    await dialog.getByRole('button', { name: 'Save as version 4' }).click();
    await page.getByText('Version 4 is made; agents are told now').waitFor();
    // One's own version is nobody else's.
    expect(told).toEqual([expect.stringContaining('Version 4 is made')]);
    const saved = await server.api<ConfigVersion>('GET', '/settings/agent-config');
    expect(saved).toMatchObject({
      version: 4,
      content: {
        everybody: { intervalMs: 15_000, sections: { users: false } },
        groups: [{ settings: { intervalMs: 5_000, inventoryIntervalMs: 3_600_000, labels: { room: '12' } } }],
      },
    });
  });

  test('[PV24] the group whose switches are shown stands in the address; one that there is not is told', {
    timeout: 120_000,
  }, async () => {
    const { version } = await server.api<ConfigVersion>('GET', '/settings/agent-config');
    await server.api('PUT', '/settings/agent-config', {
      basedOn: version,
      content: {
        everybody: {},
        groups: [
          {
            name: 'Nobody',
            of: { tags: ['nobody'], classes: [], sites: [] },
            settings: { sections: { users: false } },
          },
        ],
      },
    });
    const other = await page.context().newPage();
    await other.goto(`${server.url}/settings/privacy`);
    const whose = other.getByRole('combobox', { name: 'Switches of' });
    await whose.selectOption('Nobody');
    const accounts = other.getByRole('combobox', { name: 'Accounts', exact: true });
    await expect.poll(() => accounts.inputValue(), { timeout: STEP_MS_MAX }).toBe('off');
    await accounts.selectOption('On');
    // What is not saved yet stays when another group is looked at.
    await whose.selectOption('Everybody');
    await expect.poll(() => accounts.inputValue(), { timeout: STEP_MS_MAX }).toBe('');
    await whose.selectOption('Nobody');
    await expect.poll(() => accounts.inputValue(), { timeout: STEP_MS_MAX }).toBe('on');
    await accounts.selectOption('Off');
    await other.reload();
    await expect.poll(() => accounts.inputValue(), { timeout: STEP_MS_MAX }).toBe('off');
    expect(await whose.inputValue()).toBe('Nobody');

    await other.goto(`${server.url}/settings/privacy?group=Somebody`);
    await other.getByRole('alert').getByText('There is no group “Somebody”.').waitFor();
    expect(await accounts.isDisabled()).toBe(true);
    await whose.selectOption('Everybody');
    await expect.poll(() => accounts.isEnabled(), { timeout: STEP_MS_MAX }).toBe(true);
    await expect.poll(() => new URL(other.url()).search, { timeout: STEP_MS_MAX }).toBe('');
    await other.close();
  });
});

/** The name of a field and its path, and nothing that only begins like it. */
function wordsOf(title: string, path: string): RegExp {
  const literal = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal(title)}[\\s\\S]*\\n?${literal(path)}(?:\\s|$)`);
}

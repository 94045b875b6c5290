/** At night, on a phone: an alarm arrives as a message, its link leads to the incident, a thumb takes it and writes a note. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, signIn } from '../browser.ts';
import {
  CHROMIUM,
  cleanUp,
  enrolmentToken,
  figure,
  freePort,
  type RunningServer,
  startAgent,
  startServer,
  until,
} from '../harness.ts';

interface Message {
  event: string;
  subject: string;
  incident: { ref: string; url: string };
}
interface Incident {
  assignee: string | null;
  acknowledgedAt: string | null;
  state: string;
  title: { en: string; zh: string };
  alerts: { state: string; ruleName: string }[];
  timeline: { kind: string; actor: string; text: { en: string } }[];
}

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } as const;
const STEP_MS_MAX = 20_000;
const THUMB_PX = 44;
const NOTE = 'On my way, 20 min';
const WORDS = {
  en: { take: 'Take it', taken: /^Assigned, / },
  zh: { take: '认领', taken: /^已分派，/ },
} as const;

describe.skipIf(!CHROMIUM)('an alarm on the phone', () => {
  let server: RunningServer;
  let browser: Browser | null = null;
  let receiver: Server;
  let machine = '';
  const messages: Message[] = [];
  beforeAll(async () => {
    const port = await freePort();
    server = await startServer({ port, env: { MUSTER_PUBLIC_URL: `http://127.0.0.1:${port}` } });
    receiver = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk) => (text += String(chunk)));
      request.on('end', () => {
        messages.push(JSON.parse(text) as Message);
        response.end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const { port: to } = receiver.address() as AddressInfo;
    await server.api('POST', '/notification-channels', {
      name: 'on call',
      config: { kind: 'webhook', url: `http://127.0.0.1:${to}/`, secret: null },
    });
    startAgent({ server: server.url, token: await enrolmentToken(server) });
    browser = await launchBrowser();
    const ci = await until(
      async () => (await server.api<{ items: { id: string }[] }>('GET', '/cis?presence=up')).items[0],
      { withinMs: 30_000, what: 'the machine is up' },
    );
    machine = ci.id;
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    receiver?.close();
    await cleanUp();
  });

  test.each(['en', 'zh'] as const)(
    '[DB128] from the message to the acknowledged incident, in %s',
    {
      timeout: 120_000,
    },
    async (language) => {
      if (!browser) throw new Error('no browser');
      const metric = language === 'en' ? 'memory.utilisation' : 'filesystem.utilisation';
      const message = await alarm(metric);
      const { ref, url } = message.incident;
      const path = new URL(url).pathname;
      expect(path).toBe(`/incidents/${ref}`);
      const told = await incident(ref);
      expect(message.subject).toContain(told.title.en);

      const page = await signIn(browser, server, path, {
        ...PHONE,
        locale: language === 'zh' ? 'zh-CN' : 'en-GB',
      });
      await page.request.patch(`${server.url}/api/v1/session`, { data: { language } });
      await page.reload();
      // The title's time is shown in the reader's zone; what stands before it is the same.
      const [begin = ''] = told.title[language].split(language === 'zh' ? '自 ' : ' since ');
      await expect.poll(() => page.locator('h1').innerText(), { timeout: STEP_MS_MAX }).toContain(begin);
      await fitsThumb(page, language);

      const takenMs = performance.now();
      await page.getByRole('button', { name: WORDS[language].take }).tap();
      await page.getByText(WORDS[language].taken).first().waitFor();
      figure(`"${WORDS[language].take}" to taken on the phone`, performance.now() - takenMs, 'ms');
      const taken = await incident(ref);
      expect(taken).toMatchObject({ assignee: 'admin', state: 'assigned' });
      expect(taken.acknowledgedAt).not.toBeNull();
      await until(async () => (await incident(ref)).alerts.every(({ state }) => state === 'acknowledged'), {
        withinMs: STEP_MS_MAX,
        what: 'its alerts are acknowledged',
      });

      const note = page.locator('main textarea');
      await note.fill(NOTE);
      await page.locator('main form button[type="submit"]').tap();
      await page.locator('main ol').getByText(NOTE).waitFor();
      const noted = (await incident(ref)).timeline.find(({ kind }) => kind === 'note');
      expect(noted).toMatchObject({ actor: 'user:admin', text: { en: NOTE } });
      await expect.poll(() => note.inputValue(), { timeout: STEP_MS_MAX }).toBe('');
      await page.context().close();
    },
  );

  test('[DB381] the title of a dialog and its × stand on one line', { timeout: 120_000 }, async () => {
    if (!browser) throw new Error('no browser');
    const page = await signIn(browser, server, '/incidents', PHONE);
    await page.getByRole('button', { name: /^(Report an incident|报告事件)$/ }).tap();
    const dialog = page.getByRole('dialog');
    const [title, cross] = await Promise.all([
      dialog.getByRole('heading').boundingBox(),
      dialog.getByRole('button', { name: /^(Close|关闭)$/ }).boundingBox(),
    ]);
    if (!title || !cross) throw new Error('no title or no ×');
    expect(cross.height).toBeGreaterThanOrEqual(THUMB_PX);
    expect(Math.abs(middle(title) - middle(cross))).toBeLessThan(1);
    await page.context().close();
  });

  /** A rule that is broken at once opens an incident; its message arrives at the receiver. */
  async function alarm(metric: string): Promise<Message> {
    const before = messages.length;
    await server.api('POST', '/rules', {
      name: `Walk on ${metric}`,
      // One for the machine itself is in force before those that came with the product.
      selector: { ciId: machine, instance: metric.startsWith('filesystem') ? '/' : null },
      condition: {
        type: 'threshold',
        metric,
        op: 'above',
        levels: [{ severity: 'critical', level: 0.2, clear: 0.1 }],
        forMs: 0,
        keepForMs: 60_000,
        floor: null,
      },
    });
    return until(() => messages.slice(before).find(({ event }) => event === 'incident.opened'), {
      withinMs: 30_000,
      what: 'the message has arrived',
    });
  }

  async function incident(ref: string): Promise<Incident> {
    return server.api<Incident>('GET', `/incidents/${ref}`);
  }
});

/** Nothing scrolls sideways, the clock comes before the evidence, the actions lie above the tab bar in reach of a thumb. */
async function fitsThumb(page: Page, language: 'en' | 'zh'): Promise<void> {
  const take = page.getByRole('button', { name: WORDS[language].take });
  await take.waitFor();
  const sideways = await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  expect(sideways).toBe(0);
  const button = await take.boundingBox();
  const tabs = await page.locator('nav').last().boundingBox();
  const clock = await page
    .getByRole('heading', { name: language === 'zh' ? '服务级别计时' : 'Clock' })
    .boundingBox();
  const timeline = await page
    .getByRole('heading', { name: language === 'zh' ? '时间线' : 'Timeline' })
    .boundingBox();
  if (!button || !tabs || !clock || !timeline) throw new Error('a part of the page is missing');
  expect(button.height).toBeGreaterThanOrEqual(THUMB_PX);
  expect(button.y + button.height).toBeLessThanOrEqual(tabs.y);
  expect(tabs.y - (button.y + button.height)).toBeLessThan(THUMB_PX);
  expect(clock.y).toBeLessThan(PHONE.viewport.height);
  expect(clock.y).toBeLessThan(timeline.y);
}

function middle({ y, height }: { readonly y: number; readonly height: number }): number {
  return y + height / 2;
}

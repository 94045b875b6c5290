/** A real overload of this machine becomes an incident that says why, in the browser too, and resolves when it is gone. */
import { spawn, type ChildProcess } from 'node:child_process';
import { cpus } from 'node:os';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ADMIN_PASSWORD,
  CHROMIUM,
  CHROMIUM_ARGS,
  cleanUp,
  figure,
  type RunningServer,
  startServer,
  until,
} from './harness.ts';

interface Incident {
  id: string;
  ref: string;
  state: string;
  title: { en: string; zh: string };
  why: { en: string; zh: string };
  openedAt: string;
  breachedAt: string;
  resolvedAt: string | null;
  ci: { id: string };
  evidence: {
    series: { metric: string; source: string; data: { points: number[][] }[] }[];
    topProcesses: { items: { name: string }[] } | null;
  } | null;
}
interface Rule {
  id: string;
  condition: {
    type: string;
    metric?: string;
    levels: { severity: string; level: number; clear: number }[];
    forMs: number;
    keepForMs: number;
  };
}

const FOR_MS = 10_000;
const KEEP_FOR_MS = 10_000;
const INTERVAL_MS = 10_000;
/** More than there are processors, so that they wait for each other: a busy one alone is no trouble. */
const BURNERS_PER_CPU = 4;
const PAGE_MS_MAX = 30_000;

describe('overload', () => {
  let server: RunningServer;
  let burners: ChildProcess[] = [];
  let browser: Browser | null = null;
  beforeAll(async () => {
    server = await startServer({ localAgent: true });
    if (CHROMIUM) browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS });
  });
  afterAll(async () => {
    for (const child of burners) child.kill('SIGKILL');
    await browser?.close();
    await cleanUp();
  });

  test('a CPU burn opens an incident in time, with evidence; its end resolves it', {
    timeout: 360_000,
  }, async () => {
    const rule = await cpuRule(server);
    await server.api('PATCH', `/rules/${rule.id}`, {
      condition: {
        ...rule.condition,
        forMs: FOR_MS,
        keepForMs: KEEP_FOR_MS,
        levels: [{ severity: 'warning', level: 80, clear: 60 }],
      },
    });
    await until(
      async () => (await server.api<{ items: unknown[] }>('GET', '/cis?presence=up')).items.length > 0,
      { withinMs: 60_000, what: 'this machine is up' },
    );

    const burnMs = Date.now();
    burners = Array.from({ length: BURNERS_PER_CPU * cpus().length }, () =>
      spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
    );
    const opened = await until(async () => (await open(server)).find(({ title }) => /CPU/.test(title.en)), {
      withinMs: 90_000,
      what: 'the incident is open',
      everyMs: 200,
    });
    const breachedMs = Date.parse(opened.breachedAt);
    const afterBreachMs = Date.parse(opened.openedAt) - breachedMs;
    figure('burn to incident', (Date.parse(opened.openedAt) - burnMs) / 1_000, 's');
    figure('first breaching sample to incident', afterBreachMs / 1_000, 's');
    expect(afterBreachMs).toBeLessThanOrEqual(FOR_MS + INTERVAL_MS + 1_000);
    expect(opened.title.zh).toMatch(/CPU/);
    expect(opened.why.en).toMatch(/impact/);

    const withEvidence = await until(
      async () => {
        const one = await server.api<Incident>('GET', `/incidents/${opened.id}`);
        return one.evidence?.topProcesses ? one : null;
      },
      { withinMs: 60_000, what: 'the evidence holds the top processes' },
    );
    expect(withEvidence.evidence?.topProcesses?.items.some(({ name }) => name.startsWith('node'))).toBe(true);
    expect(withEvidence.evidence?.series.map(({ metric }) => metric)).toContain('cpu.utilisation');
    expect(withEvidence.evidence?.series.some(({ source }) => source === 'flight')).toBe(true);

    if (browser) {
      for (const [language, word] of [
        ['en', 'CPU'],
        ['zh-CN', 'CPU'],
      ] as const)
        await expectOnPage(browser, server, opened.ref, language, word);
      // Since when it is so stands there in the reader's zone.
      const [zh = '?'] = opened.title.zh.split('自 ');
      const [en = '?'] = opened.title.en.split(' since ');
      await expectOnPage(browser, server, opened.ref, 'zh-CN', zh);
      await expectOnPage(browser, server, opened.ref, 'en', en);
    }

    for (const child of burners) child.kill('SIGKILL');
    const goneMs = Date.now();
    const resolved = await until(
      async () => {
        const one = await server.api<Incident>('GET', `/incidents/${opened.id}`);
        return one.resolvedAt === null ? null : one;
      },
      { withinMs: 120_000, what: 'the incident is resolved' },
    );
    figure('end of the burn to resolved', (Date.parse(resolved.resolvedAt ?? '') - goneMs) / 1_000, 's');
    expect(resolved.state).toBe('resolved');
    expect(await open(server)).toEqual([]);
  });
});

async function open(server: RunningServer): Promise<Incident[]> {
  return (await server.api<{ items: Incident[] }>('GET', '/incidents?state=open')).items;
}

async function cpuRule(server: RunningServer): Promise<Rule> {
  const { items } = await server.api<{ items: Rule[] }>('GET', '/rules?limit=500');
  const machine = await until(
    async () => (await server.api<{ items: { class: string }[] }>('GET', '/cis')).items[0],
    { withinMs: 60_000, what: 'this machine is known' },
  );
  const rule = items.find(
    (one) =>
      one.condition.metric === 'cpu.utilisation' &&
      (
        (one as unknown as { selector: { class: string[] | null } }).selector.class ?? [machine.class]
      ).includes(machine.class),
  );
  if (!rule) throw new Error('no CPU rule applies to this machine');
  return rule;
}

async function expectOnPage(
  browser: Browser,
  server: RunningServer,
  ref: string,
  language: 'en' | 'zh-CN',
  words: string,
): Promise<void> {
  const context = await browser.newContext({ locale: language });
  try {
    const page = await context.newPage();
    await page.goto(`${server.url}/incidents/${ref}`);
    await page.locator('input[name="username"]').fill('admin');
    await page.locator('input[name="password"]').fill(ADMIN_PASSWORD);
    await page.locator('button[type="submit"]').click();
    await page.waitForURL(`**/incidents/${ref}`);
    // The account has one language; this page is to be read in the other too.
    await page.request.patch(`${server.url}/api/v1/session`, {
      data: { language: language === 'en' ? 'en' : 'zh' },
    });
    await page.reload();
    await page.locator('h1').first().waitFor();
    // A browser begins in the language that it spoke last, until it is told who reads.
    await expect
      .poll(() => page.locator('body').innerText(), { timeout: PAGE_MS_MAX, interval: 500 })
      .toContain(words);
  } finally {
    await context.close();
  }
}

/**
 * Pictures of every page × language × theme × width from the built dashboard on the mock server, with axe and the
 * content security policy watched: `node dashboard/screenshots.ts OUT_DIR [--only NAME] [--quick] [--axe] [--dist DIR]`.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type Page } from 'playwright-core';
import { MOCK_ACCOUNT, startMock, type Mock } from './mock/server.ts';

const CHROMIUM = '/usr/bin/chromium';
/** Long enough for the first live seconds to arrive. */
const SETTLE_MS = 3_500;

interface Shot {
  readonly name: string;
  readonly path: string;
  readonly signedIn?: false;
  readonly size?: 'new';
  /** Only what the window shows: virtual rows do not grow with the picture. */
  readonly window?: true;
  readonly act?: (page: Page) => Promise<void>;
}

const SHOTS: readonly Shot[] = [
  { name: 'sign-in', path: '/sign-in', signedIn: false },
  { name: 'overview', path: '/' },
  { name: 'overview-new', path: '/', size: 'new' },
  { name: 'machines', path: '/machines', window: true },
  { name: 'machines-empty', path: '/machines?q=nothing-like-this' },
  { name: 'machine-live', path: '/machines/ci_0001/live' },
  { name: 'machine-day', path: '/machines/ci_0001/live?range=24h' },
  { name: 'machine-hardware', path: '/machines/ci_0001/hardware' },
  { name: 'machine-software', path: '/machines/ci_0001/software', window: true },
  { name: 'machine-changes', path: '/machines/ci_0001/changes' },
  { name: 'machine-availability', path: '/machines/ci_0006/availability' },
  { name: 'machine-incidents', path: '/machines/ci_0001/incidents' },
  { name: 'machine-silent', path: '/machines/ci_0006/live' },
  { name: 'incidents', path: '/incidents' },
  { name: 'incident', path: '/incidents/INC-0038' },
  { name: 'incident-outage', path: '/incidents/INC-0041' },
  { name: 'add-machine', path: '/machines/new' },
  { name: 'rules', path: '/rules' },
  { name: 'agents', path: '/agents', window: true },
  { name: 'account', path: '/account' },
  { name: 'not-found', path: '/nowhere' },
  { name: 'palette', path: '/machines', act: (page) => page.keyboard.press('Control+k') },
];

const [outDir = '.', ...flags] = process.argv.slice(2);
const option = (name: string) => (flags.includes(name) ? flags[flags.indexOf(name) + 1] : undefined);
const only = option('--only')?.split(',');
const quick = flags.includes('--quick');
const axe = flags.includes('--axe');
const distDir = option('--dist') ?? join(import.meta.dirname, 'dist');

const mocks = new Map<string, Mock>();
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
await mkdir(outDir, { recursive: true });
let faults = 0;
for (const language of ['en', 'zh'] as const) {
  for (const theme of ['light', 'dark'] as const) {
    if (quick && (language === 'en') !== (theme === 'light')) continue;
    for (const width of [1440, 390]) await photograph(browser, language, theme, width);
  }
}
await browser.close();
for (const mock of mocks.values()) await mock.close();
process.stdout.write(`${faults} faults\n`);
process.exitCode = faults === 0 ? 0 : 1;

async function photograph(
  from: Browser,
  language: 'en' | 'zh',
  theme: 'light' | 'dark',
  width: number,
): Promise<void> {
  for (const shot of SHOTS) {
    if (only && !only.includes(shot.name)) continue;
    const mock = await mockOf(shot.size ?? 'full', language);
    const context = await from.newContext({
      baseURL: `http://127.0.0.1:${mock.port}`,
      viewport: { width, height: width === 390 ? 844 : 900 },
      colorScheme: theme,
      locale: language === 'zh' ? 'zh-CN' : 'en-GB',
      timezoneId: 'Asia/Shanghai',
      ...(width === 390 ? { hasTouch: true, isMobile: true } : {}),
    });
    const label = `${shot.name}-${language}-${theme}-${width}`;
    const page = await context.newPage();
    const report = (text: string) => {
      faults += 1;
      process.stdout.write(`${label}: ${text}\n`);
    };
    page.on('console', (message) => {
      const expected = shot.signedIn === false && message.text().includes('401');
      if (!expected && (message.type() === 'error' || message.type() === 'warning'))
        report(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => report(`error: ${error.message}`));
    if (shot.signedIn !== false) {
      await context.request.post('/api/v1/session', { data: MOCK_ACCOUNT });
      await context.request.patch('/api/v1/session', { data: { language } });
    }
    await page.goto(shot.path);
    await page.waitForTimeout(SETTLE_MS);
    await shot.act?.(page);
    if (shot.act) await page.waitForTimeout(600);
    const sideways = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    if (sideways > 0) report(`scrolls sideways by ${sideways} px`);
    await page.screenshot({
      path: join(outDir, `${label}.png`),
      fullPage: shot.act === undefined && !shot.window,
    });
    if (axe) {
      const { violations } = await new AxeBuilder({ page }).analyze();
      for (const { id, nodes } of violations)
        report(
          `axe ${id}: ${nodes
            .slice(0, 3)
            .map((node) => node.html.slice(0, 160))
            .join(' | ')}`,
        );
    }
    await context.close();
  }
}

async function mockOf(size: 'full' | 'new', language: 'en' | 'zh'): Promise<Mock> {
  const key = `${size} ${language}`;
  const mock = mocks.get(key) ?? (await startMock({ port: 0, size, distDir, language }));
  mocks.set(key, mock);
  return mock;
}

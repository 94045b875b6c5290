/**
 * Lighthouse on the pages of a server with an agent of this machine:
 *
 *   node test/bench/lighthouse.ts [--pages /,/machines] [--form desktop|mobile] [--url URL --password PASSWORD] [--json FILE]
 *
 * Lighthouse is fetched by npm when it is asked for; it is no dependency of the project. Prints the three scores of each
 * page and every audit that is not perfect. The exit code is 1 where accessibility or best practices are below 100.
 */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { chromium } from 'playwright-core';
import {
  ADMIN_PASSWORD,
  CHROMIUM,
  CHROMIUM_ARGS,
  cleanUp,
  freePort,
  startServer,
  temporaryFolder,
  until,
} from '../e2e/harness.ts';

const LIGHTHOUSE = 'lighthouse@13.5.0';
const CATEGORIES = ['performance', 'accessibility', 'best-practices'] as const;
const PAGES = [
  '/',
  '/incidents',
  '/alerts',
  '/machines',
  '/machines/new',
  '/machines/:id/live',
  '/machines/:id/hardware',
  '/availability',
  '/capacity',
  '/cis',
  '/rules',
  '/rules/new',
  '/agents',
  '/settings/notify',
  '/settings/users',
  '/settings/tokens',
  '/settings/engine',
  '/settings/audit',
  '/help',
  '/account',
  '/wall',
];

interface Report {
  readonly categories: Record<string, { readonly score: number | null }>;
  readonly audits: Record<
    string,
    {
      readonly id: string;
      readonly title: string;
      readonly score: number | null;
      readonly displayValue?: string;
    }
  >;
}

const run = promisify(execFile);
const { values } = parseArgs({
  options: {
    pages: { type: 'string' },
    form: { type: 'string', default: 'desktop' },
    url: { type: 'string' },
    password: { type: 'string', default: ADMIN_PASSWORD },
    json: { type: 'string' },
  },
});
if (!CHROMIUM) throw new Error('Chromium is missing: apt-get install chromium');

try {
  const url = values.url ?? (await startServer({ localAgent: true })).url;
  const port = await freePort();
  const context = await chromium.launchPersistentContext(temporaryFolder('lighthouse'), {
    executablePath: CHROMIUM,
    args: [...CHROMIUM_ARGS, `--remote-debugging-port=${port}`],
    baseURL: url,
  });
  const page = await context.newPage();
  await page.goto('/sign-in');
  const rows: [string, Record<string, number | null>][] = [['/sign-in', await audit(`${url}/sign-in`, port)]];
  await page.locator('input[name="username"]').fill('admin');
  await page.locator('input[name="password"]').fill(values.password);
  await page.locator('button[type="submit"]').click();
  await page.waitForURL('**/');
  const machine = await until(
    async () =>
      (
        (await (await context.request.get('/api/v1/cis?limit=1')).json()) as {
          items: { id: string }[];
        }
      ).items[0]?.id,
    { withinMs: 60_000, what: 'a machine is known' },
  );
  for (const path of values.pages?.split(',') ?? PAGES)
    rows.push([path, await audit(url + path.replace(':id', machine), port)]);
  await context.close();
  if (values.json) writeFileSync(values.json, `${JSON.stringify(Object.fromEntries(rows), null, 2)}\n`);
} finally {
  await cleanUp();
}

async function audit(address: string, port: number): Promise<Record<string, number | null>> {
  const file = join(temporaryFolder('lighthouse-report'), 'report.json');
  await run('npm', [
    'exec',
    '--yes',
    `--package=${LIGHTHOUSE}`,
    '--',
    'lighthouse',
    address,
    `--port=${port}`,
    '--disable-storage-reset',
    '--quiet',
    `--only-categories=${CATEGORIES.join(',')}`,
    ...(values.form === 'desktop' ? ['--preset=desktop'] : []),
    '--output=json',
    `--output-path=${file}`,
  ]);
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  const scores = Object.fromEntries(
    CATEGORIES.map((name) => {
      const score = report.categories[name]?.score ?? null;
      return [name, score === null ? null : Math.round(score * 100)];
    }),
  );
  console.log(
    `${new URL(address).pathname.padEnd(44)} ${CATEGORIES.map((name) => String(scores[name]).padStart(4)).join(' ')}`,
  );
  for (const { id, title, score, displayValue } of Object.values(report.audits))
    if (score !== null && score < 0.9)
      console.log(`    ${score.toFixed(2)} ${id}: ${title} ${displayValue ?? ''}`);
  if ((scores['accessibility'] ?? 0) < 100 || (scores['best-practices'] ?? 0) < 100) process.exitCode = 1;
  return scores;
}

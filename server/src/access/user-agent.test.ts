import { expect, test } from 'vitest';
import { browserOf } from './user-agent.ts';

const windows = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)';
const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)';

test.each([
  [`${windows} ${webkit} Chrome/142.0.0.0 Safari/537.36`, 'Chrome 142', 'Windows'],
  [`${windows} ${webkit} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0`, 'Edge 142', 'Windows'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0', 'Firefox 145', 'Linux'],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15',
    'Safari 26',
    'macOS',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
    'Safari 18',
    'iOS',
  ],
  [
    `Mozilla/5.0 (Linux; Android 15; SM-S921B) ${webkit} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
    'Samsung Internet 28',
    'Android',
  ],
  [
    `Mozilla/5.0 (Phone; OpenHarmony 5.0) ${webkit} Chrome/132.0.0.0 Safari/537.36 ArkWeb/6.0`,
    'Chrome 132',
    'HarmonyOS',
  ],
  ['curl/8.5.0', 'curl 8', ''],
  ['', '', ''],
  ['<script>alert(1)</script>', '', ''],
])('[AC13] a session is recognised by browser and system: %s', (header, browser, system) => {
  expect(browserOf(header)).toEqual({ browser, system });
});

test('[AC13] a header made to be long names nothing long and takes time by its length, not by its square', () => {
  const digits = '1'.repeat(500_000);
  const before = performance.now();
  expect(browserOf(`Firefox/${digits}`)).toEqual({ browser: '', system: '' });
  expect(browserOf(`Version/${digits} `).browser).toBe('');
  expect(browserOf('Version/1'.repeat(60_000)).browser).toBe('');
  // By its square it would be minutes.
  expect(performance.now() - before).toBeLessThan(5_000);
});

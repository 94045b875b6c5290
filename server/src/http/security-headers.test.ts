import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { securityHeaders } from './security-headers.ts';

test('[WB3] the headers, one by one', () => {
  expect(securityHeaders(false)).toEqual({
    'content-security-policy': expect.any(String),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(self), geolocation=(), microphone=()',
  });
  expect(Object.keys(securityHeaders(true))).toContain('strict-transport-security');
});

test('[WB3] the policy lets nothing in from elsewhere and nothing inline', () => {
  const policy = new Map(
    (securityHeaders(false)['content-security-policy'] ?? '').split('; ').map((directive) => {
      const [name = '', ...sources] = directive.split(' ');
      return [name, sources.join(' ')];
    }),
  );
  for (const name of ['default-src', 'script-src', 'style-src', 'font-src', 'connect-src', 'form-action']) {
    expect([name, policy.get(name)]).toEqual([name, "'self'"]);
  }
  expect(policy.get('img-src')).toBe("'self' data:");
  for (const name of ['object-src', 'base-uri', 'frame-ancestors']) {
    expect([name, policy.get(name)]).toEqual([name, "'none'"]);
  }
});

test('[WB3] the page itself has neither script nor style nor handler of its own', () => {
  const page = readFileSync(new URL('../../../dashboard/index.html', import.meta.url), 'utf8');
  expect(page).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:/i);
  for (const [, attributes = '', inside = ''] of page.matchAll(/<script([^>]*)>([^<]*)<\/script>/gi)) {
    expect(attributes).toMatch(/\ssrc="\//);
    expect(inside.trim()).toBe('');
  }
});

import { expect, test } from 'vitest';
import { AppError, ERRORS, type ErrorCode } from '../errors.ts';
import { errorIndex, errorText } from './error-texts.ts';
import { problemOf } from './problem.ts';
import { createTestWeb } from './testing.ts';

test.each(Object.keys(ERRORS) as ErrorCode[])(
  '[HT20] the type of %s leads to what happened and what to do',
  async (code) => {
    const { web } = await createTestWeb({});
    const answer = await web.fetch(
      new Request(`http://muster.test${problemOf(new AppError(code, 'x'), 'r').type}`),
    );
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    const text = await answer.text();
    for (const words of [code, String(ERRORS[code].status), ERRORS[code].title, ERRORS[code].hint])
      expect(text).toContain(words);
    expect(errorIndex()).toContain(`/docs/errors/${code} `);
  },
);

test('[HT20] a code that is none is a problem, and the list of all is served', async () => {
  const { web } = await createTestWeb({});
  const none = await web.fetch(new Request('http://muster.test/docs/errors/constructor'));
  expect([none.status, await none.json()]).toEqual([404, expect.objectContaining({ code: 'not-found' })]);
  const all = await web.fetch(new Request('http://muster.test/docs/errors'));
  expect(await all.text()).toBe(errorIndex());
});

test('[HT21] whoever is not signed in is told how to, with curl and with a token', async () => {
  const { web } = await createTestWeb({});
  const answer = await web.fetch(new Request('http://muster.test/metrics'));
  const { hint, type } = (await answer.json()) as { hint: string; type: string };
  expect(hint).toMatch(/Authorization: Bearer.*Settings, API tokens.*POST \/api\/v1\/session/);
  expect(errorText(type.slice('/docs/errors/'.length))).toMatch(/curl -c session .*\/api\/v1\/session\n/);
});

test('[HT22] a wrong address below /api is told as an address, with the document that lists all', async () => {
  const { web } = await createTestWeb({});
  for (const path of ['/api', '/api/v1', '/api/v1/machine', '/api/v2/users']) {
    const answer = await web.fetch(new Request(`http://muster.test${path}`));
    expect([path, answer.status, await answer.json()]).toEqual([
      path,
      404,
      expect.objectContaining({
        code: 'not-found',
        detail: expect.stringContaining(path),
        hint: expect.stringContaining('/api/v1/openapi.json'),
      }),
    ]);
  }
});

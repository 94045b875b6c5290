import { expect, test } from 'vitest';
import { type KeptOut, SECRET_KEPT } from '@muster/shared/api/remote-write.ts';
import {
  conditionsFrom,
  conditionsText,
  isPathAnswer,
  isWithoutPath,
  labelsFrom,
  mainReason,
  prometheusLines,
  senderLook,
} from './exchangeText.ts';
import { bodyOf, draftOf, EMPTY_DRAFT, refusedFields } from './targetDraft.ts';

test('[RW12] conditions are read as they are written', () => {
  const text = 'device!=loop*|ram*, job=node, env=';
  const conditions = conditionsFrom(text);
  expect(conditions).toEqual([
    { label: 'device', is: 'none-of', values: ['loop*', 'ram*'] },
    { label: 'job', is: 'one-of', values: ['node'] },
    { label: 'env', is: 'one-of', values: [''] },
  ]);
  expect(conditionsText(conditions ?? [])).toBe(text);
  expect(conditionsFrom('')).toEqual([]);
  for (const wrong of ['job', '=x', '9a=b', 'a-b=c'])
    expect([wrong, conditionsFrom(wrong)]).toEqual([wrong, null]);
});

test('[RW30] labels of a target are read as they are typed, with commas of either language', () => {
  expect(labelsFrom('site=北京，env = prod')).toEqual([
    { name: 'site', value: '北京' },
    { name: 'env', value: 'prod' },
  ]);
  expect(labelsFrom('site')).toBeNull();
  expect(labelsFrom('si-te=x')).toBeNull();
});

test('[RW17] the lines for a sender name this server, or say what to put in its place', () => {
  expect(prometheusLines('https://m.example/api/v1/write')).toContain(
    '- url: https://m.example/api/v1/write\n',
  );
  expect(prometheusLines(null)).toContain('https://SERVER:8420/');
});

test('[RW17] a sender of whose samples none is stored does not look well', () => {
  expect(senderLook({ refusal: null, samples: 3_785, stored: 0 })).toBe('nothing');
  expect(senderLook({ refusal: null, samples: 3_785, stored: 1 })).toBe('good');
  expect(senderLook({ refusal: null, samples: 0, stored: 0 })).toBe('good');
  expect(senderLook({ refusal: 'busy', samples: 3_785, stored: 0 })).toBe('bad');
});

test('[RW17] why nothing is stored: a machine that is not found counts more than metrics that nothing maps', () => {
  const why = (...all: KeptOut[]) => mainReason({ keptOut: all.map((one) => ({ why: one })), ahead: 0 });
  expect(why('no-line', 'conditions', 'machine-unknown')).toBe('machine-unknown');
  expect(why('no-line', 'agent-reports')).toBe('agent-reports');
  expect(why('no-line')).toBe('no-line');
  expect(why()).toBeNull();
  const ahead = (...all: KeptOut[]) => mainReason({ keptOut: all.map((one) => ({ why: one })), ahead: 1 });
  expect([ahead(), ahead('no-line'), ahead('no-line', 'machine-unknown')]).toEqual([
    'ahead',
    'ahead',
    'machine-unknown',
  ]);
});

test('[RW46] an address without a path gets a hint, and so does an answer that means the same', () => {
  for (const bare of [
    'http://127.0.0.1:19191',
    'https://tsdb.example/',
    ' https://tsdb.example ',
    'http://[::1]:80',
  ])
    expect([bare, isWithoutPath(bare)]).toEqual([bare, true]);
  for (const other of ['', 'http://', 'tsdb', 'ftp://tsdb.example', 'https://tsdb.example/api/v1/push'])
    expect([other, isWithoutPath(other)]).toEqual([other, false]);
  expect(
    ['HTTP 404: not found', 'HTTP 405', 'HTTP 4040', 'HTTP 401', 'see HTTP 404'].map(isPathAnswer),
  ).toEqual([true, true, false, false, false]);
});

test('[RW45] a kept secret goes back as its mask, a new one as it is', () => {
  const draft = { ...EMPTY_DRAFT, name: 'x', url: 'https://t.example/write' };
  const auth = (change: object) => {
    const made = bodyOf({ ...draft, ...change });
    return 'body' in made ? made.body.auth : made.wrong;
  };
  expect(auth({})).toEqual({ kind: 'none' });
  expect(auth({ auth: 'bearer', secretKept: true })).toEqual({ kind: 'bearer', token: SECRET_KEPT });
  expect(auth({ auth: 'bearer', secretKept: true, secret: 'new' })).toEqual({ kind: 'bearer', token: 'new' });
  expect(auth({ auth: 'bearer' })).toEqual({ secret: 'exchange.wrong.token' });
  expect(auth({ auth: 'basic' })).toEqual({ user: 'exchange.wrong.user' });
  expect(auth({ url: 'https://a:b@t.example/' })).toEqual({ url: 'exchange.wrong.url' });
  const status = {} as never;
  const shown = {
    id: 'rwt_1',
    status,
    name: 'x',
    url: 'https://t.example/write',
    enabled: true,
    auth: { kind: 'basic' as const, user: 'me', password: SECRET_KEPT },
    labels: [{ name: 'a', value: 'b' }],
    metrics: ['cpu.*', 'disk.read'],
    classes: [],
  };
  const { id: _id, status: _status, ...fields } = shown;
  expect(bodyOf(draftOf(shown))).toEqual({ body: fields });
});

test('[RW46] what is wrong with a target is said at its field, whether the page or the server finds it', () => {
  const draft = { ...EMPTY_DRAFT, name: 'x', url: 'https://t.example/write' };
  const wrong = (change: object) => {
    const made = bodyOf({ ...draft, ...change });
    return 'wrong' in made ? made.wrong : null;
  };
  expect(wrong({ metrics: 'x'.repeat(129) })).toEqual({ metrics: 'exchange.wrong.metrics' });
  expect(wrong({ classes: 'x'.repeat(65) })).toEqual({ classes: 'exchange.wrong.classes' });
  expect(wrong({ labels: `a=${'x'.repeat(257)}` })).toEqual({ labels: 'exchange.wrong.labels' });
  expect(wrong({ labels: Array.from({ length: 17 }, (_, i) => `l${i}=x`).join() })).toEqual({
    labels: 'exchange.wrong.labels',
  });
  const paths = (...all: string[]) => all.map((path) => ({ path, message: '' }));
  expect(refusedFields('input-invalid', paths('body.metrics.3', 'body.url'))).toEqual({
    metrics: 'exchange.wrong.metrics',
    url: 'exchange.wrong.url',
  });
  for (const path of ['body.auth.token', 'body.auth.password'])
    expect(refusedFields('input-invalid', paths(path))).toEqual({ secret: 'exchange.wrong.secretAgain' });
  expect(refusedFields('input-invalid', paths('body.auth.user'))).toEqual({ user: 'exchange.wrong.user' });
  expect(refusedFields('name-taken', undefined)).toEqual({ name: 'exchange.wrong.nameTaken' });
  expect(refusedFields('input-invalid', paths('body.enabled'))).toEqual({});
  expect(refusedFields('write-targets-full', undefined)).toEqual({});
});

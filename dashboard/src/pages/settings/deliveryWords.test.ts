import { expect, test } from 'vitest';
import { failureWords } from './deliveryWords.ts';

test.each([
  ['fetch failed: connect ECONNREFUSED 127.0.0.1:1', 'refused'],
  ['bad port: nothing is sent to port 25', 'badPort'],
  ['fetch failed: getaddrinfo ENOTFOUND chat.invalid', 'unknownName'],
  ['The operation was aborted due to timeout', 'timeout'],
  ['the mail server did not finish within 60 s', 'timeout'],
  ['fetch failed: self-signed certificate', 'certificate'],
  ['HTTP 302', 'redirect'],
  ['HTTP 403: invalid token', 'forbidden'],
  ['HTTP 503: busy', 'theirFault'],
  ['Invalid login: 535 5.7.8 Error: authentication failed', 'login'],
  ["Can't send mail - all recipients were rejected: 550 5.1.1 unknown user", 'recipient'],
])('[DB191] %j is said in words', (answer, why) => {
  expect(failureWords(answer)).toBe(`settings.notify.why.${why}`);
});

test('[DB191] an answer that is not known stands for itself', () => {
  expect(failureWords('HTTP 200: ok')).toBeUndefined();
});

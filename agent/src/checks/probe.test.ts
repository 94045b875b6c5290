import { expect, test } from 'vitest';
import { answerProblem } from './probe.ts';

test('[CK1] dns: one of the answers is the expected one, whatever the case and the last dot', () => {
  expect(answerProblem(['192.0.2.1', '192.0.2.2'], '192.0.2.2')).toBeNull();
  expect(answerProblem(['WWW.example.org'], 'www.example.org.')).toBeNull();
  expect(answerProblem([['v=spf1 ', '-all']], 'v=spf1 -all')).toBeNull();
  expect(answerProblem([{ exchange: 'mx.example.org', priority: 10 }], 'mx.example.org')).toBeNull();
  expect(answerProblem(['192.0.2.1'], null)).toBeNull();
});

test('[CK20] of answers that are others the words hold the number alone', () => {
  expect(answerProblem([['secret=1'], ['secret=2']], 'v=spf1 -all')).toBe(
    '2 answers, none of which is v=spf1 -all',
  );
  expect(answerProblem(['10.9.8.7'], '192.0.2.1')).toBe('1 answer, none of which is 192.0.2.1');
});

import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { followSupervisor } from './supervisor.ts';

async function told(text: string): Promise<string[]> {
  const words: string[] = [];
  const input = new PassThrough();
  followSupervisor(input, {
    stop: (reason) => words.push(`stop ${reason}`),
    sleep: () => words.push('sleep'),
    wake: () => words.push('wake'),
  });
  input.end(text);
  await new Promise((resolve) => input.once('close', resolve));
  return words;
}

test.each(['shutdown', 'restart', 'stop', 'upgrade', 'uninstall'])(
  '[WI5] told to stop for %s',
  async (reason) => {
    expect(await told(`${reason}\r\n`)).toEqual([`stop ${reason}`, 'stop stop']);
  },
);

test('[WI6] sleep and waking are told as such', async () => {
  expect(await told('sleep\nresume\nsleep\n')).toEqual(['sleep', 'wake', 'sleep', 'stop stop']);
});

test('[WI5] a service that is gone is a reason to stop, and a word that nobody knows is none', async () => {
  expect(await told('dance\n\n')).toEqual(['stop stop']);
});

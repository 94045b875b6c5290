import { expect, test } from 'vitest';
import { commandByHand, loopbackIn, loopbackOf } from './commands.ts';

test('[DB208] a line that only the server’s own machine can follow is known', () => {
  expect(loopbackIn('curl … | sh -s -- --server http://127.0.0.1:8420 --tls none')).toBe('127.0.0.1');
  expect(loopbackIn('agent run --server https://localhost:8420')).toBe('localhost');
  expect(loopbackIn("& $s -Server 'http://127.0.0.1:8420' -Tls none")).toBe('127.0.0.1');
  expect(loopbackIn('agent run --server http://[::1]:8420 --token x')).toBe('[::1]');
  expect(loopbackIn('agent run --server https://muster.example --token x')).toBeNull();
  expect(loopbackIn('agent run --server https://localhost.example --token x')).toBeNull();
  expect(loopbackIn('agent run --server http://10.1.127.0:8420')).toBeNull();
});

test('[DB208] the command by hand is whole: it has the key of the server, and says so where nothing is encrypted', () => {
  expect(commandByHand('https://muster.example', 'KEY', 'mst_1')).toBe(
    'echo mst_1 | npm run muster -- agent run --server https://muster.example --server-key KEY --token-file -',
  );
  expect(commandByHand('http://10.0.0.5:8420', 'KEY', 'mst_1')).toContain(' --insecure ');
  expect(commandByHand('http://127.0.0.1:8420', 'KEY', 'mst_1')).not.toContain('--insecure');
});

test('[DB354] a page that is open under an address of its own machine is known', () => {
  expect(loopbackOf('http://127.0.0.1:8420')).toBe('127.0.0.1');
  expect(loopbackOf('https://localhost')).toBe('localhost');
  expect(loopbackOf('http://[::1]:8420')).toBe('[::1]');
  expect(loopbackOf('https://localhost.example')).toBeNull();
  expect(loopbackOf('http://10.0.0.5:8420')).toBeNull();
});

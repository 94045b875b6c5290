import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askServer, listenControl } from './control.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-control-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('[OP2] a command reaches the running server, and only its owner may', async () => {
  const socket = join(folder, 'control.sock');
  const control = await listenControl(socket, { backup: async (to) => `to ${to}` });
  expect(statSync(socket).mode & 0o777).toBe(0o600);
  expect(await askServer(socket, 'backup', { to: '/x' })).toEqual({ ok: true, message: 'to /x' });
  control.close();
  expect(await askServer(socket, 'backup', { to: '/x' })).toBeNull();
});

test('[OP2] what fails in the server is told to the command', async () => {
  const socket = join(folder, 'control.sock');
  const control = await listenControl(socket, { backup: () => Promise.reject(new Error('disk full')) });
  expect(await askServer(socket, 'backup', { to: '/x' })).toEqual({ ok: false, message: 'disk full' });
  control.close();
});

test.runIf(process.platform === 'linux')(
  '[OP2] a data directory deeper than a socket name may be long serves too',
  async () => {
    const deep = join(folder, 'd'.repeat(120));
    mkdirSync(deep);
    const socket = join(deep, 'control.sock');
    const control = await listenControl(socket, { backup: async () => 'done' });
    expect(await askServer(socket, 'backup', { to: '/x' })).toEqual({ ok: true, message: 'done' });
    control.close();
  },
);

test('[OP2] where no server ever was, nobody answers', async () => {
  expect(await askServer(join(folder, 'none', 'control.sock'), 'backup', { to: '/x' })).toBeNull();
});

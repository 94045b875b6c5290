import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DataFolderError, dataFolder, openDataFolder } from './data-folder.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'muster-data-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('[AC34] the folder is made for its owner alone, and given back', () => {
  const folder = dataFolder(join(root, 'a', 'b'));
  const release = openDataFolder(folder);
  expect(statSync(folder.path).mode & 0o777).toBe(0o700);
  release();
  openDataFolder(folder)();
});

test('[AC34] a second server in the same folder is told who has it', () => {
  const folder = dataFolder(root);
  const release = openDataFolder(folder);
  expect(() => openDataFolder(folder)).toThrow(new RegExp(`process ${process.pid}`));
  release();
});

test.each([
  ['of a process that is gone', '4194303 1'],
  ['of a process whose number somebody else has now', `${process.pid} 1`],
  ['that is damaged', 'x'],
])('[AC34] a lock %s is taken over', (_what, text) => {
  writeFileSync(join(root, 'server.pid'), text);
  expect(() => openDataFolder(dataFolder(root))()).not.toThrow();
});

test('[AC34] a place that cannot be a folder is named with what to do', () => {
  writeFileSync(join(root, 'file'), '');
  expect(() => openDataFolder(dataFolder(join(root, 'file')))).toThrow(DataFolderError);
  expect(() => openDataFolder(dataFolder(join(root, 'file')))).toThrow(/MUSTER_DATA_DIR/);
  expect(existsSync(join(root, 'file', 'server.pid'))).toBe(false);
});

import { expect, test } from 'vitest';
import { checkOpenFiles, FILES_BESIDE_AGENTS, openFilesMax } from './open-files.ts';

test('[FL18] the limit of open files is the one of the process', () => {
  expect(
    openFilesMax(
      'Limit  Soft Limit  Hard Limit  Units\nMax open files            20000                20000                files\n',
    ),
  ).toBe(20_000);
  expect(openFilesMax('Max open files            unlimited            unlimited            files\n')).toBe(
    Number.POSITIVE_INFINITY,
  );
  expect(openFilesMax('')).toBeNull();
});

test('[FL18] a limit too low for the known agents is told with what to set; one that is enough is not', () => {
  const said: string[] = [];
  const log = (_level: string, what: string) => void said.push(what);
  checkOpenFiles(15_000, 15_000 + FILES_BESIDE_AGENTS, log);
  checkOpenFiles(15_000, null, log);
  expect(said).toEqual([]);
  checkOpenFiles(15_000, 4_096, log);
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/allows this server 4096 open files.*15000 agents.*LimitNOFILE=65536/);
});

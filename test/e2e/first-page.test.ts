/** How much script stands between a person and the first page. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { figure, ROOT } from './harness.ts';

const DIST = join(ROOT, 'dashboard/dist');
const SCRIPT_BYTES_MAX = 250_000;

interface Chunk {
  readonly file: string;
  readonly imports?: readonly string[];
  readonly isEntry?: boolean;
}

describe.skipIf(!existsSync(join(DIST, '.vite/manifest.json')))('the built dashboard', () => {
  const manifest = JSON.parse(readFileSync(join(DIST, '.vite/manifest.json'), 'utf8')) as Record<
    string,
    Chunk
  >;

  test.each(['en', 'zh'])('[DB6] the overview needs at most 250 KB of compressed script (%s)', (language) => {
    const files = new Set<string>();
    const need = (key: string | undefined): void => {
      const chunk = manifest[key ?? ''];
      if (!chunk) throw new Error(`the manifest of the build has no ${key}`);
      if (files.has(chunk.file)) return;
      files.add(chunk.file);
      for (const each of chunk.imports ?? []) need(each);
    };
    need(Object.keys(manifest).find((key) => manifest[key]?.isEntry));
    need(`src/i18n/${language}.ts`);
    need('src/pages/overview/OverviewPage.tsx');
    const bytes = [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(DIST, file))).length, 0);
    figure(`script of the first page, gzip (${language})`, bytes / 1_000, 'KB');
    expect(bytes).toBeLessThanOrEqual(SCRIPT_BYTES_MAX);
  });

  test('[DB6] every page is a file of its own, read when it is opened', () => {
    const entry = Object.values(manifest).find(({ isEntry }) => isEntry);
    const pages = Object.keys(manifest).filter((key) => /^src\/pages\/.*(Page|Tab|Settings)\.tsx$/.test(key));
    expect(pages.length).toBeGreaterThan(15);
    expect(pages.filter((key) => entry?.imports?.includes(key))).toEqual([]);
  });
});

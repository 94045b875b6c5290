import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { staticImports } from './static-imports-fixture.ts';

const ROOT = join(import.meta.dirname, '../..');

test.each(['command-line.ts', 'host-linux.ts'])(
  '[FP12] %s, as a running agent loads it, has no schema that is not of zod/mini, and none of what only the server parses',
  (file) => {
    const loaded = [...staticImports(join(import.meta.dirname, file))];
    expect(loaded).not.toContain('zod');
    const ofWire = loaded.map((path) => relative(join(ROOT, 'shared/src/wire'), path));
    expect(ofWire).not.toContain('agent-messages.ts');
    expect(ofWire).not.toContain('frame-bodies.ts');
  },
);

test('[FP12] what an agent runs with does parse what the server says', () => {
  const loaded = staticImports(join(import.meta.dirname, 'command-line.ts'));
  expect(loaded).toContain('zod/mini');
  expect(loaded).toContain(join(ROOT, 'shared/src/wire/server-messages.ts'));
});

/** The rules of the house as a test: who may import whom, where time and environment are read, and that the lock file is whole. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const FILES = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts', '*.tsx'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(ROOT, file)));
const SOURCES = FILES.filter((file) => /^(shared|agent|server|dashboard)\/src\//.test(file));
const PRODUCT = SOURCES.filter((file) => !isTest(file));

/** Slices in their order: each may import those before it in its chain, never those after it. */
const CHAINS = [
  ['inventory', 'cmdb'],
  ['metrics', 'availability', 'capacity', 'rules', 'incidents', 'notify'],
] as const;
const SLICES = [
  'inventory',
  'cmdb',
  'metrics',
  'availability',
  'capacity',
  'rules',
  'incidents',
  'notify',
  'fleet',
  'ingest',
  'intake',
  'access',
  'machines',
  'rollouts',
  'search',
  'views',
];
/** Files of a slice that meet the outside: everything else in it is pure. */
const EDGE_OF_SLICE: Readonly<Record<string, string>> = {
  'server/src/fleet/server-key.ts': 'the server key is a file',
  'server/src/availability/tcp-probe.ts': 'the probe opens sockets',
  'server/src/notify/post.ts': 'it posts to the address that it judged',
  'server/src/notify/target.ts': 'it asks the name service where a host lies',
};

interface Import {
  readonly file: string;
  readonly specifier: string;
  /** Path in the repository, or null for a package. */
  readonly target: string | null;
  readonly typeOnly: boolean;
}
const IMPORTS = SOURCES.flatMap(importsOf);

describe('imports', () => {
  test('shared imports only zod and itself', () => {
    expect(
      violations(
        (one) =>
          one.file.startsWith('shared/') &&
          !isTest(one.file) &&
          !(one.target?.startsWith('shared/') || ['zod', 'zod/mini'].includes(one.specifier)),
      ),
    ).toEqual([]);
  });

  test('the agent imports shared and itself, never server or dashboard', () => {
    expect(
      violations(
        (one) =>
          one.file.startsWith('agent/') &&
          !isTest(one.file) &&
          /^(server|dashboard|test)\//.test(one.target ?? ''),
      ),
    ).toEqual([]);
  });

  test('the dashboard imports shared and itself, and nothing of Node', () => {
    expect(
      violations(
        (one) =>
          one.file.startsWith('dashboard/src/') &&
          !isTest(one.file) &&
          (/^(server|agent|test)\//.test(one.target ?? '') || one.specifier.startsWith('node:')),
      ),
    ).toEqual([]);
  });

  test('the server imports of the agent only what it bundles and starts: nothing', () => {
    expect(
      violations(
        (one) =>
          one.file.startsWith('server/') && !isTest(one.file) && (one.target?.startsWith('agent/') ?? false),
      ),
    ).toEqual([]);
  });

  test('pure files of a slice know no web framework, database, socket, file or environment', () => {
    const banned =
      /^(hono|@hono\/|drizzle-orm|better-sqlite3|ws$|net-snmp|node:(fs|net|http|https|tls|child_process|dns|worker_threads))/;
    const pure = (file: string) =>
      SLICES.some((slice) => file.startsWith(`server/src/${slice}/`)) &&
      !file.startsWith('server/src/notify/channels/') &&
      !isTest(file) &&
      !(file in EDGE_OF_SLICE);
    expect(violations((one) => pure(one.file) && banned.test(one.specifier))).toEqual([]);
  });

  test('slices import only slices before them in their chain', () => {
    const order = new Map(CHAINS.flatMap((chain, c) => chain.map((slice, i) => [slice, { c, i }] as const)));
    expect(
      violations((one) => {
        const from = order.get(sliceOf(one.file) as never);
        const to = order.get(sliceOf(one.target ?? '') as never);
        return (
          from !== undefined && to !== undefined && from.c === to.c && to.i > from.i && !isTest(one.file)
        );
      }),
    ).toEqual([]);
  });

  test('routes import no routes and no adapter of another slice', () => {
    expect(
      violations(
        (one) => one.file.endsWith('/routes.ts') && (one.target ?? '').startsWith('server/src/store/'),
      ),
    ).toEqual([]);
  });

  test('store adapters know ports and drizzle, not the web and not the sockets', () => {
    expect(
      violations(
        (one) =>
          one.file.startsWith('server/src/store/') &&
          !isTest(one.file) &&
          /^(hono|@hono\/|ws$)/.test(one.specifier),
      ),
    ).toEqual([]);
  });

  test('a dashboard page is a leaf: only the table of routes imports it', () => {
    const inPages = (path: string | null) => path?.startsWith('dashboard/src/pages/') ?? false;
    expect(
      violations(
        (one) =>
          inPages(one.target) &&
          (one.target ?? '').endsWith('Page.tsx') &&
          one.file !== 'dashboard/src/routes.tsx' &&
          !isTest(one.file),
      ),
    ).toEqual([]);
  });

  test('dashboard primitives know neither router nor API', () => {
    expect(
      violations(
        (one) =>
          /^dashboard\/src\/(ui|charts)\//.test(one.file) &&
          !isTest(one.file) &&
          (/^@tanstack\/react-(router|query)$/.test(one.specifier) ||
            /^dashboard\/src\/(api|pages)\//.test(one.target ?? '')),
      ),
    ).toEqual([]);
  });
});

describe('one home', () => {
  test.each([
    [
      'the wall clock',
      /\bDate\.now\(|new Date\(\)/,
      [
        'server/src/clock.ts',
        'agent/src/host-node.ts',
        'agent/src/timers.ts',
        'dashboard/src/util/time.ts',
        'dashboard/src/util/clock.ts',
      ],
    ],
    ['the environment', /\bprocess\.env\b/, ['server/src/config.ts', 'agent/src/config.ts']],
  ])('%s is read in one place', (_what, pattern, homes) => {
    const found = PRODUCT.filter(
      (file) => !homes.includes(file) && pattern.test(withoutComments(read(file))),
    );
    expect(found).toEqual([]);
  });

  test.each([
    ['an any', /\bas any\b|[\w)\]?]:\s*any\b(?! )/],
    ['a silenced compiler', /@ts-(ignore|expect-error|nocheck)/],
    ['a focused test', /\b(test|describe|it)\.only\(/],
    ['an empty catch', /catch\s*(\([^)]*\))?\s*\{\s*\}/],
    ['a note to do it later', /\b(TODO|FIXME|XXX)\b/],
  ])('no file holds %s', (_what, pattern) => {
    const self = relative(ROOT, import.meta.filename);
    expect(FILES.filter((file) => file !== self && pattern.test(read(file)))).toEqual([]);
  });
});

describe('lock file', () => {
  const lock = JSON.parse(read('package-lock.json')) as {
    packages: Record<
      string,
      { optionalDependencies?: Record<string, string>; resolved?: string; link?: boolean }
    >;
  };

  test('every optional platform package that is named has an entry: a clean install works on each platform', () => {
    const missing: string[] = [];
    for (const [at, entry] of Object.entries(lock.packages)) {
      for (const name of Object.keys(entry.optionalDependencies ?? {}))
        if (!resolvable(at, name, lock.packages)) missing.push(`${name}, wanted by ${at || 'the root'}`);
    }
    expect(missing).toEqual([]);
  });

  test('it names no registry', () => {
    const named = Object.entries(lock.packages).filter(
      ([, entry]) => entry.resolved !== undefined && !entry.link,
    );
    expect(named.map(([at]) => at)).toEqual([]);
  });

  test('it knows every workspace and its exact dependencies', () => {
    const packages = ['', 'shared', 'agent', 'server', 'dashboard', 'test'];
    for (const at of packages) {
      const wanted = JSON.parse(read(join(at, 'package.json'))) as Record<
        string,
        Record<string, string> | undefined
      >;
      const held = lock.packages[at] as unknown as Record<string, Record<string, string> | undefined>;
      for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies']) {
        expect(held?.[kind] ?? {}, `${kind} of ${at || 'the root'}`).toEqual(wanted[kind] ?? {});
        for (const version of Object.values(wanted[kind] ?? {})) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
      }
    }
  });
});

test('each numbered rule stands once, and each number that a test quotes is a rule', () => {
  const spec = read('docs/SPEC.md');
  const rules = [...spec.matchAll(/\*\*\[([A-Z]{2}\d+[a-z]?)\]\*\*/g)].map((match) => match[1] as string);
  expect(rules.filter((rule, i) => rules.indexOf(rule) !== i)).toEqual([]);
  const quoted = new Set(
    FILES.filter(isTest).flatMap((file) =>
      [...read(file).matchAll(/['"`]\[([A-Z]{2}\d+[a-z]?)\]/g)].map((match) => match[1] as string),
    ),
  );
  expect([...quoted].filter((rule) => !rules.includes(rule)).toSorted()).toEqual([]);
});

function violations(broken: (one: Import) => boolean): string[] {
  return IMPORTS.filter(broken).map((one) => `${one.file} imports ${one.specifier}`);
}

function importsOf(file: string): Import[] {
  const found = read(file).matchAll(
    /^\s*(?:import|export)\s+(type\s)?(?:[\s\S]*?\sfrom\s+)?['"]([^'"]+)['"]/gm,
  );
  return [...found].map(([, type, specifier = '']) => ({
    file,
    specifier,
    target: targetOf(file, specifier),
    typeOnly: type !== undefined,
  }));
}

function targetOf(file: string, specifier: string): string | null {
  if (specifier.startsWith('.')) return relative(ROOT, resolve(ROOT, dirname(file), specifier));
  const workspace = /^@muster\/(shared|agent|server|dashboard)\/(.*)$/.exec(specifier);
  return workspace ? `${workspace[1]}/src/${workspace[2]}` : null;
}

function sliceOf(path: string): string {
  return /^server\/src\/([^/]+)\//.exec(path)?.[1] ?? '';
}

function isTest(file: string): boolean {
  return /\.test\.tsx?$/.test(file) || file.startsWith('test/') || file.includes('/contract/');
}

function resolvable(at: string, name: string, packages: Record<string, unknown>): boolean {
  for (let from = at; ; from = from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/')))) {
    if (`${from === '' ? '' : `${from}/`}node_modules/${name}` in packages) return true;
    if (!from.includes('/node_modules/')) return `node_modules/${name}` in packages;
  }
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '');
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** The agent as one script: bundled from the sources beside this server, kept by the hash of what it is made of. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { type PublicReleaseKey, releaseKeyLine } from '@muster/shared/release/key.ts';
import type { BuildOptions, Plugin } from 'esbuild';
import { z } from 'zod';
import { writeWhole } from './cache.ts';

const ROOT = join(import.meta.dirname, '../../..');
const ENTRY = join(ROOT, 'agent/src/main.ts');
/** All that the script can be made of: our sources, and the exact versions of everything else. */
const SOURCE_FOLDERS = ['agent', 'shared'];
const LOCK_FILE = 'package-lock.json';
/** What a slow line and the agent's memory can take without being noticed. */
export const AGENT_SCRIPT_BYTES_MAX = 1 << 20;

export interface AgentScript {
  readonly script: Uint8Array;
  /** Hex. */
  readonly sha256: string;
}

/**
 * The same sources and key give the same bytes. Takes a fifth of a second the first time.
 * @param key its releases are what the agent takes as an upgrade; null: it takes none
 * @throws Error when the sources do not bundle
 */
export async function bundleAgent(cacheFolder: string, key: PublicReleaseKey | null): Promise<AgentScript> {
  const keyLine = key === null ? null : releaseKeyLine(key);
  const name = `agent-${sourcesHash(keyLine).slice(0, 32)}.mjs`;
  const cached = join(cacheFolder, name);
  if (!existsSync(cached)) {
    const text = await bundle(keyLine);
    await writeWhole(cacheFolder, name, (draft) => writeFile(draft, text));
  }
  const script = new Uint8Array(await readFile(cached));
  return { script, sha256: createHash('sha256').update(script).digest('hex') };
}

export function agentVersion(): string {
  const text = readFileSync(join(ROOT, 'agent/package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

/** SHA-256 over names and contents, in one order; this file is among them because it says how. */
function sourcesHash(keyLine: string | null): string {
  const hash = createHash('sha256').update(`${keyLine}\0`);
  const files = [
    LOCK_FILE,
    relative(ROOT, import.meta.filename),
    ...SOURCE_FOLDERS.flatMap((folder) => [join(folder, 'package.json'), ...sourcesIn(join(folder, 'src'))]),
  ];
  for (const file of files.toSorted()) {
    const content = readFileSync(join(ROOT, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

function sourcesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => join(folder, file));
}

async function bundle(keyLine: string | null): Promise<string> {
  const { build, stop } = await import('esbuild');
  const options = {
    absWorkingDir: ROOT,
    entryPoints: [ENTRY],
    bundle: true,
    platform: 'node',
    target: 'node26',
    format: 'esm',
    minifySyntax: true,
    minifyWhitespace: true,
    // A stack nobody can read is worth nothing. Short names that are given back at run time (keepNames) cost each function a property.
    minifyIdentifiers: false,
    define: { MUSTER_RELEASE_KEY: JSON.stringify(keyLine) },
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'silent',
    plugins: [builtinsWhenNeeded],
    // ws is CommonJS and requires Node's own modules.
    banner: {
      js: "import { createRequire as musterCreateRequire } from 'node:module'; const require = musterCreateRequire(import.meta.url);",
    },
  } satisfies BuildOptions;
  const { outputFiles, metafile } = await build(options);
  // Without an end, esbuild's own process would stay for as long as the server runs.
  await stop();
  const [output] = outputFiles;
  if (!output) throw new Error('the bundle of the agent is empty');
  return `${output.text}${licences(Object.keys(metafile.inputs))}`;
}

/** Node's own modules are loaded with the first module of ours that needs them; imported at the head of the script, all would be. */
const builtinsWhenNeeded: Plugin = {
  name: 'builtins-when-needed',
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path, namespace }) =>
      namespace === 'builtin' ? { path, external: true } : { path, namespace: 'builtin' },
    );
    build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
      loader: 'js',
    }));
  },
};

/** The licences of what is inside ask to travel along. */
function licences(inputs: readonly string[]): string {
  const packages = new Set(inputs.map(packageFolder).filter((folder) => folder !== null));
  const texts = [...packages].toSorted().map((folder) => {
    const file = readdirSync(join(ROOT, folder)).find((name) => /^licen[cs]e/i.test(name));
    const text =
      file === undefined ? 'no licence file' : readFileSync(join(ROOT, folder, file), 'utf8').trim();
    return `${folder.slice(folder.lastIndexOf('node_modules/') + 13)}\n\n${text}`;
  });
  return texts.length === 0 ? '' : `/*\n${texts.join('\n\n').replaceAll('*/', '* /')}\n*/\n`;
}

function packageFolder(input: string): string | null {
  const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(`${dirname(input)}/`);
  return match?.[1] ?? null;
}

'use strict';
/**
 * How the server's process is started: by `npm start`, by end-to-end tests and by benches. Measured on an idle server of 14
 * threads: 180 MiB resident with these, 290 MiB without; in a burst of frames they cost no processor time.
 */
const { spawnSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.join(__dirname, '..');

/**
 * A small young generation: what frames leave behind dies at once, and a large one is kept for ever. Left alone it shrinks to 1 MiB at
 * pace and is swept three times a second, which takes a sixth of the processor time (2,000 agents, three ticks held).
 */
const NODE_FLAGS = ['--max-semi-space-size=4', '--min-semi-space-size=4'];

const ENVIRONMENT = {
  // glibc gives each thread a heap of its own, and each keeps what it once needed.
  MALLOC_ARENA_MAX: process.env.MALLOC_ARENA_MAX || '1',
  // Fixed, glibc gives large blocks back to the system; left alone it learns to keep them.
  MALLOC_TRIM_THRESHOLD_: process.env.MALLOC_TRIM_THRESHOLD_ || '131072',
  MALLOC_MMAP_THRESHOLD_: process.env.MALLOC_MMAP_THRESHOLD_ || '131072',
  // Compiled code is kept between starts: a quarter less CPU, and some 50 MB less memory after the start.
  NODE_COMPILE_CACHE:
    process.env.NODE_COMPILE_CACHE || path.join(ROOT, 'node_modules', '.cache', 'node-compile'),
};

const DRIZZLE_FLAG = `--require=${path.join(__dirname, 'drizzle-imports.cjs')}`;
const SERVER_ARGS = [...NODE_FLAGS, DRIZZLE_FLAG, path.join(ROOT, 'server', 'src', 'main.ts')];
/** The `muster` command. */
const COMMAND_ARGS = [DRIZZLE_FLAG, path.join(ROOT, 'server', 'src', 'cli', 'muster.ts')];

/**
 * Compiles the server's TypeScript in a process of its own, where these files were not yet compiled by this Node. A server that does
 * it by itself keeps the compiler: 216 MiB resident when idle instead of 170.
 * @param {string} node path of the program
 * @param {() => void} before called if there is something to do: it takes some seconds
 */
function compileAhead(node, before) {
  const folder = ENVIRONMENT.NODE_COMPILE_CACHE;
  const mark = path.join(folder, `compiled-${sourcesKey(node)}`);
  if (fs.existsSync(mark)) return;
  before();
  const done = spawnSync(node, [...SERVER_ARGS, '--compile-only'], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: Object.assign({}, process.env, ENVIRONMENT),
  });
  // What is wrong with the sources is said by the start itself.
  if (done.status !== 0) return;
  try {
    fs.writeFileSync(mark, '');
  } catch (error) {
    console.error(`muster: nothing can be kept in ${folder} (${error.code}): each start compiles again`);
  }
}

/** Changes with every source, and with Node. */
function sourcesKey(node) {
  const hash = crypto.createHash('sha256');
  const sources = ['server/src', 'shared/src'].flatMap((folder) => filesIn(path.join(ROOT, folder)));
  for (const file of [node, ...sources.sort()]) {
    const { size, mtimeMs } = fs.statSync(file);
    hash.update(`${file} ${size} ${mtimeMs}\0`);
  }
  return hash
    .update(fs.readFileSync(path.join(ROOT, 'package-lock.json')))
    .digest('hex')
    .slice(0, 32);
}

/** @returns {string[]} */
function filesIn(folder) {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { encoding: 'utf8', recursive: true })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => path.join(folder, name));
}

module.exports = { COMMAND_ARGS, DRIZZLE_FLAG, ENVIRONMENT, SERVER_ARGS, compileAhead };

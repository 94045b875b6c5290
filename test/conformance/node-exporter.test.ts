/**
 * Our parsers against Prometheus' node_exporter: over the /proc and /sys that project records, with the
 * samples it expects of them, and, where Debian's package is installed, over this machine's own /proc.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { collectAll } from '@muster/agent/collectors/index.ts';
import { parseMountinfo } from '@muster/agent/collectors/filesystem/mounts.ts';
import { createLinuxHost, type LinuxHost } from '@muster/agent/host-linux.ts';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { exportedByUs, READ_BY_US } from './exported-by-us.ts';
import { parseExposition } from './exposition.ts';
import { parseTtar, unpackTtar } from './ttar.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');
const FIXTURES = join(
  resolve(REPOSITORY, process.env['MUSTER_TESTDATA'] ?? '../shared/testdata'),
  'node_exporter/collector/fixtures',
);
const EXPORTER = findExporter(process.env['MUSTER_NODE_EXPORTER'] ?? 'prometheus-node-exporter');

/** Expected series that we do not give, or give otherwise, each with the reason. */
const QUIRKS: readonly { readonly series: RegExp; readonly reason: string }[] = [
  {
    series: /^node_network_(receive|transmit)_(errs|drop)_total\{device="lo"\}$/,
    reason:
      'asked of the kernel of the machine that ran it (netlink), not of the recorded tree, which has no /proc/net/dev',
  },
];
/** Samples of the expected output that both read, at least: a smaller number means that a parser reads nothing. */
const COMPARED_MIN = 320;

describe.skipIf(!existsSync(FIXTURES))('over the recorded tree', () => {
  let folder = '';
  let host: LinuxHost;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'muster-node-exporter-'));
    unpackTtar(readFileSync(join(FIXTURES, 'sys.ttar'), 'latin1'), folder);
    host = createLinuxHost({ procRoot: join(FIXTURES, 'proc'), sysRoot: join(folder, 'sys') });
  });
  afterAll(() => {
    host.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('[CO3] every value that both report equals the recorded one', () => {
    const expected = parseExposition(readFileSync(join(FIXTURES, 'e2e-output.txt'), 'utf8'));
    const result = compare(exportedByUs(host, join(folder, 'sys')), expected);
    console.log(
      `expected ${expected.size}, compared ${result.compared}, equal ${result.equal}, quirks ${result.quirks}`,
    );
    expect(result.faults).toEqual([]);
    expect(result.equal).toBe(result.compared);
    expect(result.compared).toBeGreaterThanOrEqual(COMPARED_MIN);
    expect(result.unusedQuirks).toEqual([]);
  });

  test('[CO4] the collectors read the recorded tree without an error', () => {
    const { errors, samples } = collectAll(host, new Map(), []);
    expect(errors).toEqual([]);
    const value = (metric: string): number | undefined =>
      samples.find((sample) => sample.metric === metric)?.value;
    expect(value('system.contextswitches')).toBe(38_014_093);
    expect(value('memory.total')).toBe(3_831_959_552);
    expect(samples.filter((sample) => sample.metric === 'temperature')).toHaveLength(15);
  });

  test('[CO14] every line of the recorded mount tables is read, with blanks and tabs in names', () => {
    for (const process of ['1', '10']) {
      const text = readFileSync(join(FIXTURES, `proc/${process}/mountinfo`), 'utf8');
      const mounts = parseMountinfo(text);
      expect(mounts).toHaveLength(text.trimEnd().split('\n').length);
      expect(mounts.filter((mount) => mount.mountPoint.includes('\\') || mount.type === '')).toEqual([]);
    }
  });
});

describe.skipIf(EXPORTER === null)('beside an installed node_exporter', () => {
  test("[CO3] both read the same from a copy of this machine's /proc", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'muster-node-exporter-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    copyProc(join(folder, 'proc'));
    mkdirSync(join(folder, 'sys'));
    const host = createLinuxHost({ procRoot: join(folder, 'proc'), sysRoot: join(folder, 'sys') });
    onTestFinished(() => host.close());
    const expected = parseExposition(await runExporter(EXPORTER ?? '', folder));
    const ours = exportedByUs(host, join(folder, 'sys'));
    const result = compare(ours, expected);
    console.log(`compared ${result.compared}, equal ${result.equal}`);
    expect(result.faults).toEqual([]);
    expect(result.compared).toBeGreaterThan(50);
  }, 30_000);
});

test('a ttar archive keeps links, empty files, missing last newlines, zero bytes and plain marks', () => {
  const archive = [
    '# made by a test',
    'Directory: d',
    'Mode: 755',
    '# -',
    'Path: d/empty',
    'Lines: 0',
    'Mode: 644',
    'Path: d/two',
    'Lines: 2',
    'a',
    'bEOF',
    'Mode: 644',
    'Path: d/marks',
    'Lines: 2',
    'xNULLBYTEy\\NULLBYTE',
    'Path: no entryz\\EOF',
    'Mode: 644',
    'Path: d/link',
    'SymlinkTo: ../two/',
    '',
  ].join('\n');
  expect(parseTtar(archive)).toEqual([
    { kind: 'directory', path: 'd' },
    { kind: 'file', path: 'd/empty', content: '' },
    { kind: 'file', path: 'd/two', content: 'a\nb' },
    { kind: 'file', path: 'd/marks', content: 'x\0yNULLBYTE\nPath: no entryzEOF\n' },
    { kind: 'link', path: 'd/link', target: '../two/' },
  ]);
});

interface Comparison {
  readonly compared: number;
  readonly equal: number;
  readonly quirks: number;
  /** Values that differ, and series of theirs that we should have and have not. */
  readonly faults: readonly string[];
  readonly unusedQuirks: readonly string[];
}

function compare(ours: ReadonlyMap<string, number>, theirs: ReadonlyMap<string, number>): Comparison {
  const faults: string[] = [];
  const used = new Set<RegExp>();
  let compared = 0;
  let quirks = 0;
  for (const [series, expected] of theirs) {
    const value = ours.get(series);
    const quirk = QUIRKS.find((one) => one.series.test(series));
    if (quirk !== undefined && value === undefined) {
      used.add(quirk.series);
      quirks++;
    } else if (value !== undefined) {
      compared++;
      if (!isEqual(value, expected)) faults.push(`${series}: ours ${value}, theirs ${expected}`);
    } else if (READ_BY_US.some((pattern) => pattern.test(series))) {
      faults.push(`${series}: not read by us, theirs ${expected}`);
    }
  }
  const differing = faults.filter((fault) => fault.includes(': ours ')).length;
  const unusedQuirks = QUIRKS.filter((one) => !used.has(one.series)).map((one) => one.reason);
  return { compared, equal: compared - differing, quirks, faults, unusedQuirks };
}

/** They multiply by 0.001 where we divide by 1,000: the last bit of a double may differ. */
function isEqual(one: number, other: number): boolean {
  return Math.abs(one - other) <= 1e-12 * Math.max(1, Math.abs(one), Math.abs(other));
}

/** The files that both read, copied at one moment, so that nothing moves between the two readings. */
function copyProc(folder: string): void {
  const files = [
    'stat',
    'loadavg',
    'meminfo',
    'vmstat',
    'diskstats',
    'net/dev',
    'pressure/cpu',
    'pressure/io',
    'pressure/memory',
  ];
  // Without these the other's program fails, or leaves its own process out.
  for (const file of [
    ...files,
    'cpuinfo',
    'mounts',
    'self/mountinfo',
    'self/stat',
    '1/stat',
    '1/mountinfo',
  ]) {
    if (!existsSync(`/proc/${file}`)) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), readFileSync(`/proc/${file}`));
  }
}

function findExporter(command: string): string | null {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return command;
  } catch {
    // Not installed: the comparison is skipped, and vitest says so.
    return null;
  }
}

async function runExporter(command: string, folder: string): Promise<string> {
  const port = await freePort();
  const wanted = ['cpu', 'loadavg', 'pressure', 'meminfo', 'vmstat', 'diskstats', 'netdev', 'stat'];
  const child = spawn(
    command,
    [
      `--path.procfs=${folder}/proc`,
      `--path.sysfs=${folder}/sys`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--collector.disable-defaults',
      '--no-collector.netdev.netlink',
      '--collector.vmstat.fields=^(pswp|oom_kill).*',
      ...wanted.map((name) => `--collector.${name}`),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  onTestFinished(() => void child.kill());
  await listening(child);
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  return response.text();
}

/** It says so on standard error. */
function listening(child: ChildProcess): Promise<void> {
  return new Promise((done, failed) => {
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (/Listening on|TLS is disabled/.test(said)) done();
    });
    child.on('error', failed);
    child.on('exit', () => failed(new Error(said)));
  });
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.on('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

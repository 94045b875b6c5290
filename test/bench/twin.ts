/**
 * The off-site twin of 2,000 machines with 1,000 packages each: time, size, memory, and how long the server is deaf to others at most.
 * Run: node test/bench/twin.ts [machines] [packages]
 */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { newId } from '../../server/src/ids.ts';
import { createCmdb } from '../../server/src/cmdb/cmdb.ts';
import { createMemoryCmdbStore } from '../../server/src/store/memory/cmdb.ts';
import { makeTwin, type TwinSources } from '../../server/src/twin/bundle.ts';
import { verifyTwin } from '../../server/src/twin/sign.ts';

const [machines = 2_000, packages = 1_000] = process.argv.slice(2).map(Number);
const MIB = 2 ** 20;
/** What the machine is busy with beside shows in this. */
const IDLE_MS = 3_000;
const store = createMemoryCmdbStore();
const cmdb = await createCmdb({ store, newId, recordAudit: async () => {} });
for (let at = 0; at < machines; at++)
  await cmdb.create({ class: 'Server', name: `machine-${at}`, edit: { owner: 'Anna' } }, 'user:anna', 1);
type Installed = Awaited<ReturnType<TwinSources['store']['installations']>>[number];
const installed = Array.from(
  { length: packages },
  (_, at) =>
    ({ name: `package-${at}`, version: `1.${at}.0`, source: 'deb', key: `${at}` }) as unknown as Installed,
);
const folder = mkdtempSync(join(tmpdir(), 'muster-twin-'));
try {
  const { privateKey: key } = generateKeyPairSync('ed25519');
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  await setTimeout(IDLE_MS);
  delay.disable();
  tell('event loop away while idle, at most', delay.max / 1e6, 'ms');
  delay.reset();
  const before = process.memoryUsage().rss;
  delay.enable();
  const startedMs = performance.now();
  const made = await makeTwin(
    {
      store: {
        machines: () => store.machines(),
        records: (ciClass) => store.records(ciClass),
        // A copy, as a database gives.
        installations: async () => installed.map((each) => ({ ...each })),
      },
      edgesOf: () => ({ from: [], to: [] }),
      nameOf: (id) => id,
      services: () => [],
      incidents: async () => [],
      version: '0',
    },
    { folder, keep: 1, key },
    Date.UTC(2026, 5, 1),
    () => {},
  );
  delay.disable();
  tell('made in', (performance.now() - startedMs) / 1_000, 's');
  tell('files', made.files, '');
  tell('size', made.bytes / MIB, 'MiB');
  tell('more memory (RSS) at the end', (process.memoryUsage().rss - before) / MIB, 'MiB');
  tell('event loop away, p99', delay.percentile(99) / 1e6, 'ms');
  tell('event loop away, at most', delay.max / 1e6, 'ms');
  const verifiedMs = performance.now();
  const { ok } = verifyTwin(made.path, null);
  tell(`verified (${ok ? 'whole' : 'NOT WHOLE'}) in`, (performance.now() - verifiedMs) / 1_000, 's');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function tell(what: string, value: number, unit: string): void {
  console.log(`${what.padEnd(36)} ${value.toFixed(value < 100 ? 2 : 0).padStart(9)} ${unit}`);
}

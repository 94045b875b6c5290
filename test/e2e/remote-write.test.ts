/**
 * The exchange with Prometheus, with the real programs: node_exporter scraped by Prometheus that writes to our server, and our server
 * that writes to VictoriaMetrics and to Prometheus, over their absence and our own restart. Skipped where they are not installed.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compressSync } from 'snappy';
import { afterEach, expect, test } from 'vitest';
import type { RemoteWriteIn, RemoteWriteOut } from '@muster/shared/api/remote-write.ts';
import { type TestSeries, writeRequest } from '@muster/server/remote-write/write-request-testing.ts';
import {
  cleanUp,
  freePort,
  isInstalled,
  type RunningServer,
  startProgram,
  startServer,
  temporaryFolder,
  until,
} from './harness.ts';

const MISSING = ['prometheus', 'promtool', 'prometheus-node-exporter', 'victoria-metrics'].filter(
  (program) => !isInstalled(program),
);
const WHY = MISSING.length === 0 ? '' : ` (skipped: ${MISSING.join(', ')} not installed)`;

/** Some 15 s each on a machine that has nothing else to do. */
const PATIENCE_MS = 90_000;

afterEach(cleanUp);

type Points = readonly (readonly [atMs: number, value: number])[];

async function makeMachine(server: RunningServer, name: string): Promise<string> {
  return (await server.api<{ id: string }>('POST', '/cis', { class: 'Server', name })).id;
}

async function startPrometheus(options: { config: string; folder?: string; port?: number }) {
  const folder = options.folder ?? temporaryFolder('prometheus');
  const port = options.port ?? (await freePort());
  writeFileSync(join(folder, 'prometheus.yml'), options.config);
  const program = startProgram('prometheus', [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--web.enable-remote-write-receiver',
    '--log.level=warn',
  ]);
  const url = `http://127.0.0.1:${port}`;
  await until(async () => (await fetch(`${url}/-/ready`)).ok, {
    withinMs: 10_000,
    what: () => `Prometheus is ready; it printed:\n${program.output()}`,
  });
  return { ...program, url, folder, port };
}

/** Raw samples of one series, as Prometheus holds them. */
async function prometheusPoints(url: string, selector: string): Promise<Points> {
  const query = new URLSearchParams({ query: `${selector}[1h]` });
  const response = await fetch(`${url}/api/v1/query?${query.toString()}`);
  const { data } = (await response.json()) as {
    data: { result: { values: [number, string][] }[] };
  };
  expect(data.result.length).toBeLessThan(2);
  return (data.result[0]?.values ?? []).map(([seconds, value]) => [
    Math.round(seconds * 1_000),
    Number(value),
  ]);
}

async function ourPoints(server: RunningServer, ciId: string, metric: string): Promise<Points> {
  const query = new URLSearchParams({
    ci: ciId,
    metric,
    from: new Date(Date.now() - 3_600_000).toISOString(),
    to: new Date(Date.now() + 1_000).toISOString(),
    points: '100000',
  });
  const { series } = await server.api<{ series: { points: number[][] }[] }>(
    'GET',
    `/metrics/range?${query.toString()}`,
  );
  return (series[0]?.points ?? []).map(([at = 0, value = 0]) => [at, value]);
}

test.skipIf(MISSING.length > 0)(
  `[RW1] node_exporter, scraped by Prometheus and written to us, says the same on the machine it runs on${WHY}`,
  async () => {
    const server = await startServer();
    const planned = { class: 'Server', name: 'exporter-host', lifecycle: 'planned' };
    const { id: ciId } = await server.api<{ id: string }>('POST', '/cis', planned);
    const wish = { name: 'prometheus', role: 'sender' };
    const sender = await server.api<{ token: string }>('POST', '/api-tokens', wish);
    const exporterPort = await freePort();
    startProgram('prometheus-node-exporter', [
      `--web.listen-address=127.0.0.1:${exporterPort}`,
      '--collector.disable-defaults',
      ...['cpu', 'loadavg', 'meminfo', 'stat', 'netdev'].map((name) => `--collector.${name}`),
    ]);
    const prometheus = await startPrometheus({
      config: `
global: { scrape_interval: 1s }
scrape_configs:
  - job_name: node
    static_configs:
      - targets: ['127.0.0.1:${exporterPort}']
        labels: { instance: 'exporter-host:9100' }
  - job_name: nobody
    static_configs:
      - targets: ['127.0.0.1:${exporterPort}']
        labels: { instance: 'unknown-host:9100' }
remote_write:
  - url: ${server.url}/api/v1/write
    authorization: { credentials: ${sender.token} }
    queue_config: { batch_send_deadline: 500ms }
`,
    });
    const names = [
      ['load.1m', 'node_load1{job="node"}'],
      ['memory.available', 'node_memory_MemAvailable_bytes{job="node"}'],
      ['memory.total', 'node_memory_MemTotal_bytes{job="node"}'],
      ['system.processes.running', 'node_procs_running{job="node"}'],
    ] as const;
    await until(async () => (await ourPoints(server, ciId, 'load.1m')).length >= 4, {
      withinMs: 15_000,
      what: () => `samples arrive; the server printed:\n${server.output()}`,
    });
    for (const [metric, selector] of names) {
      const ours = await ourPoints(server, ciId, metric);
      const theirs = new Map(await prometheusPoints(prometheus.url, selector));
      expect(ours.length).toBeGreaterThan(2);
      expect(ours.map(([at]) => [at, theirs.get(at)])).toEqual(ours.map(([at, value]) => [at, value]));
    }
    const told = await server.api<RemoteWriteIn>('GET', '/exchange/in');
    expect(told.machines).toMatchObject([{ ciId, name: 'exporter-host' }]);
    expect(told.unknown).toMatchObject([
      { label: 'instance', value: 'unknown-host', why: 'machine-unknown' },
    ]);
    expect(told.metrics.find(({ metric }) => metric === 'node_cpu_seconds_total')?.why).toBe('no-line');
    expect(told.requests.refused).toBe(0);
    expect(told.senders[0]?.program).toMatch(/^Prometheus\/2/);
    // The exporter's word is none of an agent: the machine was never heard, and yet it is in use.
    type Listed = { id: string; presence: unknown; lifecycle: string };
    const { items } = await server.api<{ items: Listed[] }>('GET', '/cis');
    expect(items.find(({ id }) => id === ciId)).toMatchObject({ presence: null, lifecycle: 'in_use' });
    const { items: rows } = await server.api<{ items: object[] }>('GET', `/cis/${ciId}/history`);
    expect(rows).toContainEqual(
      expect.objectContaining({
        attribute: 'lifecycle',
        before: 'planned',
        after: 'in_use',
        source: 'third-party',
        actor: 'token:prometheus',
      }),
    );
  },
  PATIENCE_MS,
);

test.skipIf(MISSING.length > 0)(
  `[RW37] VictoriaMetrics and Prometheus get what we have, though they were away and we restarted in between${WHY}`,
  async () => {
    const receiver = 'global: { scrape_interval: 1h }';
    const victoriaFolder = temporaryFolder('victoria');
    const victoriaPort = await freePort();
    const startVictoria = async () => {
      const program = startProgram('victoria-metrics', [
        `-storageDataPath=${victoriaFolder}`,
        `-httpListenAddr=127.0.0.1:${victoriaPort}`,
        '-retentionPeriod=1y',
        '-loggerLevel=WARN',
      ]);
      await until(async () => (await fetch(`http://127.0.0.1:${victoriaPort}/health`)).ok, {
        withinMs: 10_000,
        what: () => `VictoriaMetrics is ready; it printed:\n${program.output()}`,
      });
      return program;
    };
    let server = await startServer();
    let victoria = await startVictoria();
    let prometheus = await startPrometheus({ config: receiver });
    const ciId = await makeMachine(server, 'db1');
    for (const [name, url] of [
      ['victoria', `http://127.0.0.1:${victoriaPort}/api/v1/write`],
      ['prometheus', `${prometheus.url}/api/v1/write`],
    ]) {
      const made = await server.api<{ id: string }>('POST', '/exchange/targets', {
        name,
        url,
        enabled: true,
        auth: { kind: 'none' },
        labels: [{ name: 'origin', value: 'muster' }],
      });
      expect(await server.api('POST', `/exchange/targets/${made.id}/test`)).toMatchObject({ ok: true });
    }

    const startMs = Math.floor(Date.now() / 1_000) * 1_000 - 600_000;
    let written = 0;
    const write = async (count: number) => {
      const series: TestSeries = {
        labels: { __name__: 'node_load1', instance: 'db1' },
        samples: Array.from({ length: count }, (_, i) => [
          startMs + (written + i) * 1_000,
          valueAt(written + i),
        ]),
      };
      const response = await fetch(`${server.url}/api/v1/write`, {
        method: 'POST',
        body: Uint8Array.from(compressSync(writeRequest([series]))),
        headers: {
          authorization: `Bearer ${server.token}`,
          'content-type': 'application/x-protobuf',
          'content-encoding': 'snappy',
        },
      });
      expect(response.status).toBe(204);
      written += count;
    };
    const waiting = async () =>
      (await server.api<RemoteWriteOut>('GET', '/exchange/out')).targets.map(({ status }) => status);

    await write(50);
    await until(async () => (await waiting()).every(({ sent }) => sent === 50), {
      withinMs: 10_000,
      what: 'the first samples are sent',
    });
    // In peace: what VictoriaMetrics took in its last seconds is only then on its disk.
    await victoria.stop();
    await prometheus.stop();
    await write(50);
    await until(async () => (await waiting()).every(({ failingSince }) => failingSince !== null), {
      withinMs: 15_000,
      what: 'both are missed',
    });
    await server.stop();
    server = await startServer({ dataDir: server.dataDir, port: server.port, token: server.token });
    await write(50);
    victoria = await startVictoria();
    prometheus = await startPrometheus({
      config: receiver,
      folder: prometheus.folder,
      port: prometheus.port,
    });
    await until(async () => (await waiting()).every(({ queuedSamples }) => queuedSamples === 0), {
      withinMs: 15_000,
      what: 'both have caught up',
    });

    const expected = Array.from({ length: 150 }, (_, i) => [startMs + i * 1_000, valueAt(i)]);
    expect(await ourPoints(server, ciId, 'load.1m')).toEqual(expected);
    const selector = `muster_load_1m{ci="${ciId}",name="db1",class="Server",origin="muster"}`;
    expect(await prometheusPoints(prometheus.url, selector)).toEqual(expected);
    expect(await victoriaPoints(`http://127.0.0.1:${victoriaPort}`, selector)).toEqual(expected);
    const states = await waiting();
    expect(states.map(({ refused, dropped }) => [refused, dropped])).toEqual([
      [0, 0],
      [0, 0],
    ]);

    const metrics = await fetch(`${server.url}/metrics`, {
      headers: { authorization: `Bearer ${server.token}` },
    });
    const input = await metrics.text();
    expect(input).toContain('muster_remote_write_out_samples_total{target="victoria",outcome="sent"}');
    const { stderr, status } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
    expect([stderr, status]).toEqual(['', 0]);
  },
  PATIENCE_MS,
);

/** Two decimals, rising and falling. */
function valueAt(i: number): number {
  return Math.round((2 + Math.sin(i / 5)) * 100) / 100;
}

async function victoriaPoints(url: string, selector: string): Promise<Points> {
  await fetch(`${url}/internal/force_flush`);
  const lines = await until(
    async () => {
      const query = new URLSearchParams({ 'match[]': selector });
      const response = await fetch(`${url}/api/v1/export?${query.toString()}`);
      return (await response.text()).trim();
    },
    { withinMs: 15_000, what: 'VictoriaMetrics shows the series' },
  );
  const all = lines.split('\n').map((line) => JSON.parse(line) as { values: number[]; timestamps: number[] });
  expect(all).toHaveLength(1);
  const { values = [], timestamps = [] } = all[0] ?? {};
  return timestamps.map((at, i): [number, number] => [at, values[i] ?? Number.NaN]);
}

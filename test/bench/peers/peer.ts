/** Prometheus and VictoriaMetrics as Debian packs them, started in folders of their own with their defaults. */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, until } from '../../e2e/harness.ts';
import { deleteFolder, end, outputOf, start, temporaryFolder } from './children.ts';
import type { Subject } from './figure.ts';
import { HttpClient } from './http-client.ts';

export type PeerName = Exclude<Subject, 'muster'>;

const PROGRAMS: Readonly<Record<PeerName, { path: string; package: string }>> = {
  prometheus: { path: '/usr/bin/prometheus', package: 'prometheus' },
  victoriametrics: { path: '/usr/bin/victoria-metrics', package: 'victoria-metrics' },
};
const READY_MS_MAX = 60_000;
const QUERY_CONNECTIONS = 1;

export interface Peer {
  readonly name: PeerName;
  readonly url: string;
  readonly pid: number;
  readonly folder: string;
  readonly http: HttpClient;
  /** Where remote write is taken. */
  readonly writePath: string;
  /** Value of an expression that gives one number at a time; 0 where it gives nothing. */
  scalar(expression: string, atMs: number): Promise<number>;
  /** Makes everything that was taken visible to queries. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

/** Installs what is missing where that is possible, and says what stays missing. */
export function installPeers(say: (text: string) => void): PeerName[] {
  const missing = Object.values(PROGRAMS).filter(({ path }) => !existsSync(path));
  const canInstall =
    process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/etc/debian_version');
  if (missing.length > 0 && canInstall) {
    const packages = missing.map((one) => one.package);
    say(`installing ${packages.join(', ')}`);
    const options = {
      stdio: ['ignore', 'ignore', 'inherit'] as const,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    };
    spawnSync('apt-get', ['update', '-qq'], { ...options, stdio: [...options.stdio] });
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
      ...options,
      stdio: [...options.stdio],
    });
  }
  const names = Object.keys(PROGRAMS) as PeerName[];
  for (const name of names.filter((one) => !existsSync(PROGRAMS[one].path)))
    say(
      `${name} is left out: ${PROGRAMS[name].path} is missing, and Debian's package ${PROGRAMS[name].package} could not be installed (that takes root and Debian)`,
    );
  return names.filter((name) => existsSync(PROGRAMS[name].path));
}

/** @param scrapeFile file of targets (`file_sd`), for a peer that fetches its samples every 10 s */
export async function startPeer(name: PeerName, scrapeFile?: string): Promise<Peer> {
  const folder = temporaryFolder(name);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const configFile = join(folder, 'config.yml');
  writeFileSync(configFile, scrapeConfig(scrapeFile));
  const args = argumentsOf(name, { folder, port, configFile, scrapes: scrapeFile !== undefined });
  const child = start(PROGRAMS[name].path, args, { cwd: folder });
  const output = outputOf(child);
  const http = new HttpClient(url, QUERY_CONNECTIONS);
  await until(
    async () => {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`${name} ended at its start:\n${output()}`);
      const health = name === 'prometheus' ? '/-/ready' : '/health';
      return (await http.send('GET', health)).status === 200;
    },
    { withinMs: READY_MS_MAX, what: () => `${name} is ready; it printed:\n${output()}` },
  );
  return {
    name,
    url,
    pid: child.pid ?? 0,
    folder,
    http,
    writePath: '/api/v1/write',
    scalar: (expression, atMs) => scalar(http, expression, atMs),
    flush: async () => {
      // VictoriaMetrics shows samples a second or two after it took them.
      if (name === 'victoriametrics') await http.get('/internal/force_flush');
    },
    stop: async () => {
      http.close();
      await end(child);
      deleteFolder(folder);
    },
  };
}

function argumentsOf(
  name: PeerName,
  at: { folder: string; port: number; configFile: string; scrapes: boolean },
): string[] {
  const data = join(at.folder, 'data');
  switch (name) {
    case 'prometheus':
      return [
        `--config.file=${at.configFile}`,
        `--storage.tsdb.path=${data}`,
        `--web.listen-address=127.0.0.1:${at.port}`,
        '--web.enable-remote-write-receiver',
        '--log.level=warn',
      ];
    case 'victoriametrics':
      return [
        `-storageDataPath=${data}`,
        `-httpListenAddr=127.0.0.1:${at.port}`,
        '-loggerLevel=WARN',
        ...(at.scrapes ? [`-promscrape.config=${at.configFile}`] : []),
      ];
  }
}

function scrapeConfig(scrapeFile: string | undefined): string {
  const global = 'global:\n  scrape_interval: 10s\n  scrape_timeout: 10s\n';
  if (scrapeFile === undefined) return global;
  return `${global}scrape_configs:\n  - job_name: agent\n    file_sd_configs:\n      - files: ['${scrapeFile}']\n`;
}

async function scalar(http: HttpClient, expression: string, atMs: number): Promise<number> {
  // nocache: VictoriaMetrics keeps answers of the recent past otherwise; Prometheus ignores it.
  const query = new URLSearchParams({ query: expression, time: String(atMs / 1_000), nocache: '1' });
  const answer = JSON.parse((await http.get(`/api/v1/query?${query.toString()}`)).toString()) as {
    data: { result: { value: [number, string] }[] };
  };
  return Number(answer.data.result[0]?.value[1] ?? 0);
}

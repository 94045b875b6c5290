/**
 * A server and one agent as the installer sets it up: the bundled script, a Node binary of its own (so that no page of it is shared with
 * the server and PSS is honest), the flags of agent/src/service/linux/run.sh, the default interval, and TLS with a pinned key.
 * Between the two stands a relay that counts.
 */
import { execFile } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { childFlags } from '@muster/agent/inventory/child.ts';
import { COMPILED_FOLDER } from '@muster/agent/inventory/kept-files.ts';
import type { InventoryAsked } from '@muster/agent/inventory/section.ts';
import { openServerKey } from '@muster/server/fleet/server-key.ts';
import { dataFolder } from '@muster/server/data-folder.ts';
import { bundleAgent } from '@muster/server/install/bundle-agent.ts';
import { openSelfSignedTls } from '@muster/server/tls.ts';
import { FINGERPRINT_DIRECTORIES_DEFAULT } from '@muster/shared/api/fingerprints.ts';
import { ADMIN_PASSWORD, freePort, muster, ROOT, until } from '../../e2e/harness.ts';
import { end, outputOf, start, temporaryFolder } from '../peers/children.ts';
import { median } from '../peers/figure.ts';
import { startRelay } from './relay.ts';
import { installedEnvironment, installedFlags } from './service-command.ts';
import type { Subject } from './subject.ts';

const { ENVIRONMENT, SERVER_ARGS } = createRequire(import.meta.url)(
  '../../../scripts/server-process.cjs',
) as {
  ENVIRONMENT: Record<string, string>;
  SERVER_ARGS: string[];
};
/** What it gives memory back with; without it the agent says so once and stays as large as its start made it. */
const WITHOUT_RECLAIM_FLAG = '--no-experimental-ffi';
const SERVER_READY_MS_MAX = 60_000;
const CONNECTED_MS_MAX = 30_000;

export interface AgentOptions {
  readonly name: string;
  readonly title: string;
  /** No TLS. */
  readonly plain?: boolean;
  /** Whether it gives back the memory that only its start needed, as it does when installed. */
  readonly reclaims?: boolean;
}

/** A server for each, because one machine is one CI: two agents of it on one server would be taken for copies. */
export async function startInstalledAgent({
  name,
  title,
  plain = false,
  reclaims = true,
}: AgentOptions): Promise<Subject> {
  const server = await startServer(plain);
  const relay = await startRelay(server.port);
  const { node, script, folder } = await installAgent();
  const { token } = JSON.parse(await server.api('POST', '/api/v1/enrolment-tokens', {})) as { token: string };
  const config = join(folder, 'config.json');
  const settings = {
    server: `${plain ? 'ws' : 'wss'}://127.0.0.1:${relay.port}`,
    token,
    serverKey: server.serverKey,
    dataDir: join(folder, 'data'),
    ...(server.tlsPin === null ? {} : { tlsPin: server.tlsPin }),
  };
  writeFileSync(config, JSON.stringify(settings));
  const flags = [...installedFlags(), ...(reclaims ? [] : [WITHOUT_RECLAIM_FLAG])];
  const child = start(node, [...flags, script, 'run', '--config', config], { env: installedEnvironment() });
  const output = outputOf(child);
  await until(() => /connected/.test(output()) || child.exitCode !== null, {
    withinMs: CONNECTED_MS_MAX,
    what: () => `the agent is connected; it printed:\n${output()}`,
  });
  return {
    name,
    title,
    pid: child.pid ?? 0,
    output,
    sent: async () => {
      const own = await server.api('GET', '/metrics');
      return {
        traffic: relay.traffic(),
        samples: Number(/^muster_samples_total (\d+)/m.exec(own)?.[1] ?? Number.NaN),
      };
    },
    stop: async () => {
      await end(child);
      await server.stop();
    },
  };
}

/** A Node binary of its own and the bundled script, in a folder of their own. */
async function installAgent(): Promise<{ node: string; script: string; folder: string }> {
  const folder = temporaryFolder('agent');
  const node = join(folder, 'node');
  copyFileSync(process.execPath, node);
  const script = join(folder, 'agent.mjs');
  writeFileSync(script, (await bundleAgent(temporaryFolder('bundle'), null)).script);
  return { node, script, folder };
}

export interface InventoryCost {
  /** Median of the runs, with the start of the process. */
  readonly wallMs: number;
  /** User and system time, mean of the runs. */
  readonly cpuMs: number;
}

/** What a server asks of a virtual machine before anybody set something else. */
const ASKED: InventoryAsked = { fingerprintDirectories: [...FINGERPRINT_DIRECTORIES_DEFAULT.VirtualMachine] };
const INVENTORY_BYTES_MAX = 64 << 20;

/** The whole inventory by a process of its own, as the agent has it made again and again; a first run is not counted. */
export async function inventoryCost(runs: number, cpuMsOfChildren: () => number): Promise<InventoryCost> {
  const { node, script, folder } = await installAgent();
  const args = [script, 'inventory', '--asked', JSON.stringify(ASKED), folder];
  const run = async () => {
    const startedMs = performance.now();
    await promisify(execFile)(node, [...childFlags(installedFlags()), ...args], {
      env: { ...installedEnvironment(), NODE_COMPILE_CACHE: join(folder, COMPILED_FOLDER) },
      maxBuffer: INVENTORY_BYTES_MAX,
    });
    return performance.now() - startedMs;
  };
  await run();
  const beforeMs = cpuMsOfChildren();
  const walls: number[] = [];
  while (walls.length < runs) walls.push(await run());
  const cpuMs = (cpuMsOfChildren() - beforeMs) / runs;
  return { wallMs: median(walls), cpuMs };
}

interface MeasuredServer {
  readonly port: number;
  readonly serverKey: string;
  readonly tlsPin: string | null;
  /** Body of the answer. */
  api(method: string, path: string, body?: unknown): Promise<string>;
  stop(): Promise<void>;
}

async function startServer(plain: boolean): Promise<MeasuredServer> {
  const dataDir = temporaryFolder('server');
  const port = await freePort();
  const tls = plain ? null : openSelfSignedTls(temporaryFolder('tls'), ['localhost'], Date.now());
  const env: Record<string, string> = {
    ...ENVIRONMENT,
    MUSTER_DATA_DIR: dataDir,
    MUSTER_PORT: String(port),
    MUSTER_ADMIN_PASSWORD: ADMIN_PASSWORD,
    MUSTER_LOCAL_AGENT: '0',
  };
  if (tls) {
    const folder = temporaryFolder('certificate');
    env.MUSTER_TLS_CERT = join(folder, 'tls.crt');
    env.MUSTER_TLS_KEY = join(folder, 'tls.key');
    writeFileSync(env.MUSTER_TLS_CERT, tls.cert);
    writeFileSync(env.MUSTER_TLS_KEY, tls.key, { mode: 0o600 });
  }
  const child = start(process.execPath, SERVER_ARGS, { cwd: ROOT, env: { ...process.env, ...env } });
  const output = outputOf(child);
  await until(() => /Muster is ready/.test(output()) || child.exitCode !== null, {
    withinMs: SERVER_READY_MS_MAX,
    what: 'the server is ready',
  });
  if (child.exitCode !== null) throw new Error(`the server ended at its start:\n${output()}`);
  const apiToken = muster(['token', 'create', '--role', 'admin', '--name', 'footprint'], env).trim();
  return {
    port,
    serverKey: openServerKey(dataFolder(dataDir).serverKey).text,
    tlsPin: tls?.pin ?? null,
    api: (method, path, body) => callServer({ plain, port, apiToken, method, path, body }),
    stop: () => end(child),
  };
}

interface Call {
  readonly plain: boolean;
  readonly port: number;
  readonly apiToken: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

/** The certificate is the one that was made a moment ago, on this machine. */
function callServer({ plain, port, apiToken, method, path, body }: Call): Promise<string> {
  const request = plain ? plainRequest : tlsRequest;
  const headers = { authorization: `Bearer ${apiToken}`, 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method, path, headers, rejectUnauthorized: false };
    const call = request(options, (response) => {
      const parts: string[] = [];
      response.setEncoding('utf8');
      response.on('data', (part: string) => parts.push(part));
      response.on('end', () =>
        (response.statusCode ?? 500) < 300
          ? resolve(parts.join(''))
          : reject(new Error(`${path} answered ${response.statusCode}`)),
      );
    });
    call.on('error', reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

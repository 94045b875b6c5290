/** Starts the server: configuration, data, listeners, the second's tick; and ends it in order. */
import { once } from 'node:events';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { OWN_TOKEN_NAME } from '@muster/shared/given-names.ts';
import type { PublicReleaseKey } from '@muster/shared/release/key.ts';
import { createApp } from './app.ts';
import { systemClock } from './clock.ts';
import { type Config, ConfigError, isLoopback, readConfig } from './config.ts';
import { listenControl } from './control.ts';
import { dataFolder, DataFolderError, openDataFolder } from './data-folder.ts';
import { listen, tryAddress } from './http/listen.ts';
import { createInstallAssets } from './install/assets.ts';
import { installLinesFor, type InstallServer } from './install/mount.ts';
import { type LocalAgent, startLocalAgent } from './local-agent.ts';
import { createLog, messageOf, writeToConsole } from './log.ts';
import { servedRelease } from './releases/catalogue.ts';
import { readPublicReleaseKey } from './release/keys.ts';
import { MigrationError } from './store/sql/migrate.ts';
import { openSelfSignedTls, readTls, type TlsMaterial } from './tls.ts';
import { setUpV8 } from './v8-flags.ts';
import { VERSION } from './version.ts';

const DASHBOARD_FOLDER = join(import.meta.dirname, '../../dashboard/dist');
/** Shared by all servers that run from this folder, and no part of a backup. */
const TOOLS_CACHE_FOLDER = join(import.meta.dirname, '../../node_modules/.cache/muster');
const TICK_MS = 1_000;
/** A stop that takes longer is ended by force: the journal and the database are safe at any moment. */
const STOP_MS_MAX = 5_000;

/**
 * Everything is loaded and nothing started: what is compiled is kept in files (`NODE_COMPILE_CACHE`), and the compiler, 45 MiB, has
 * no place in the memory of the process that serves. See scripts/server-process.cjs.
 */
const COMPILE_ONLY = '--compile-only';

/** The address cannot be listened on; the message says why and what to do. */
class ListenError extends Error {
  override readonly name = 'ListenError';
}

setUpV8();
const log = createLog(systemClock, writeToConsole);
process.on('uncaughtException', (error) => {
  log('error', 'the server failed and ends', { error: error.stack ?? error.message });
  process.exit(1);
});

if (process.argv.includes(COMPILE_ONLY)) {
  // In a thread: what is compiled is kept by the flags of V8, and those were set since.
  await once(
    new Worker(new URL('./store/engine/archive-worker.ts', import.meta.url), { workerData: null }),
    'exit',
  );
  process.exit(0);
}

try {
  await start(readConfig());
} catch (error) {
  const expected =
    error instanceof ConfigError ||
    error instanceof DataFolderError ||
    error instanceof MigrationError ||
    error instanceof ListenError;
  console.error(
    `muster: ${expected ? messageOf(error) : error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  process.exit(1);
}

async function start(config: Config): Promise<void> {
  const startedMs = systemClock.monotonicMs();
  progress(`Muster ${VERSION} starts, data in ${config.dataDir}`);
  const folder = dataFolder(config.dataDir);
  const release = openDataFolder(folder);
  process.once('exit', release);
  const tls = openTls(config);
  const urls = urlsOf(config);
  const proxies = config.trustProxy ? 1 : 0;
  const releaseKey = openReleaseKey(config);
  let provenSerial: () => number | null = () => null;
  const installAssets = createInstallAssets({
    cacheFolders: [TOOLS_CACHE_FOLDER, folder.cache],
    log,
    releaseKey,
    release: () => servedRelease(folder.releases, provenSerial()),
  });
  await tryAddress(config.host, config.port).catch((error: NodeJS.ErrnoException) => {
    throw listenError(error, config);
  });
  const app = await createApp({
    folder,
    clock: systemClock,
    log,
    adminPassword: config.adminPassword,
    dashboardFolder: DASHBOARD_FOLDER,
    proxies,
    publicHost: config.publicUrl === null ? null : new URL(config.publicUrl).host,
    strictTransport: tls !== null && !tls.selfSigned,
    certificate: tls === null ? null : { expiresMs: tls.expiresMs, hostname: hostname() },
    insecure: config.transport.type === 'plain' && config.transport.insecure,
    holdMsMax: config.holdMsMax,
    economyHoldMsMax: config.economyHoldMsMax,
    metricsBytesMax: config.metricsBytesMax,
    validateResponses: false,
    dashboardUrl: urls.people,
    releaseKey,
    install: {
      assets: installAssets,
      lines: (serverKey) =>
        installLinesFor(installAssets, () => installServer(serverKey.text, listener.port)),
    },
    onProgress: progress,
  });
  provenSerial = () => app.provenSerial();
  const listener = await listen({
    web: app.web,
    host: config.host,
    port: config.port,
    tls,
    proxies,
    publicHost: config.publicUrl === null ? null : new URL(config.publicUrl).host,
    sockets: app.sockets,
    log,
  }).catch((error: NodeJS.ErrnoException) => {
    // Taken since it was tried. The next start will not make the account again, so its password must not be lost with this one.
    const first = app.firstAdministrator;
    if (first?.password) progress(`The account ${first.name} was made; its password is ${first.password}`);
    throw listenError(error, config);
  });
  const control = await listenControl(folder.controlSocket, { backup: (to) => app.backup(to) });

  let ticking = false;
  const ticker = setInterval(() => {
    // A tick that takes longer than a second is not joined by a second one.
    if (ticking) return;
    ticking = true;
    app
      .tick(systemClock.now())
      .catch((error: unknown) => log('error', 'a tick failed', { error: messageOf(error) }))
      .finally(() => {
        ticking = false;
      });
  }, TICK_MS);

  const local = config.localAgent ? await startLocal(config, folder.localAgent, listener.port) : null;
  void installAssets.warmUp();
  banner(config, listener.port, app.firstAdministrator, systemClock.monotonicMs() - startedMs);
  stopOnSignal(async () => {
    clearInterval(ticker);
    await local?.stop();
    control.close();
    await app.close();
    await listener.close();
  });

  /** Asked late: a port that the system chose is known only after it listens. */
  function installServer(serverKey: string, port: number): InstallServer {
    const publicUrl = urlsOf({ ...config, port }).people;
    const direct = tls !== null && !config.trustProxy;
    const tlsMode = publicUrl.startsWith('http:') ? 'none' : direct ? 'direct' : 'proxy';
    return {
      publicUrl,
      serverKey,
      tls: tlsMode,
      tlsPin: tlsMode === 'direct' && tls?.selfSigned ? tls.pin : null,
    };
  }

  async function startLocal(of: Config, dataDir: string, port: number): Promise<LocalAgent> {
    const own = isLoopback(of.host) ? of.host : '127.0.0.1';
    return startLocalAgent({
      dataDir,
      serverUrl: `${tls ? 'wss' : 'ws'}://${own}:${port}`,
      serverKey: app.fleet.serverKey.text,
      tlsPin: tls?.pin ?? null,
      issueToken: async () => {
        const scope = { site: null, class: null, tags: [] };
        const { text } = await app.fleet.issueToken(
          { name: OWN_TOKEN_NAME, usesMax: 1, expiresInHours: 1, approval: false, scope },
          systemClock.now(),
        );
        return text;
      },
      log,
    });
  }
}

/** @throws ConfigError */
function openReleaseKey({ releaseKeyFile }: Config): PublicReleaseKey | null {
  if (releaseKeyFile === null) return null;
  try {
    return readPublicReleaseKey(releaseKeyFile);
  } catch (error) {
    throw new ConfigError(`MUSTER_RELEASE_KEY: ${messageOf(error)}.`);
  }
}

function openTls(config: Config): TlsMaterial | null {
  switch (config.transport.type) {
    case 'plain':
      return null;
    case 'files':
      return readTls(config.transport.certFile, config.transport.keyFile);
    case 'self-signed':
      return openSelfSignedTls(config.dataDir, ownNames(config), systemClock.now());
  }
}

/** Names and addresses by which this machine may be reached, for the certificate. */
function ownNames(config: Config): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).map(({ address }) => address),
  );
  const configured = config.publicUrl === null ? [] : [new URL(config.publicUrl).hostname];
  return [
    ...new Set([...configured, 'localhost', ...addresses.map((address) => address.split('%')[0] ?? '')]),
  ].filter((name) => name !== '');
}

function urlsOf(config: Config): { people: string } {
  const scheme = config.transport.type === 'plain' ? 'http' : 'https';
  const host = config.host === '0.0.0.0' || config.host === '::' ? firstAddress() : config.host;
  return {
    people: config.publicUrl ?? `${scheme}://${host.includes(':') ? `[${host}]` : host}:${config.port}`,
  };
}

function firstAddress(): string {
  const outside = Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).filter(({ internal, family }) => !internal && family === 'IPv4'),
  );
  return outside[0]?.address ?? '127.0.0.1';
}

function banner(
  config: Config,
  port: number,
  first: { name: string; password: string | null } | null,
  readyMs: number,
): void {
  const url = urlsOf({ ...config, port }).people;
  const lines = [`Muster is ready after ${(readyMs / 1_000).toFixed(1)} s.`, '', `  Open      ${url}`];
  if (first?.password)
    lines.push(`  Sign in   ${first.name}`, `  Password  ${first.password}   (shown only this once)`);
  else if (first) lines.push(`  Sign in   ${first.name}, with the password of MUSTER_ADMIN_PASSWORD`);
  else
    lines.push(
      '  Sign in   with your account; forgotten: npm run muster -- user reset-password --name admin',
    );
  if (config.transport.type === 'plain' && config.transport.insecure)
    lines.push('', '  Warning   MUSTER_INSECURE=1: everybody on the network can read along.');
  lines.push('', '  Ctrl-C stops the server.');
  console.log(`\n${lines.join('\n')}\n`);
}

function stopOnSignal(stop: () => Promise<void>): void {
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    progress(`Stopping (${signal})`);
    const patience = setTimeout(() => {
      log('warn', 'the stop took too long and is ended by force', { afterMs: STOP_MS_MAX });
      process.exit(0);
    }, STOP_MS_MAX);
    stop().then(
      () => {
        clearTimeout(patience);
        process.exit(0);
      },
      (error: unknown) => {
        log('error', 'the stop failed', { error: messageOf(error) });
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}

function listenError(error: NodeJS.ErrnoException, config: Config): Error {
  const place = `${config.host}:${config.port}`;
  if (error.code === 'EADDRINUSE')
    return new ListenError(
      `Another program listens on ${place}. Stop it, or set MUSTER_PORT to a free port.`,
      { cause: error },
    );
  if (error.code === 'EACCES')
    return new ListenError(
      `Listening on ${place} is not allowed for this user. Set MUSTER_PORT to a port from 1024 up.`,
      { cause: error },
    );
  if (error.code === 'EADDRNOTAVAIL')
    return new ListenError(`${config.host} is no address of this machine. Set MUSTER_HOST to one that is.`, {
      cause: error,
    });
  return error;
}

function progress(text: string): void {
  console.log(`muster: ${text}`);
}

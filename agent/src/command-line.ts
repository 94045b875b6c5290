/** The agent's command line beside `inventory`, and the only file that ends the process. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { LeaveReason } from '@muster/shared/wire/goodbye.ts';
import * as z from 'zod/mini';
import packageJson from '../package.json' with { type: 'json' };
import { Agent, type AgentOptions, type AgentStatus } from './agent.ts';
import { type Checks, checksOf } from './checks/checks.ts';
import type { openChecks } from './checks/open.ts';
import { lineOf, powerOf } from './economy-linux.ts';
import {
  installUrl,
  readSettingsInput,
  type Settings,
  SettingsError,
  settingsFrom,
  settingsFromFlags,
} from './config.ts';
import { Configuration, CONFIGURATION_FILE, configurationFile } from './configuration.ts';
import { type ProxyChoice, proxyWords } from './proxy.ts';
import { EXIT_RESTART, WATCHDOG_LOOK_MS, Watchdog } from './watchdog.ts';
import type { Host } from './host.ts';
import { openKnock } from './host-knock.ts';
import { inventoryInChild, ownProgram } from './inventory/child.ts';
import { HASHES_FILE } from './inventory/kept-files.ts';
import { wallMs } from './host-node.ts';
import { firstSightKeyIn, openIdentity, trustedKey } from './identity.ts';
import { machineOf } from './machine.ts';
import { openHost } from './open-host.ts';
import { writePrivate } from './private-file.ts';
import { bindOptionValues } from './option-values.ts';
import { print } from './print.ts';
import { downloadSockets, webSocketOpener } from './socket.ts';
import { keepReclaiming } from './reclaim.ts';
import { builtInReleaseKey, releaseKeyWords } from './release-key.ts';
import { Spool, SpoolBusyError } from './spool.ts';
import { lastSelfRestart, noteSelfRestart, takeUntold } from './self-restart.ts';
import { stopReason } from './stop-reason.ts';
import { systemTimers } from './timers.ts';
import { installedVersion, knownSerial, trialWords } from './upgrade/installed.ts';
import { DownloadPace } from './upgrade/download-pace.ts';
import { loadFile } from './upgrade/load-file.ts';
import { UpgradeOrders } from './upgrade/order.ts';
import { thisPlatform } from './upgrade/platform.ts';
import { trialWatch } from './upgrade/trial.ts';
import { Witness } from './witness.ts';

const USAGE = `muster-agent ${packageJson.version}

  muster-agent run --server URL [--token-file FILE] [--server-key KEY] [--tls direct|proxy|none] [--tls-pin PIN]
                   [--proxy URL] [--ca FILE] [--insecure] [--witness] [--checks network|loopback|off]
                   [--data-dir DIR] [--config FILE] [--supervised]
  muster-agent status [--json]              is it connected, and if not, why
  muster-agent doctor [--json]              looks for what keeps it from the server, and says what to do
  muster-agent show [SECTION] [--json]      prints what would be sent, and sends nothing; one section of it alone
  muster-agent inventory                    prints the inventory as one line of JSON, and sends nothing
  muster-agent check-settings               can it run with its settings: if not, why, with exit code 78
  muster-agent upgrade --from DIR --install-dir DIR [--trial-seconds N]
                                            puts a signed release in place of the installed one, on trial
  muster-agent upgrade --pending --data-dir DIR --install-dir DIR
                                            the same with what the agent has loaded, or the way back; at its start
  muster-agent --version

--token-file: the enrolment token, needed the first time; "-" takes it from standard input. --token T does as well,
and stands on the list of processes, where every user of the machine can read it.
--supervised: standard input says why to stop (the Windows service), and each line of the log has its time.
--log-times: the same for the log alone; the journal of systemd adds them by itself.
--witness: when a machine on one of this machine's own networks falls silent, the server may ask whether it is
still there; this agent then knocks once at its port 9 and looks into the neighbour table. Off by default.
--checks: whom the checks of the server's signed configuration may reach: other machines (the default), this
machine's own loopback too, or nobody: then none is run. Link-local and metadata addresses are never reached.
--proxy: an HTTP proxy, http://[user:password@]host:port; "none" goes without that of HTTPS_PROXY.
--ca: certificates (PEM) of your own authority. "metered": true in agent.json saves on a line paid by volume.
Exit codes of status: 0 connected, 1 not connected, 3 does not run, 4 waits for an administrator.

Every flag can stand in <data-dir>/agent.json ("server", "token", "serverKey", "tls", "tlsPin", "proxy", "ca", "insecure", "witness", "checks", "metered")
or in the environment (MUSTER_SERVER, MUSTER_TOKEN, MUSTER_SERVER_KEY, MUSTER_AGENT_TLS, MUSTER_TLS_PIN,
MUSTER_AGENT_PROXY, MUSTER_AGENT_CA, MUSTER_INSECURE=1, MUSTER_AGENT_WITNESS=1, MUSTER_AGENT_CHECKS, MUSTER_AGENT_DATA_DIR, MUSTER_AGENT_CONFIG).
`;

const SPOOL_FILE = 'spool.db';
const STATUS_FILE = 'status.json';
/** Of service/linux/sleep.sh: there from before the machine sleeps until it is awake. */
const ASLEEP_FILE = 'asleep';

/** As the proof takes it. */
const AGENT_VERSION_LENGTH_MAX = 32;
const EXIT_USAGE = 64;
const EXIT_CONFIG = 78;

const OPTIONS = {
  server: { type: 'string' },
  token: { type: 'string' },
  'token-file': { type: 'string' },
  'server-key': { type: 'string' },
  tls: { type: 'string' },
  'tls-pin': { type: 'string' },
  proxy: { type: 'string' },
  ca: { type: 'string' },
  json: { type: 'boolean' },
  insecure: { type: 'boolean' },
  witness: { type: 'boolean' },
  checks: { type: 'string' },
  supervised: { type: 'boolean' },
  'log-times': { type: 'boolean' },
  'data-dir': { type: 'string' },
  'install-dir': { type: 'string' },
  from: { type: 'string' },
  pending: { type: 'boolean' },
  'trial-seconds': { type: 'string' },
  config: { type: 'string' },
  version: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

type Flags = Readonly<Record<string, string | boolean | undefined>>;

/** Never rejects: what goes wrong is written down and ends the process. */
export function runCommandLine(args: string[]): Promise<void> {
  process.on('uncaughtException', failed);
  return main(args).catch(failed);
}

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: bindOptionValues(args, OPTIONS),
    allowPositionals: true,
    options: OPTIONS,
  });
  if (values.version) return print(packageJson.version);
  if (values.supervised || values['log-times']) logNow = wallMs;
  const [command, section = null] = positionals;
  if (values.help || command === undefined) return print(USAGE.trimEnd());
  if (command === 'run') return run(values);
  if (command === 'check-settings') return checkSettings(values);
  if (command === 'status') return status(values);
  if (command === 'show') return show(values, section);
  if (command === 'doctor') return doctor(values);
  if (command === 'upgrade') return upgradeFrom(values);
  log(`unknown command '${command}'; see --help`);
  process.exitCode = EXIT_USAGE;
}

async function upgradeFrom(flags: Flags): Promise<void> {
  const { from, 'install-dir': installFolder, 'trial-seconds': seconds } = flags;
  if (flags.pending === true) return upgradePending(flags);
  if (typeof from !== 'string' || typeof installFolder !== 'string')
    throw new SettingsError('upgrade wants --from and --install-dir; see --help');
  // Loaded only here: an agent that runs has no use for it.
  const [{ ReleaseError }, { TRIAL_SECONDS_DEFAULT, upgrade }] = [
    await import('@muster/shared/release/manifest.ts'),
    await import('./upgrade/command.ts'),
  ];
  const trialSeconds = seconds === undefined ? TRIAL_SECONDS_DEFAULT : Number(seconds);
  if (!Number.isInteger(trialSeconds) || trialSeconds < 1)
    throw new SettingsError(`--trial-seconds must be a whole number from 1 on, not ${String(seconds)}`);
  try {
    print(await upgrade({ from, installFolder, trialSeconds }));
  } catch (error) {
    // A sentence for people, without the places in the code.
    if (error instanceof ReleaseError) throw new SettingsError(error.message, { cause: error });
    throw error;
  }
}

async function upgradePending(flags: Flags): Promise<void> {
  const { 'data-dir': dataDir, 'install-dir': installFolder } = flags;
  if (typeof dataDir !== 'string' || typeof installFolder !== 'string')
    throw new SettingsError('upgrade --pending wants --data-dir and --install-dir; see --help');
  const [{ upgrade }, { settlePending }] = [
    await import('./upgrade/command.ts'),
    await import('./upgrade/pending.ts'),
  ];
  const line = await settlePending({
    dataDir,
    installFolder,
    nowMs: wallMs(),
    putInPlace: (from, trialSeconds) => upgrade({ from, installFolder, trialSeconds }),
  });
  if (line !== null) log(line);
}

/** Only where it is installed, was built with a key, and there are releases for the machine. */
function upgradesOf(
  { url, tls, tlsPin, ca, proxy: { proxy } }: Settings,
  mayLoad: () => boolean,
  installFolder: string | boolean | undefined,
  dataDir: string,
  leave: () => void,
): UpgradeOrders | null {
  const key = builtInReleaseKey();
  const platform = thisPlatform();
  if (typeof installFolder !== 'string' || key === null || platform === null) return null;
  const way = {
    createConnection: downloadSockets({ tls, tlsPin, ca, proxy }),
    pace: new DownloadPace(),
    timers: systemTimers,
    elapsedMs: () => performance.now(),
  };
  return new UpgradeOrders({
    installFolder,
    dataDir,
    platform,
    key,
    nowMs: wallMs,
    mayLoad,
    load: (path, to, bytesMax, onBytes, signal) =>
      loadFile({ url: new URL(path, installUrl(url)), to, bytesMax, onBytes, signal, ...way }),
    timers: systemTimers,
    random: Math.random,
    leave,
    log,
  });
}

async function run(flags: Flags): Promise<void> {
  const { input, dataDir, environment } = readInput(flags);
  const settings = settingsFrom(input, environment);
  if (flags.token !== undefined)
    log(
      'a token as an argument stands on the list of processes; use --token-file FILE, or "-" for standard input',
    );
  const { host } = await openHost(log);
  process.umask(0o077);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const { identity, origin } = openIdentity(dataDir, host, log);
  if (origin !== 'kept') forgetMachine(dataDir);
  if (origin === 'machine-changed')
    log('this is another machine than the one the key was made on: new key, new enrolment');
  if (origin === 'damaged') log('the key of this agent could not be read: new key, new enrolment');
  const spool = new Spool({ path: join(dataDir, SPOOL_FILE), nowMs: () => host.now(), randomBytes });
  const writeStatus = statusWriter(join(dataDir, STATUS_FILE));
  const beside = { program: ownProgram(), dataDir, log };
  const machine = machineOf(host, (report, asked) => inventoryInChild(beside, report, asked));
  const elapsedMs = () => machine.clocks().sinceBootMs;
  const told = { pid: process.pid, server: settings.url, proxy: wayWords(settings.proxy) };
  const installFolder = flags['install-dir'];
  const agentVersion = versionOf(flags);
  const onTrial =
    typeof installFolder === 'string'
      ? trialWatch(installFolder, dataDir, log, (serial) => {
          agent.tellUpgrading({ serial, stage: 'confirmed', receivedBytes: 0, totalBytes: 0, detail: '' });
          upgrades?.clear();
        })
      : null;
  const upgrades = upgradesOf(
    settings,
    () => agent.economy.downloads,
    installFolder,
    dataDir,
    () => end(async () => 'upgrade', 0),
  );
  const agent: Agent = new Agent({
    machine,
    spool,
    ...(upgrades === null ? {} : { upgrades }),
    ...(settings.witness
      ? { witness: new Witness({ host, knock: openKnock, timers: systemTimers, elapsedMs }) }
      : {}),
    checks: checksFor(settings, {
      agentId: identity.keys.agentId,
      clocks: () => machine.clocks(),
      userAgent: `muster-agent/${agentVersion} check`,
      failed: (check, why) => agent.checkFailed(check, why),
    }),
    configuration: keptConfiguration(
      dataDir,
      identity.keys.agentId,
      trustedKey(settings, identity.trustedAtFirstSight),
    ),
    link: {
      open: webSocketOpener({
        ...settings,
        proxy: settings.proxy.proxy,
        userAgent: `muster-agent/${agentVersion}`,
      }),
      identity,
      serverKey: settings.serverKey,
      firstSight: settings.firstSight,
      token: settings.token,
      facts: factsOf(host, agentVersion),
      timers: systemTimers,
      random: { unit: Math.random, bytes: (count) => randomBytes(count) },
    },
    log,
    surroundings: () => ({ power: powerOf(host), line: lineOf(host, settings.metered) }),
    onStatus: (state) => {
      writeStatus({ ...state, ...told });
      onTrial?.(state);
    },
  });
  const { end, isEnding } = endOf(agent);
  agent.start();
  log(`agent ${identity.keys.agentId} ${agentVersion} for ${settings.url}`);
  if (host.platform === 'linux') keepReclaiming(systemTimers, log);
  const untold = takeUntold(dataDir, log);
  if (untold !== null) agent.tell(`the run before was ended from outside: ${untold.why}`);
  process.on('SIGTERM', () => end(() => stopReason(host), 0));
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => end(async () => 'stop', 0));
  // Without a listener it would end the process. SIGUSR1, which the service's Node holds back, can have none.
  process.on('SIGUSR2', () => log('SIGUSR2 means nothing here; it goes on'));
  watchFootprint(host, (why) => {
    agent.tell(`begins anew: ${why}`);
    noteSelfRestart(dataDir, { atMs: host.now(), why }, log);
    end(async () => 'stop', EXIT_RESTART);
  });
  // The signal of service/linux/sleep.sh, which does nothing where nobody listens.
  if (host.platform === 'linux')
    process.on('SIGURG', () => (existsSync(join(dataDir, ASLEEP_FILE)) ? agent.sleep() : agent.wake()));
  if (flags.supervised !== true) return;
  const { followSupervisor } = await import('./supervisor.ts');
  followSupervisor(process.stdin, {
    // The end of the input follows the word.
    stop: (reason) => isEnding() || end(async () => reason, 0),
    sleep: () => agent.sleep(),
    wake: () => agent.wake(),
  });
}

function checksFor(
  { checks: reach, ca }: Settings,
  options: Omit<Parameters<typeof openChecks>[0], 'timers' | 'reach' | 'ca'>,
): Checks {
  return checksOf(
    reach,
    async () =>
      (await import('./checks/open.ts')).openChecks({ ...options, timers: systemTimers, reach, ca }),
    (why) => options.failed('checks', why),
  );
}

/** Ends the agent with a word, and with it the process. */
function endOf(agent: Agent): {
  end: (why: () => Promise<LeaveReason>, exitCode: number) => void;
  isEnding: () => boolean;
} {
  let ending = false;
  return {
    isEnding: () => ending,
    end: (why, exitCode) => {
      // Whoever asks twice does not want to wait.
      if (ending) leave(exitCode);
      ending = true;
      why()
        .then((reason) => agent.stop(reason))
        .then(() => leave(exitCode))
        .catch(failed);
    },
  };
}

/**
 * Node's own way out waits for each thread that looks up a name, which is longer than a service is given to stop where no name server
 * answers. Another program in the place of this one does not wait; Windows knows no such thing, and ends what is late.
 */
function leave(exitCode: number): never {
  if (process.execve !== undefined && process.getActiveResourcesInfo().includes('GetAddrInfoReqWrap')) {
    try {
      process.execve('/bin/sh', ['sh', '-c', `exit ${exitCode}`], {});
    } catch (error) {
      log(
        `it ends when no name is looked up any more: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  process.exit(exitCode);
}

function watchFootprint(host: Host, beyond: (why: string) => void): void {
  const watchdog = new Watchdog();
  const look = () => {
    const why = watchdog.look({ awakeMs: host.monotonicMs(), ...host.self() });
    if (why !== null) return beyond(why);
    systemTimers.after(WATCHDOG_LOOK_MS, look);
  };
  look();
}

/** Throws as `run` would, before that has done anything. */
function checkSettings(flags: Flags): void {
  const { input, environment } = readInput(flags);
  settingsFrom(input, environment);
}

async function status(flags: Flags): Promise<void> {
  const [
    { OUTCOME_EXIT_CODES, fullDiskText, statusText },
    { skipped },
    { judgeConfiguration, judgeDisk },
    { availableBytes, seenConfiguration },
    { agentProcesses },
  ] = [
    await import('./status-text.ts'),
    await import('./doctor/judgement.ts'),
    await import('./doctor/machine-steps.ts'),
    await import('./doctor/machine.ts'),
    await import('./doctor/processes.ts'),
  ];
  const judged = (read: () => ReturnType<typeof readInput>) => judgeConfiguration(seenConfiguration(read));
  const { input, dataDir } = readOrAdvise(flags, (read) => judged(read).fix);
  // Whoever names a data folder alone asks about the agent in it, whatever it was started with.
  const isNamed = input.server !== undefined || flags.config !== undefined;
  const configuration = isNamed ? judged(() => readInput(flags)) : skipped('no configuration is named');
  const path = join(dataDir, STATUS_FILE);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const why = configuration.outcome === 'failed' ? `\n${configuration.seen}\n${configuration.fix}` : '';
    throw new SettingsError(`${path} cannot be read: has the agent run here?${why}`, { cause });
  }
  const selfRestart = lastSelfRestart(dataDir);
  const file: unknown = JSON.parse(text);
  const installFolder = flags['install-dir'];
  const serial = typeof installFolder === 'string' ? knownSerial(installFolder) : 0;
  const processes = typeof installFolder === 'string' ? agentProcesses(installFolder) : [];
  const {
    text: words,
    outcome,
    startedAtMs,
  } = statusText(file, wallMs(), { isRunning, selfRestart, serial, configuration, processes });
  const upgrades = releaseKeyWords(builtInReleaseKey());
  const trial = typeof installFolder === 'string' ? trialWords(installFolder, dataDir, startedAtMs) : null;
  const disk = judgeDisk(dataDir, availableBytes(dataDir));
  if (flags.json === true)
    print(
      JSON.stringify({
        outcome,
        status: file,
        serial,
        selfRestart,
        upgrades,
        trial,
        disk,
        configuration,
        processes,
      }),
    );
  else
    print(
      `${words}${fullDiskText(file, disk)}\nupgrades    ${upgrades}${trial === null ? '' : `\n            ${trial}`}`,
    );
  process.exitCode = OUTCOME_EXIT_CODES[outcome];
}

async function doctor(flags: Flags): Promise<void> {
  const [{ examine }, { machinePort }, { agentProcesses }, { networkPort }, { findingsText }] = [
    await import('./doctor/doctor.ts'),
    await import('./doctor/machine.ts'),
    await import('./doctor/processes.ts'),
    await import('./doctor/network.ts'),
    await import('./doctor/text.ts'),
  ];
  const { host, close } = await openHost(log);
  const installFolder = flags['install-dir'];
  const findings = await examine({
    ...machinePort({
      host,
      statusFile: STATUS_FILE,
      readInput: () => readInput(flags),
      isRunning,
      processes: () => (typeof installFolder === 'string' ? agentProcesses(installFolder) : []),
    }),
    ...networkPort(`muster-agent/${packageJson.version} doctor`),
  });
  print(flags.json === true ? JSON.stringify({ findings }) : findingsText(findings));
  close();
  process.exitCode = findings.some(({ outcome }) => outcome === 'failed') ? 1 : 0;
}

async function show(flags: Flags, section: string | null): Promise<void> {
  if (flags.json === true && section !== null)
    throw new SettingsError('--json gives all of it; name no section with it');
  const { host, settled, close } = await openHost(log);
  await settled();
  const [{ wouldSend }, { sentText }] = [await import('./show/sent.ts'), await import('./show/text.ts')];
  const { input, dataDir, environment } = readInputIfAny(flags);
  const settings = input.server === undefined ? null : settingsFrom(input, environment);
  if (settings === null)
    log('nothing is configured here yet: it knows no server, and this is what it would send to one');
  const kept = settings === null ? null : keptBy(dataDir, settings);
  const sent = await wouldSend({
    host,
    // What would be sent of the inventory is collected apart; without a server nobody asks this one.
    machine: machineOf(host, async () => new Map()),
    facts: factsOf(host, versionOf(flags)),
    configuration: kept,
    timers: systemTimers,
    randomBytes,
    wait: (durationMs) => new Promise((resolve) => systemTimers.after(durationMs, () => resolve())),
  });
  const shown = settings === null ? {} : shownSettings(settings);
  close();
  if (flags.json === true) return print(JSON.stringify({ configuration: shown, ...sent }));
  const said = sentText(sent, shown, section);
  if (said.type === 'text') return print(said.text);
  log(`there is no section '${section}'; there are: ${said.names.join(', ')}`);
  process.exitCode = EXIT_USAGE;
}

/** By which the agent that runs here works; null: none has run, or it may not be looked at. */
function keptBy(dataDir: string, settings: Settings): Configuration | null {
  try {
    const text = readFileSync(join(dataDir, STATUS_FILE), 'utf8');
    const { agentId } = z.object({ agentId: z.string() }).parse(JSON.parse(text));
    return keptConfiguration(dataDir, agentId, trustedKey(settings, firstSightKeyIn(dataDir)));
  } catch (error) {
    log(
      `nothing is known of an agent here, so all is shown: ${error instanceof Error ? error.message : String(error)}`,
    );
    return null;
  }
}

function keptConfiguration(dataDir: string, agentId: string, serverKey: string | null): Configuration {
  return new Configuration({
    place: configurationFile(join(dataDir, CONFIGURATION_FILE)),
    agentId,
    serverKey,
    nowMs: wallMs,
    log,
  });
}

/** Without what nobody else should know. */
function shownSettings({ token, proxy, ...rest }: Settings): Record<string, unknown> {
  return { ...rest, proxy: wayWords(proxy), token: token === null ? 'none' : 'given, not shown' };
}

function wayWords({ proxy, why }: ProxyChoice): string {
  return `${proxy === null ? 'none' : proxyWords(proxy)}, ${why}`;
}

function versionOf({ 'install-dir': installFolder }: Flags): string {
  const installed = typeof installFolder === 'string' ? installedVersion(installFolder) : null;
  return (installed ?? packageJson.version).slice(0, AGENT_VERSION_LENGTH_MAX);
}

function factsOf(host: Host, agentVersion: string): AgentOptions['link']['facts'] {
  return {
    agentVersion,
    hostname: hostname().slice(0, 255),
    platform: host.platform,
  };
}

function readInput(flags: Flags): ReturnType<typeof readSettingsInput> {
  return readSettingsInput(settingsFromFlags(flags), typeof flags.config === 'string' ? flags.config : null);
}

/** The same without the file that `--config` names, where there is none yet. @throws SettingsError */
function readInputIfAny(flags: Flags): ReturnType<typeof readSettingsInput> {
  try {
    return readInput(flags);
  } catch (error) {
    const { code, path }: NodeJS.ErrnoException = Object((error as Error).cause);
    if (code !== 'ENOENT' || path !== flags.config) throw error;
    return readInput({ ...flags, config: undefined });
  }
}

/** The same, and of what cannot be read what to do about it. @throws SettingsError */
function readOrAdvise(
  flags: Flags,
  adviceOf: (read: () => ReturnType<typeof readSettingsInput>) => string | null,
): ReturnType<typeof readSettingsInput> {
  const read = () => readInput(flags);
  try {
    return read();
  } catch (error) {
    if (error instanceof SettingsError)
      throw new SettingsError(`${error.message}\n${adviceOf(read)}`, { cause: error });
    throw error;
  }
}

/** A spool belongs to one key, what was read of files to one machine. */
function forgetMachine(dataDir: string): void {
  rmSync(join(dataDir, HASHES_FILE), { force: true });
  for (const suffix of ['', '-wal', '-shm', '-journal'])
    rmSync(join(dataDir, SPOOL_FILE + suffix), { force: true });
}

/** For those who look at the agent. One that cannot be written is told once, until it can be again. */
function statusWriter(
  path: string,
): (state: AgentStatus & { pid: number; server: string; proxy: string }) => void {
  let isTold = false;
  return (state) => {
    try {
      writePrivate(path, `${JSON.stringify(state, null, 2)}\n`, false);
      isTold = false;
    } catch (error) {
      if (!isTold)
        log(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
      isTold = true;
    }
  };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Set where the log is a file: the journal of systemd adds the time by itself. */
let logNow: (() => number) | null = null;

function log(line: string): void {
  const stamp = logNow === null ? '' : `${new Date(logNow()).toISOString()} `;
  process.stderr.write(`${stamp}muster-agent: ${line}\n`);
}

function failed(error: unknown): never {
  if (error instanceof SettingsError || error instanceof SpoolBusyError) {
    log(error.message);
    process.exit(EXIT_CONFIG);
  }
  if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) {
    log(error.message);
    process.exit(EXIT_USAGE);
  }
  log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
}

/** Settings of the agent from flags, environment and file, in this order; the only reader of the environment here. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Bytes32 } from '@muster/shared/wire/values.ts';
import * as z from 'zod/mini';
import { jsonFault, serverKeyFault } from './config-words.ts';
import { CHECK_REACHES, type CheckReach } from './checks/reach-names.ts';
import { chooseProxy, type ProxyChoice, ProxyError, type ProxyEnvironment } from './proxy.ts';
import type { TlsMode } from './socket.ts';

/** What a file, the environment or the command line may say. `agent.json` holds an object of this form. */
export const SettingsInput = z.strictObject({
  /** Address of the server: ws, wss, http or https; the path is `/ws/agent` where none is given. */
  server: z.optional(z.string().check(z.maxLength(2_000))),
  /** Enrolment token. */
  token: z.optional(z.string().check(z.minLength(1), z.maxLength(128))),
  /** The server's identity key, base64url of 32 bytes. */
  serverKey: z.optional(Bytes32),
  /** Where TLS ends. Never negotiated: only the one who installs the agent knows. */
  tls: z.optional(z.enum(['direct', 'proxy', 'none'])),
  /** SHA-256 of the certificate's public key, base64; `sha256//` before it is allowed. */
  tlsPin: z.optional(z.string().check(z.maxLength(100))),
  /** Plain text to another machine; everybody on the way can read along. */
  insecure: z.optional(z.boolean()),
  /** HTTP proxy on the way to the server, with user and password if it wants them; 'none': not even that of the environment. */
  proxy: z.optional(z.string().check(z.minLength(1), z.maxLength(2_000))),
  /** File of certificates (PEM) of your own authorities, trusted besides those of the machine. */
  ca: z.optional(z.string().check(z.minLength(1), z.maxLength(4_096))),
  /** The line is paid by volume; where nothing is said, the agent looks by itself. */
  metered: z.optional(z.boolean()),
  dataDir: z.optional(z.string().check(z.maxLength(4_096))),
  /** May be asked whether a silent neighbour on its own network is there. Off where nothing is said. */
  witness: z.optional(z.boolean()),
  /** Whom the checks that the server signs may reach. Where nothing is said: other machines, not this one's loopback. */
  checks: z.optional(z.enum(CHECK_REACHES)),
});
export type SettingsInput = z.infer<typeof SettingsInput>;

export interface Settings {
  /** ws: or wss:, with path. */
  readonly url: string;
  readonly tls: TlsMode;
  /** base64 without prefix. */
  readonly tlsPin: string | null;
  /** base64url. */
  readonly serverKey: string | null;
  /** The server is on this machine, so the first key it shows may be trusted. */
  readonly firstSight: boolean;
  readonly token: string | null;
  readonly proxy: ProxyChoice;
  /** Path of a PEM file. */
  readonly ca: string | null;
  /** null: nobody said. */
  readonly metered: boolean | null;
  /** Looks for silent neighbours when the server asks. */
  readonly witness: boolean;
  readonly checks: CheckReach;
}

/** What is wrong with the settings, in words for whoever wrote them. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** The one thing that `insecure` allows. */
export class PlainTextError extends SettingsError {}

export const AGENT_PATH = '/ws/agent';
const NO_ENVIRONMENT: ProxyEnvironment = { httpsProxy: undefined, noProxy: undefined };

/** Where the same server has its files for agents; behind a proxy both may stand below a folder. */
export function installUrl(agentUrl: string): URL {
  const url = new URL(agentUrl.replace(/^ws/, 'http'));
  url.pathname = url.pathname.endsWith(AGENT_PATH)
    ? `${url.pathname.slice(0, -AGENT_PATH.length)}/install/`
    : '/install/';
  url.search = '';
  return url;
}

/** @throws SettingsError */
export function settingsFrom(input: SettingsInput, env: ProxyEnvironment = NO_ENVIRONMENT): Settings {
  const url = serverUrl(input.server);
  const encrypted = url.protocol === 'wss:';
  const tls = input.tls ?? (encrypted ? 'direct' : 'none');
  const loopback = isLoopback(url.hostname);
  if ((tls === 'none') === encrypted)
    throw new SettingsError(`"tls" is "${tls}", but the address of the server begins with ${url.protocol}//`);
  if (!encrypted && !loopback && input.insecure !== true)
    throw new PlainTextError(
      `${url.host} is another machine and ${url.protocol}// is plain text. Give an address with wss:// as "server", or allow plain text with "insecure": true; everybody on the way can read along then.`,
    );
  if (input.tlsPin !== undefined && !encrypted) throw new SettingsError('"tlsPin" needs wss://');
  return {
    url: url.href,
    tls,
    tlsPin: input.tlsPin === undefined ? null : tlsPin(input.tlsPin),
    serverKey: input.serverKey ?? null,
    firstSight: loopback,
    token: input.token ?? null,
    proxy: proxyChoice(url, input.proxy, env),
    ca: input.ca ?? null,
    metered: input.metered ?? null,
    witness: input.witness ?? false,
    checks: input.checks ?? 'network',
  };
}

/** Merges file, environment and flags. `dataDir` is where key, spool and status lie. @throws SettingsError */
export function readSettingsInput(
  flags: SettingsInput,
  configPath: string | null,
): { input: SettingsInput; dataDir: string; environment: ProxyEnvironment } {
  const { env } = process;
  const fromEnv = {
    server: env.MUSTER_SERVER,
    token: env.MUSTER_TOKEN,
    serverKey: env.MUSTER_SERVER_KEY,
    tls: env.MUSTER_AGENT_TLS,
    tlsPin: env.MUSTER_TLS_PIN,
    insecure: env.MUSTER_INSECURE === undefined ? undefined : env.MUSTER_INSECURE === '1',
    proxy: env.MUSTER_AGENT_PROXY,
    ca: env.MUSTER_AGENT_CA,
    dataDir: env.MUSTER_AGENT_DATA_DIR,
    witness: env.MUSTER_AGENT_WITNESS === undefined ? undefined : env.MUSTER_AGENT_WITNESS === '1',
    checks: env.MUSTER_AGENT_CHECKS,
  };
  const near = flags.dataDir ?? fromEnv.dataDir ?? defaultDataDir();
  const file = configPath ?? env.MUSTER_AGENT_CONFIG ?? null;
  const fromFile = readConfigFile(file ?? join(near, 'agent.json'), file !== null);
  const input = { ...fromFile, ...defined(parsed('environment', fromEnv)), ...defined(flags) };
  // Programs differ in the case that they read; curl takes the small letters first.
  const environment = {
    httpsProxy: env.https_proxy ?? env.HTTPS_PROXY,
    noProxy: env.no_proxy ?? env.NO_PROXY,
  };
  return { input, dataDir: input.dataDir ?? near, environment };
}

function readConfigFile(path: string, required: boolean): SettingsInput {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (!required && (cause as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new SettingsError(
      `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
  try {
    return parsed(path, JSON.parse(text));
  } catch (cause) {
    if (cause instanceof SyntaxError)
      throw new SettingsError(`${path} is not JSON, ${jsonFault(text, cause)}`, { cause });
    throw cause;
  }
}

function parsed(source: string, data: unknown): SettingsInput {
  const result = SettingsInput.safeParse(data);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (issue?.path[0] === 'serverKey')
    throw new SettingsError(`${source}: serverKey ${serverKeyFault(Object(data).serverKey)}`);
  const place = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  throw new SettingsError(`${source}: ${place}${issue?.message}`);
}

function defined(input: SettingsInput): SettingsInput {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}

/** The command line, whose words are all text. @throws SettingsError */
export function settingsFromFlags(
  flags: Readonly<Record<string, string | boolean | undefined>>,
): SettingsInput {
  return parsed('command line', {
    server: flags.server,
    token: typeof flags['token-file'] === 'string' ? readTokenFile(flags['token-file']) : flags.token,
    serverKey: flags['server-key'],
    tls: flags.tls,
    tlsPin: flags['tls-pin'],
    insecure: flags.insecure,
    proxy: flags.proxy,
    ca: flags.ca,
    dataDir: flags['data-dir'],
    witness: flags.witness,
    checks: flags.checks,
  });
}

/** Path of standard input, by the file's name that programs agree on. */
const STANDARD_INPUT = '-';
const STANDARD_INPUT_DESCRIPTOR = 0;

/** The enrolment token in a file, or, of "-", on standard input: as an argument everybody on the machine could read it. @throws SettingsError */
export function readTokenFile(path: string): string {
  try {
    return readFileSync(path === STANDARD_INPUT ? STANDARD_INPUT_DESCRIPTOR : path, 'utf8').trim();
  } catch (cause) {
    throw new SettingsError(
      `--token-file ${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

function defaultDataDir(): string {
  if (process.platform === 'win32')
    return join(process.env.ProgramData ?? 'C:\\ProgramData', 'Muster Agent', 'data');
  if (process.getuid?.() === 0) return '/var/lib/muster-agent';
  return join(process.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'muster-agent');
}

function serverUrl(text: string | undefined): URL {
  if (text === undefined)
    throw new SettingsError('"server", the address of the server, is missing; such as wss://host:8420');
  const url = URL.parse(text.includes('://') ? text : `wss://${text}`);
  if (!url || !/^(ws|http)s?:$/.test(url.protocol))
    throw new SettingsError(`"${text}" is no address of a server`);
  url.protocol = url.protocol.replace('http', 'ws');
  if (url.pathname === '/' || url.pathname === '') url.pathname = AGENT_PATH;
  url.hash = '';
  return url;
}

/** RFC 6761, section 6.3; RFC 1122, section 3.2.1.3; RFC 4291, section 2.5.3. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(hostname);
}

function proxyChoice(server: URL, setting: string | undefined, env: ProxyEnvironment): ProxyChoice {
  try {
    return chooseProxy(server, setting, env);
  } catch (cause) {
    if (cause instanceof ProxyError) throw new SettingsError(cause.message, { cause });
    throw cause;
  }
}

function tlsPin(text: string): string {
  const pin = text.replace(/^sha256\/\//, '');
  if (Buffer.from(pin, 'base64').length !== 32 || !/^[A-Za-z0-9+/]{43}=$/.test(pin))
    throw new SettingsError(`"${text}" is no pin: base64 of a SHA-256 is wanted`);
  return pin;
}

/** Of the inventory's own process: ours, and a folder for what Node makes of the script (module.enableCompileCache). */
export function inventoryEnvironment(compiledFolder: string): NodeJS.ProcessEnv {
  return { ...process.env, NODE_COMPILE_CACHE: compiledFolder };
}

/** Where Windows is installed; only the system itself sets this. */
export function windowsFolder(): string {
  return process.env['SystemRoot'] ?? 'C:\\Windows';
}

/** Configuration of the server: the only reader of the environment. */
import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from '@muster/shared/api/access.ts';
import { type Millis, SECOND_MS } from '@muster/shared/time.ts';
import { HOLD_MS_MAX } from '@muster/shared/wire/limits.ts';
import { z } from 'zod';

export type Transport =
  /** Plain text: on loopback, or where MUSTER_INSECURE=1 says so, or behind a proxy that ends TLS. */
  | { readonly type: 'plain'; readonly insecure: boolean }
  | { readonly type: 'files'; readonly certFile: string; readonly keyFile: string }
  | { readonly type: 'self-signed' };

export interface Config {
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly transport: Transport;
  /** A proxy in front ends TLS and names the caller in X-Forwarded-For. */
  readonly trustProxy: boolean;
  /** Address under which browsers and agents reach this server, without a slash at the end; null = derived. */
  readonly publicUrl: string | null;
  readonly adminPassword: string | null;
  /** Run an agent on this machine too. */
  readonly localAgent: boolean;
  /** Longest time that agents may hold ticks back to send several at once; 0 = each goes at once. */
  readonly holdMsMax: Millis;
  /** The same for workstations on battery or a metered line. */
  readonly economyHoldMsMax: Millis;
  /** What the samples may take on the disk; null: as much as there is. */
  readonly metricsBytesMax: number | null;
  /** File with the public half of the key by which releases of the agent are signed; null: agents from here take no upgrade. */
  readonly releaseKeyFile: string | null;
}

/** A setting that cannot be used: names the variable, the value and what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export const DEFAULT_PORT = 8420;

/** Several times what the journal alone may take. */
const METRICS_BYTES_MIN = 256 << 20;
const HOLD_RANGE = `must be from 0 to ${HOLD_MS_MAX / SECOND_MS}`;
const flag = z.enum(['0', '1'], { error: 'must be 0 or 1' }).optional();
const Environment = z.object({
  MUSTER_DATA_DIR: z.string().min(1, 'must name a folder').default('./data'),
  MUSTER_HOST: z
    .string()
    .refine((host) => host === 'localhost' || isIP(host) !== 0, 'must be an IP address or localhost')
    .default('127.0.0.1'),
  MUSTER_PORT: z.coerce
    .number({ error: 'must be a number' })
    .int('must be a whole number')
    .min(0, 'must be from 0 to 65535')
    .max(65_535, 'must be from 0 to 65535')
    .default(DEFAULT_PORT),
  MUSTER_ADMIN_PASSWORD: z
    .string()
    .min(
      PASSWORD_LENGTH_MIN,
      `must have at least ${PASSWORD_LENGTH_MIN} characters; set a longer one, or leave it out and the first start shows a password that it made`,
    )
    .max(PASSWORD_LENGTH_MAX, `must have at most ${PASSWORD_LENGTH_MAX} characters; set a shorter one`)
    .optional(),
  MUSTER_LOCAL_AGENT: flag,
  MUSTER_HOLD_SECONDS: z.coerce
    .number({ error: 'must be a number' })
    .min(0, HOLD_RANGE)
    .max(HOLD_MS_MAX / SECOND_MS, HOLD_RANGE)
    .default(0),
  MUSTER_ECONOMY_HOLD_SECONDS: z.coerce
    .number({ error: 'must be a number' })
    .min(0, HOLD_RANGE)
    .max(HOLD_MS_MAX / SECOND_MS, HOLD_RANGE)
    .default(HOLD_MS_MAX / SECOND_MS),
  MUSTER_METRICS_BYTES_MAX: z.coerce
    .number({ error: 'must be a number of bytes' })
    .int('must be a whole number of bytes')
    .min(METRICS_BYTES_MIN, `must be at least ${METRICS_BYTES_MIN}: a day of a few machines`)
    .optional(),
  MUSTER_RELEASE_KEY: z.string().min(1).optional(),
  MUSTER_TLS_CERT: z.string().min(1).optional(),
  MUSTER_TLS_KEY: z.string().min(1).optional(),
  MUSTER_INSECURE: flag,
  MUSTER_TRUST_PROXY: flag,
  MUSTER_PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .refine(
      isOrigin,
      'must be scheme, host and port alone, such as https://muster.example.org: the server answers at the root of its address, not below a path',
    )
    .optional(),
});

/** @throws ConfigError */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  // An empty variable is how many tools say "not set".
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const name = String(issue?.path[0]);
    // Neither a password nor an address with one in it.
    const secret = name.includes('PASSWORD') || given[name]?.includes('@') === true;
    const shown = secret ? '' : ` is "${given[name]}" and`;
    throw new ConfigError(`${name}${shown} ${issue?.message}.`);
  }
  const env = parsed.data;
  return {
    dataDir: resolve(env.MUSTER_DATA_DIR),
    host: env.MUSTER_HOST,
    port: env.MUSTER_PORT,
    transport: transportOf(env),
    trustProxy: env.MUSTER_TRUST_PROXY === '1',
    publicUrl: env.MUSTER_PUBLIC_URL?.replace(/\/+$/, '') ?? null,
    adminPassword: env.MUSTER_ADMIN_PASSWORD ?? null,
    localAgent: env.MUSTER_LOCAL_AGENT !== '0',
    holdMsMax: Math.round(env.MUSTER_HOLD_SECONDS * SECOND_MS),
    economyHoldMsMax: Math.round(env.MUSTER_ECONOMY_HOLD_SECONDS * SECOND_MS),
    metricsBytesMax: env.MUSTER_METRICS_BYTES_MAX ?? null,
    releaseKeyFile: env.MUSTER_RELEASE_KEY === undefined ? null : resolve(env.MUSTER_RELEASE_KEY),
  };
}

/** Where this user's programs keep what can be made again (XDG Base Directory Specification). */
export function userCacheFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  return environment.XDG_CACHE_HOME || join(homedir(), '.cache');
}

/** Environment for a program that the server starts: what it needs to run, none of the server's own settings. */
export function childEnvironment(more: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && !name.startsWith('MUSTER_'),
  );
  return { ...(Object.fromEntries(kept) as Record<string, string>), ...more };
}

/** Neither path, query, fragment nor a user: a slash at the end is no path. */
function isOrigin(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { pathname, search, hash, username, password } = new URL(address);
  return pathname === '/' && `${search}${hash}${username}${password}` === '';
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** TLS always, except on loopback, behind a proxy that ends it on this very machine, or where a person insists. */
function transportOf(env: z.infer<typeof Environment>): Transport {
  const { MUSTER_TLS_CERT: certFile, MUSTER_TLS_KEY: keyFile } = env;
  if (certFile && keyFile) return { type: 'files', certFile, keyFile };
  if (certFile || keyFile)
    throw new ConfigError(
      `${certFile ? 'MUSTER_TLS_KEY' : 'MUSTER_TLS_CERT'} is missing: certificate and key go together.`,
    );
  if (isLoopback(env.MUSTER_HOST)) return { type: 'plain', insecure: false };
  if (env.MUSTER_INSECURE === '1') return { type: 'plain', insecure: true };
  return { type: 'self-signed' };
}

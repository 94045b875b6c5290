/** What a request says about its caller, as far as it can be trusted; pure. */

/** Longest chain of proxies in front of the server. */
export const PROXIES_MAX = 8;

const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;
const LOOPBACK = /^(?:127\.|::1$)/;

export interface Caller {
  /** IP address, without a zone. */
  readonly address: string;
  /** The request comes from this very machine, and from no proxy that we know of. */
  readonly isLocal: boolean;
  /** The browser speaks TLS, with us or with the proxy. */
  readonly secure: boolean;
  /** Host and port that the browser asked for, lower case; '' when it did not say. */
  readonly host: string;
}

/**
 * `proxies` is the number of proxies in front that are ours. Each appends to X-Forwarded-For what it saw, so the
 * entry that the outermost of them wrote is the first that can be believed; what stands before it may be invented.
 */
export function callerOf(
  header: (name: string) => string | undefined,
  connection: { address: string; encrypted: boolean },
  proxies: number,
): Caller {
  const host = header('host')?.toLowerCase() ?? '';
  const address = plainAddress(connection.address);
  const direct = { address, isLocal: LOOPBACK.test(address), secure: connection.encrypted, host };
  if (proxies === 0) return direct;
  return {
    isLocal: false,
    address: plainAddress(trustedEntry(header('x-forwarded-for'), proxies) ?? connection.address),
    secure:
      (trustedEntry(header('x-forwarded-proto'), proxies) ?? '').toLowerCase() === 'https' || direct.secure,
    host: trustedEntry(header('x-forwarded-host'), proxies)?.toLowerCase() ?? host,
  };
}

/** A list shorter than the chain of proxies: each of them replaces instead of appending, so the first is ours too. */
function trustedEntry(list: string | undefined, proxies: number): string | undefined {
  const entries = (list ?? '').split(',').flatMap((entry) => entry.trim() || []);
  return entries.at(-proxies) ?? entries[0];
}

/** '::ffff:10.0.0.1' is 10.0.0.1; zones, brackets and ports are left out. */
function plainAddress(address: string): string {
  if (IPV4.test(address)) return address;
  const bare = address.replace(/^\[(.*)\](:\d+)?$/, '$1').replace(/%.*$/, '');
  return bare.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '').replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1');
}

/**
 * Whether a browser sent a request from a page of this server (or it is no browser). Guards what a cookie would
 * authorise against pages of other sites (CSRF, cross-site WebSockets).
 */
export function isSameOrigin(
  header: (name: string) => string | undefined,
  caller: Caller,
  publicHost: string | null,
): boolean {
  const site = header('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const origin = header('origin');
  if (origin === undefined) return true;
  const host = hostOf(origin);
  return host !== null && (host === caller.host || host === publicHost);
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

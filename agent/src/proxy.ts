/** Which HTTP proxy leads to the server, and why that one; pure. The way through it is opened in `socket.ts`. */

/** A proxy that tunnels by CONNECT (RFC 9110, section 9.3.6). */
export interface Proxy {
  readonly host: string;
  readonly port: number;
  /** Value of Proxy-Authorization, a secret; null: the address names no user. */
  readonly authorization: string | null;
}

/** What of the environment speaks of proxies; '' is as good as absent. */
export interface ProxyEnvironment {
  readonly httpsProxy: string | undefined;
  readonly noProxy: string | undefined;
}

export interface ProxyChoice {
  /** null: the server is reached directly. */
  readonly proxy: Proxy | null;
  /** In words, without a secret. */
  readonly why: string;
}

/** Says that the environment's proxy is not for the agent. */
export const NO_PROXY_WORD = 'none';

const PORT_DEFAULT = 8080;

export class ProxyError extends Error {
  override readonly name = 'ProxyError';
}

/**
 * `setting` goes before the environment, which counts for wss:// alone: in plain text the agent speaks to its own machine, or to a
 * network that somebody has allowed in words.
 * @throws ProxyError with a sentence that shows no password
 */
export function chooseProxy(server: URL, setting: string | undefined, env: ProxyEnvironment): ProxyChoice {
  if (setting === NO_PROXY_WORD) return { proxy: null, why: 'the configuration says none' };
  if (setting !== undefined) return { proxy: parseProxy(setting, '"proxy"'), why: 'from the configuration' };
  if (!env.httpsProxy || server.protocol !== 'wss:') return { proxy: null, why: 'none is set' };
  const exempt = exemption(server, env.noProxy ?? '');
  if (exempt !== null) return { proxy: null, why: `NO_PROXY names ${exempt}` };
  return { proxy: parseProxy(env.httpsProxy, 'HTTPS_PROXY'), why: 'from HTTPS_PROXY in the environment' };
}

/** Address of a proxy for people: never with user or password. */
export function proxyWords({ host, port, authorization }: Proxy): string {
  const named = authorization === null ? '' : ' (with user and password)';
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}${named}`;
}

function parseProxy(text: string, source: string): Proxy {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  // The address may hold a password, so it is not repeated.
  if (!url || url.hostname === '') throw new ProxyError(`${source} is no address of a proxy`);
  if (url.protocol !== 'http:')
    throw new ProxyError(
      `${source} is a proxy of the kind ${url.protocol}//. Only http:// is spoken to proxies (with CONNECT); what goes through is encrypted all the same.`,
    );
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: portOf(url, text),
    authorization: basicAuthorization(url, source),
  };
}

/** The URL drops a port 80, which is that of http and not of proxies. */
function portOf(url: URL, text: string): number {
  if (url.port !== '') return Number(url.port);
  return /:80\/?$/.test(text) ? 80 : PORT_DEFAULT;
}

/** RFC 7617, section 2: in UTF-8. */
function basicAuthorization(url: URL, source: string): string | null {
  if (url.username === '' && url.password === '') return null;
  try {
    const user = decodeURIComponent(url.username);
    const password = decodeURIComponent(url.password);
    return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  } catch (cause) {
    throw new ProxyError(`user or password in ${source} hold a % that is not written as %25`, { cause });
  }
}

/** The entry of NO_PROXY that the server falls under, as curl reads it: '*', a host, a domain with all below it, each with a port or none. */
function exemption(server: URL, list: string): string | null {
  const host = server.hostname.toLowerCase().replace(/^\[|\]$/g, '');
  const port = server.port === '' ? '443' : server.port;
  const entries = list
    .split(/[\s,]+/)
    .map((entry) => entry.toLowerCase())
    .filter((entry) => entry !== '');
  const covers = (entry: string) => {
    if (entry === '*' || entry === host || entry === `[${host}]`) return true;
    const [, name = entry, wanted] = /^(.*):(\d+)$/.exec(entry) ?? [];
    const domain = name.replace(/^\*?\./, '').replace(/^\[|\]$/g, '');
    if (wanted !== undefined && wanted !== port) return false;
    return domain !== '' && (host === domain || host.endsWith(`.${domain}`));
  };
  return entries.find(covers) ?? null;
}

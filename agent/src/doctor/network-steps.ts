/** Steps on the way to the server; pure. */
import { DAY_MS, type Millis, MINUTE_MS, SECOND_MS, toIso } from '@muster/shared/time.ts';
import type { Settings } from '../config.ts';
import { LINK_FAULTS } from '../handshake.ts';
import { faultWords } from '../network-fault.ts';
import { proxyWords } from '../proxy.ts';
import { failed, type Judgement, ok, skipped, warning } from './judgement.ts';
import type { AskedSeen, ConnectionTried, GreetingSeen, NameSeen, ProxySeen } from './port.ts';

/** A name that takes longer delays every reconnect. */
const NAME_MS_SLOW = 2 * SECOND_MS;
/** Further off, times on this machine's own screen and in its logs do not fit those of the server. */
const CLOCK_MS_WRONG = MINUTE_MS;
/** The server takes no readings from further in the future. */
const CLOCK_AHEAD_MS_MAX = DAY_MS;

export function judgeName(host: string, seen: NameSeen, nameServers: readonly string[]): Judgement {
  const asked = nameServerWords(nameServers);
  if (seen.type === 'found') {
    if (seen.addresses.includes(host)) return ok(`${host} is an address, no name`);
    const words = `${host} is ${seen.addresses.join(', ')}, in ${Math.round(seen.tookMs)} ms (${asked})`;
    return seen.tookMs < NAME_MS_SLOW
      ? ok(words)
      : warning(
          words,
          'A name server that does not answer costs this time at each connection; look at /etc/resolv.conf.',
        );
  }
  const words = faultWords(seen);
  return failed(`${host}: ${words.seen}; ${asked}`, words.fix);
}

function nameServerWords(nameServers: readonly string[]): string {
  return nameServers.length === 0 ? 'no name server is set' : `name servers: ${nameServers.join(', ')}`;
}

export function judgeConnections(
  to: { readonly port: number },
  tried: readonly ConnectionTried[],
): Judgement {
  const words = triedWords(tried);
  const bad = tried.flatMap(({ seen }) => (seen.type === 'failure' ? [seen] : []));
  const [first] = bad;
  if (!first) return ok(`port ${to.port}: ${words}`);
  const { fix } = faultWords(first);
  if (bad.length === tried.length) return failed(`port ${to.port}: ${words}`, fix);
  return warning(
    `port ${to.port}: ${words}`,
    `It connects by another address, after a delay. ${fix} Or take the address that does not answer out of the name.`,
  );
}

function triedWords(tried: readonly ConnectionTried[]): string {
  return tried
    .map(({ address, seen }) =>
      seen.type === 'connected'
        ? `${address} in ${Math.round(seen.tookMs)} ms`
        : `${address}: ${seen.code || seen.detail}`,
    )
    .join('; ');
}

/** null: there is no proxy. */
export function judgeProxy({ proxy: { proxy, why } }: Settings, seen: ProxySeen | null): Judgement {
  if (proxy === null || seen === null) return ok(`none, ${why}`);
  if (seen.type === 'open') return ok(`${proxyWords(proxy)}, ${why}, lets through`);
  if (seen.type === 'failure') return failed(`${seen.detail} (${why})`, seen.hint);
  const broken =
    seen.type === 'unnamed'
      ? `${faultWords(seen.failure).seen}; ${nameServerWords(seen.nameServers)}`
      : `it does not answer: ${triedWords(seen.tried)}`;
  return failed(`the proxy ${proxyWords(proxy)} (${why}): ${broken}`, LINK_FAULTS['proxy-unreachable'].hint);
}

export function judgeHttp(http: AskedSeen['http']): Judgement {
  if (http.type === 'failure')
    return failed(
      `no answer: ${faultWords(http).seen}`,
      'Something takes the connection and does not answer: is this address and port that of the Muster server?',
    );
  const through = http.through === '' ? '' : `, through ${http.through}`;
  const seen = `${http.status} from the server${through}`;
  if (http.status === 200) return ok(seen);
  if (http.status >= 500)
    return warning(seen, 'The server, or the gateway before it, has trouble of its own: look there.');
  return warning(
    seen,
    'Something else than a Muster server may answer here: check address and port, and what a gateway makes of the path.',
  );
}

export function judgeClock(http: AskedSeen['http'], nowMs: Millis): Judgement {
  if (http.type === 'failure' || http.dateMs === null)
    return skipped('the server did not say what time it has');
  // The header has whole seconds, cut off.
  const aheadMs = nowMs - http.dateMs - SECOND_MS / 2;
  const offS = Math.round(Math.abs(aheadMs) / SECOND_MS);
  const words =
    offS <= 1
      ? 'within 1 s of the server'
      : `about ${offS} s ${aheadMs >= 0 ? 'ahead of' : 'behind'} the server`;
  const seen = `${toIso(nowMs)}, ${words}`;
  const fix = 'Set the clock, and let a time service keep it: timedatectl set-ntp true.';
  if (aheadMs >= CLOCK_AHEAD_MS_MAX)
    return failed(seen, `The server refuses readings from so far in the future. ${fix}`);
  if (Math.abs(aheadMs) > CLOCK_MS_WRONG)
    return warning(
      seen,
      `The server corrects the times of readings, but certificates are judged by this clock. ${fix}`,
    );
  return ok(seen);
}

export function judgeGreeting(settings: Settings, seen: GreetingSeen, http: AskedSeen['http']): Judgement {
  const path = new URL(settings.url).pathname;
  if (seen.type === 'proved' || seen.upgraded) return ok(`opens at ${path}`);
  if (http.type === 'answer')
    return failed(
      `HTTP is answered, the upgrade at ${path} is not: ${seen.detail}`,
      `Something on the way does not let WebSockets through: a proxy or gateway must pass the headers Upgrade and Connection on to ${path} (nginx: proxy_http_version 1.1 and proxy_set_header Upgrade $http_upgrade).`,
    );
  return failed(seen.detail, seen.hint);
}

export function judgeServerKey(settings: Settings, seen: GreetingSeen): Judgement {
  if (seen.type === 'failure') return failed(`${seen.detail} [${seen.code}]`, seen.hint);
  if (settings.serverKey !== null) return ok(`${seen.serverKey}, the trusted one, and it proved it`);
  if (settings.firstSight)
    return ok(`${seen.serverKey}, trusted at first sight because it is this machine's own`);
  return failed(`${seen.serverKey}, and none is trusted`, LINK_FAULTS['server-key-unknown'].hint);
}

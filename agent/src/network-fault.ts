/** What Node, OpenSSL and the system say of a connection that did not come about, in words: for log, status and doctor alike. Pure. */

export interface FaultWords {
  /** What was seen, in one line. */
  readonly seen: string;
  /** What to do, in a sentence. */
  readonly fix: string;
}

const NO_ROUTE = {
  seen: 'there is no way to it',
  fix: 'This machine has no route there: check cable, Wi-Fi, VPN and gateway.',
};
const FORBIDDEN = {
  seen: 'this machine does not let the connection out',
  fix: 'Something on this machine forbids it: look at its firewall and at the drop-ins of the service.',
};
const NO_NAME_SERVER = {
  seen: 'no name server answers',
  fix: 'No name server answers: check the network, the VPN and /etc/resolv.conf.',
};
const SILENT = {
  seen: 'nothing comes back',
  fix: 'Nothing comes back: a firewall on the way drops connections to this port, or the machine is switched off.',
};
const BROKEN = {
  seen: 'the connection was broken off',
  fix: 'Something ends the connection: check that address and port are those of the server, and what a firewall or gateway on the way makes of it.',
};
const NO_TLS = {
  seen: 'what answers there speaks no TLS, or an old one',
  fix: 'Check the address and the port, and what a gateway before the server speaks. A server in plain text has an address with http://.',
};
const TLS_ENDED = {
  seen: 'the connection was ended as TLS began',
  fix: 'Something ends the connection as soon as TLS begins: a firewall that looks at the name, or a port that speaks plain text.',
};

/** By codes of errno(3) and getaddrinfo(3), as Node names them. */
const BY_CODE: Readonly<Record<string, FaultWords>> = {
  ECONNREFUSED: {
    seen: 'nothing listens',
    fix: 'Nothing listens there: does the server run, on this port, and not on loopback only (MUSTER_HOST)?',
  },
  ENOTFOUND: {
    seen: 'the name is not known',
    fix: 'Check the address in the configuration for a slip; a name that only your own network knows needs its name server, or a line in /etc/hosts.',
  },
  EAI_AGAIN: NO_NAME_SERVER,
  ETIMEOUT: NO_NAME_SERVER,
  ENETUNREACH: NO_ROUTE,
  EHOSTUNREACH: NO_ROUTE,
  EADDRNOTAVAIL: NO_ROUTE,
  EACCES: FORBIDDEN,
  EPERM: FORBIDDEN,
  ETIMEDOUT: SILENT,
  ECONNRESET: BROKEN,
  EPIPE: BROKEN,
};

/** OpenSSL's own form: `…:error:0A00010B:SSL routines:FUNCTION:REASON:FILE:LINE:`. */
const OPENSSL_REASON = /error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/;
/** What OpenSSL makes of an answer that is none of TLS. */
const NONE_OF_TLS = /version|protocol|http.request|packet.length|unexpected.message/i;

/** `code` of Node or of the system, '' where there is none; `detail`: its own words, of whatever form. */
export function faultWords({ code, detail }: { readonly code: string; readonly detail: string }): FaultWords {
  const tls = tlsReason(code, detail);
  if (tls !== null) {
    const { seen, fix } = NONE_OF_TLS.test(tls) ? NO_TLS : TLS_ENDED;
    return { seen: `${seen} (${tls})`, fix };
  }
  if (/before secure TLS connection/.test(detail))
    return { ...TLS_ENDED, seen: `${TLS_ENDED.seen} (${code})` };
  const known = BY_CODE[code];
  if (known === undefined)
    return {
      seen: oneLine(detail) || code || 'the connection failed',
      fix: 'Check the address, the network and the firewall.',
    };
  const place = new RegExp(`${code} (\\S+)$`).exec(detail)?.[1];
  return { seen: `${known.seen} (${place === undefined ? code : `${code} ${place}`})`, fix: known.fix };
}

function tlsReason(code: string, detail: string): string | null {
  const [, reason] = OPENSSL_REASON.exec(detail) ?? [];
  if (reason !== undefined) return oneLine(reason);
  if (code.startsWith('ERR_SSL_')) return code.slice('ERR_SSL_'.length).toLowerCase().replaceAll('_', ' ');
  return code === 'EPROTO' ? 'EPROTO' : null;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

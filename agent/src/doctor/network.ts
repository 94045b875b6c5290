/** The network as the doctor sees it, by the same socket and handshake as the agent's. */
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { type IncomingMessage, request } from 'node:http';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { ServerToAgent } from '@muster/shared/wire/server-messages.ts';
import { NONCE_BYTES } from '@muster/shared/wire/limits.ts';
import { AGENT_PATH, type Settings } from '../config.ts';
import { type AgentFacts, AgentHandshake, agentKeys, LinkError } from '../handshake.ts';
import { authorities, openTunnel, webSocketOpener } from '../socket.ts';
import { serverOf } from './doctor.ts';
import type {
  AskedSeen,
  CertificateSeen,
  DoctorPort,
  Failure,
  GreetingSeen,
  KnownServer,
  TunnelSeen,
} from './port.ts';

/** For each single try. */
const TRY_MS_MAX = 8_000;
/** Open like those of other monitors, and answered without a sign-in. */
const HEALTH_PATH = '/healthz';
const CLOSE_NORMAL = 1000;
/** Goes nowhere. */
const NOBODY: AgentFacts = {
  agentVersion: '',
  hostname: '',
  platform: 'linux',
  bootId: '',
  epoch: '0'.repeat(16),
  firstSeq: 1,
  lastSeq: 0,
  sentAtMs: 0,
};

type NetworkPort = Pick<DoctorPort, 'lookUp' | 'connect' | 'tunnel' | 'ask' | 'greet'>;

export function networkPort(userAgent: string): NetworkPort {
  return {
    lookUp: async (host) => {
      const fromMs = performance.now();
      try {
        const found = await lookup(host, { all: true });
        const addresses = found.map(({ address }) => address);
        return { type: 'found', addresses, tookMs: performance.now() - fromMs };
      } catch (error) {
        return failureOf(error);
      }
    },
    connect: (address, port) => {
      const fromMs = performance.now();
      return settled((done) => {
        const socket = connect({ host: address, port, timeout: TRY_MS_MAX });
        socket.once('connect', () => done({ type: 'connected', tookMs: performance.now() - fromMs }));
        socket.once('timeout', () => done({ type: 'failure', code: 'ETIMEDOUT', detail: 'no answer' }));
        socket.once('error', (error) => done(failureOf(error)));
        return socket;
      });
    },
    tunnel,
    ask,
    greet: (settings, known) => greet(settings, known, userAgent),
  };
}

/** The first result counts; the socket is gone afterwards. */
function settled<Seen>(start: (done: (seen: Seen) => void) => Socket): Promise<Seen> {
  return new Promise((resolve) => {
    const socket = start((seen) => {
      resolve(seen);
      socket.destroy();
    });
    // What breaks after the verdict changes nothing of it.
    socket.on('error', () => undefined);
  });
}

function tunnel(settings: Settings): Promise<TunnelSeen> {
  return new Promise((resolve) => {
    throughProxy(settings, (error, socket) => {
      socket?.destroy();
      resolve(error ? { type: 'failure', detail: error.message, hint: error.hint } : { type: 'open' });
    });
  });
}

/** `socket` is null where there is no proxy to go through. */
function throughProxy(
  settings: Settings,
  done: (error: LinkError | null, socket: Socket | null) => void,
): void {
  const { proxy } = settings.proxy;
  if (proxy === null) done(null, null);
  else openTunnel(proxy, serverOf(settings), done);
}

function ask(settings: Settings): Promise<AskedSeen> {
  return new Promise((resolve) => {
    throughProxy(settings, (error, through) => {
      if (error) return resolve(unasked(failureOf(error)));
      if (settings.tls === 'none') return askOver(plain(settings, through), settings, null, resolve);
      let socket: TLSSocket;
      try {
        socket = openJudged(settings, through);
      } catch (reason) {
        return resolve(unasked(failureOf(reason)));
      }
      const fail = (failure: Failure) => {
        socket.destroy();
        resolve(unasked(failure));
      };
      socket.setTimeout(TRY_MS_MAX, () =>
        fail({ type: 'failure', code: 'ETIMEDOUT', detail: 'no answer to the first message of TLS' }),
      );
      socket.once('error', (reason) => fail(failureOf(reason)));
      socket.once('secureConnect', () => {
        socket.setTimeout(0);
        socket.removeAllListeners('error');
        askOver(socket, settings, certificateOf(socket), resolve);
      });
    });
  });
}

function plain(settings: Settings, through: Socket | null): Socket {
  return through ?? connect({ ...serverOf(settings), timeout: TRY_MS_MAX });
}

function unasked(tls: Failure): AskedSeen {
  return { certificate: null, tls, http: { type: 'failure', code: '', detail: 'not asked' } };
}

/** Accepts every certificate, to be able to say what is wrong with it. Nothing secret goes over it. */
function openJudged(settings: Settings, through: Socket | null): TLSSocket {
  const { host, port } = serverOf(settings);
  return connectTls({
    host,
    port,
    ...(through ? { socket: through } : {}),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ca: settings.tlsPin === null ? authorities(settings.ca) : [],
    minVersion: 'TLSv1.2',
    rejectUnauthorized: false,
  });
}

function certificateOf(socket: TLSSocket): CertificateSeen {
  const certificate = socket.getPeerX509Certificate();
  const { subject, issuer } = socket.getPeerCertificate(false);
  const key = certificate?.publicKey.export({ type: 'spki', format: 'der' });
  return {
    protocol: socket.getProtocol() ?? 'an unknown TLS',
    subject: nameOf(subject),
    issuer: nameOf(issuer),
    names: (certificate?.subjectAltName ?? '').split(', ').filter((name) => name !== ''),
    fromMs: Date.parse(certificate?.validFrom ?? ''),
    toMs: Date.parse(certificate?.validTo ?? ''),
    pin: key ? createHash('sha256').update(key).digest('base64') : 'none',
    distrust: socket.authorized ? null : codeOf(socket.authorizationError),
  };
}

/** Organisation and common name, as far as they are there. */
function nameOf(name: { readonly O?: string | string[]; readonly CN?: string | string[] }): string {
  const parts = [name.O, name.CN].flat().filter((part) => part !== undefined && part !== '');
  return [...new Set(parts)].join(', ') || 'nobody';
}

/** Node gives the code as it is, or an error that has one. */
function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code);
  return String(error);
}

function askOver(
  socket: Socket,
  settings: Settings,
  certificate: CertificateSeen | null,
  resolve: (seen: AskedSeen) => void,
): void {
  const url = new URL(settings.url);
  const done = (http: AskedSeen['http']) => {
    resolve({ certificate, tls: null, http });
    socket.destroy();
  };
  const asked = request({
    createConnection: () => socket,
    host: url.hostname,
    path: url.pathname.endsWith(AGENT_PATH)
      ? url.pathname.slice(0, -AGENT_PATH.length) + HEALTH_PATH
      : HEALTH_PATH,
    headers: { host: url.host },
    timeout: TRY_MS_MAX,
  });
  asked.once('response', (response: IncomingMessage) => {
    const dateMs = Date.parse(response.headers.date ?? '');
    response.resume();
    done({
      type: 'answer',
      status: response.statusCode ?? 0,
      dateMs: Number.isNaN(dateMs) ? null : dateMs,
      through: String(response.headers.via ?? response.headers.server ?? ''),
    });
  });
  asked.once('timeout', () => done({ type: 'failure', code: 'ETIMEDOUT', detail: 'no answer' }));
  asked.on('error', (error) => done(failureOf(error)));
  asked.end();
}

/** Up to the server's proof, with a key made for this alone: the agent's own stays where it is. */
function greet(
  settings: Settings,
  { trustedKey, enrolledWith }: KnownServer,
  userAgent: string,
): Promise<GreetingSeen> {
  return new Promise((resolve) => {
    let upgraded = false;
    let shownKey = '';
    let handshake: AgentHandshake | null = null;
    const timer = setTimeout(
      () => end(failed(new LinkError('timeout', `nothing came within ${TRY_MS_MAX / 1_000} s`))),
      TRY_MS_MAX,
    );
    const end = (seen: GreetingSeen) => {
      clearTimeout(timer);
      resolve(seen);
      socket.close(CLOSE_NORMAL, 'doctor');
    };
    const failed = ({ code, message: detail, hint }: LinkError): GreetingSeen => {
      return { type: 'failure', upgraded, code, detail, hint };
    };
    const broken = (what: string) => end(failed(new LinkError('protocol', what)));
    const opener = webSocketOpener({ ...settings, proxy: settings.proxy.proxy, userAgent });
    const socket = opener({
      opened: () => {
        upgraded = true;
        handshake = new AgentHandshake({
          keys: agentKeys(generateKeyPairSync('ed25519').privateKey),
          purpose: { type: 'resume' },
          serverKey: trustedKey,
          enrolledWith,
          exporter: socket.exporter(),
          nonce: randomBytes(NONCE_BYTES),
          capabilities: [],
          facts: () => NOBODY,
        });
        socket.send(handshake.hello);
      },
      text: (text) => {
        try {
          const message = ServerToAgent.parse(JSON.parse(text));
          if (message.type === 'refused')
            return end({
              type: 'failure',
              upgraded,
              code: message.code,
              detail: message.detail,
              hint: message.hint,
            });
          if (message.type === 'welcome') shownKey = message.serverKey;
          // The agent's own proof would be next; it is made and not sent.
          if (handshake?.receive(message, text).type === 'send') end({ type: 'proved', serverKey: shownKey });
        } catch (error) {
          if (error instanceof LinkError) end(failed(error));
          else broken('a message that is none of the protocol');
        }
      },
      binary: () => broken('the server sent a binary message'),
      pinged: () => undefined,
      closed: (code, reason, fault) =>
        fault ? end(failed(fault)) : broken(`closed with ${code}${reason === '' ? '' : ` (${reason})`}`),
    });
  });
}

function failureOf(error: unknown): Failure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  // Several addresses were tried; the first says as much as all.
  if (error instanceof AggregateError && error.errors.length > 0) return failureOf(error.errors[0]);
  return { type: 'failure', code, detail: error instanceof Error ? error.message : String(error) };
}

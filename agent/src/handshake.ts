/** The agent's half of the handshake: who the server is, then who we are. docs/WIRE.md, "Handshake". */
import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { AgentProof, AgentToServer } from '@muster/shared/wire/agent-messages.ts';
import type { Accepted, RefusalCode, Refused, ServerToAgent } from '@muster/shared/wire/server-messages.ts';
import {
  agentProofHashInput,
  agentProofInput,
  serverProofInput,
  transcriptInput,
} from '@muster/shared/wire/handshake.ts';
import { PROTOCOL_VERSIONS, type ProtocolVersions } from '@muster/shared/wire/protocol-versions.ts';
import type { z } from 'zod';

export type AcceptedMessage = z.infer<typeof Accepted>;
export type RefusedMessage = z.infer<typeof Refused>;

/** Key pair of an agent; `agentId` follows from the public key. */
export interface AgentKeys {
  readonly privateKey: KeyObject;
  /** Raw Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 32 hex digits. */
  readonly agentId: string;
}

export function agentKeys(privateKey: KeyObject): AgentKeys {
  const publicKey = rawPublicKey(privateKey);
  return { privateKey, publicKey, agentId: agentIdOf(publicKey) };
}

/** Raw 32 bytes of an Ed25519 public key (or of a private key's public half). */
export function rawPublicKey(key: KeyObject): Uint8Array {
  const { x } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
  // In memory of its own: a small Buffer is a part of a large one, all of which would stay with it.
  return new Uint8Array(Buffer.from(x ?? '', 'base64url'));
}

export function agentIdOf(publicKey: Uint8Array): string {
  return sha256(publicKey).subarray(0, 16).toString('hex');
}

/** Why the agent ends a connection by itself, in the words that `status` prints. */
export const LINK_FAULTS = {
  'server-key-mismatch': {
    retry: false,
    hint: 'The server shows another key than the one this agent trusts. If the server was set up anew, install the agent again with the line from "Add a machine"; if not, somebody stands in between.',
  },
  'server-key-changed': {
    retry: false,
    hint: 'Somebody has changed "serverKey" in the configuration of the agent. If the server is still the same, give it back with the line from "Add a machine" in the dashboard, in which the right key stands, or with: muster-agent configure. If it is another server now, that takes a new token: paste the line of that server.',
  },
  'server-key-unknown': {
    retry: false,
    hint: 'Give the key of the server ("serverKey" in the configuration of the agent; it stands in the line from "Add a machine"). Without it an agent trusts a server at first sight on this machine only.',
  },
  'server-proof-invalid': {
    retry: false,
    hint: 'The server could not prove that it holds its key. A proxy that ends TLS needs "tls": "proxy" in the configuration of the agent; otherwise somebody stands in between.',
  },
  'tls-key-mismatch': {
    retry: false,
    hint: 'The certificate of the server has another key than the pinned one. If it was renewed with a new key, install the agent again with the line from "Add a machine".',
  },
  'tls-invalid': {
    retry: true,
    hint: 'The certificate of the server is not trusted on this machine. Give its pin (tlsPin), or install its authority.',
  },
  'ca-unreadable': {
    retry: true,
    hint: '"ca" in the configuration must name a file of certificates (PEM) that the user muster-agent may read.',
  },
  'proxy-unreachable': {
    retry: true,
    hint: 'This is the proxy, not the server: check that it runs, and its address ("proxy" in the configuration, or HTTPS_PROXY in the environment); "proxy": "none" in the configuration goes without.',
  },
  'proxy-refused': {
    retry: true,
    hint: 'The proxy does not let this machine through to the server. Its administrator must allow CONNECT to the address and port of the server.',
  },
  'proxy-credentials': {
    retry: false,
    hint: 'Give user and password in the address: "proxy": "http://user:password@proxy:8080" (special letters as %XX).',
  },
  'proxy-scheme': {
    retry: false,
    hint: 'Only user and password (Basic) are spoken to a proxy, not NTLM, Kerberos or Digest. Let the administrator of the proxy allow this server without signing in, or run a small proxy on this machine that signs in for the agent.',
  },
  'version-unsupported': { retry: false, hint: 'Upgrade the older of the two, agent or server.' },
  protocol: { retry: true, hint: 'The server broke the protocol. Is the address that of a Muster server?' },
  'no-token': {
    retry: false,
    hint: 'This agent is not enrolled, and has no token. Make one with "Add a machine" in the dashboard, and paste the line that it shows there, or: muster-agent configure.',
  },
  timeout: { retry: true, hint: 'The server did not answer in time. It may be busy.' },
  unreachable: { retry: true, hint: 'Check the address, the network and the firewall.' },
  silent: { retry: true, hint: 'The connection went quiet and was given up.' },
} as const satisfies Record<string, { retry: boolean; hint: string }>;
export type LinkFaultCode = keyof typeof LINK_FAULTS;

export class LinkError extends Error {
  override readonly name = 'LinkError';
  readonly code: LinkFaultCode;
  /** What to do. */
  readonly hint: string;
  /** Pause that the other end asked for. */
  readonly retryAfterMs: number;

  constructor(
    code: LinkFaultCode,
    message: string,
    options?: ErrorOptions & { retryAfterMs?: number; hint?: string },
  ) {
    super(message, options);
    this.code = code;
    this.hint = options?.hint ?? LINK_FAULTS[code].hint;
    this.retryAfterMs = options?.retryAfterMs ?? 0;
  }
}

/** The configuration names another server than the one that has this agent. Both in base64url. */
export function changedServerKey(configured: string, enrolledWith: string): LinkError {
  return new LinkError(
    'server-key-changed',
    `the key in the configuration, ${configured}, is not that of the server it is enrolled with, ${enrolledWith}`,
  );
}

/** What the agent says about itself in its proof. */
export type AgentFacts = Pick<
  z.infer<typeof AgentProof>,
  | 'agentVersion'
  | 'hostname'
  | 'platform'
  | 'bootId'
  | 'epoch'
  | 'firstSeq'
  | 'lastSeq'
  | 'sentAtMs'
  | 'release'
>;

export interface HandshakeInput {
  readonly keys: AgentKeys;
  /** `enrol` carries the token in the proof. */
  readonly purpose: { readonly type: 'resume' } | { readonly type: 'enrol'; readonly token: string };
  /** base64url; null: trust at first sight (loopback only, the caller sees to that). */
  readonly serverKey: string | null;
  /** base64url; null: with none. */
  readonly enrolledWith: string | null;
  /** Value of the TLS exporter where TLS reaches the server itself, else null. */
  readonly exporter: Uint8Array | null;
  /** 32 random bytes, new for each connection. */
  readonly nonce: Uint8Array;
  readonly capabilities: readonly string[];
  /** That this agent speaks; absent: those of this code. */
  readonly versions?: ProtocolVersions;
  /** Asked when the proof is made, after the server has proved itself. */
  readonly facts: () => AgentFacts;
}

export type HandshakeStep =
  | { readonly type: 'wait' }
  | { readonly type: 'send'; readonly text: string }
  | { readonly type: 'accepted'; readonly accepted: AcceptedMessage; readonly serverKey: string }
  | { readonly type: 'refused'; readonly refused: RefusedMessage };

type State = 'welcome' | 'server-proof' | 'verdict' | 'done';

/** One handshake; after an error or a verdict it is spent. */
export class AgentHandshake {
  /** Text of the first message, to be sent as it is. */
  readonly hello: string;
  readonly #input: HandshakeInput;
  readonly #versions: ProtocolVersions;
  #state: State = 'welcome';
  #transcript: Uint8Array = new Uint8Array(0);
  #serverKey = '';

  constructor(input: HandshakeInput) {
    this.#input = input;
    this.#versions = input.versions ?? PROTOCOL_VERSIONS;
    this.hello = JSON.stringify({
      type: 'hello',
      versions: [...this.#versions],
      purpose: input.purpose.type,
      nonce: Buffer.from(input.nonce).toString('base64url'),
      capabilities: [...input.capabilities],
    } satisfies AgentToServer);
  }

  /** `text` is `message` exactly as it came. @throws LinkError when the server is not the one we trust. */
  receive(message: ServerToAgent, text: string): HandshakeStep {
    if (message.type === 'refused') {
      this.#state = 'done';
      return { type: 'refused', refused: message };
    }
    if (this.#state === 'welcome' && message.type === 'welcome') return this.#welcome(message, text);
    if (this.#state === 'server-proof' && message.type === 'proof') return this.#proof(message.signature);
    if (this.#state === 'verdict' && message.type === 'accepted') return this.#accepted(message);
    throw new LinkError('protocol', `the server sent "${message.type}" where "${this.#state}" was due`);
  }

  #welcome(message: Extract<ServerToAgent, { type: 'welcome' }>, text: string): HandshakeStep {
    const [lowest, highest] = this.#versions;
    if (message.version < lowest || message.version > highest)
      throw new LinkError('version-unsupported', `the server chose protocol version ${message.version}`);
    const pinned = this.#input.serverKey;
    if (pinned !== null && !sameBytes(pinned, message.serverKey)) {
      if (message.serverKey === this.#input.enrolledWith) throw changedServerKey(pinned, message.serverKey);
      throw new LinkError(
        'server-key-mismatch',
        `the server's key is ${message.serverKey}, trusted is ${pinned}`,
      );
    }
    this.#serverKey = message.serverKey;
    this.#transcript = sha256(transcriptInput(this.hello, text, this.#input.exporter));
    this.#state = 'server-proof';
    return { type: 'wait' };
  }

  #proof(signature: string): HandshakeStep {
    const { keys, purpose, facts } = this.#input;
    if (!verifyRaw(this.#serverKey, serverProofInput(this.#transcript), Buffer.from(signature, 'base64url')))
      throw new LinkError('server-proof-invalid', "the server's signature does not fit this connection");
    const hash = sha256(
      agentProofHashInput(
        this.#transcript,
        Buffer.from(this.#serverKey, 'base64url'),
        keys.publicKey,
        keys.agentId,
      ),
    );
    this.#state = 'verdict';
    const text = JSON.stringify({
      type: 'proof',
      agentKey: Buffer.from(keys.publicKey).toString('base64url'),
      agentId: keys.agentId,
      signature: sign(null, agentProofInput(hash), keys.privateKey).toString('base64url'),
      ...(purpose.type === 'enrol' ? { token: purpose.token } : {}),
      ...facts(),
    } satisfies AgentToServer);
    return { type: 'send', text };
  }

  #accepted(message: AcceptedMessage): HandshakeStep {
    if (message.agentId !== this.#input.keys.agentId)
      throw new LinkError('protocol', `the server accepted agent ${message.agentId}, not this one`);
    this.#state = 'done';
    return { type: 'accepted', accepted: message, serverKey: this.#serverKey };
  }
}

/** Is it signed by the identity key of the server? `serverKey` and `signature` in base64url. */
export function isSignedByServer(serverKey: string, data: Uint8Array, signature: string): boolean {
  return verifyRaw(serverKey, data, Buffer.from(signature, 'base64url'));
}

/** Refusals that a new attempt with the stored token may cure. */
export function curedByEnrolling(code: RefusalCode): boolean {
  return code === 'not-enrolled';
}

function verifyRaw(key: string, data: Uint8Array, signature: Uint8Array): boolean {
  try {
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key }, format: 'jwk' });
    return verify(null, data, publicKey, signature);
  } catch (cause) {
    throw new LinkError('server-proof-invalid', "the server's key is not an Ed25519 key", { cause });
  }
}

function sameBytes(a: string, b: string): boolean {
  return Buffer.from(a, 'base64url').equals(Buffer.from(b, 'base64url'));
}

function sha256(data: Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}

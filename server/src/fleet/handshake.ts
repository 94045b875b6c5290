/** The server's half of the handshake: proves who the server is, then checks who the agent is. docs/WIRE.md, "Handshake". */
import { AgentToServer, type InstalledRelease } from '@muster/shared/wire/agent-messages.ts';
import type { ServerToAgent } from '@muster/shared/wire/server-messages.ts';
import {
  agentProofHashInput,
  agentProofInput,
  serverProofInput,
  transcriptInput,
} from '@muster/shared/wire/handshake.ts';
import { PROTOCOL_VERSIONS, type ProtocolVersions } from '@muster/shared/wire/protocol-versions.ts';
import { Refusal } from './refusal.ts';
import type { ServerKey } from './server-key.ts';
import { agentIdOf, sha256, type SignatureCheck } from './signature.ts';

type HelloMessage = Extract<AgentToServer, { type: 'hello' }>;
type ProofMessage = Extract<AgentToServer, { type: 'proof' }>;

/** An agent that has shown that it holds its key, on this very connection. */
export interface ProvenAgent extends Omit<ProofMessage, 'type' | 'signature' | 'token'> {
  readonly purpose: HelloMessage['purpose'];
  /** As sent; null when purpose is `resume`. */
  readonly token: string | null;
  readonly capabilities: readonly string[];
  readonly protocolVersion: number;
}

/** What is installed there, by an agent that takes upgrades from a server; null: it takes none. */
export function installedRelease({ capabilities, release }: ProvenAgent): InstalledRelease | null {
  return capabilities.includes('upgrade') ? (release ?? null) : null;
}

/** One handshake; after a Refusal it is spent. */
export class ServerHandshake {
  readonly #key: ServerKey;
  readonly #exporter: Uint8Array | null;
  readonly #nonce: Uint8Array;
  readonly #isSigned: SignatureCheck;
  readonly #versions: ProtocolVersions;
  #hello: HelloMessage | null = null;
  #version = 0;
  #transcript: Uint8Array = new Uint8Array(0);

  /** `exporter`: value of the TLS exporter where TLS reaches this server itself. `nonce`: 32 fresh random bytes. `versions`: that this server speaks; absent: those of this code. */
  constructor(options: {
    key: ServerKey;
    exporter: Uint8Array | null;
    nonce: Uint8Array;
    isSigned: SignatureCheck;
    versions?: ProtocolVersions | undefined;
  }) {
    this.#key = options.key;
    this.#isSigned = options.isSigned;
    this.#exporter = options.exporter;
    this.#nonce = options.nonce;
    this.#versions = options.versions ?? PROTOCOL_VERSIONS;
  }

  /** `text` is the message exactly as it came; the answers are to be sent exactly as they are. @throws Refusal */
  hello(message: HelloMessage, text: string): { welcome: string; proof: string } {
    this.#version = chooseVersion(message.versions, this.#versions);
    this.#hello = message;
    const welcome = stringify({
      type: 'welcome',
      version: this.#version,
      nonce: base64url(this.#nonce),
      serverKey: this.#key.text,
    });
    this.#transcript = sha256(transcriptInput(text, welcome, this.#exporter));
    const signature = base64url(this.#key.sign(serverProofInput(this.#transcript)));
    return { welcome, proof: stringify({ type: 'proof', signature }) };
  }

  /** @throws Refusal */
  async proof(message: ProofMessage): Promise<ProvenAgent> {
    const hello = this.#hello;
    if (!hello) throw new Refusal('protocol', 'the proof came before hello');
    const { type: _, signature, token, ...facts } = message;
    const publicKey = Buffer.from(message.agentKey, 'base64url');
    if (agentIdOf(publicKey) !== message.agentId)
      throw new Refusal(
        'proof-invalid',
        `agent id ${message.agentId} does not belong to the key that came with it`,
      );
    const hash = sha256(
      agentProofHashInput(this.#transcript, this.#key.publicKey, publicKey, message.agentId),
    );
    if (!(await this.#isSigned(publicKey, agentProofInput(hash), Buffer.from(signature, 'base64url'))))
      throw new Refusal('proof-invalid', 'the signature of the agent does not fit this connection');
    if (hello.purpose === 'enrol' && token === undefined)
      throw new Refusal('protocol', 'purpose is "enrol", but no token came');
    return {
      ...facts,
      purpose: hello.purpose,
      token: hello.purpose === 'enrol' ? (token ?? null) : null,
      capabilities: hello.capabilities,
      protocolVersion: this.#version,
    };
  }
}

/** Highest version that both speak. */
function chooseVersion([lowest, highest]: HelloMessage['versions'], own: ProtocolVersions): number {
  const version = Math.min(highest, own[1]);
  if (version >= Math.max(lowest, own[0])) return version;
  throw new Refusal(
    'version-unsupported',
    `the agent speaks protocol ${lowest} to ${highest}, this server ${own[0]} to ${own[1]}`,
  );
}

/** Control message from its text. @throws Refusal `protocol` */
export function parseControl(text: string): AgentToServer {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new Refusal('protocol', 'a text message is not JSON', { cause });
  }
  const parsed = AgentToServer.safeParse(data);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Refusal(
    'protocol',
    `a control message is not of a known form: ${issue?.path.join('.') || 'type'}: ${issue?.message}`,
  );
}

export function stringify(message: ServerToAgent): string {
  return JSON.stringify(message);
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

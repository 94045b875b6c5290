/**
 * The bytes that both ends sign. SIGMA-like: each signature covers both nonces, both first messages
 * exactly as sent, and, where TLS reaches the server itself, the exporter value of that TLS session
 * (RFC 9266), so that a proof can be neither replayed, reflected nor relayed.
 *
 *   T      = SHA-256( frame(hello) ‖ frame(welcome) ‖ frame(exporter or empty) )
 *   server = Ed25519( "muster/1 server\0" ‖ T )
 *   agent  = Ed25519( "muster/1 agent\0" ‖ SHA-256( T ‖ server key ‖ agent key ‖ agent id ) )
 *
 * frame(x) is the length of x as four bytes big-endian, then x. Hashing and signing stay with the caller:
 * this file imports nothing.
 */

/** Label and length of the TLS exporter value (RFC 9266, tls-exporter). */
export const EXPORTER_LABEL = 'EXPORTER-Channel-Binding';
export const EXPORTER_BYTES = 32;

const utf8 = new TextEncoder();

/** Input of the hash T. `hello` and `welcome` are the message texts exactly as they crossed the wire. */
export function transcriptInput(hello: string, welcome: string, exporter: Uint8Array | null): Uint8Array {
  return concat([
    framed(utf8.encode(hello)),
    framed(utf8.encode(welcome)),
    framed(exporter ?? new Uint8Array(0)),
  ]);
}

/** What the server signs. `transcript` is T, 32 bytes. */
export function serverProofInput(transcript: Uint8Array): Uint8Array {
  return concat([utf8.encode('muster/1 server\0'), transcript]);
}

/** Input of the inner hash of the agent's proof. Keys are raw (32 bytes), `agentId` is its 32 hex digits as ASCII. */
export function agentProofHashInput(
  transcript: Uint8Array,
  serverKey: Uint8Array,
  agentKey: Uint8Array,
  agentId: string,
): Uint8Array {
  return concat([transcript, serverKey, agentKey, utf8.encode(agentId)]);
}

/** What the agent signs; `hash` is SHA-256 over `agentProofHashInput`. */
export function agentProofInput(hash: Uint8Array): Uint8Array {
  return concat([utf8.encode('muster/1 agent\0'), hash]);
}

function framed(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(4 + bytes.length);
  new DataView(out.buffer).setUint32(0, bytes.length);
  out.set(bytes, 4);
  return out;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

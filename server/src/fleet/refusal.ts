/** A refusal on `/ws/agent`: its code, what happened, and what a person can do about it. */
import type { Millis } from '@muster/shared/time.ts';
import { REFUSALS, type RefusalCode, type ServerToAgent } from '@muster/shared/wire/server-messages.ts';

/** Longest `detail` on the wire, in characters. */
const DETAIL_LENGTH_MAX = 500;

const HINTS: Record<RefusalCode, string> = {
  protocol:
    'Is the agent of the version that this server hands out? Install it again with the line from "Add a machine".',
  'version-unsupported': 'Upgrade the older of the two, agent or server.',
  'handshake-timeout':
    'The network between agent and server is very slow, or something in between holds messages back.',
  'proof-invalid':
    'What the agent signed is not what this server sent. A proxy that ends TLS must be named on both sides (MUSTER_TRUST_PROXY, "tls": "proxy"); otherwise somebody stands in between.',
  'token-unknown': 'Copy the whole line from "Add a machine"; the token may have been deleted there.',
  'token-expired': 'Make a new token under "Add a machine".',
  'token-exhausted': 'The token has let in as many machines as it may. Make a new one under "Add a machine".',
  'not-enrolled': 'This server does not know the agent. Install it again with the line from "Add a machine".',
  revoked:
    'An administrator has revoked this agent. To let the machine in again, uninstall the agent, which deletes its key, and install it anew.',
  'cloned-identity':
    'Two running machines use one agent key, as after copying a disk or a virtual machine. On the copy, uninstall the agent and install it again.',
  'frame-invalid':
    'The bytes do not follow docs/WIRE.md. If it happens again, report it with the versions of both sides.',
  'frame-too-large': 'A message was larger than docs/WIRE.md allows.',
  'limit-exceeded': 'The agent sent faster than the server could store. It goes on after a pause.',
  'clock-ahead': 'Set the clock of the machine; data from more than a day ahead is not taken.',
  busy: 'Nothing is wrong; the server takes machines one after another.',
  'server-stopping': 'The server is stopping or restarting; the agent comes back by itself.',
  'server-error': 'The server failed; its log says why. The agent tries again.',
};

/** Ends a connection. `detail` is shown to whoever reads the agent's log, so it names no secret. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  readonly retryAfterMs: Millis | undefined;

  constructor(code: RefusalCode, detail: string, options?: ErrorOptions & { retryAfterMs?: Millis }) {
    super(detail, options);
    this.code = code;
    this.retryAfterMs = options?.retryAfterMs;
  }

  get closeCode(): number {
    return REFUSALS[this.code].close;
  }

  get hint(): string {
    return HINTS[this.code];
  }

  toMessage(): Extract<ServerToAgent, { type: 'refused' }> {
    return {
      type: 'refused',
      code: this.code,
      detail: this.message.slice(0, DETAIL_LENGTH_MAX),
      hint: this.hint,
      ...(this.retryAfterMs === undefined ? {} : { retryAfterMs: Math.round(this.retryAfterMs) }),
    };
  }
}

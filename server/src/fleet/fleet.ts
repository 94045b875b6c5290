/** Who may talk to this server: enrolment, approval, revocation, findings, and the audit trail of all of it. */
import { HOUR_MS, MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import type { RefusalCode } from '@muster/shared/wire/server-messages.ts';
import type { RecordAudit } from '../access/audit.ts';
import { AppError } from '../errors.ts';
import {
  parseToken,
  sameHash,
  SECRET_BYTES,
  secretHash,
  type TokenRefusal,
  tokenText,
} from './enrolment-token.ts';
import { Batch } from './batch.ts';
import type { Finding } from './finding.ts';
import { FloodGate } from './flood-gate.ts';
import { installedRelease, type ProvenAgent } from './handshake.ts';
import { Refusal } from './refusal.ts';
import type { ServerKey } from './server-key.ts';
import type { AgentRecord, Arrival, Arrived, EnrolmentScope, FleetStore, TokenRecord } from './store.ts';

/** Refusals in the audit log: enough to see an attack, too few to fill a disk. The rest stands there as counts. */
export const REFUSALS_AUDITED_PER_ADDRESS_MAX = 20;
export const REFUSALS_AUDITED_MAX = 500;
export const REFUSALS_WINDOW_MS = 10 * MINUTE_MS;
/** The same finding of the same agent. */
export const FINDINGS_AUDITED_PER_KIND_MAX = 3;
export const FINDINGS_AUDITED_MAX = 1_000;
/** Last-seen times of the connected go to SQL in one transaction this often; presence has its own record of them. */
export const SEEN_FLUSH_MS = 5 * MINUTE_MS;
/** Agents that come in with one transaction: some milliseconds in which nothing else runs. */
export const ARRIVALS_TOGETHER_MAX = 128;

/** Refusals by which the server only asks for patience: counted, never written one by one. */
const POLITE: ReadonlySet<RefusalCode> = new Set(['busy', 'server-stopping']);

const TOKEN_DETAIL: Record<TokenRefusal, string> = {
  'token-unknown': 'the enrolment token is not known here, or was revoked',
  'token-expired': 'the enrolment token has expired',
  'token-exhausted': 'the enrolment token has been used as often as it may',
};

/** Why an agent leaves after it has seen this server's key and proof: the reasons of close code 4401. */
const DISBELIEF_DETAIL = {
  'server-key-mismatch':
    'an agent that trusts another server came to this address; it closed the connection before it said who it is',
  'server-key-changed':
    'an agent that is enrolled here came with another server key in its configuration; it closed the connection before it said who it is',
  'server-key-unknown': 'an agent that was given no server key came to this address and does not trust it',
  'server-proof-invalid':
    'the proof of this server did not reach an agent unchanged; something on the way ends or changes the connection',
  'not-told': 'an agent did not trust this server and did not say why',
} as const;
export type Disbelief = keyof typeof DISBELIEF_DETAIL;

export function isDisbelief(reason: string): reason is Disbelief {
  return Object.hasOwn(DISBELIEF_DETAIL, reason);
}

export interface FleetDeps {
  readonly store: FleetStore;
  readonly serverKey: ServerKey;
  readonly recordAudit: RecordAudit;
  readonly newId: (prefix: string, nowMs: Millis) => string;
  readonly randomBytes: (count: number) => Uint8Array;
}

export interface NewToken {
  readonly name: string;
  readonly usesMax: number;
  /** null: does not expire. */
  readonly expiresInHours: number | null;
  readonly approval: boolean;
  readonly scope: EnrolmentScope;
}

interface ArrivalStep {
  readonly arrival: Arrival;
  readonly delivered: (agentId: string, epoch: string) => number;
  readonly nowMs: Millis;
}

export type StateListener = (agentId: string, state: AgentRecord['state']) => void;

export class Fleet {
  readonly serverKey: ServerKey;
  readonly store: FleetStore;
  readonly #deps: FleetDeps;
  readonly #refusals = new FloodGate({
    windowMs: REFUSALS_WINDOW_MS,
    perKeyMax: REFUSALS_AUDITED_PER_ADDRESS_MAX,
    totalMax: REFUSALS_AUDITED_MAX,
  });
  readonly #findings = new FloodGate({
    windowMs: REFUSALS_WINDOW_MS,
    perKeyMax: FINDINGS_AUDITED_PER_KIND_MAX,
    totalMax: FINDINGS_AUDITED_MAX,
  });
  readonly #listeners: StateListener[] = [];
  readonly #arrivals: Batch<ArrivalStep, Arrived | null>;
  #seen = new Map<string, Millis>();
  #seenFlushedMs: Millis = 0;

  constructor(deps: FleetDeps) {
    this.#deps = deps;
    this.serverKey = deps.serverKey;
    this.store = deps.store;
    this.#arrivals = new Batch((steps) => this.#arriveTogether(steps), ARRIVALS_TOGETHER_MAX);
  }

  /** Called after an agent was enrolled, approved or revoked. */
  onState(listener: StateListener): void {
    this.#listeners.push(listener);
  }

  /** `text` is shown once and not kept. */
  async issueToken(input: NewToken, nowMs: Millis): Promise<{ token: TokenRecord; text: string }> {
    const secret = this.#deps.randomBytes(SECRET_BYTES);
    const token: TokenRecord = {
      id: this.#deps.newId('enr', nowMs),
      name: input.name,
      secretHash: secretHash(secret),
      createdAtMs: nowMs,
      expiresAtMs: input.expiresInHours === null ? null : nowMs + input.expiresInHours * HOUR_MS,
      usesMax: input.usesMax,
      uses: 0,
      approval: input.approval,
      scope: input.scope,
      revokedAtMs: null,
    };
    await this.store.addToken(token);
    return { token, text: tokenText(token.id, secret) };
  }

  /**
   * The agent behind a proof comes in, enrolled where it asks for that: `pending`, or `active` with its epoch begun.
   * Those that come together share one transaction. `delivered`: seq that the journal of the samples holds of an epoch.
   * @throws Refusal `not-enrolled`, `revoked`, `token-…`
   */
  async arrive(
    proven: ProvenAgent,
    from: { address: string; clockSkewMs: Millis },
    delivered: (agentId: string, epoch: string) => number,
    nowMs: Millis,
  ): Promise<Arrived> {
    const { agentId, epoch, hostname, platform, agentVersion: version, bootId, token } = proven;
    const facts = { hostname, platform, version, bootId, release: installedRelease(proven), ...from };
    // A key that is known has just been proved, which is more than any token says: the token is not looked at.
    if (token !== null && (await this.store.agent(agentId)) === null)
      await this.#enrol(proven, token, from.address, nowMs);
    const arrived = await this.#arrivals.add({ arrival: { agentId, epoch, facts }, delivered, nowMs });
    if (arrived === null)
      throw new Refusal('not-enrolled', `agent ${agentId} is not enrolled at this server`);
    if (arrived.agent.state === 'revoked') throw new Refusal('revoked', `agent ${agentId} was revoked`);
    return arrived;
  }

  #arriveTogether(steps: readonly ArrivalStep[]): Promise<readonly (Arrived | null)[]> {
    const [first] = steps;
    if (!first) return Promise.resolve([]);
    const arrivals = steps.map(({ arrival }) => arrival);
    return this.store.arrive(arrivals, first.delivered, first.nowMs);
  }

  async #enrol(proven: ProvenAgent, secret: string, address: string, nowMs: Millis): Promise<void> {
    const token = await this.#checkSecret(secret);
    const { agentId, agentKey, hostname, platform, agentVersion, bootId } = proven;
    const outcome = await this.store.enrol(
      {
        id: agentId,
        publicKey: agentKey,
        tokenId: token.id,
        hostname,
        platform,
        version: agentVersion,
        bootId,
        release: installedRelease(proven),
      },
      nowMs,
    );
    if (outcome.type === 'refused') throw new Refusal(outcome.code, TOKEN_DETAIL[outcome.code]);
    if (outcome.type === 'enrolled') {
      await this.#deps.recordAudit({
        actor: `agent:${agentId}`,
        action: 'agent.enrolled',
        subject: agentId,
        detail: {
          hostname,
          platform,
          address,
          token: token.id,
          tokenName: token.name,
          state: outcome.agent.state,
        },
      });
      this.#tell(outcome.agent);
    }
  }

  async #checkSecret(text: string): Promise<TokenRecord> {
    const parsed = parseToken(text);
    const token = parsed && (await this.store.token(parsed.id));
    if (!parsed || !token || !sameHash(parsed.secretHash, token.secretHash))
      throw new Refusal('token-unknown', TOKEN_DETAIL['token-unknown']);
    return token;
  }

  /** Lets a waiting agent in. @throws AppError 'not-found', 'transition-not-allowed' */
  async approve(id: string, nowMs: Millis): Promise<AgentRecord> {
    return this.#setState(id, 'active', nowMs);
  }

  /** Its connection closes at once and its key is never taken again. @throws AppError 'not-found' */
  async revoke(id: string, nowMs: Millis): Promise<AgentRecord> {
    return this.#setState(id, 'revoked', nowMs);
  }

  async #setState(id: string, state: 'active' | 'revoked', nowMs: Millis): Promise<AgentRecord> {
    const agent = await this.store.setState(id, state, nowMs);
    if (!agent) throw new AppError('not-found', `There is no agent ${id}.`);
    if (agent.state !== state)
      throw new AppError(
        'transition-not-allowed',
        `Agent ${id} is ${agent.state}; only a waiting one can be let in.`,
      );
    this.#tell(agent);
    return agent;
  }

  /** Its last word was that it is taken off its machine. */
  async uninstalled(agentId: string, atMs: Millis): Promise<void> {
    await this.store.setUninstalled(agentId, atMs);
    const agent = await this.store.agent(agentId);
    await this.#deps.recordAudit({
      actor: `agent:${agentId}`,
      action: 'agent.uninstalled',
      subject: agentId,
      detail: { hostname: agent?.hostname ?? '' },
    });
  }

  /**
   * The CI that this machine was given by an agent that went before any inventory: of its name and platform and the same boot, or
   * uninstalled at the same address. null: there is none. `isStandIn`: nothing else is known of that CI, and an agent of that site
   * may go on with it.
   */
  async standInOf(
    { id, hostname, platform, bootId, address, scope }: AgentRecord,
    isConnected: (agentId: string) => boolean,
    isStandIn: (ciId: string, site: string | null) => boolean,
  ): Promise<string | null> {
    for (const one of await this.store.namesakes({ id, hostname, platform })) {
      const isSame = one.bootId === bootId || (one.uninstalledAtMs !== null && one.address === address);
      if (isSame && one.ciId !== null && !isConnected(one.id) && isStandIn(one.ciId, scope.site))
        return one.ciId;
    }
    return null;
  }

  #tell(agent: AgentRecord): void {
    for (const listener of this.#listeners) listener(agent.id, agent.state);
  }

  /** Stands on the agent's page and in the audit log. */
  async addFinding(agentId: string, finding: Finding): Promise<void> {
    await this.store.addFinding(agentId, finding);
    await this.auditFinding(agentId, finding);
  }

  /** For findings that a store verb has kept already. */
  async auditFinding(agentId: string, { kind, atMs, detail }: Finding): Promise<void> {
    if (!this.#findings.admit(`${agentId} ${kind}`, kind, atMs)) return;
    await this.#deps.recordAudit({
      actor: 'system',
      action: 'agent.finding',
      subject: agentId,
      detail: { kind, detail },
    });
  }

  /** Each refusal is in the audit log, one by one up to the limits above, as a count beyond them. */
  async auditRefusal(
    refusal: Refusal,
    who: { address: string; agentId: string | null; hostname: string | null },
    nowMs: Millis,
  ): Promise<void> {
    if (POLITE.has(refusal.code)) return this.#refusals.count(refusal.code, nowMs);
    if (!this.#refusals.admit(who.address, refusal.code, nowMs)) return;
    await this.#deps.recordAudit({
      actor: who.agentId ? `agent:${who.agentId}` : 'system',
      action: 'agent.refused',
      subject: who.agentId ?? who.address,
      detail: {
        code: refusal.code,
        detail: refusal.message,
        address: who.address,
        ...(who.hostname ? { hostname: who.hostname } : {}),
      },
    });
  }

  /** Anybody can claim this without a proof, so it shares the limits of refusals. */
  async auditDisbelief(code: Disbelief, address: string, nowMs: Millis): Promise<void> {
    if (!this.#refusals.admit(address, code, nowMs)) return;
    await this.#deps.recordAudit({
      actor: 'system',
      action: 'agent.declined',
      subject: address,
      detail: { code, detail: DISBELIEF_DETAIL[code], address },
    });
  }

  /** Remembers that the agent gave a sign of life; written with the next flush. */
  seen(agentId: string, atMs: Millis): void {
    this.#seen.set(agentId, atMs);
  }

  /** Once a second. */
  async tick(nowMs: Millis): Promise<void> {
    for (const [action, gate] of [
      ['agent.refused', this.#refusals],
      ['agent.finding', this.#findings],
    ] as const) {
      const suppressed = gate.tick(nowMs);
      if (suppressed)
        await this.#deps.recordAudit({
          actor: 'system',
          action,
          subject: 'not listed one by one',
          detail: { ...suppressed },
        });
    }
    if (this.seenDue(nowMs)) await this.flushSeen(nowMs);
  }

  /** The next tick writes what was seen; those that are connected tell it before. */
  seenDue(nowMs: Millis): boolean {
    return Math.abs(nowMs - this.#seenFlushedMs) >= SEEN_FLUSH_MS;
  }

  async flushSeen(nowMs: Millis): Promise<void> {
    this.#seenFlushedMs = nowMs;
    if (this.#seen.size === 0) return;
    const seen = [...this.#seen].map(([agentId, atMs]) => ({ agentId, atMs }));
    this.#seen = new Map();
    await this.store.seen(seen);
  }
}

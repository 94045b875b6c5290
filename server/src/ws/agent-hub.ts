/**
 * All connections of agents: who is let in, one live connection per agent, revocation, what others ask of an agent.
 *
 * Two connections with one key. The newer has proved the key, so it is the agent or a copy of it. The older is asked by a
 * ping with a random payload. No answer within CLONE_ANSWER_MS_MAX: it was a broken line, the ordinary case after a change
 * of network or a pulled cable; it is cut and the newer one taken. An answer means that two processes hold the key at this
 * moment: finding, audit entry, and both are sent away, because taking either would mix two machines in one record. A
 * process that closed its old socket before it opened the new one cannot answer on the old one, so a plain reconnect never
 * raises it. Copies that are online in turn show in their epochs (`#judgeEpoch`).
 */
import { INTERVAL_MS_DEFAULT, INVENTORY_INTERVAL_MS_DEFAULT } from '@muster/shared/wire/limits.ts';
import type { ProtocolVersions } from '@muster/shared/wire/protocol-versions.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Configured, Upgrading, Witnessed } from '@muster/shared/wire/agent-messages.ts';
import type { AgentConfig } from '@muster/shared/wire/server-messages.ts';
import type { TopProcess } from '@muster/shared/wire/top-process.ts';
import type { AgentConfigs } from '../agent-config/agent-config.ts';
import type { Clock } from '../clock.ts';
import { type Fleet, isDisbelief } from '../fleet/fleet.ts';
import { installedRelease, type ProvenAgent } from '../fleet/handshake.ts';
import type { SignatureCheck } from '../fleet/signature.ts';
import { Refusal } from '../fleet/refusal.ts';
import type { AgentPresence } from '../fleet/routes.ts';
import type { AgentRecord, Arrived, EpochStart } from '../fleet/store.ts';
import type { LiveTick, StreamDeps } from '../ingest/agent-stream.ts';
import { type Log, messageOf } from '../log.ts';
import type { IngestSinks } from '../ingest/sinks.ts';
import type { MetricStore } from '../metrics/store.ts';
import type { UpgradeEars } from '../rollouts/rollouts.ts';
import { type Admission, UNPROVEN_PER_ADDRESS_MAX, UNPROVEN_SOCKETS_MAX } from './admission.ts';
import { AgentConnection, type ConnectionHost, type SocketInfo, type ToldConfig } from './agent-socket.ts';
import type { LinkSocket } from './link-socket.ts';

/** What an agent does where nothing else is said. */
export const AGENT_CONFIG_DEFAULT: AgentConfig = {
  intervalMs: INTERVAL_MS_DEFAULT,
  holdMs: 0,
  inventoryIntervalMs: INVENTORY_INTERVAL_MS_DEFAULT,
  collectorsOff: [],
  wake: [],
};
/** Over how long the agents of a stopping server are asked to come back. */
export const STOPPING_RETRY_MS_MAX = 5_000;
const CONTESTED_RETRY_MS = 5_000;

export interface AgentHubDeps {
  readonly fleet: Fleet;
  readonly metrics: Pick<MetricStore, 'delivered'>;
  readonly stream: StreamDeps;
  readonly sinks: Pick<IngestSinks, 'connected' | 'disconnected' | 'processes'>;
  /** Readings at the live interval, and agents that come back while watched. */
  readonly live: { ticks(ciId: string, ticks: readonly LiveTick[]): void; connected(ciId: string): void };
  /** Of this CI nothing is known but that an agent sent readings, and an agent of this site may go on with it. */
  readonly isStandIn: (ciId: string, site: string | null) => boolean;
  readonly configFor: (agentId: string, nowMs: Millis) => AgentConfig;
  /** Absent: nothing is signed, and every agent is told plainly. */
  readonly signedConfigs?: Pick<
    AgentConfigs,
    'signedFor' | 'connected' | 'arrived' | 'configured' | 'leftOutOf'
  >;
  readonly admission: Admission;
  readonly clock: Clock;
  readonly log: Log;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly isSigned: SignatureCheck;
  /** Of the protocol; absent: those of this code. */
  readonly versions?: ProtocolVersions | undefined;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
}

export class AgentHub implements ConnectionHost {
  readonly #deps: AgentHubDeps;
  readonly #admission: Admission;
  readonly #all = new Set<AgentConnection>();
  /** Sockets per address that have not proved anything. */
  readonly #unproven = new Map<string, number>();
  /** Accepted, also pending ones; and one that is about to be. */
  readonly #byAgent = new Map<string, AgentConnection>();
  readonly #byCi = new Map<string, AgentConnection>();
  readonly #deciding = new Map<string, AgentConnection>();
  /** What is under way of ended connections. */
  readonly #settling = new Map<string, Promise<void>>();
  #upgrades: UpgradeEars | null = null;
  readonly #witnessed: ((ciId: string, testimony: Witnessed, nowMs: Millis) => void)[] = [];
  #stopping = false;

  constructor(deps: AgentHubDeps) {
    this.#deps = deps;
    this.#admission = deps.admission;
    deps.fleet.onState((agentId, state) => {
      if (state === 'revoked') this.#revoked(agentId);
      if (state === 'active') this.#approved(agentId);
    });
  }

  /** Takes over a fresh socket; its events go to what is returned. */
  attach(socket: LinkSocket, info: SocketInfo): AgentConnection {
    const { fleet, clock, log, randomBytes, isSigned, versions } = this.#deps;
    const deps = {
      host: this,
      serverKey: fleet.serverKey,
      admission: this.#admission,
      clock,
      log,
      randomBytes,
      isSigned,
      versions,
    };
    const connection = new AgentConnection(socket, info, deps);
    this.#all.add(connection);
    this.#countUnproven(connection, 1);
    if (this.#stopping) connection.refuse(this.#stoppingRefusal());
    else if (
      this.#admission.unproven > UNPROVEN_SOCKETS_MAX ||
      (this.#unproven.get(info.address) ?? 0) > UNPROVEN_PER_ADDRESS_MAX
    )
      connection.refuse(this.#busy('many connections are waiting for their handshake'));
    return connection;
  }

  /** Once a second. */
  tick(): void {
    const { fleet, clock } = this.#deps;
    const monoMs = clock.monotonicMs();
    this.#admission.tick(monoMs);
    for (const connection of this.#all) {
      connection.tick(monoMs);
      if (connection.state === 'closed') this.#all.delete(connection);
    }
    if (!fleet.seenDue(clock.now())) return;
    for (const [agentId, connection] of this.#byAgent)
      if (connection.state === 'open') fleet.seen(agentId, connection.lastHeardMs);
  }

  /** null while not connected. */
  connected(agentId: string): AgentPresence | null {
    const connection = this.#byAgent.get(agentId);
    if (!connection || (connection.state !== 'open' && connection.state !== 'pending')) return null;
    const { connectedSinceMs, lastHeardMs, address, clockSkewMs, spoolUsedBytes } = connection;
    return { connectedSinceMs, lastHeardMs, address, clockSkewMs, spoolUsedBytes };
  }

  /** Agents from which data flows. */
  get connectedCount(): number {
    let count = 0;
    for (const connection of this.#byAgent.values()) if (connection.state === 'open') count++;
    return count;
  }

  /** Asks for the flight recording as a `flight` event. false: not connected, or the agent has none. */
  requestFlight(agentId: string, requestId: string): boolean {
    return this.#byAgent.get(agentId)?.requestFlight(requestId) ?? false;
  }

  /** The agent of this CI is connected and may be asked about its neighbours. */
  canWitness(ciId: string): boolean {
    return this.#byCi.get(ciId)?.canWitness ?? false;
  }

  /** Asks it whether an address of its own network answers. false: there is none to ask. */
  askWitness(ciId: string, requestId: string, address: string): boolean {
    return this.#byCi.get(ciId)?.askWitness(requestId, address) ?? false;
  }

  /** Called with each answer of a neighbour, also with those that nobody asked for. */
  onWitnessed(listener: (ciId: string, testimony: Witnessed, nowMs: Millis) => void): void {
    this.#witnessed.push(listener);
  }

  /** Who follows the upgrades of agents. */
  listenToUpgrades(ears: UpgradeEars): void {
    this.#upgrades = ears;
  }

  /** Tells an agent to upgrade or to return. false: it is not there, or cannot. */
  order(agentId: string, message: Parameters<AgentConnection['order']>[0]): boolean {
    return this.#byAgent.get(agentId)?.order(message) ?? false;
  }

  /** Live readings of the agent of this CI for `leaseMs`; 0 ends it. false: there is none to ask. */
  lease(ciId: string, leaseMs: Millis): boolean {
    return this.#byCi.get(ciId)?.lease(leaseMs) ?? false;
  }

  /** Its configuration has changed. */
  reconfigure(agentId: string): void {
    const connection = this.#byAgent.get(agentId);
    if (connection?.state === 'open') connection.configure(this.#configOf(agentId, connection.proven));
  }

  /** Signed for agents that take nothing else; what stands beside it then means nothing. */
  #configOf(agentId: string, proven: ProvenAgent | null): ToldConfig {
    const { configFor, signedConfigs, clock } = this.#deps;
    if (!signedConfigs || !proven?.capabilities.includes('signed-config'))
      return { config: configFor(agentId, clock.now()) };
    return { config: AGENT_CONFIG_DEFAULT, signed: signedConfigs.signedFor(agentId, clock.now()) };
  }

  /** The agent's reports are of another CI now (merged, split, corrected by a person). */
  async reassign(agentId: string, ciId: string): Promise<void> {
    await this.#deps.fleet.store.setCi(agentId, ciId);
    this.#byAgent.get(agentId)?.reassign(ciId);
  }

  /** Sends all away and waits until what they sent is durable. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const connection of this.#all) connection.refuse(this.#stoppingRefusal());
    await Promise.all(this.#settling.values());
    await this.#deps.fleet.flushSeen(this.#deps.clock.now());
  }

  async decide(connection: AgentConnection, proven: ProvenAgent): Promise<void> {
    const { agentId } = proven;
    this.#countUnproven(connection, -1);
    if (this.#deciding.has(agentId))
      throw this.#busy('another connection of this agent is being looked at', CONTESTED_RETRY_MS);
    this.#deciding.set(agentId, connection);
    try {
      await this.#supersede(agentId, connection);
      await this.#settling.get(agentId);
      if (connection.state !== 'deciding') return;
      // From here on a revocation finds the connection.
      this.#byAgent.set(agentId, connection);
      this.#deps.signedConfigs?.connected(agentId, proven.capabilities);
      await this.#enter(connection, proven);
    } finally {
      this.#deciding.delete(agentId);
    }
  }

  refused(connection: AgentConnection, refusal: Refusal): void {
    const { fleet, clock, log } = this.#deps;
    const { agentId, address, proven } = connection;
    log('info', 'a connection of an agent was refused', {
      code: refusal.code,
      detail: refusal.message,
      agentId,
      address,
    });
    fleet
      .auditRefusal(refusal, { address, agentId, hostname: proven?.hostname ?? null }, clock.now())
      .catch((error: unknown) =>
        log('error', 'a refusal could not be audited', { code: refusal.code, error: messageOf(error) }),
      );
  }

  declined({ address }: AgentConnection, reason: string): void {
    const { fleet, clock, log } = this.#deps;
    const code = isDisbelief(reason) ? reason : 'not-told';
    log('warn', 'an agent does not believe that this is its server', { code, address });
    fleet
      .auditDisbelief(code, address, clock.now())
      .catch((error: unknown) =>
        log('error', 'the disbelief of an agent could not be audited', { code, error: messageOf(error) }),
      );
  }

  ended(connection: AgentConnection): void {
    const { agentId } = connection;
    if (agentId === null) return this.#countUnproven(connection, -1);
    if (this.#byAgent.get(agentId) !== connection) return;
    this.#byAgent.delete(agentId);
    const { fleet, log, clock } = this.#deps;
    fleet.seen(agentId, connection.lastHeardMs);
    const { reason } = connection.end();
    this.#quietly(() => this.#upgrades?.left(agentId, reason, clock.now()));
    const settled = connection
      .settle()
      .then(() => this.#tellDisconnected(connection, agentId))
      .then(() => (reason === 'uninstall' ? fleet.uninstalled(agentId, clock.now()) : undefined))
      .catch((error: unknown) =>
        log('error', 'a connection did not end well', { agentId, error: messageOf(error) }),
      )
      .finally(() => {
        if (this.#settling.get(agentId) === settled) this.#settling.delete(agentId);
      });
    this.#settling.set(agentId, settled);
  }

  belongsTo(connection: AgentConnection, ciId: string, before: string | null): void {
    const { agentId } = connection;
    if (agentId === null) return;
    if (before !== null) {
      this.#forgetCi(connection, before);
      this.#disconnected(before, agentId, connection, 'moved');
    }
    this.#tellConnected(connection, agentId, ciId);
    this.#replaceOthers(agentId, ciId);
  }

  live(ciId: string, ticks: readonly LiveTick[]): void {
    this.#deps.live.ticks(ciId, ticks);
  }

  processes(ciId: string, atMs: Millis, items: readonly TopProcess[]): void {
    this.#quietly(() => this.#deps.sinks.processes(ciId, atMs, items, this.#deps.clock.now()));
  }

  configured(agentId: string, word: Configured): void {
    const { signedConfigs, clock, log } = this.#deps;
    if (word.refused !== null)
      log('warn', 'an agent does not take its configuration', { agentId, why: word.refused });
    signedConfigs?.configured(agentId, word, clock.now());
  }

  witnessed(ciId: string, testimony: Witnessed): void {
    for (const listener of this.#witnessed)
      this.#quietly(() => listener(ciId, testimony, this.#deps.clock.now()));
  }

  upgrading(agentId: string, message: Upgrading): void {
    if (message.stage === 'confirmed') this.#trialEnded(agentId, message.serial);
    this.#quietly(() => this.#upgrades?.said(agentId, message, this.#deps.clock.now()));
  }

  trialHeard(agentId: string, serial: number): void {
    this.#trialEnded(agentId, serial);
    this.#quietly(() => this.#upgrades?.acknowledged(agentId, this.#deps.clock.now()));
  }

  /** It would say so itself with its next connection, which may be weeks away. */
  #trialEnded(agentId: string, serial: number): void {
    const { fleet, log } = this.#deps;
    fleet.store
      .setTrialEnded(agentId, serial)
      .catch((error: unknown) =>
        log('error', 'the end of a trial was not kept', { agentId, error: messageOf(error) }),
      );
  }

  /** Ends a connection of the same agent that came before, if it is dead. @throws Refusal `cloned-identity` if it is not. */
  async #supersede(agentId: string, newer: AgentConnection): Promise<void> {
    const older = this.#byAgent.get(agentId);
    if (!older) return;
    // Waiting for an answer is no work: after a broken switch all agents come back to connections that look alive.
    newer.leaveAdmission();
    if (!(await older.ask())) return older.cut('closed');
    const { fleet, clock } = this.#deps;
    const detail = `online at the same time from ${older.address} (${older.proven?.hostname}) and ${newer.address} (${newer.proven?.hostname})`;
    await fleet.addFinding(agentId, { kind: 'cloned-identity', atMs: clock.now(), detail });
    const refusal = new Refusal('cloned-identity', `this key is ${detail}`);
    older.refuse(refusal);
    throw refusal;
  }

  async #enter(connection: AgentConnection, proven: ProvenAgent): Promise<void> {
    const arrived = await this.#arrive(connection, proven);
    if (arrived.start !== null) return this.#open(connection, proven, arrived.agent, arrived.start);
    // It may have been approved or revoked meanwhile.
    const agent = await this.#freshAgent(proven.agentId);
    if (connection.state !== 'deciding') return;
    if (agent.state === 'active') return this.#enter(connection, proven);
    this.#noteHome(agent);
    connection.acceptPending(agent, this.#configOf(agent.id, proven));
  }

  #arrive(connection: AgentConnection, proven: ProvenAgent): Promise<Arrived> {
    const { fleet, clock } = this.#deps;
    const { address, clockSkewMs } = connection;
    return fleet.arrive(proven, { address, clockSkewMs }, this.#delivered, clock.now());
  }

  readonly #delivered = (agentId: string, epoch: string): number =>
    this.#deps.metrics.delivered(agentId, epoch);

  async #open(
    connection: AgentConnection,
    proven: ProvenAgent,
    arrived: AgentRecord,
    start: EpochStart,
  ): Promise<void> {
    const { metrics, stream } = this.#deps;
    const { agentId, epoch } = proven;
    const lastSeq = Math.max(start.lastSeq, metrics.delivered(agentId, epoch));
    const judged = await this.#judgeEpoch(proven, start, lastSeq);
    const agent = await this.#withStandIn(judged ? await this.#freshAgent(agentId) : arrived);
    if (this.#byAgent.get(agentId) !== connection) return;
    this.#noteHome(agent);
    // An epoch that is new here may have a past at another server; what that took is no loss of ours.
    const firstSeq = start.type === 'new' ? Math.max(1, proven.firstSeq) : 1;
    connection.accept({ agent, lastSeq, firstSeq, told: this.#configOf(agentId, proven), stream });
    if (connection.state === 'open')
      this.#quietly(() => this.#upgrades?.arrived(agentId, installedRelease(proven), this.#deps.clock.now()));
    if (connection.state === 'open' && agent.ciId !== null)
      this.#tellConnected(connection, agentId, agent.ciId);
  }

  /** Before it is told its configuration, which must hold for its first report already. */
  #noteHome({ id, ciId, scope }: AgentRecord): void {
    const { signedConfigs, stream } = this.#deps;
    signedConfigs?.arrived(id, stream.cmdb.ciOfAgent(id) ?? ciId, scope);
  }

  /** As it came in; a machine that was installed anew before anything was known of it goes on where it was. */
  async #withStandIn(agent: AgentRecord): Promise<AgentRecord> {
    if (agent.ciId !== null) return agent;
    const { fleet, isStandIn } = this.#deps;
    const ciId = await fleet.standInOf(agent, (id) => this.#byAgent.has(id), isStandIn);
    if (ciId === null) return agent;
    await fleet.store.setCi(agent.id, ciId);
    this.#replaceOthers(agent.id, ciId);
    return { ...agent, ciId };
  }

  /** Those of this machine that are not there: what is on record of them is past. */
  #replaceOthers(agentId: string, ciId: string): void {
    const { fleet, log } = this.#deps;
    fleet.store
      .replaceOthers(ciId, agentId, (id) => this.#byAgent.has(id))
      .catch((error: unknown) =>
        log('error', 'older agents of a machine were not marked', { agentId, error: messageOf(error) }),
      );
  }

  /** A spool that is behind us, or a past epoch that is back, is a copy or a restored image. true: there is a finding. */
  async #judgeEpoch(
    { agentId, epoch, lastSeq: agentSeq }: ProvenAgent,
    { type }: EpochStart,
    lastSeq: number,
  ): Promise<boolean> {
    const { fleet, clock } = this.#deps;
    const atMs = clock.now();
    if (type === 'returned' && agentSeq > lastSeq) {
      const detail = `epoch ${epoch} went on to frame ${agentSeq} while the same key was used with another epoch: two machines are online in turn`;
      await fleet.addFinding(agentId, { kind: 'cloned-identity', atMs, detail });
      return true;
    }
    if (lastSeq > agentSeq) {
      const detail = `the spool ends at frame ${agentSeq}, the server holds up to ${lastSeq}: the disk was restored from an image, or lost its last writes, with the power or for want of room`;
      await fleet.addFinding(agentId, { kind: 'restored-image', atMs, detail });
      return true;
    }
    return false;
  }

  async #freshAgent(agentId: string): Promise<AgentRecord> {
    const agent = await this.#deps.fleet.store.agent(agentId);
    if (!agent) throw new Refusal('not-enrolled', `agent ${agentId} was removed`);
    if (agent.state === 'revoked') throw new Refusal('revoked', `agent ${agentId} was revoked`);
    return agent;
  }

  #revoked(agentId: string): void {
    const refusal = new Refusal('revoked', `agent ${agentId} was revoked`);
    this.#byAgent.get(agentId)?.refuse(refusal, 'revoked');
    this.#deciding.get(agentId)?.refuse(refusal, 'revoked');
  }

  #approved(agentId: string): void {
    const connection = this.#byAgent.get(agentId);
    if (connection?.state !== 'pending' || !connection.proven) return;
    this.#enter(connection, connection.proven).catch((error: unknown) => {
      const refusal =
        error instanceof Refusal
          ? error
          : new Refusal('server-error', 'the approval could not be completed', { cause: error });
      this.#deps.log('error', 'an approved agent could not be let in', { agentId, error: messageOf(error) });
      connection.refuse(refusal);
    });
  }

  #tellConnected(connection: AgentConnection, agentId: string, ciId: string): void {
    this.#byCi.set(ciId, connection);
    this.#quietly(() => this.#deps.sinks.connected(ciId, agentId, connection.info(), this.#deps.clock.now()));
    this.#quietly(() => this.#deps.live.connected(ciId));
  }

  #tellDisconnected(connection: AgentConnection, agentId: string): void {
    const { ciId } = connection;
    if (ciId === null) return;
    this.#forgetCi(connection, ciId);
    this.#disconnected(ciId, agentId, connection, null);
  }

  #disconnected(ciId: string, agentId: string, connection: AgentConnection, how: 'moved' | null): void {
    const { sinks, clock } = this.#deps;
    const end = connection.end();
    this.#quietly(() => sinks.disconnected(ciId, agentId, how ? { ...end, how } : end, clock.now()));
  }

  #forgetCi(connection: AgentConnection, ciId: string): void {
    if (this.#byCi.get(ciId) === connection) this.#byCi.delete(ciId);
  }

  #quietly(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#deps.log('error', 'a sink failed', { error: messageOf(error) });
    }
  }

  #countUnproven({ address }: AgentConnection, change: 1 | -1): void {
    this.#admission.unproven += change;
    const count = (this.#unproven.get(address) ?? 0) + change;
    if (count > 0) this.#unproven.set(address, count);
    else this.#unproven.delete(address);
  }

  #busy(
    detail: string,
    retryAfterMs = this.#admission.retryAfterMs(this.#deps.clock.monotonicMs()),
  ): Refusal {
    return new Refusal('busy', detail, { retryAfterMs });
  }

  #stoppingRefusal(): Refusal {
    return new Refusal('server-stopping', 'the server is stopping', {
      retryAfterMs: this.#deps.random() * STOPPING_RETRY_MS_MAX,
    });
  }
}

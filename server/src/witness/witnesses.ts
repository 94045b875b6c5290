/**
 * Asks the neighbours of a silent machine whether they see it: a few of them, where that is allowed, seldom in each network.
 * Contract with the agents: docs/WIRE.md, section 4, "Witness".
 */
import type { PresenceSettings, WitnessNetwork } from '@muster/shared/api/presence.ts';
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Witnessed } from '@muster/shared/wire/agent-messages.ts';
import { WITNESS_MS_MAX } from '@muster/shared/wire/limits.ts';
import type { Neighbourhood, Sighting, Testimony } from '../availability/neighbours.ts';
import type { CiDirectory } from '../cmdb/directory.ts';
import { AppError } from '../errors.ts';
import type { Membership } from '../relations/membership.ts';
import { NeighbourIndex } from './neighbours.ts';
import { legOf } from './network-legs.ts';
import type { PresenceSettingsKeeper } from './settings.ts';
import type { HeldPresenceSettings } from './store.ts';

/** Neighbours asked about one machine. */
export const WITNESSES_MAX = 3;
/** Machines of one network that are asked about in a minute; each costs its witnesses one packet or a few. */
export const ASKED_PER_NETWORK_MAX = 6;
/** Questions under way, over all networks. */
export const QUESTIONS_MAX = 64;

type NetworkSection = Pick<SectionData['network'], 'interfaces' | 'gateways'>;

/** Agents that may be asked. */
export interface WitnessDoor {
  canWitness(ciId: string): boolean;
  /** false: not connected, or not able. */
  askWitness(ciId: string, requestId: string, address: string): boolean;
}

export interface WitnessDeps {
  readonly settings: PresenceSettingsKeeper;
  readonly directory: Pick<CiDirectory, 'get'>;
  readonly membership: Pick<Membership, 'locationsOf'>;
  readonly door: WitnessDoor;
  readonly newId: (prefix: string, nowMs: Millis) => string;
}

export interface Witnesses extends Neighbourhood {
  /** Its inventory says where it stands. null: it does not say. */
  network(ciId: string, section: NetworkSection | null): void;
  /** Where its connection comes from. */
  connected(ciId: string, seenAddress: string): void;
  witnessed(ciId: string, answer: Witnessed, nowMs: Millis): void;
  /** Once a second. */
  tick(nowMs: Millis): void;
  networks(): WitnessNetwork[];
  settings(): HeldPresenceSettings;
  /** @throws AppError input-invalid for a location that is not there */
  change(
    settings: PresenceSettings,
    isLocation: (id: string) => boolean,
    actor: string,
    nowMs: Millis,
  ): Promise<PresenceSettings>;
}

interface Question {
  readonly ciId: string;
  readonly address: string;
  /** While it waits for witnesses that are free, and then while it waits for them to answer. */
  untilMs: Millis;
  /** By witness; null: has not replied. Empty while it waits. */
  readonly answers: Map<string, Sighting | 'refused' | null>;
  readonly resolve: (testimony: Testimony) => void;
}

export function createWitnesses(deps: WitnessDeps): Witnesses {
  return new WitnessRoll(deps);
}

class WitnessRoll implements Witnesses {
  readonly #deps: WitnessDeps;
  readonly #index = new NeighbourIndex();
  readonly #sections = new Map<string, NetworkSection>();
  readonly #seenAt = new Map<string, string>();
  /** By request, in the order in which they came. */
  readonly #questions = new Map<string, Question>();
  /** An agent looks at one address at a time; which request it is at. */
  readonly #busy = new Map<string, string>();
  /** Times of questions by network, of the last minute. */
  readonly #asked = new Map<string, Millis[]>();
  /** When each was asked last, so that they take turns. */
  readonly #turnMs = new Map<string, Millis>();

  constructor(deps: WitnessDeps) {
    this.#deps = deps;
  }

  of(ciId: string): readonly string[] {
    return this.#index.of(ciId);
  }

  ask(ciId: string, nowMs: Millis): Promise<Testimony> | null {
    const { settings, membership, door, newId } = this.#deps;
    const leg = this.#index.legOf(ciId);
    if (!leg || this.#questions.size >= QUESTIONS_MAX) return null;
    if (!settings.allows(leg.address, membership.locationsOf(ciId))) return null;
    const able = this.#index.of(ciId).some((id) => door.canWitness(id));
    if (!able || this.#isTakenOver(ciId, leg.address) || !this.#mayAsk(leg.key, nowMs)) return null;
    const requestId = newId('wit', nowMs);
    return new Promise((resolve) => {
      const question: Question = {
        ciId,
        address: leg.address,
        untilMs: nowMs + WITNESS_MS_MAX,
        answers: new Map(),
        resolve,
      };
      this.#questions.set(requestId, question);
      this.#begin(requestId, question, nowMs);
    });
  }

  /** Another machine has its address by now, and would answer for it. */
  #isTakenOver(ciId: string, address: string): boolean {
    return this.#index.of(ciId).some((id) => this.#index.legOf(id)?.address === address);
  }

  /** Asks those who are free; with fewer than two of several it waits, because one alone proves little. */
  #begin(requestId: string, question: Question, nowMs: Millis): void {
    const { door } = this.#deps;
    const able = this.#index.of(question.ciId).filter((id) => door.canWitness(id));
    const free = able.filter((id) => !this.#busy.has(id));
    if (free.length < Math.min(2, able.length)) return;
    const inTurn = free.sort((a, b) => (this.#turnMs.get(a) ?? 0) - (this.#turnMs.get(b) ?? 0));
    for (const id of inTurn) {
      if (question.answers.size >= WITNESSES_MAX) break;
      if (!door.askWitness(id, requestId, question.address)) continue;
      question.answers.set(id, null);
      this.#busy.set(id, requestId);
      this.#turnMs.set(id, nowMs);
    }
    question.untilMs = nowMs + WITNESS_MS_MAX;
    if (question.answers.size === 0) this.#close(requestId, question, nowMs);
  }

  /** Those that wait begin as witnesses become free. */
  #beginWaiting(nowMs: Millis): void {
    for (const [requestId, question] of this.#questions)
      if (question.answers.size === 0) this.#begin(requestId, question, nowMs);
  }

  network(ciId: string, section: NetworkSection | null): void {
    if (section) this.#sections.set(ciId, section);
    else this.#sections.delete(ciId);
    this.#place(ciId);
  }

  connected(ciId: string, seenAddress: string): void {
    if (this.#seenAt.get(ciId) === seenAddress) return;
    this.#seenAt.set(ciId, seenAddress);
    this.#place(ciId);
  }

  witnessed(ciId: string, answer: Witnessed, nowMs: Millis): void {
    const question = this.#questions.get(answer.requestId);
    // Nobody asked this one, or it has answered already.
    if (question?.answers.get(ciId) !== null) return;
    const { answer: saw, by, gateway } = answer;
    const name = this.#deps.directory.get(ciId)?.name ?? ciId;
    question.answers.set(ciId, saw === 'refused' ? 'refused' : { ciId, name, saw, by, gateway });
    this.#busy.delete(ciId);
    if ([...question.answers.values()].every((one) => one !== null))
      this.#close(answer.requestId, question, nowMs);
    this.#beginWaiting(nowMs);
  }

  tick(nowMs: Millis): void {
    for (const [requestId, question] of this.#questions)
      if (nowMs >= question.untilMs) this.#close(requestId, question, nowMs);
    this.#beginWaiting(nowMs);
    for (const [key, times] of this.#asked)
      if (nowMs - (times.at(-1) ?? 0) >= MINUTE_MS) this.#asked.delete(key);
  }

  networks(): WitnessNetwork[] {
    const { settings, membership, door } = this.#deps;
    const all = [...this.#index.networks()].map(({ leg, ciIds }) => {
      const ids = [...ciIds];
      return {
        subnet: leg.subnet,
        gateway: leg.gateway,
        machines: ids.length,
        witnesses: ids.filter((id) => door.canWitness(id)).length,
        allowed: settings.allows(leg.address, membership.locationsOf(ids[0] ?? '')),
      };
    });
    return all.sort((a, b) => b.machines - a.machines || a.subnet.localeCompare(b.subnet));
  }

  settings(): HeldPresenceSettings {
    return this.#deps.settings.get();
  }

  change(
    settings: PresenceSettings,
    isLocation: (id: string) => boolean,
    actor: string,
    nowMs: Millis,
  ): Promise<PresenceSettings> {
    const strange = settings.witnesses.locations.find((id) => !isLocation(id));
    if (strange !== undefined) throw new AppError('input-invalid', `${strange} is no location.`);
    return this.#deps.settings.set(settings, actor, nowMs);
  }

  #place(ciId: string): void {
    const section = this.#sections.get(ciId);
    this.#index.put(ciId, section ? legOf(section, this.#seenAt.get(ciId) ?? null) : null);
  }

  #mayAsk(key: string, nowMs: Millis): boolean {
    const recent = (this.#asked.get(key) ?? []).filter((atMs) => nowMs - atMs < MINUTE_MS);
    if (recent.length >= ASKED_PER_NETWORK_MAX) return false;
    this.#asked.set(key, [...recent, nowMs]);
    return true;
  }

  #close(requestId: string, question: Question, nowMs: Millis): void {
    this.#questions.delete(requestId);
    for (const ciId of question.answers.keys())
      if (this.#busy.get(ciId) === requestId) this.#busy.delete(ciId);
    const sightings: Sighting[] = [];
    for (const [ciId, answer] of question.answers) {
      if (answer === 'refused') continue;
      const name = this.#deps.directory.get(ciId)?.name ?? ciId;
      sightings.push(answer ?? { ciId, name, saw: 'mute', by: null, gateway: 'unknown' });
    }
    question.resolve({ atMs: nowMs, address: question.address, sightings });
  }
}

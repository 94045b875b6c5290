/** Agents that play upgrades by a clock that the test moves: what each does when it is told, and how long it takes. */
import { NewRollout } from '@muster/shared/api/rollouts.ts';
import { type Millis, MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import type { InstalledRelease } from '@muster/shared/wire/agent-messages.ts';
import type { LeaveReason } from '@muster/shared/wire/goodbye.ts';
import { type Candidate, planRollout, type Target } from './plan.ts';
import type { Order, RolloutRun } from './run.ts';
import type { MemberRecord, RolloutRecord } from './store.ts';
import { newRollout } from './new-rollout.ts';

export const KEY = 'k'.repeat(43);
export const TARGET: Target = {
  serial: 12,
  key: KEY,
  development: false,
  platforms: new Set(['linux-x64', 'linux-arm64']),
};
export const BEGIN_MS = 1_700_000_000_000;

export function installed(more: Partial<InstalledRelease> = {}): InstalledRelease {
  return {
    platform: 'linux-x64',
    serial: 11,
    key: KEY,
    development: false,
    onTrial: false,
    previousSerial: 10,
    takenBack: null,
    ...more,
  };
}

export function candidate(index: number, more: Partial<Candidate> = {}): Candidate {
  return {
    agentId: index.toString(16).padStart(32, '0'),
    name: `pc-${String(index).padStart(4, '0')}`,
    site: null,
    tags: [],
    platform: 'linux',
    address: '10.0.0.1',
    revoked: false,
    pinned: false,
    connected: true,
    release: installed(),
    ...more,
  };
}

export function begun(
  candidates: readonly Candidate[],
  wish: Partial<NewRollout> = {},
): { record: RolloutRecord; members: readonly MemberRecord[] } {
  const asked = NewRollout.parse({ serial: TARGET.serial, ...wish });
  const plan = planRollout(candidates, TARGET, asked, 'seed');
  return newRollout(plan, asked, {
    id: 'rol_1',
    version: '1.2',
    createdBy: 'user:anna',
    nowMs: BEGIN_MS,
  });
}

/**
 * good: upgrades. trial: comes back on trial and is confirmed by an acknowledgement. broken: never comes back well, its machine returns. lost: goes and never comes
 * back. refuses: says no. mute: says nothing. stalls: its download stops. later: puts it off. crashes: falls over whenever it is told.
 * fades: upgrades, and falls silent a minute later. sleeps: upgrades, and goes to sleep with a word.
 */
export const BEHAVIOURS = [
  'good',
  'trial',
  'broken',
  'lost',
  'refuses',
  'mute',
  'stalls',
  'later',
  'crashes',
  'fades',
  'sleeps',
] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

interface PlayedAgent {
  readonly behaviour: Behaviour;
  release: InstalledRelease;
  /** It runs the new version, which was not heard yet. */
  isNew: boolean;
  /** While the server is away: it would be. */
  connected: boolean;
}

const STEP_MS = 5 * SECOND_MS;
const LOAD_MS = 20 * SECOND_MS;
const RESTART_MS = 10 * SECOND_MS;
const TRIAL_MS = 5 * MINUTE_MS;

export class Play {
  readonly agents = new Map<string, PlayedAgent>();
  readonly told: (Order & { atMs: Millis })[] = [];
  /** Replaced by the test that restarts the server. */
  run: RolloutRun;
  nowMs = BEGIN_MS;
  /** Agents go on, and hear nothing. */
  #isAway = false;
  #due: { atMs: Millis; what: () => void }[] = [];

  constructor(run: RolloutRun, agents: Iterable<[string, Behaviour]>, connected: (id: string) => boolean) {
    this.run = run;
    for (const [id, behaviour] of agents) {
      this.agents.set(id, { behaviour, release: installed(), isNew: false, connected: connected(id) });
      if (connected(id)) run.arrived(id, installed(), this.nowMs);
    }
  }

  /** All that are connected come to a server that has started anew. */
  comeBack(run: RolloutRun): void {
    this.run = run;
    this.#isAway = false;
    for (const [id, { connected }] of this.agents) if (connected) this.#arrive(id);
  }

  come(id: string): void {
    const agent = this.#agent(id);
    if (agent.connected) return;
    agent.connected = true;
    if (this.#isAway) return this.#tryAlone(id);
    this.#arrive(id);
  }

  /** Something of it is acknowledged a moment later, which ends a trial. */
  #arrive(id: string): void {
    const agent = this.#agent(id);
    agent.isNew = false;
    this.run.arrived(id, agent.release, this.nowMs);
    if (!agent.release.onTrial) return;
    this.#after(1_000, () => this.run.acknowledged(id, this.nowMs));
    agent.release = { ...agent.release, onTrial: false };
  }

  leave(id: string, goodbye: LeaveReason | null): void {
    const agent = this.#agent(id);
    if (!agent.connected) return;
    agent.connected = false;
    if (!this.#isAway) this.run.left(id, goodbye, this.nowMs);
  }

  /** The server is not there for so long; `comeBack` ends it. */
  passAway(ms: Millis): void {
    this.#isAway = true;
    for (const [id, { connected }] of this.agents) if (connected) this.#tryAlone(id);
    const untilMs = this.nowMs + ms;
    while (this.nowMs < untilMs) this.#step();
  }

  /** The clock of the server is set; for everybody else nothing happens. */
  setClock(byMs: Millis): void {
    this.nowMs += byMs;
    this.#due = this.#due.map(({ atMs, what }) => ({ atMs: atMs + byMs, what }));
  }

  /** A version on trial that nobody acknowledges goes. */
  #tryAlone(id: string): void {
    const agent = this.#agent(id);
    if (!agent.isNew) return;
    this.#after(TRIAL_MS, () => {
      if (!agent.isNew || !this.#isAway) return;
      agent.isNew = false;
      const takenBack = { serial: TARGET.serial, why: 'it did not connect within 300 s' };
      const serial = agent.release.previousSerial ?? 0;
      agent.release = { ...agent.release, serial, previousSerial: null, onTrial: false, takenBack };
    });
  }

  #step(): void {
    this.nowMs += STEP_MS;
    const due = this.#due.filter(({ atMs }) => atMs <= this.nowMs);
    this.#due = this.#due.filter(({ atMs }) => atMs > this.nowMs);
    for (const { what } of due) what();
  }

  /** One second after the other; `each` looks at it after every one. */
  pass(ms: Millis, each: (orders: readonly Order[]) => void = () => {}): void {
    const untilMs = this.nowMs + ms;
    while (this.nowMs < untilMs) {
      this.#step();
      const { orders } = this.run.tick(this.nowMs);
      each(orders);
      for (const order of orders) {
        this.told.push({ ...order, atMs: this.nowMs });
        this.#obey(order);
      }
    }
  }

  #obey({ agentId, kind }: Order): void {
    if (kind === 'roll-back') {
      this.#restart(agentId, (release) => ({
        ...release,
        serial: release.previousSerial ?? 0,
        previousSerial: null,
      }));
      return;
    }
    const upgraded = (release: InstalledRelease) => {
      this.#agent(agentId).isNew = true;
      const onTrial = this.#agent(agentId).behaviour === 'trial';
      return { ...release, serial: TARGET.serial, previousSerial: release.serial, onTrial };
    };
    const { behaviour } = this.#agent(agentId);
    switch (behaviour) {
      case 'mute':
        return;
      case 'refuses':
        return this.#say(agentId, 'refused', 'no space');
      case 'later':
        return this.#say(agentId, 'waiting', 'metered line');
      case 'stalls':
        return this.#say(agentId, 'downloading');
      case 'crashes':
        this.leave(agentId, null);
        this.#after(RESTART_MS, () => this.come(agentId));
        return;
      case 'lost':
        this.#say(agentId, 'downloading');
        this.#after(LOAD_MS, () => this.leave(agentId, 'upgrade'));
        return;
      case 'broken':
        this.#say(agentId, 'downloading');
        this.#after(LOAD_MS, () => {
          this.leave(agentId, 'upgrade');
          this.#after(5 * MINUTE_MS, () => {
            const agent = this.#agent(agentId);
            agent.release = {
              ...agent.release,
              takenBack: { serial: TARGET.serial, why: 'not heard in time' },
            };
            this.come(agentId);
          });
        });
        return;
      case 'good':
      case 'trial':
      case 'fades':
      case 'sleeps': {
        this.#say(agentId, 'downloading');
        this.#after(LOAD_MS, () => {
          // A download ends with the server.
          if (this.#isAway) return;
          this.#say(agentId, 'restarting');
          this.#restart(agentId, upgraded);
          if (behaviour === 'fades' || behaviour === 'sleeps')
            this.#after(MINUTE_MS, () => this.leave(agentId, behaviour === 'fades' ? null : 'sleep'));
        });
      }
    }
  }

  #restart(id: string, change: (release: InstalledRelease) => InstalledRelease): void {
    this.leave(id, 'upgrade');
    const agent = this.#agent(id);
    agent.release = change(agent.release);
    this.#after(RESTART_MS, () => this.come(id));
  }

  #say(id: string, stage: 'downloading' | 'waiting' | 'refused' | 'restarting', detail = ''): void {
    const sizes = { receivedBytes: 10, totalBytes: 100 };
    this.run.said(id, { type: 'upgrading', serial: TARGET.serial, stage, detail, ...sizes }, this.nowMs);
  }

  #after(ms: Millis, what: () => void): void {
    this.#due.push({ atMs: this.nowMs + ms, what });
  }

  #agent(id: string): PlayedAgent {
    const agent = this.agents.get(id);
    if (!agent) throw new Error(`there is no agent ${id}`);
    return agent;
  }
}

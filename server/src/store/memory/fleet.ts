/** Fleet store in plain maps, for tests and simulations. */
import type { Millis } from '@muster/shared/time.ts';
import { AppError } from '../../errors.ts';
import { tokenRefusal } from '../../fleet/enrolment-token.ts';
import { withFinding } from '../../fleet/finding.ts';
import {
  type AgentFacts,
  type AgentRecord,
  EPOCHS_KEPT_MAX,
  type EpochStart,
  type FleetStore,
  hasLeft,
  type Listed,
  type ListPage,
  NAMESAKES_MAX,
  newFacts,
  type TokenRecord,
} from '../../fleet/store.ts';

interface EpochState {
  lastSeq: number;
  gapSeq: number;
}

export function createMemoryFleetStore(): FleetStore {
  const tokens = new Map<string, TokenRecord>();
  const agents = new Map<string, AgentRecord>();
  /** Agent → epoch → state; the present epoch last. */
  const epochs = new Map<string, Map<string, EpochState>>();

  const requireAgent = (id: string): AgentRecord => {
    const agent = agents.get(id);
    if (!agent) throw new AppError('not-found', `There is no agent ${id}.`);
    return agent;
  };
  const change = (id: string, fields: Partial<AgentRecord>): AgentRecord => {
    const next = { ...requireAgent(id), ...fields };
    agents.set(id, next);
    return next;
  };
  const presentEpoch = (agentId: string, epoch: string): EpochState => {
    const state = epochs.get(agentId)?.get(epoch);
    if (!state || agents.get(agentId)?.epoch !== epoch)
      throw new AppError('conflict', `Epoch ${epoch} is not the present one of agent ${agentId}.`);
    return state;
  };

  const begin = (agentId: string, epoch: string, previousSeq: number): EpochStart => {
    const agent = requireAgent(agentId);
    const own = epochs.get(agentId) ?? new Map<string, EpochState>();
    const state = own.get(epoch);
    if (agent.epoch === epoch && state) return { type: 'present', lastSeq: state.lastSeq };
    const previous = agent.epoch === null ? undefined : own.get(agent.epoch);
    if (previous) previous.lastSeq = Math.max(previous.lastSeq, previousSeq);
    own.delete(epoch);
    own.set(epoch, state ?? { lastSeq: 0, gapSeq: 0 });
    for (const oldest of [...own.keys()].slice(0, Math.max(0, own.size - EPOCHS_KEPT_MAX)))
      own.delete(oldest);
    epochs.set(agentId, own);
    change(agentId, { epoch });
    return { type: state ? 'returned' : 'new', lastSeq: state?.lastSeq ?? 0 };
  };

  return {
    addToken: async (token) => {
      tokens.set(token.id, token);
    },
    token: async (id) => tokens.get(id) ?? null,
    tokens: async (page) =>
      pageOf(
        [...tokens.values()].sort((a, b) => (a.id < b.id ? 1 : -1)),
        page,
      ),
    revokeToken: async (id, nowMs) => {
      const token = tokens.get(id);
      if (!token || token.revokedAtMs !== null) return false;
      tokens.set(id, { ...token, revokedAtMs: nowMs });
      return true;
    },

    enrol: async ({ tokenId, ...agent }, nowMs) => {
      const known = agents.get(agent.id);
      if (known) return { type: 'known', agent: known };
      const token = tokens.get(tokenId);
      const refusal = token ? tokenRefusal(token, nowMs) : 'token-unknown';
      if (!token || refusal) return { type: 'refused', code: refusal ?? 'token-unknown' };
      tokens.set(tokenId, { ...token, uses: token.uses + 1 });
      const made = newAgent({ ...agent, tokenId }, token, nowMs);
      agents.set(agent.id, made);
      return { type: 'enrolled', agent: made };
    },
    agent: async (id) => agents.get(id) ?? null,
    someAgents: async (ids) => ids.flatMap((id) => agents.get(id) ?? []),
    namesakes: async ({ id, hostname, platform }) =>
      [...agents.values()]
        .filter((one) => one.id !== id && one.hostname === hostname && one.platform === platform)
        .filter(({ ciId }) => ciId !== null)
        .sort((a, b) => b.enrolledAtMs - a.enrolledAtMs)
        .slice(0, NAMESAKES_MAX),
    releaseCounts: async () => {
      const counts = new Map<number, number>();
      for (const agent of agents.values()) {
        const { state, release } = agent;
        if (state !== 'revoked' && release !== null && !hasLeft(agent))
          counts.set(release.serial, (counts.get(release.serial) ?? 0) + 1);
      }
      return counts;
    },
    count: async () => [...agents.values()].filter(({ state }) => state !== 'revoked').length,
    agents: async ({ state, enrolledSinceMs = 0, ...page }) =>
      pageOf(
        [...agents.values()]
          .filter((agent) => state === undefined || agent.state === state)
          .filter(({ enrolledAtMs }) => enrolledAtMs >= enrolledSinceMs)
          .sort(byHostname),
        page,
      ),
    setState: async (id, state, nowMs) => {
      const agent = agents.get(id);
      if (!agent) return null;
      if (state === 'revoked' && agent.state !== 'revoked') return change(id, { state, revokedAtMs: nowMs });
      if (state === 'active' && agent.state === 'pending') return change(id, { state });
      return agent;
    },
    setCi: async (agentId, ciId) => {
      change(agentId, { ciId });
    },
    setTrialEnded: async (agentId, serial) => {
      const release = agents.get(agentId)?.release;
      if (release?.serial === serial) change(agentId, { release: { ...release, onTrial: false } });
    },
    setUninstalled: async (agentId, atMs) => {
      change(agentId, { uninstalledAtMs: atMs });
    },
    replaceOthers: async (ciId, byAgentId, isConnected) => {
      for (const { id, ciId: of } of agents.values())
        if (of === ciId && id !== byAgentId && !isConnected(id)) change(id, { replacedBy: byAgentId });
    },
    arrive: async (arrivals, delivered, nowMs) =>
      arrivals.map((arrival) => {
        const agent = agents.get(arrival.agentId);
        if (!agent) return null;
        if (agent.state === 'revoked') return { agent, start: null };
        const facts = newFacts(agent, arrival, nowMs);
        if (facts) change(agent.id, facts);
        if (agent.state === 'pending') return { agent: requireAgent(agent.id), start: null };
        const previousSeq = agent.epoch === null ? 0 : delivered(agent.id, agent.epoch);
        const start = begin(agent.id, arrival.epoch, previousSeq);
        return { agent: requireAgent(agent.id), start };
      }),
    seen: async (list) => {
      for (const { agentId, atMs } of list) {
        const agent = agents.get(agentId);
        if (agent) change(agentId, { lastSeenAtMs: Math.max(atMs, agent.lastSeenAtMs ?? 0) });
      }
    },
    addFinding: async (agentId, finding) => {
      change(agentId, { findings: withFinding(requireAgent(agentId).findings, finding) });
    },

    beginEpoch: async ({ agentId, epoch, previousSeq }) => begin(agentId, epoch, previousSeq),
    committedSeq: async (agentId, epoch) => epochs.get(agentId)?.get(epoch)?.lastSeq ?? 0,
    commitDelivery: async ({ agentId, epoch, seq, inventory, droppedFrames, findings }) => {
      const state = presentEpoch(agentId, epoch);
      if (seq <= state.lastSeq) return false;
      state.lastSeq = seq;
      const agent = requireAgent(agentId);
      change(agentId, {
        inventory: { ...agent.inventory, ...inventory },
        droppedFrames: agent.droppedFrames + droppedFrames,
        findings: findings.reduce(withFinding, [...agent.findings]),
      });
      return true;
    },
    recordGap: async ({ agentId, epoch, fromSeq, toSeq, finding }) => {
      const state = presentEpoch(agentId, epoch);
      const counted = toSeq - Math.max(fromSeq - 1, state.gapSeq);
      if (counted <= 0) return 0;
      state.gapSeq = toSeq;
      const agent = requireAgent(agentId);
      change(agentId, {
        missingFrames: agent.missingFrames + counted,
        findings: withFinding(agent.findings, finding),
      });
      return counted;
    },
  };
}

function newAgent(
  agent: Pick<AgentRecord, 'id' | 'publicKey' | 'tokenId' | keyof AgentFacts>,
  token: TokenRecord,
  nowMs: Millis,
): AgentRecord {
  return {
    ...agent,
    state: token.approval ? 'pending' : 'active',
    scope: token.scope,
    ciId: null,
    enrolledAtMs: nowMs,
    revokedAtMs: null,
    uninstalledAtMs: null,
    replacedBy: null,
    epoch: null,
    lastSeenAtMs: null,
    address: null,
    clockSkewMs: null,
    droppedFrames: 0,
    missingFrames: 0,
    inventory: {},
    findings: [],
  };
}

function byHostname(a: AgentRecord, b: AgentRecord): number {
  if (a.hostname !== b.hostname) return a.hostname < b.hostname ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

/** The cursor is the id of the last item of the page before. */
function pageOf<T extends { readonly id: string }>(
  sorted: readonly T[],
  { limit, cursor }: ListPage,
): Listed<T> {
  const start = cursor === undefined ? 0 : sorted.findIndex(({ id }) => id === cursor) + 1;
  const items = sorted.slice(start, start + limit);
  return { items, nextCursor: start + limit < sorted.length ? (items.at(-1)?.id ?? null) : null };
}

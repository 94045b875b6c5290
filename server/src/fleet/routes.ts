/** `/enrolment-tokens`, `/install-platforms` and `/agents`. */
import {
  type Agent,
  type EnrolmentToken,
  fleetEndpoints as endpoints,
  type InstallOffer,
  type InstallPlatforms,
} from '@muster/shared/api/fleet.ts';
import { type Millis, toIso } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import type { Routes } from '../http/routes.ts';
import type { Fleet } from './fleet.ts';
import type { AgentRecord, TokenRecord } from './store.ts';

/** What is only known while an agent is connected. */
export interface AgentPresence {
  readonly connectedSinceMs: Millis;
  readonly lastHeardMs: Millis;
  readonly address: string;
  readonly clockSkewMs: Millis;
  /** null until the agent has told it. */
  readonly spoolUsedBytes: number | null;
}

/** One line to paste per platform; null where this server does not serve it. */
export type InstallLines = (token: string) => InstallOffer | Promise<InstallOffer>;

export function addFleetRoutes(
  routes: Routes,
  deps: {
    fleet: Fleet;
    connected: (agentId: string) => AgentPresence | null;
    /** How long this agent may hold ticks, as it was told last. */
    holdMsOf: (agentId: string) => Millis;
    install: InstallLines;
    platforms: () => Promise<InstallPlatforms>;
    /** Rollouts pass it by. */
    pinned: (agentId: string) => boolean;
    /** The agent configuration labels the machine so: `name=value`, or a name for any value. */
    isLabelled: (ciId: string, label: string) => boolean;
    /** The agent that is started with the server; null: there is none. */
    ownAgentId: () => string | null;
  },
): void {
  const { fleet, connected, holdMsOf, install, platforms, pinned, isLabelled, ownAgentId } = deps;
  const view = (agent: AgentRecord, ownId = ownAgentId()): Agent => ({
    ...agentView(agent, connected(agent.id), holdMsOf(agent.id)),
    own: agent.id === ownId,
    release: releaseView(agent, pinned(agent.id)),
  });

  const viewsOf = (agents: readonly AgentRecord[]) => {
    const ownId = ownAgentId();
    return agents.map((agent) => view(agent, ownId));
  };

  routes.add(endpoints.listEnrolmentTokens, async ({ query }) => {
    const { items, nextCursor } = await fleet.store.tokens({ limit: query.limit, cursor: query.cursor });
    return { items: items.map(tokenView), nextCursor };
  });
  routes.add(endpoints.getInstallPlatforms, () => platforms());
  routes.add(endpoints.createEnrolmentToken, async ({ body }, { nowMs }) => {
    const { name, usesMax, expiresInHours, approval, site, tags } = body;
    const scope = { site, class: body.class, tags };
    const { token, text } = await fleet.issueToken({ name, usesMax, expiresInHours, approval, scope }, nowMs);
    return {
      ...tokenView(token),
      token: text,
      serverKey: fleet.serverKey.text,
      install: await install(text),
    };
  });
  routes.add(endpoints.deleteEnrolmentToken, async ({ params }, { nowMs }) => {
    if (!(await fleet.store.revokeToken(params.id, nowMs)))
      throw new AppError('not-found', `There is no enrolment token ${params.id}, or it is revoked already.`);
    return {};
  });
  routes.add(endpoints.listAgents, async ({ query }) => {
    const { limit, state, enrolledSince, label } = query;
    const isWanted = ({ ciId }: AgentRecord) =>
      label === undefined || (ciId !== null && isLabelled(ciId, label));
    let cursor = query.cursor;
    for (;;) {
      const page = await fleet.store.agents({
        limit,
        cursor,
        state,
        ...(enrolledSince === undefined ? {} : { enrolledSinceMs: Date.parse(enrolledSince) }),
      });
      const items = page.items.filter(isWanted);
      // A page may be short of its limit, but is not empty while there are others.
      if (items.length > 0 || page.nextCursor === null)
        return { items: viewsOf(items), nextCursor: page.nextCursor };
      cursor = page.nextCursor;
    }
  });
  routes.add(endpoints.getAgent, async ({ params }) => {
    const agent = await fleet.store.agent(params.id);
    if (!agent) throw new AppError('not-found', `There is no agent ${params.id}.`);
    return view(agent);
  });
  routes.add(endpoints.approveAgent, async ({ params }, { nowMs }) =>
    view(await fleet.approve(params.id, nowMs)),
  );
  routes.add(endpoints.revokeAgent, async ({ params }, { nowMs }) =>
    view(await fleet.revoke(params.id, nowMs)),
  );
}

function tokenView(token: TokenRecord): EnrolmentToken {
  const { id, name, usesMax, uses, approval, scope } = token;
  return {
    id,
    name,
    createdAt: toIso(token.createdAtMs),
    expiresAt: isoOrNull(token.expiresAtMs),
    usesMax,
    uses,
    approval,
    site: scope.site,
    class: scope.class,
    tags: [...scope.tags],
    revokedAt: isoOrNull(token.revokedAtMs),
  };
}

function releaseView({ release }: AgentRecord, pinned: boolean): Agent['release'] {
  if (release === null) return null;
  const { serial, onTrial, takenBack } = release;
  return { serial, onTrial, takenBack, pinned };
}

function agentView(
  agent: AgentRecord,
  now: AgentPresence | null,
  holdMs: Millis,
): Omit<Agent, 'release' | 'own'> {
  const { id, ciId, hostname, platform, version, state, droppedFrames, missingFrames } = agent;
  return {
    id,
    ciId,
    hostname,
    platform,
    version,
    state,
    connected: now !== null,
    gone: goneView(agent),
    connectedSince: isoOrNull(now?.connectedSinceMs ?? null),
    lastSeenAt: isoOrNull(now?.lastHeardMs ?? agent.lastSeenAtMs),
    enrolledAt: toIso(agent.enrolledAtMs),
    clockSkewMs: now?.clockSkewMs ?? agent.clockSkewMs,
    spoolUsedBytes: now?.spoolUsedBytes ?? null,
    holdMs: now === null ? null : holdMs,
    droppedFrames,
    missingFrames,
    address: now?.address ?? agent.address,
    findings: agent.findings.map(({ kind, atMs, detail }) => ({ kind, at: toIso(atMs), detail })),
  };
}

function goneView({ uninstalledAtMs, replacedBy }: AgentRecord): Agent['gone'] {
  if (replacedBy !== null) return { why: 'replaced', by: replacedBy };
  return uninstalledAtMs === null ? null : { why: 'uninstalled', at: toIso(uninstalledAtMs) };
}

function isoOrNull(atMs: Millis | null): string | null {
  return atMs === null ? null : toIso(atMs);
}

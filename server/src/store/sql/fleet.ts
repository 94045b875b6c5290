/** Fleet store in SQL. */
import { and, desc, eq, gt, gte, inArray, isNull, lt, or, sql } from 'drizzle-orm';
import { AppError } from '../../errors.ts';
import { tokenRefusal } from '../../fleet/enrolment-token.ts';
import { withFinding } from '../../fleet/finding.ts';
import { type AgentRecord, EPOCHS_KEPT_MAX, type FleetStore, type Listed } from '../../fleet/store.ts';
import type { Db, SqlStore } from './open.ts';

export function createSqlFleetStore(store: SqlStore): FleetStore {
  const { read } = store;
  const { enrolmentTokens, agents, agentEpochs } = store.t;

  async function findAgent(db: Db, id: string): Promise<AgentRecord | null> {
    const [row] = await db.select().from(agents).where(eq(agents.id, id));
    return row ?? null;
  }
  async function requireAgent(db: Db, id: string): Promise<AgentRecord> {
    const agent = await findAgent(db, id);
    if (!agent) throw new AppError('not-found', `There is no agent ${id}.`);
    return agent;
  }
  function oneEpoch(agentId: string, epoch: string) {
    return and(eq(agentEpochs.agentId, agentId), eq(agentEpochs.epoch, epoch));
  }
  /** The agent and its present epoch, which must be `epoch`. */
  async function present(db: Db, agentId: string, epoch: string) {
    const agent = await requireAgent(db, agentId);
    const [state] = await db.select().from(agentEpochs).where(oneEpoch(agentId, epoch));
    if (!state || agent.epoch !== epoch)
      throw new AppError('conflict', `Epoch ${epoch} is not the present one of agent ${agentId}.`);
    return { agent, state };
  }
  async function forgetOldEpochs(db: Db, agentId: string): Promise<void> {
    const old = await db
      .select({ epoch: agentEpochs.epoch })
      .from(agentEpochs)
      .where(eq(agentEpochs.agentId, agentId))
      .orderBy(desc(agentEpochs.turn))
      .limit(EPOCHS_KEPT_MAX)
      .offset(EPOCHS_KEPT_MAX);
    if (old.length === 0) return;
    const names = old.map(({ epoch }) => epoch);
    await db
      .delete(agentEpochs)
      .where(and(eq(agentEpochs.agentId, agentId), inArray(agentEpochs.epoch, names)));
  }

  return {
    addToken: (token) =>
      store.tx(async (db) => {
        await db.insert(enrolmentTokens).values(token);
      }),
    token: async (id) => {
      const [row] = await read.select().from(enrolmentTokens).where(eq(enrolmentTokens.id, id));
      return row ?? null;
    },
    tokens: async ({ limit, cursor }) => {
      const rows = await read
        .select()
        .from(enrolmentTokens)
        .where(cursor === undefined ? undefined : lt(enrolmentTokens.id, cursor))
        .orderBy(desc(enrolmentTokens.id))
        .limit(limit + 1);
      return pageOf(rows, limit);
    },
    revokeToken: (id, nowMs) =>
      store.tx(async (db) => {
        const changed = await db
          .update(enrolmentTokens)
          .set({ revokedAtMs: nowMs })
          .where(and(eq(enrolmentTokens.id, id), isNull(enrolmentTokens.revokedAtMs)))
          .returning({ id: enrolmentTokens.id });
        return changed.length > 0;
      }),

    enrol: ({ tokenId, ...agent }, nowMs) =>
      store.tx(async (db) => {
        const known = await findAgent(db, agent.id);
        if (known) return { type: 'known', agent: known } as const;
        const [token] = await db.select().from(enrolmentTokens).where(eq(enrolmentTokens.id, tokenId));
        const refusal = token ? tokenRefusal(token, nowMs) : 'token-unknown';
        if (!token || refusal) return { type: 'refused', code: refusal ?? 'token-unknown' } as const;
        // The condition holds the limit even where another database lets two transactions read the same row.
        const used = await db
          .update(enrolmentTokens)
          .set({ uses: sql`${enrolmentTokens.uses} + 1` })
          .where(and(eq(enrolmentTokens.id, tokenId), lt(enrolmentTokens.uses, enrolmentTokens.usesMax)))
          .returning({ id: enrolmentTokens.id });
        if (used.length === 0) return { type: 'refused', code: 'token-exhausted' } as const;
        const [made] = await db
          .insert(agents)
          .values({
            ...agent,
            tokenId,
            state: token.approval ? 'pending' : 'active',
            scope: token.scope,
            enrolledAtMs: nowMs,
            droppedFrames: 0,
            missingFrames: 0,
            inventory: {},
            findings: [],
          })
          .returning();
        return { type: 'enrolled', agent: made as AgentRecord } as const;
      }),
    agent: (id) => findAgent(read, id),
    agents: async ({ state, enrolledSinceMs, limit, cursor }) => {
      const last = cursor === undefined ? null : await findAgent(read, cursor);
      const rows = await read
        .select()
        .from(agents)
        .where(
          and(
            state === undefined ? undefined : eq(agents.state, state),
            enrolledSinceMs === undefined ? undefined : gte(agents.enrolledAtMs, enrolledSinceMs),
            last === null
              ? undefined
              : or(
                  gt(agents.hostname, last.hostname),
                  and(eq(agents.hostname, last.hostname), gt(agents.id, last.id)),
                ),
          ),
        )
        .orderBy(agents.hostname, agents.id)
        .limit(limit + 1);
      return pageOf(rows, limit);
    },
    setState: (id, state, nowMs) =>
      store.tx(async (db) => {
        const agent = await findAgent(db, id);
        const changes = state === 'revoked' ? agent?.state !== 'revoked' : agent?.state === 'pending';
        if (!agent || !changes) return agent;
        const [row] = await db
          .update(agents)
          .set(state === 'revoked' ? { state, revokedAtMs: nowMs } : { state })
          .where(eq(agents.id, id))
          .returning();
        return row ?? null;
      }),
    setCi: (agentId, ciId) =>
      store.tx(async (db) => {
        await requireAgent(db, agentId);
        await db.update(agents).set({ ciId }).where(eq(agents.id, agentId));
      }),
    setFacts: (agentId, { hostname, platform, version, bootId, address, clockSkewMs }, nowMs) =>
      store.tx(async (db) => {
        const agent = await requireAgent(db, agentId);
        const lastSeenAtMs = Math.max(nowMs, agent.lastSeenAtMs ?? 0);
        await db
          .update(agents)
          .set({ hostname, platform, version, bootId, address, clockSkewMs, lastSeenAtMs })
          .where(eq(agents.id, agentId));
      }),
    seen: (list) =>
      store.tx(async (db) => {
        for (const { agentId, atMs } of list) {
          await db
            .update(agents)
            .set({ lastSeenAtMs: atMs })
            .where(
              and(eq(agents.id, agentId), or(isNull(agents.lastSeenAtMs), lt(agents.lastSeenAtMs, atMs))),
            );
        }
      }),
    addFinding: (agentId, finding) =>
      store.tx(async (db) => {
        const { findings } = await requireAgent(db, agentId);
        await db
          .update(agents)
          .set({ findings: withFinding(findings, finding) })
          .where(eq(agents.id, agentId));
      }),

    beginEpoch: ({ agentId, epoch, previousSeq, nowMs }) =>
      store.tx(async (db) => {
        const agent = await requireAgent(db, agentId);
        const all = await db.select().from(agentEpochs).where(eq(agentEpochs.agentId, agentId));
        const state = all.find((one) => one.epoch === epoch);
        if (state && agent.epoch === epoch) return { type: 'present', lastSeq: state.lastSeq } as const;
        const previous = all.find((one) => one.epoch === agent.epoch);
        if (previous && previous.lastSeq < previousSeq)
          await db.update(agentEpochs).set({ lastSeq: previousSeq }).where(oneEpoch(agentId, previous.epoch));
        const turn = all.reduce((highest, one) => Math.max(highest, one.turn), 0) + 1;
        if (state) await db.update(agentEpochs).set({ turn }).where(oneEpoch(agentId, epoch));
        else
          await db
            .insert(agentEpochs)
            .values({ agentId, epoch, turn, lastSeq: 0, gapSeq: 0, startedAtMs: nowMs });
        await forgetOldEpochs(db, agentId);
        await db.update(agents).set({ epoch }).where(eq(agents.id, agentId));
        return { type: state ? 'returned' : 'new', lastSeq: state?.lastSeq ?? 0 } as const;
      }),
    committedSeq: async (agentId, epoch) => {
      const [state] = await read.select().from(agentEpochs).where(oneEpoch(agentId, epoch));
      return state?.lastSeq ?? 0;
    },
    commitDelivery: ({ agentId, epoch, seq, inventory, droppedFrames, findings }) =>
      store.tx(async (db) => {
        const { agent, state } = await present(db, agentId, epoch);
        if (seq <= state.lastSeq) return false;
        await db.update(agentEpochs).set({ lastSeq: seq }).where(oneEpoch(agentId, epoch));
        await db
          .update(agents)
          .set({
            inventory: { ...agent.inventory, ...inventory },
            droppedFrames: agent.droppedFrames + droppedFrames,
            findings: findings.reduce(withFinding, [...agent.findings]),
          })
          .where(eq(agents.id, agentId));
        return true;
      }),
    recordGap: ({ agentId, epoch, fromSeq, toSeq, finding }) =>
      store.tx(async (db) => {
        const { agent, state } = await present(db, agentId, epoch);
        const counted = toSeq - Math.max(fromSeq - 1, state.gapSeq);
        if (counted <= 0) return 0;
        await db.update(agentEpochs).set({ gapSeq: toSeq }).where(oneEpoch(agentId, epoch));
        await db
          .update(agents)
          .set({
            missingFrames: agent.missingFrames + counted,
            findings: withFinding(agent.findings, finding),
          })
          .where(eq(agents.id, agentId));
        return counted;
      }),
  };
}

/** `rows` holds one more than wanted where there are more. The cursor is the id of the last item. */
function pageOf<T extends { readonly id: string }>(rows: readonly T[], limit: number): Listed<T> {
  const items = rows.slice(0, limit);
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

/** Fleet store in SQL. */
import {
  and,
  type Column,
  desc,
  eq,
  gt,
  gte,
  inArray,
  isNotNull,
  isNull,
  lt,
  ne,
  or,
  sql,
} from 'drizzle-orm';
import { AppError } from '../../errors.ts';
import { tokenRefusal } from '../../fleet/enrolment-token.ts';
import { withFinding } from '../../fleet/finding.ts';
import {
  type AgentRecord,
  type Arrived,
  EPOCHS_KEPT_MAX,
  type EpochStart,
  type FleetStore,
  type Listed,
  NAMESAKES_MAX,
  newFacts,
} from '../../fleet/store.ts';
import { builtOnce } from './built-once.ts';
import { bulkPut } from './bulk.ts';
import type { Db, SqlStore } from './open.ts';

export function createSqlFleetStore(store: SqlStore): FleetStore {
  const { read } = store;
  const { enrolmentTokens, agents, agentEpochs } = store.t;
  type EpochRow = typeof agentEpochs.$inferSelect;

  const putAgents = bulkPut(agents, 'refuse');
  const putEpochs = bulkPut(agentEpochs, 'refuse');
  const given = (name: string) => sql`${sql.placeholder(name)}`;
  const isAgent = eq(agents.id, given('id'));
  const agentById = builtOnce((db) => db.select().from(agents).where(isAgent).prepare());
  const tokenById = builtOnce((db) =>
    db
      .select()
      .from(enrolmentTokens)
      .where(eq(enrolmentTokens.id, given('id')))
      .prepare(),
  );

  async function findAgent(db: Db, id: string): Promise<AgentRecord | null> {
    const [row] = await agentById(db).execute({ id });
    return row ?? null;
  }
  async function requireAgent(db: Db, id: string): Promise<AgentRecord> {
    const agent = await findAgent(db, id);
    if (!agent) throw unknownAgent(id);
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

  async function begin(
    db: Db,
    agent: AgentRecord,
    all: readonly EpochRow[],
    { agentId, epoch, previousSeq, nowMs }: Parameters<FleetStore['beginEpoch']>[0],
  ): Promise<EpochStart> {
    const state = all.find((one) => one.epoch === epoch);
    if (state && agent.epoch === epoch) return { type: 'present', lastSeq: state.lastSeq };
    const previous = all.find((one) => one.epoch === agent.epoch);
    if (previous && previous.lastSeq < previousSeq)
      await db.update(agentEpochs).set({ lastSeq: previousSeq }).where(oneEpoch(agentId, previous.epoch));
    const turn = all.reduce((highest, one) => Math.max(highest, one.turn), 0) + 1;
    if (state) await db.update(agentEpochs).set({ turn }).where(oneEpoch(agentId, epoch));
    else await putEpochs(db, [{ agentId, epoch, turn, lastSeq: 0, gapSeq: 0, startedAtMs: nowMs }]);
    if (all.length >= EPOCHS_KEPT_MAX) await forgetOldEpochs(db, agentId);
    await changing(db).epoch.execute({ id: agentId, epoch });
    return { type: state ? 'returned' : 'new', lastSeq: state?.lastSeq ?? 0 };
  }

  /** `ids`: a JSON list of any length, so that one statement serves however many come together. */
  const arriving = builtOnce((db) => {
    const isAmong = (column: Column) => sql`${column} in (select value from json_each(${given('ids')}))`;
    return {
      agents: db.select().from(agents).where(isAmong(agents.id)).prepare(),
      epochs: db.select().from(agentEpochs).where(isAmong(agentEpochs.agentId)).prepare(),
    };
  });

  const changing = builtOnce((db) => {
    const names = [
      'hostname',
      'platform',
      'version',
      'bootId',
      'release',
      'address',
      'clockSkewMs',
      'lastSeenAtMs',
    ] as const;
    const facts = {
      ...Object.fromEntries(names.map((name) => [name, given(name)])),
      uninstalledAtMs: null,
      replacedBy: null,
    };
    const unseen = or(isNull(agents.lastSeenAtMs), lt(agents.lastSeenAtMs, given('lastSeenAtMs')));
    return {
      facts: db.update(agents).set(facts).where(isAgent).prepare(),
      seen: db
        .update(agents)
        .set({ lastSeenAtMs: given('lastSeenAtMs') })
        .where(and(isAgent, unseen))
        .prepare(),
      ci: db
        .update(agents)
        .set({ ciId: given('ciId') })
        .where(isAgent)
        .returning({ id: agents.id })
        .prepare(),
      epoch: db
        .update(agents)
        .set({ epoch: given('epoch') })
        .where(isAgent)
        .prepare(),
      // The condition holds the limit even where another database lets two transactions read the same row.
      use: db
        .update(enrolmentTokens)
        .set({ uses: sql`${enrolmentTokens.uses} + 1` })
        .where(and(eq(enrolmentTokens.id, given('id')), lt(enrolmentTokens.uses, enrolmentTokens.usesMax)))
        .returning({ id: enrolmentTokens.id })
        .prepare(),
    };
  });

  return {
    addToken: (token) =>
      store.tx(async (db) => {
        await db.insert(enrolmentTokens).values(token);
      }),
    token: async (id) => (await tokenById(read).execute({ id }))[0] ?? null,
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
        const [token] = await tokenById(db).execute({ id: tokenId });
        const refusal = token ? tokenRefusal(token, nowMs) : 'token-unknown';
        if (!token || refusal) return { type: 'refused', code: refusal ?? 'token-unknown' } as const;
        const used = await changing(db).use.execute({ id: tokenId });
        if (used.length === 0) return { type: 'refused', code: 'token-exhausted' } as const;
        const added: AgentRecord = {
          ...agent,
          tokenId,
          state: token.approval ? 'pending' : 'active',
          ciId: null,
          scope: token.scope,
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
        await putAgents(db, [added]);
        return { type: 'enrolled', agent: added } as const;
      }),
    agent: (id) => findAgent(read, id),
    someAgents: (ids) => arriving(read).agents.execute({ ids: JSON.stringify(ids) }),
    namesakes: ({ id, hostname, platform }) =>
      read
        .select()
        .from(agents)
        .where(
          and(
            eq(agents.hostname, hostname),
            eq(agents.platform, platform),
            ne(agents.id, id),
            isNotNull(agents.ciId),
          ),
        )
        .orderBy(desc(agents.enrolledAtMs))
        .limit(NAMESAKES_MAX),
    releaseCounts: async () => {
      const serial = sql<number>`json_extract(${agents.release}, '$.serial')`;
      const rows = await read
        .select({ serial, count: sql<number>`count(*)` })
        .from(agents)
        .where(
          and(
            ne(agents.state, 'revoked'),
            isNotNull(agents.release),
            isNull(agents.uninstalledAtMs),
            isNull(agents.replacedBy),
          ),
        )
        .groupBy(serial);
      return new Map(rows.map(({ serial: number, count }) => [Number(number), Number(count)]));
    },
    count: async () => {
      const [row] = await read
        .select({ count: sql<number>`count(*)` })
        .from(agents)
        .where(ne(agents.state, 'revoked'));
      return Number(row?.count ?? 0);
    },
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
        const [known] = await changing(db).ci.execute({ id: agentId, ciId });
        if (!known) throw unknownAgent(agentId);
      }),
    setTrialEnded: (agentId, serial) =>
      store.tx(async (db) => {
        const release = (await findAgent(db, agentId))?.release;
        if (release?.serial !== serial) return;
        await db
          .update(agents)
          .set({ release: { ...release, onTrial: false } })
          .where(eq(agents.id, agentId));
      }),
    setUninstalled: (agentId, atMs) =>
      store.tx(async (db) => {
        await db.update(agents).set({ uninstalledAtMs: atMs }).where(eq(agents.id, agentId));
      }),
    replaceOthers: (ciId, byAgentId, isConnected) =>
      store.tx(async (db) => {
        const others = await db
          .select({ id: agents.id })
          .from(agents)
          .where(and(eq(agents.ciId, ciId), ne(agents.id, byAgentId)));
        const away = others.flatMap(({ id }) => (isConnected(id) ? [] : [id]));
        if (away.length === 0) return;
        await db.update(agents).set({ replacedBy: byAgentId }).where(inArray(agents.id, away));
      }),
    arrive: (arrivals, delivered, nowMs) =>
      store.tx(async (db) => {
        const ids = arrivals.map(({ agentId }) => agentId);
        const some = { ids: JSON.stringify(ids) };
        const known = new Map<string, AgentRecord>();
        for (const row of await arriving(db).agents.execute(some)) known.set(row.id, row);
        const epochsOf = new Map<string, EpochRow[]>();
        for (const row of await arriving(db).epochs.execute(some)) {
          const own = epochsOf.get(row.agentId);
          if (own) own.push(row);
          else epochsOf.set(row.agentId, [row]);
        }
        const arrived: (Arrived | null)[] = [];
        for (const arrival of arrivals) {
          const agent = known.get(arrival.agentId);
          if (!agent || agent.state === 'revoked') {
            arrived.push(agent ? { agent, start: null } : null);
            continue;
          }
          const facts = newFacts(agent, arrival, nowMs);
          if (facts) {
            const release = facts.release === null ? null : JSON.stringify(facts.release);
            await changing(db).facts.execute({ id: agent.id, ...facts, release });
          }
          const present = { ...agent, ...facts };
          if (agent.state === 'pending') {
            arrived.push({ agent: present, start: null });
            continue;
          }
          const { epoch } = arrival;
          const previousSeq = agent.epoch === null ? 0 : delivered(agent.id, agent.epoch);
          const own = epochsOf.get(agent.id) ?? [];
          const start = await begin(db, agent, own, { agentId: agent.id, epoch, previousSeq, nowMs });
          arrived.push({ agent: { ...present, epoch }, start });
        }
        return arrived;
      }),
    seen: (list) =>
      store.tx(async (db) => {
        const { seen } = changing(db);
        for (const { agentId, atMs } of list) await seen.execute({ id: agentId, lastSeenAtMs: atMs });
      }),
    addFinding: (agentId, finding) =>
      store.tx(async (db) => {
        const { findings } = await requireAgent(db, agentId);
        await db
          .update(agents)
          .set({ findings: withFinding(findings, finding) })
          .where(eq(agents.id, agentId));
      }),

    beginEpoch: (step) =>
      store.tx(async (db) => {
        const agent = await requireAgent(db, step.agentId);
        const all = await db.select().from(agentEpochs).where(eq(agentEpochs.agentId, step.agentId));
        return begin(db, agent, all, step);
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

function unknownAgent(id: string): AppError {
  return new AppError('not-found', `There is no agent ${id}.`);
}

/** `rows` holds one more than wanted where there are more. The cursor is the id of the last item. */
function pageOf<T extends { readonly id: string }>(rows: readonly T[], limit: number): Listed<T> {
  const items = rows.slice(0, limit);
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

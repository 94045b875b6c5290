/** Tables of enrolment tokens, agents and the epochs of their ordered streams. */
import type { Finding } from '../../../fleet/finding.ts';
import type { AgentState, EnrolmentScope, InventoryHashes } from '../../../fleet/store.ts';
import type { InstalledRelease } from '@muster/shared/wire/agent-messages.ts';
import type { Kit } from '../kit.ts';

export function fleetTables(k: Kit) {
  const enrolmentTokens = k.table('enrolment_tokens', {
    id: k.text('id').primaryKey(),
    name: k.text('name').notNull(),
    /** SHA-256 of the secret, hex. */
    secretHash: k.text('secret_hash').notNull(),
    createdAtMs: k.millis('created_at_ms').notNull(),
    expiresAtMs: k.millis('expires_at_ms'),
    usesMax: k.int('uses_max').notNull(),
    uses: k.int('uses').notNull(),
    approval: k.bool('approval').notNull(),
    scope: k.json<EnrolmentScope>('scope').notNull(),
    revokedAtMs: k.millis('revoked_at_ms'),
  });
  const agents = k.table(
    'agents',
    {
      /** First 16 bytes of SHA-256 over the raw key, hex. */
      id: k.text('id').primaryKey(),
      /** Raw Ed25519 key, base64url. */
      publicKey: k.text('public_key').notNull().unique(),
      state: k.text('state').$type<AgentState>().notNull(),
      ciId: k.text('ci_id'),
      tokenId: k
        .text('token_id')
        .notNull()
        .references(() => enrolmentTokens.id),
      scope: k.json<EnrolmentScope>('scope').notNull(),
      enrolledAtMs: k.millis('enrolled_at_ms').notNull(),
      revokedAtMs: k.millis('revoked_at_ms'),
      uninstalledAtMs: k.millis('uninstalled_at_ms'),
      replacedBy: k.text('replaced_by'),
      hostname: k.text('hostname').notNull(),
      platform: k.text('platform').notNull(),
      version: k.text('version').notNull(),
      bootId: k.text('boot_id').notNull(),
      release: k.json<InstalledRelease>('release'),
      epoch: k.text('epoch'),
      lastSeenAtMs: k.millis('last_seen_at_ms'),
      address: k.text('address'),
      clockSkewMs: k.millis('clock_skew_ms'),
      droppedFrames: k.big('dropped_frames').notNull(),
      missingFrames: k.big('missing_frames').notNull(),
      inventory: k.json<InventoryHashes>('inventory').notNull(),
      findings: k.json<readonly Finding[]>('findings').notNull(),
    },
    (t) => [k.index('agents_hostname').on(t.hostname, t.id), k.index('agents_ci').on(t.ciId)],
  );
  const agentEpochs = k.table(
    'agent_epochs',
    {
      agentId: k
        .text('agent_id')
        .notNull()
        .references(() => agents.id, { onDelete: 'cascade' }),
      /** 16 hex digits. */
      epoch: k.text('epoch').notNull(),
      /** Grows with each (re)start of an epoch of this agent: the highest is the present one. */
      turn: k.big('turn').notNull(),
      lastSeq: k.big('last_seq').notNull(),
      /** Highest seq that was counted as missing. */
      gapSeq: k.big('gap_seq').notNull(),
      startedAtMs: k.millis('started_at_ms').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.agentId, t.epoch] })],
  );
  return { enrolmentTokens, agents, agentEpochs };
}

/**
 * Who is let in, over the real socket, with the agent's own code: what is refused or found, what the agent's log says of it,
 * and what stands in the audit log.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder } from '@muster/server/data-folder.ts';
import { Fleet } from '@muster/server/fleet/fleet.ts';
import { openServerKey } from '@muster/server/fleet/server-key.ts';
import { newId } from '@muster/server/ids.ts';
import { createSqlFleetStore } from '@muster/server/store/sql/fleet.ts';
import { openSqlStore } from '@muster/server/store/sql/open.ts';
import { HOUR_MS } from '@muster/shared/time.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  cleanUp,
  copyOfFolder,
  enrolmentToken,
  figure,
  muster,
  ROOT,
  type RunningAgent,
  type RunningServer,
  startAgent,
  startServer,
  temporaryFolder,
  until,
} from './harness.ts';

interface AuditEntry {
  seq: number;
  actor: string;
  action: string;
  subject: string;
  detail: Record<string, unknown>;
}
interface AgentView {
  id: string;
  state: string;
  connected: boolean;
  findings: { kind: string; detail: string }[];
}

let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
}, 60_000);
afterAll(cleanUp);

test('[FL4] a wrong token: the agent says what to do, and no agent comes of it', async () => {
  const wrong = `enr_${'0'.repeat(20)}_${'0'.repeat(64)}`;
  const agent = startAgent({ server: server.url, token: wrong });
  await says(agent, /not connected: the enrolment token is not known here, or was revoked \[token-unknown\]/);
  await says(agent, /Copy the whole line from "Add a machine"/);
  await refusedInAudit(agent, 'token-unknown');
  expect(await found(agent)).toBeNull();
  const status = spawnSync(
    process.execPath,
    [join(ROOT, 'agent/src/main.ts'), 'status', '--data-dir', agent.dataDir],
    { encoding: 'utf8' },
  );
  expect(status.stdout).toMatch(/last error {2}the enrolment token is not known here.* \[token-unknown\]/);
  expect(status.stdout).toMatch(/what to do {2}Copy the whole line/);
  expect(status.status).toBe(1);
  await agent.stop();
});

test('[FL4] a token that was revoked is as good as none', async () => {
  const made = await server.api<{ id: string; token: string }>('POST', '/enrolment-tokens', {});
  await server.api('DELETE', `/enrolment-tokens/${made.id}`);
  const agent = startAgent({ server: server.url, token: made.token });
  await says(agent, /\[token-unknown\]/);
  await refusedInAudit(agent, 'token-unknown');
  await agent.stop();
});

test('[FL4] an expired token', async () => {
  const agent = startAgent({ server: server.url, token: await tokenOfYesterday() });
  await says(
    agent,
    /not connected: the enrolment token has expired \[token-expired\] Make a new token under "Add a machine"/,
  );
  await refusedInAudit(agent, 'token-expired');
  await agent.stop();
});

test('[FL4] an exhausted token: the first machine is let in, the next one is not', async () => {
  const token = await enrolmentToken(server, { usesMax: 1 });
  const first = startAgent({ server: server.url, token });
  await says(first, /: connected$/m);
  const second = startAgent({ server: server.url, token });
  await says(
    second,
    /not connected: the enrolment token has been used as often as it may \[token-exhausted\] The token has let in as many machines as it may/,
  );
  await refusedInAudit(second, 'token-exhausted');
  expect(await audited('agent.enrolled', idOf(first))).toHaveLength(1);
  await Promise.all([first.stop(), second.stop()]);
});

test('[FL7] revoking: the connection closes at once, and the agent is not let in again', async () => {
  const token = await enrolmentToken(server);
  const agent = startAgent({ server: server.url, token });
  await says(agent, /: connected$/m);
  const fromMs = performance.now();
  await server.api('POST', `/agents/${idOf(agent)}/revoke`);
  await says(agent, /not connected: agent [0-9a-f]{32} was revoked \[revoked\] An administrator has revoked/);
  figure('revocation until the agent knows', performance.now() - fromMs, 'ms');
  expect(performance.now() - fromMs).toBeLessThan(2_000);
  expect(await found(agent)).toMatchObject({ state: 'revoked', connected: false });
  await agent.stop();

  const again = startAgent({ server: server.url, token, dataDir: agent.dataDir });
  await says(again, /was revoked \[revoked\] .*To let the machine in again, uninstall the agent/);
  expect(again.output()).not.toMatch(/: connected$/m);
  const refusals = await until(
    async () => {
      const entries = await audited('agent.refused', idOf(agent));
      return entries.length === 2 ? entries : null;
    },
    { withinMs: 20_000, what: 'both refusals are in the audit log' },
  );
  expect(refusals.map(({ detail }) => detail.code)).toEqual(['revoked', 'revoked']);
  const acts = await audited('revokeAgent');
  expect(acts.some(({ actor, subject }) => actor === 'token:e2e' && subject.includes(idOf(agent)))).toBe(
    true,
  );
  await again.stop();
});

test('[LK71] [FL17] another server under the address of the trusted one is told nothing, and knows that it was not believed', async () => {
  const token = await enrolmentToken(server);
  const agent = startAgent({ server: server.url, token, args: ['--server-key', keyOf(server)] });
  await says(agent, /: connected$/m);
  await agent.stop();
  // This machine also trusts the other server: another agent of it is enrolled there.
  const other = await startServer();
  const otherToken = await enrolmentToken(other);
  const there = startAgent({ server: other.url, token: otherToken, args: ['--server-key', keyOf(other)] });
  await says(there, /: connected$/m);

  const misled = startAgent({
    server: other.url,
    token: otherToken,
    dataDir: agent.dataDir,
    args: ['--server-key', keyOf(server)],
  });
  await says(
    misled,
    new RegExp(
      `the server's key is ${keyOf(other)}, trusted is ${keyOf(server)} \\[server-key-mismatch\\] .*somebody stands in between`,
    ),
  );
  const { items } = await other.api<{ items: AgentView[] }>('GET', '/agents');
  expect(items.map(({ id }) => id)).toEqual([idOf(there)]);
  const [entry] = await until(
    async () => {
      const page = await other.api<{ items: AuditEntry[] }>('GET', '/audit?action=agent.declined');
      return page.items.length > 0 ? page.items : null;
    },
    { withinMs: 20_000, what: 'the other server has it in its audit log' },
  );
  expect(entry).toMatchObject({
    actor: 'system',
    subject: '127.0.0.1',
    detail: { code: 'server-key-mismatch', address: '127.0.0.1' },
  });
  await Promise.all([misled.stop(), there.stop(), other.stop()]);
});

test('[FL12] [LK27] a restored disk image is found, and goes on without a loss', async () => {
  const token = await enrolmentToken(server);
  const original = startAgent({ server: server.url, token });
  await says(original, /: connected$/m);
  await original.stop();
  const image = temporaryFolder('image');
  await copyOfFolder(original.dataDir, image);
  const further = startAgent({ server: server.url, dataDir: original.dataDir });
  await says(further, /: connected$/m);
  await further.stop();

  rmSync(original.dataDir, { recursive: true });
  cpSync(image, original.dataDir, { recursive: true });
  const restored = startAgent({ server: server.url, dataDir: original.dataDir });
  await says(restored, /: connected$/m);
  await says(
    restored,
    /the server holds \d+ frames of this agent, its spool had only \d+: the disk was restored from an image, or lost its last writes\. Goes on in a new epoch\./,
  );
  const view = await finding(restored, 'restored-image');
  expect(view.detail).toMatch(
    /the spool ends at frame \d+, the server holds up to \d+: the disk was restored from an image/,
  );
  const entries = await audited('agent.finding', idOf(restored));
  expect(entries.map(({ detail }) => detail.kind)).toEqual(['restored-image']);
  expect(await found(restored)).toMatchObject({
    state: 'active',
    connected: true,
    missingFrames: 0,
    droppedFrames: 0,
  });
  await restored.stop();
});

test('[FL11] a cloned image: two live machines with one key are found, and neither is taken for the other', async () => {
  const token = await enrolmentToken(server);
  const original = startAgent({ server: server.url, token });
  await says(original, /: connected$/m);
  await original.stop();
  const image = temporaryFolder('clone');
  await copyOfFolder(original.dataDir, image);

  const first = startAgent({ server: server.url, dataDir: original.dataDir });
  await says(first, /: connected$/m);
  const clone = startAgent({ server: server.url, dataDir: image });
  for (const agent of [first, clone])
    await says(
      agent,
      /this key is online at the same time from .+ and .+ \[cloned-identity\] Two running machines use one agent key.*On the copy, uninstall the agent and install it again/,
    );
  const { detail } = await finding(first, 'cloned-identity');
  expect(detail).toMatch(/^online at the same time from 127\.0\.0\.1 \(.+\) and 127\.0\.0\.1 \(.+\)$/);
  const entries = await audited('agent.finding', idOf(first));
  expect(entries.map((entry) => entry.detail.kind)).toContain('cloned-identity');
  const refusals = await until(
    async () => {
      const all = await audited('agent.refused', idOf(first));
      return all.length >= 2 ? all : null;
    },
    { withinMs: 20_000, what: 'both are refused in the audit log' },
  );
  expect(new Set(refusals.map((entry) => entry.detail.code))).toEqual(new Set(['cloned-identity']));
  await Promise.all([first.stop(), clone.stop()]);
});

test('[AC7] after all this the chain of the audit log is whole', () => {
  expect(muster(['audit', 'verify'], { MUSTER_DATA_DIR: server.dataDir })).toMatch(/the chain is whole/);
});

function says(agent: RunningAgent, what: RegExp): Promise<true> {
  return until(() => what.test(agent.output()) || null, {
    withinMs: 20_000,
    what: () => `the agent says ${what}; it said:\n${agent.output()}`,
  });
}

function idOf(agent: RunningAgent): string {
  return /: agent ([0-9a-f]{32}) /.exec(agent.output())?.[1] ?? 'no id';
}

function keyOf(of: RunningServer): string {
  return openServerKey(dataFolder(of.dataDir).serverKey).text;
}

/** In the order in which they were written. */
async function audited(action: string, subject?: string): Promise<AuditEntry[]> {
  const of = subject === undefined ? '' : `&subject=${subject}`;
  const { items } = await server.api<{ items: AuditEntry[] }>(
    'GET',
    `/audit?action=${action}${of}&limit=500`,
  );
  return items.toReversed();
}

async function refusedInAudit(agent: RunningAgent, code: string): Promise<void> {
  const [entry] = await until(
    async () => {
      const entries = await audited('agent.refused', idOf(agent));
      return entries.length > 0 ? entries : null;
    },
    { withinMs: 20_000, what: `${code} is in the audit log` },
  );
  expect(entry).toMatchObject({
    actor: `agent:${idOf(agent)}`,
    detail: { code, address: '127.0.0.1', detail: expect.stringContaining('token') },
  });
}

/** The agent as the server knows it; null: not enrolled. */
async function found(agent: RunningAgent): Promise<AgentView | null> {
  const { items } = await server.api<{ items: AgentView[] }>('GET', '/agents?limit=500');
  return items.find(({ id }) => id === idOf(agent)) ?? null;
}

function finding(agent: RunningAgent, kind: string): Promise<{ kind: string; detail: string }> {
  return until(async () => (await found(agent))?.findings.find((one) => one.kind === kind), {
    withinMs: 20_000,
    what: `the finding ${kind} is there`,
  });
}

/** The API makes tokens for an hour at least; this one was made two hours ago, in the server's own store. */
async function tokenOfYesterday(): Promise<string> {
  const folder = dataFolder(server.dataDir);
  const nowMs = Date.now();
  const sql = await openSqlStore({ file: folder.database, nowMs });
  try {
    const fleet = new Fleet({
      store: createSqlFleetStore(sql),
      serverKey: openServerKey(folder.serverKey),
      recordAudit: async () => {},
      newId,
      randomBytes,
    });
    const scope = { site: null, class: null, tags: [] };
    const input = { name: 'expired', usesMax: 1, expiresInHours: 1, approval: false, scope };
    return (await fleet.issueToken(input, nowMs - 2 * HOUR_MS)).text;
  } finally {
    await sql.close();
  }
}

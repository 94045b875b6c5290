/**
 * How long a fleet takes to connect, and what its connections cost: `node test/bench/connections.ts [agents]`.
 * Server and agents are two processes on loopback, without TLS; the fleet store is SQL in a temporary folder.
 * Prints the seconds until all are accepted, resident memory before and after, and processor time of the server.
 */
import { fork } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { agentKeys, AgentHandshake } from '@muster/agent/handshake.ts';
import { systemClock } from '@muster/server/clock.ts';
import { Fleet } from '@muster/server/fleet/fleet.ts';
import { serverKeyOf } from '@muster/server/fleet/server-key.ts';
import { signedByInPool } from '@muster/server/fleet/signature.ts';
import { newId } from '@muster/server/ids.ts';
import { createMemoryMetricStore } from '@muster/server/store/memory/metrics.ts';
import { createSqlFleetStore } from '@muster/server/store/sql/fleet.ts';
import { openTestStore } from '@muster/server/store/sql/testing.ts';
import { AGENT_CONFIG_DEFAULT } from '@muster/server/ws/agent-hub.ts';
import { Admission } from '@muster/server/ws/admission.ts';
import { AGENT_WS_OPTIONS, createLink } from '@muster/server/ws/link.ts';
import { ServerToAgent } from '@muster/shared/wire/server-messages.ts';
import { WebSocket, WebSocketServer } from 'ws';

const AGENTS_DEFAULT = 2_000;
const [first, url, serverKey, token] = process.argv.slice(2);

if (url && serverKey && token) await connectAll(Number(first), { url, serverKey, token });
else await measure(Number(first ?? AGENTS_DEFAULT));

async function measure(agents: number): Promise<void> {
  const sql = await openTestStore();
  const key = serverKeyOf(generateKeyPairSync('ed25519').privateKey);
  const fleet = new Fleet({
    store: createSqlFleetStore(sql),
    serverKey: key,
    recordAudit: async () => {},
    newId,
    randomBytes,
  });
  const nothing = (): void => {};
  const link = createLink({
    fleet,
    metrics: createMemoryMetricStore(),
    cmdb: {
      applyInventory: () => Promise.reject(new Error('no inventory here')),
      placeholder: () => Promise.resolve('ci'),
      ciOfAgent: () => null,
      isStandIn: () => false,
    },
    sinks: {
      samples: nothing,
      event: async () => {},
      unknown: nothing,
      connected: nothing,
      disconnected: nothing,
      processes: nothing,
    },
    configFor: () => AGENT_CONFIG_DEFAULT,
    clock: systemClock,
    log: (level, what, detail) => {
      if (level === 'error') console.error(what, detail);
    },
    randomBytes,
    isSigned: signedByInPool,
    random: Math.random,
    admission: new Admission(Math.random),
    serverStartedAtMs: systemClock.now(),
  });
  const server = new WebSocketServer({ ...AGENT_WS_OPTIONS, host: '127.0.0.1', port: 0, backlog: 4_096 });
  server.on('connection', (socket, { socket: line }) =>
    link.attachAgent(socket, { address: '127.0.0.1', tlsExporter: null, line }),
  );
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const scope = { site: null, class: null, tags: [] };
  const { text } = await fleet.issueToken(
    { name: 'bench', usesMax: agents, expiresInHours: 1, approval: false, scope },
    systemClock.now(),
  );
  const rssBefore = process.memoryUsage().rss;
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  const child = fork(import.meta.filename, [
    String(agents),
    `ws://127.0.0.1:${address.port}`,
    key.text,
    text,
  ]);
  const exited = once(child, 'exit');
  const timer = setInterval(() => void link.tick(systemClock.now()), 1_000);
  while (link.agents.connectedCount < agents && child.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 20));
  const seconds = (performance.now() - startedMs) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const rss = process.memoryUsage().rss;
  console.log(`${link.agents.connectedCount} of ${agents} agents accepted in ${seconds.toFixed(1)} s`);
  console.log(
    `resident ${mib(rssBefore)} MiB before, ${mib(rss)} MiB after: ${((rss - rssBefore) / agents / 1024).toFixed(1)} KiB per agent`,
  );
  console.log(
    `processor time of the server ${((user + system) / 1e6).toFixed(2)} s: ${((user + system) / agents / 1e3).toFixed(2)} ms per handshake`,
  );
  clearInterval(timer);
  child.kill();
  await exited;
  await link.stop();
  for (const client of server.clients) client.terminate();
  server.close();
  await sql.close();
}

interface Target {
  readonly url: string;
  readonly serverKey: string;
  readonly token: string;
}

/** All at once, as after a power cut; whoever is sent away comes back when it was told to. */
async function connectAll(agents: number, target: Target): Promise<void> {
  await Promise.all(Array.from({ length: agents }, () => connectUntilAccepted(target)));
  console.log(`all ${agents} agents are connected`);
}

async function connectUntilAccepted(target: Target): Promise<void> {
  const keys = agentKeys(generateKeyPairSync('ed25519').privateKey);
  for (;;) {
    const retryAfterMs = await attempt(keys, target);
    if (retryAfterMs === null) return;
    await new Promise((resolve) => setTimeout(resolve, retryAfterMs));
  }
}

/** null: accepted, and the socket stays. Otherwise the pause that was asked for. */
function attempt(
  keys: ReturnType<typeof agentKeys>,
  { url, serverKey, token }: Target,
): Promise<number | null> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  const handshake = new AgentHandshake({
    keys,
    purpose: { type: 'enrol', token },
    serverKey,
    enrolledWith: null,
    exporter: null,
    nonce: randomBytes(32),
    capabilities: ['hold', 'live', 'flight'],
    facts: () => ({
      agentVersion: 'bench',
      hostname: `bench-${keys.agentId.slice(0, 6)}`,
      platform: 'linux',
      bootId: 'boot',
      epoch: keys.agentId.slice(0, 16),
      firstSeq: 1,
      lastSeq: 0,
      sentAtMs: Date.now(),
    }),
  });
  return new Promise((resolve, reject) => {
    socket.on('open', () => socket.send(handshake.hello));
    socket.on('error', () => resolve(500));
    socket.on('message', (data: Buffer) => {
      if (done) return;
      const text = data.toString();
      const step = handshake.receive(ServerToAgent.parse(JSON.parse(text)), text);
      if (step.type === 'send') socket.send(step.text);
      if (step.type === 'wait' || step.type === 'send') return;
      done = true;
      if (step.type === 'accepted') return resolve(null);
      const { code, detail, retryAfterMs } = step.refused;
      if (code === 'busy') resolve(retryAfterMs ?? 1_000);
      else reject(new Error(`${code}: ${detail}`));
    });
    let done = false;
  });
}

function mib(bytes: number): string {
  return (bytes / 1_048_576).toFixed(0);
}

/** Neighbours as witnesses, with real agents, real sockets and the kernel's own neighbour tables. Needs root. */
import { openServerKey } from '@muster/server/fleet/server-key.ts';
import { dataFolder } from '@muster/server/data-folder.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  cleanUp,
  enrolmentToken,
  figure,
  type RunningAgent,
  type RunningServer,
  startAgent,
  startServer,
  until,
} from './harness.ts';
import { createLan, type Lan, type LanMachine } from './lan.ts';
import { noNetworks, onMachine } from './other-machine.ts';

interface Ci {
  id: string;
  name: string;
  presence: string;
  cause: string | null;
}
interface Incident {
  id: string;
  title: { en: string };
  evidence: { presence: { reasons: { en: string; zh: string }[] } | null } | null;
}
interface Settings {
  networks: { subnet: string; machines: number; witnesses: number; allowed: boolean }[];
}

const missing = noNetworks();
if (missing) console.log(`skipped, 3 tests: no networks can be made here: ${missing}`);

/** From the start of a server to its first judgement, what neighbours may take, and some seconds for the incident. */
const JUDGED_WITHIN_MS = 150_000;

let lan: Lan;
let server: RunningServer;
const agents = new Map<string, { agent: RunningAgent; machine: LanMachine; ciId: string }>();

beforeAll(async () => {
  if (missing !== null) return;
  lan = createLan();
  server = await startServer({ env: { MUSTER_HOST: lan.hostAddress, MUSTER_INSECURE: '1' } });
  await server.api('PUT', '/settings/presence', {
    witnesses: { enabled: true, subnets: [lan.subnet], locations: [] },
    notSeenDays: 21,
  });
  const token = await enrolmentToken(server, { class: 'Server' });
  const { text: serverKey } = openServerKey(dataFolder(server.dataDir).serverKey);
  for (const name of ['one', 'two', 'no-witness', 'agent-gone', 'host-gone']) {
    const machine = lan.join(name);
    const agent = startAgent({
      server: server.url,
      token,
      prefix: onMachine(`srv-${name}`, 'Etc/UTC', machine),
      args: ['--server-key', serverKey, '--insecure', ...(name === 'no-witness' ? [] : ['--witness'])],
    });
    agents.set(name, { agent, machine, ciId: '' });
  }
  await until(
    async () => {
      const { items } = await server.api<{ items: Ci[] }>('GET', '/cis?class=Server');
      for (const { id, name } of items) {
        const one = agents.get(name.replace(/^srv-/, ''));
        if (one) one.ciId = id;
      }
      const { networks } = await server.api<Settings>('GET', '/settings/presence');
      const here = networks.find(({ subnet }) => subnet === lan.subnet);
      return here?.machines === 5 && here.witnesses === 4 && here.allowed;
    },
    {
      withinMs: 60_000,
      everyMs: 500,
      what: () => `five machines stand on the network; one printed:\n${agents.get('one')?.agent.output()}`,
    },
  );
  const { agent, machine } = the('agent-gone');
  await agent.kill();
  machine.loseServer();
  the('host-gone').machine.cut();
}, 120_000);

afterAll(async () => {
  await cleanUp();
  if (missing === null) lan.remove();
});

function the(name: string): { agent: RunningAgent; machine: LanMachine; ciId: string } {
  const found = agents.get(name);
  if (!found) throw new Error(`there is no ${name}`);
  return found;
}

async function judged(name: string): Promise<{ ci: Ci; reasons: string; words: string }> {
  const { ciId } = the(name);
  const incident = await until(
    async () => {
      const { items } = await server.api<{ items: Incident[] }>('GET', `/incidents?ci=${ciId}`);
      const one = items[0] && (await server.api<Incident>('GET', `/incidents/${items[0].id}`));
      return one?.evidence?.presence ? one : null;
    },
    { withinMs: JUDGED_WITHIN_MS, everyMs: 500, what: `there is an incident of srv-${name}` },
  );
  const reasons = incident.evidence?.presence?.reasons ?? [];
  return {
    ci: await server.api<Ci>('GET', `/cis/${ciId}`),
    reasons: reasons.map(({ en }) => en).join(' '),
    words: reasons.map(({ zh }) => zh).join(''),
  };
}

test.skipIf(missing !== null).concurrent(
  '[WN6] the agent is killed and the server cannot reach the host, but its neighbours can: the agent has stopped',
  async () => {
    const { ci, reasons, words } = await judged('agent-gone');
    expect(ci).toMatchObject({ presence: 'unknown', cause: 'agent-stopped' });
    expect(reasons).toMatch(
      /srv-(one|two|host-gone)\b.* on the same network got an answer from its address 198\./,
    );
    expect(reasons).toContain('So the host runs, and the agent on it does not.');
    expect(words).toContain('同一网络中的');
    expect(reasons).not.toContain('no-witness');
  },
  200_000,
);

test.skipIf(missing !== null).concurrent(
  '[WN6] the host is gone from the network: several neighbours do not see it, and it counts as down',
  async () => {
    const startedMs = performance.now();
    const { ci, reasons } = await judged('host-gone');
    figure('host gone to its verdict (from the first look)', (performance.now() - startedMs) / 1_000, 's');
    expect(ci).toMatchObject({ presence: 'down', cause: 'host-down' });
    expect(reasons).toMatch(/srv-(one and srv-two|two and srv-one) on the same network got no answer/);
    expect(reasons).toContain('counts as down until it returns');
  },
  200_000,
);

test.skipIf(missing !== null).concurrent(
  '[WN1] who was not switched on as a witness is not asked, and nobody else is silent',
  async () => {
    await Promise.all([judged('agent-gone'), judged('host-gone')]);
    for (const name of ['one', 'two', 'no-witness'])
      expect(await server.api<Ci>('GET', `/cis/${the(name).ciId}`)).toMatchObject({ presence: 'up' });
    expect(the('no-witness').agent.output()).not.toContain('neighbour');
  },
  200_000,
);

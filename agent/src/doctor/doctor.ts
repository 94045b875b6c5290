/** Why does this agent not reach its server? Step by step, from the configuration outwards. */
import type { Settings } from '../config.ts';
import { judgeCertificate } from './certificate.ts';
import { type Judgement, ok, skipped } from './judgement.ts';
import { judgeConfiguration, judgeDisk, judgeFolder, judgeService, judgeSpool } from './machine-steps.ts';
import { judgeKey, judgeToken } from './membership-steps.ts';
import {
  judgeClock,
  judgeConnections,
  judgeGreeting,
  judgeHttp,
  judgeName,
  judgeProxy,
  judgeServerKey,
} from './network-steps.ts';
import type {
  AskedSeen,
  ConnectionTried,
  DoctorPort,
  GreetingSeen,
  IdentitySeen,
  ProxySeen,
  StatusSeen,
} from './port.ts';

export const STEPS = [
  'configuration',
  'data folder',
  'disk',
  'spool',
  'service',
  'proxy',
  'name',
  'connection',
  'TLS',
  'HTTP',
  'clock',
  'WebSocket',
  'server key',
  'agent key',
  'token',
] as const;
export type StepName = (typeof STEPS)[number];

export type Finding = { readonly step: StepName } & Judgement;

/** What later steps take over from those before them. */
interface Gathered {
  settings: Settings;
  dataDir: string;
  status: StatusSeen | null;
  identity: IdentitySeen | null;
  addresses: readonly string[];
  asked: AskedSeen;
  greeting: GreetingSeen;
}

interface Step {
  readonly name: StepName;
  /** None of these may have failed or been skipped. */
  readonly needs: readonly StepName[];
  look(port: DoctorPort, so: Gathered): Judgement | Promise<Judgement>;
}

const PLAN: readonly Step[] = [
  {
    name: 'configuration',
    needs: [],
    look: (port, so) => {
      const seen = port.configuration();
      if (seen.type === 'read') Object.assign(so, { settings: seen.settings, dataDir: seen.dataDir });
      return judgeConfiguration(seen);
    },
  },
  {
    name: 'data folder',
    needs: ['configuration'],
    look: (port, so) => {
      so.status = port.status(so.dataDir);
      so.identity = port.identity(so.dataDir);
      return judgeFolder(so.dataDir, port.folder(so.dataDir));
    },
  },
  {
    name: 'disk',
    needs: ['configuration'],
    look: (port, so) => judgeDisk(so.dataDir, port.availableBytes(so.dataDir)),
  },
  { name: 'spool', needs: ['configuration'], look: (_, so) => judgeSpool(so.status) },
  {
    name: 'service',
    needs: ['configuration'],
    look: async (port, so) => judgeService(await port.service(), so.status),
  },
  {
    name: 'proxy',
    needs: ['configuration'],
    look: async (port, { settings }) =>
      judgeProxy(settings, settings.proxy.proxy === null ? null : await proxySeen(port, settings)),
  },
  {
    name: 'name',
    needs: ['proxy'],
    look: async (port, so) => {
      const { host } = serverOf(so.settings);
      if (so.settings.proxy.proxy !== null) return ok(`${host}: left to the proxy`);
      const seen = await port.lookUp(host);
      if (seen.type === 'found') so.addresses = seen.addresses;
      return judgeName(host, seen, port.nameServers());
    },
  },
  {
    name: 'connection',
    needs: ['name'],
    look: async (port, so) => {
      const server = serverOf(so.settings);
      if (so.settings.proxy.proxy !== null) return ok(`port ${server.port}: through the proxy`);
      return judgeConnections(server, await connectEach(port, so.addresses, server.port));
    },
  },
  {
    name: 'TLS',
    needs: ['connection'],
    look: async (port, so) => {
      so.asked = await port.ask(so.settings);
      return judgeCertificate(so.settings, so.asked, port.now());
    },
  },
  {
    name: 'HTTP',
    needs: ['TLS'],
    look: (_, so) => judgeHttp(so.asked.http),
  },
  {
    name: 'clock',
    needs: ['connection'],
    look: (port, so) => judgeClock(so.asked.http, port.now()),
  },
  {
    name: 'WebSocket',
    needs: ['TLS'],
    look: async (port, so) => {
      so.greeting = await port.greet(so.settings, {
        trustedKey: so.settings.serverKey ?? so.identity?.trustedAtFirstSight ?? null,
        enrolledWith: so.identity?.enrolledWith ?? null,
      });
      return judgeGreeting(so.settings, so.greeting, so.asked.http);
    },
  },
  {
    name: 'server key',
    needs: ['WebSocket'],
    look: (_, so) => judgeServerKey(so.settings, so.greeting),
  },
  {
    name: 'agent key',
    needs: ['data folder'],
    look: (_, so) => judgeKey(so.settings, so.identity, so.status),
  },
  {
    name: 'token',
    needs: ['data folder'],
    look: (_, so) => judgeToken(so.settings, so.identity, so.status),
  },
];

/** All steps in their order. */
export async function examine(port: DoctorPort): Promise<Finding[]> {
  const findings: Finding[] = [];
  const gathered = {} as Partial<Gathered>;
  for (const { name, needs, look } of PLAN) {
    const obstacle = obstacleOf(needs, findings, gathered.settings !== undefined);
    const judgement =
      obstacle === null ? await look(port, gathered as Gathered) : skipped(`because of: ${obstacle}`);
    findings.push({ step: name, ...judgement });
  }
  return findings;
}

/** The step that must be mended first. A configuration that is refused and can be read shows the way all the same. */
function obstacleOf(
  needs: readonly StepName[],
  findings: readonly Finding[],
  hasSettings: boolean,
): string | null {
  const stuck = findings.find(
    ({ step, outcome }) =>
      needs.includes(step) &&
      (outcome === 'failed' || outcome === 'skipped') &&
      !(step === 'configuration' && hasSettings),
  );
  if (!stuck) return null;
  return stuck.outcome === 'failed' ? stuck.step : stuck.seen.replace(/^because of: /, '');
}

/** All that lies between this machine and the way through its proxy: what breaks there says nothing of the server. */
async function proxySeen(port: DoctorPort, settings: Settings): Promise<ProxySeen> {
  const { proxy } = settings.proxy;
  if (proxy === null) return { type: 'open' };
  const name = await port.lookUp(proxy.host);
  if (name.type === 'failure') return { type: 'unnamed', failure: name, nameServers: port.nameServers() };
  const tried = await connectEach(port, name.addresses, proxy.port);
  const reached = tried.some(({ seen }) => seen.type === 'connected');
  return reached ? port.tunnel(settings) : { type: 'unreached', tried };
}

function connectEach(port: DoctorPort, addresses: readonly string[], to: number): Promise<ConnectionTried[]> {
  return Promise.all(addresses.map(async (address) => ({ address, seen: await port.connect(address, to) })));
}

/** The server itself, whatever lies before it. */
export function serverOf(settings: Settings): { readonly host: string; readonly port: number } {
  const url = new URL(settings.url);
  const port = url.port === '' ? (url.protocol === 'wss:' ? 443 : 80) : Number(url.port);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port };
}

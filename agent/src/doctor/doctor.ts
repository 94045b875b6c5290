/** Why does this agent not reach its server? Step by step, from the configuration outwards. */
import type { Settings } from '../config.ts';
import { judgeCertificate } from './certificate.ts';
import { type Judgement, skipped } from './judgement.ts';
import { judgeConfiguration, judgeDisk, judgeFolder, judgeService, judgeSpool } from './machine-steps.ts';
import { judgeKey, judgeToken } from './membership-steps.ts';
import {
  judgeClock,
  judgeConnections,
  judgeGreeting,
  judgeHttp,
  judgeName,
  judgeServerKey,
  judgeTunnel,
} from './network-steps.ts';
import type { AskedSeen, DoctorPort, GreetingSeen, IdentitySeen, StatusSeen } from './port.ts';

export const STEPS = [
  'configuration',
  'data folder',
  'disk',
  'spool',
  'service',
  'name',
  'connection',
  'proxy',
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
    name: 'name',
    needs: ['configuration'],
    look: async (port, so) => {
      const { host } = nearestOf(so.settings);
      const seen = await port.lookUp(host);
      if (seen.type === 'found') so.addresses = seen.addresses;
      return judgeName(host, seen, port.nameServers());
    },
  },
  {
    name: 'connection',
    needs: ['name'],
    look: async (port, so) => {
      const nearest = nearestOf(so.settings);
      const tried = so.addresses.map(async (address) => ({
        address,
        seen: await port.connect(address, nearest.port),
      }));
      return judgeConnections(nearest, await Promise.all(tried));
    },
  },
  {
    name: 'proxy',
    needs: ['connection'],
    look: async (port, { settings }) =>
      judgeTunnel(settings, settings.proxy.proxy === null ? null : await port.tunnel(settings)),
  },
  {
    name: 'TLS',
    needs: ['proxy'],
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
    needs: ['proxy'],
    look: (port, so) => judgeClock(so.asked.http, port.now()),
  },
  {
    name: 'WebSocket',
    needs: ['TLS'],
    look: async (port, so) => {
      const trusted = so.settings.serverKey ?? so.identity?.trustedAtFirstSight ?? null;
      so.greeting = await port.greet(so.settings, trusted);
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
  const gathered = {} as Gathered;
  for (const { name, needs, look } of PLAN) {
    const obstacle = obstacleOf(needs, findings);
    const judgement = obstacle === null ? await look(port, gathered) : skipped(`because of: ${obstacle}`);
    findings.push({ step: name, ...judgement });
  }
  return findings;
}

/** The step that must be mended first. */
function obstacleOf(needs: readonly StepName[], findings: readonly Finding[]): string | null {
  const stuck = findings.find(
    ({ step, outcome }) => needs.includes(step) && (outcome === 'failed' || outcome === 'skipped'),
  );
  if (!stuck) return null;
  return stuck.outcome === 'failed' ? stuck.step : stuck.seen.replace(/^because of: /, '');
}

/** Where the agent itself connects to: the proxy where there is one, else the server. */
export function nearestOf(settings: Settings): { readonly host: string; readonly port: number } {
  const { proxy } = settings.proxy;
  if (proxy !== null) return { host: proxy.host, port: proxy.port };
  const url = new URL(settings.url);
  const port = url.port === '' ? (url.protocol === 'wss:' ? 443 : 80) : Number(url.port);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port };
}

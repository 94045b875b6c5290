/** The agent and its two services in a small Windows, laid there as the installer does, which is PowerShell and cannot run under Wine. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileServiceProgram } from '@muster/server/release/service-program.ts';
import { SERVICE_PROGRAM } from '@muster/shared/release/manifest.ts';
import { expect } from 'vitest';
import { type RunningServer, temporaryFolder, until } from './harness.ts';
import { nodeForWine, openWine, textOf, type Wine } from './wine.ts';

export const INSTALL = 'C:\\Program Files\\Muster Agent';
const STATE = 'C:\\ProgramData\\Muster Agent';
/** Mode of the service program, and when the service is started, as install.ps1 has it. */
const SERVICES = [
  { name: 'muster-agent', mode: 'run', start: 'auto' },
  { name: 'muster-agent-prepare', mode: 'prepare', start: 'demand' },
] as const;

export interface ListedAgent {
  readonly id: string;
  readonly ciId: string | null;
  readonly connected: boolean;
}

export interface AgentStatus {
  readonly pid: number;
  readonly startedAtMs: number;
  readonly ackedAtMs: number | null;
  readonly link: { readonly state: string };
  readonly spool: { readonly depth: number };
}

export interface WineAgent {
  readonly wine: Wine;
  /** As the agent's own account would say it. */
  readonly dataDir: string;
  /** Paths of this machine. */
  inInstall(name: string): string;
  inState(name: string): string;
  inData(name: string): string;
  log(): string;
  status(): AgentStatus | null;
  /** Writes the configuration of a machine that is to enrol. */
  configure(): Promise<void>;
  /** Both wait for it. */
  start(): Promise<unknown>;
  stop(): Promise<unknown>;
  listed(): Promise<ListedAgent[]>;
  /** A process that was started after `sinceMs` has been heard by the server. */
  connected(sinceMs: number): Promise<unknown>;
}

/** `server`: the one that runs now. */
export async function installInWine(script: Uint8Array, server: () => RunningServer): Promise<WineAgent> {
  const wine = await openWine(join(temporaryFolder('wine'), 'prefix'));
  const inInstall = (name: string) => join(wine.drive, 'Program Files/Muster Agent', name);
  const inState = (name: string) => join(wine.drive, 'ProgramData/Muster Agent', name);
  const inData = (name: string) => inState(`data/${name}`);
  for (const folder of [inInstall(''), inData('')]) mkdirSync(folder, { recursive: true });
  await nodeForWine(inInstall('node.exe'));
  writeFileSync(inInstall('agent.mjs'), script);
  writeFileSync(inInstall(SERVICE_PROGRAM), await compileServiceProgram());
  for (const { name, mode, start } of SERVICES) {
    const command = `"${INSTALL}\\${SERVICE_PROGRAM}" ${mode} "${STATE}"`;
    const made = await wine.run('sc', 'create', name, 'binPath=', command, 'start=', start);
    expect(made).toMatchObject({ status: 0 });
  }
  const is = async (state: 'RUNNING' | 'STOPPED') =>
    (await wine.run('sc', 'query', 'muster-agent')).output.includes(state);
  const becomes = (state: 'RUNNING' | 'STOPPED') =>
    until(() => is(state), { withinMs: 60_000, what: () => `the service is ${state}:\n${agent.log()}` });
  /** A service manager that is busy refuses after 3 s, without a word, and takes it when asked once more. */
  const control = async (what: 'start' | 'stop', state: 'RUNNING' | 'STOPPED') => {
    await until(async () => (await wine.run('sc', what, 'muster-agent')).status === 0 || is(state), {
      withinMs: 60_000,
      what: () => `the service manager takes "${what}":\n${agent.log()}`,
    });
    await becomes(state);
  };
  const agent: WineAgent = {
    wine,
    dataDir: `${STATE}\\data`,
    inInstall,
    inState,
    inData,
    log: () => textOf(inData('agent.log')),
    status: () => {
      const text = textOf(inData('status.json'));
      return text === '' ? null : (JSON.parse(text) as AgentStatus);
    },
    configure: async () => {
      const { api, port } = server();
      const made = await api<{ token: string; serverKey: string }>('POST', '/enrolment-tokens', {});
      const settings = {
        server: `ws://127.0.0.1:${port}`,
        serverKey: made.serverKey,
        token: made.token,
        tls: 'none',
        dataDir: agent.dataDir,
      };
      writeFileSync(inState('config.json'), `${JSON.stringify(settings, null, 2)}\n`);
    },
    start: () => control('start', 'RUNNING'),
    stop: async () => {
      await becomes('RUNNING');
      await control('stop', 'STOPPED');
    },
    listed: async () => (await server().api<{ items: ListedAgent[] }>('GET', '/agents')).items,
    connected: (sinceMs) =>
      until(
        async () => {
          const now = agent.status();
          return (
            now !== null &&
            now.startedAtMs >= sinceMs &&
            now.ackedAtMs !== null &&
            (await agent.listed())[0]?.connected
          );
        },
        { withinMs: 60_000, what: () => `the agent is connected:\n${agent.log()}` },
      ),
  };
  return agent;
}

/** The machine as the doctor sees it. */
import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { PlainTextError, type readSettingsInput, SettingsError, settingsFrom } from '../config.ts';
import type { Host } from '../host.ts';
import { IDENTITY_FILE, KEY_FILE } from '../identity.ts';
import { wasOvercome } from '../status-text.ts';
import type {
  ConfigurationSeen,
  DoctorPort,
  FolderSeen,
  IdentitySeen,
  ServiceSeen,
  StatusSeen,
} from './port.ts';
import { type AgentProcess, successorOf } from './processes.ts';

const UNIT = 'muster-agent.service';
/** Of service/unix/as-agent.sh, as which it runs what root asks. */
const AGENT_USERS: readonly string[] = ['muster-agent', '_muster-agent'];
const SYSTEMCTL_MS_MAX = 3_000;

type MachinePort = Omit<DoctorPort, 'lookUp' | 'connect' | 'tunnel' | 'ask' | 'greet'>;

export interface MachineOptions {
  readonly host: Host;
  readonly statusFile: string;
  /** Settings as the agent would read them. @throws SettingsError */
  readonly readInput: () => ReturnType<typeof readSettingsInput>;
  readonly isRunning: (pid: number) => boolean;
  /** Of the installed agent. */
  readonly processes: () => readonly AgentProcess[];
}

export function machinePort({
  host,
  statusFile,
  readInput,
  isRunning,
  processes,
}: MachineOptions): MachinePort {
  return {
    now: () => host.now(),
    configuration: () => seenConfiguration(readInput),
    folder,
    availableBytes: (dataDir) => orNull(() => availableBytes(dataDir)),
    status: (dataDir) => orNull(() => status(join(dataDir, statusFile), isRunning, processes())),
    identity: (dataDir) => orNull(() => identity(join(dataDir, IDENTITY_FILE))),
    service: () => service(host, processes()),
    nameServers: () =>
      [...(host.readText('/etc/resolv.conf') ?? '').matchAll(/^\s*nameserver\s+(\S+)/gm)].map(
        ([, address = '']) => address,
      ),
  };
}

/** As the agent would read it at its start. */
export function seenConfiguration(
  readInput: MachineOptions['readInput'],
  user: string | null = orNull(() => userInfo().username),
): ConfigurationSeen {
  try {
    return looseSettings(readInput());
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const { code = null, path = '' } =
      error.cause instanceof Error ? (error.cause as NodeJS.ErrnoException) : {};
    if (code === 'ENOENT') return { type: 'none' };
    const agentUser = user !== null && AGENT_USERS.includes(user) ? user : null;
    return {
      type: 'unreadable',
      detail: error.message,
      forbidden: code === 'EACCES' ? { path, agentUser } : null,
    };
  }
}

/** Plain text that nobody has allowed keeps the agent from its server, and the doctor, who says nothing of itself, from nothing. */
function looseSettings({
  input,
  dataDir,
  environment,
}: ReturnType<MachineOptions['readInput']>): ConfigurationSeen {
  try {
    return { type: 'read', settings: settingsFrom(input, environment), dataDir, refused: null };
  } catch (error) {
    if (!(error instanceof PlainTextError)) throw error;
    const settings = settingsFrom({ ...input, insecure: true }, environment);
    return { type: 'read', settings, dataDir, refused: error.message };
  }
}

function folder(dataDir: string): FolderSeen {
  if (!existsSync(dataDir)) return { type: 'missing' };
  const { mode, uid } = statSync(dataDir);
  const isOwner = process.getuid?.() === uid;
  if (!isOwner && process.getuid?.() !== 0) return { type: 'closed' };
  const keyMode = orNull(() => statSync(join(dataDir, KEY_FILE)).mode & 0o777);
  return { type: 'there', mode: mode & 0o777, keyMode, writable: isOwner ? canWrite(dataDir) : null };
}

function canWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

/** For whoever is not root. @throws where it cannot be looked at */
export function availableBytes(path: string): number {
  const { bavail, frsize, bsize } = statfsSync(path);
  return bavail * (frsize > 0 ? frsize : bsize);
}

/** As far as it is looked at here; an older or newer agent may have written it. */
const StatusFile = z.object({
  pid: z.int(),
  link: z.object({ state: z.string(), pendingApproval: z.boolean().optional() }),
  lastProblem: z.object({ code: z.string(), detail: z.string(), hint: z.string(), atMs: z.int() }).nullable(),
  /** Absent in those of agents that did not tell it. */
  ackedAtMs: z.int().nullish(),
  spool: z.object({ depth: z.int(), usedBytes: z.int(), dropped: z.int(), fault: z.string().nullable() }),
});

function status(
  path: string,
  isRunning: (pid: number) => boolean,
  processes: readonly AgentProcess[],
): StatusSeen {
  const said = StatusFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  const { pid, link, lastProblem, spool } = said;
  const successor = successorOf(pid, processes);
  const running = successor !== null || (link.state !== 'stopped' && isRunning(pid));
  return {
    running,
    successor,
    online: successor === null && running && link.state === 'online',
    pendingApproval: link.pendingApproval ?? false,
    problem: successor !== null || wasOvercome(said) ? null : lastProblem,
    spool,
  };
}

const IdentityFile = z.object({
  enrolledWith: z.string().nullable(),
  trustedAtFirstSight: z.string().nullable(),
});

function identity(path: string): IdentitySeen {
  return IdentityFile.parse(JSON.parse(readFileSync(path, 'utf8')));
}

/** systemctl(1), show: one `Name=value` a line. */
async function service(host: Host, processes: readonly AgentProcess[]): Promise<ServiceSeen> {
  const systemd = host.list('/run/systemd/system').length > 0 || existsSync('/run/systemd/system');
  const abandoned = processes.find((one) => one.abandoned)?.pid ?? null;
  if (!systemd) return { type: 'none', systemd, abandoned };
  const { ok, stdout } = await host.run(
    'systemctl',
    ['show', UNIT, '--property=LoadState,ActiveState,UnitFileState,NRestarts'],
    SYSTEMCTL_MS_MAX,
  );
  const of = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(stdout)?.[1] ?? '';
  if (!ok || of('LoadState') !== 'loaded') return { type: 'none', systemd, abandoned };
  return {
    type: 'systemd',
    active: of('ActiveState'),
    enabled: of('UnitFileState').startsWith('enabled'),
    restarts: Number(of('NRestarts')) || 0,
  };
}

/** null for what is missing, closed or damaged: the step says what follows from that. */
function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof TypeError || error instanceof ReferenceError) throw error;
    return null;
  }
}

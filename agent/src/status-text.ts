/** The status file in words. */
import type { Millis } from '@muster/shared/time.ts';
import { toIso } from '@muster/shared/time.ts';
import * as z from 'zod/mini';
import type { Judgement } from './doctor/judgement.ts';
import { type AgentProcess, successorOf } from './doctor/processes.ts';
import type { LinkFaultCode } from './handshake.ts';
import type { SelfRestart } from './self-restart.ts';

const ToldCheck = z.object({ name: z.string(), why: z.string() });

/** What is read back from the file; an older or newer agent may have written it. */
const StatusFile = z.object({
  agentId: z.string(),
  agentVersion: z.string(),
  pid: z.int(),
  server: z.string(),
  /** Absent in those of agents that knew no proxy. */
  proxy: z.optional(z.string()),
  atMs: z.int(),
  startedAtMs: z.int(),
  link: z.object({
    state: z.string(),
    sinceMs: z.optional(z.int()),
    untilMs: z.optional(z.int()),
    pendingApproval: z.optional(z.boolean()),
  }),
  lastProblem: z.nullable(
    z.object({ code: z.string(), detail: z.string(), hint: z.string(), atMs: z.int() }),
  ),
  /** Absent in those of agents that did not tell it. */
  ackedAtMs: z.nullish(z.int()),
  clockSkewMs: z.nullable(z.number()),
  lastTickAtMs: z.nullable(z.int()),
  intervalMs: z.optional(z.int()),
  checks: z.nullish(
    z.object({
      reach: z.string(),
      count: z.int(),
      failing: z.array(ToldCheck),
      /** Absent in those of agents that did not tell them apart. */
      refused: z._default(z.array(ToldCheck), []),
      untried: z._default(z.int(), 0),
    }),
  ),
  economy: z.optional(z.object({ holdMs: z.int(), why: z.nullable(z.string()) })),
  /** Absent in those of agents that told nothing of it. */
  configuration: z.optional(
    z.object({
      version: z.nullable(z.int()),
      takenAtMs: z.nullable(z.int()),
      groups: z.nullable(z.array(z.string())),
      off: z.object({
        collectors: z.array(z.string()),
        sections: z.array(z.string()),
        fields: z.array(z.string()),
      }),
      refused: z.nullable(z.object({ sinceMs: z.int(), why: z.string() })),
    }),
  ),
  spool: z.object({ depth: z.int(), usedBytes: z.int(), dropped: z.int(), fault: z.nullable(z.string()) }),
});

/** Problems that end with another configuration of the agent, or with the line that writes one. */
const LIES_IN_CONFIGURATION: ReadonlySet<string> = new Set<LinkFaultCode>([
  'server-key-mismatch',
  'server-key-changed',
  'server-key-unknown',
  'server-proof-invalid',
  'tls-key-mismatch',
  'tls-invalid',
  'ca-unreadable',
  'proxy-unreachable',
  'proxy-credentials',
  'proxy-scheme',
  'no-token',
]);
const RESTART =
  'The agent reads its configuration only when it starts; after a change by hand: muster-agent restart.';

export type Outcome = 'connected' | 'not-connected' | 'not-running' | 'waits-for-approval';

/** For scripts; 2 is left out because shells use it themselves. */
export const OUTCOME_EXIT_CODES = {
  connected: 0,
  'not-connected': 1,
  'not-running': 3,
  'waits-for-approval': 4,
} as const satisfies Record<Outcome, number>;

const START = 'muster-agent start; if it ends again, muster-agent log says why';

/** What is told beside the file. */
export interface Beside {
  readonly isRunning: (pid: number) => boolean;
  readonly selfRestart: SelfRestart | null;
  /** Number of the installed release; 0: it was installed by the line. */
  readonly serial: number;
  /** As the agent would read it at its next start. */
  readonly configuration: Judgement;
  /** Of the installed agent, found by other means than the file. */
  readonly processes: readonly AgentProcess[];
}

/**
 * @returns startedAtMs of the agent that runs; null: none does, or it has not written that
 * @throws z.core.$ZodError when the file is none of an agent
 */
export function statusText(
  file: unknown,
  nowMs: Millis,
  { isRunning, selfRestart, serial, configuration, processes }: Beside,
): { text: string; outcome: Outcome; startedAtMs: Millis | null } {
  const status = StatusFile.parse(file);
  const successor = successorOf(status.pid, processes);
  const told = successor === null && status.link.state !== 'stopped' && isRunning(status.pid);
  const running = successor !== null || told;
  const online = told && status.link.state === 'online';
  const lines = [
    `agent       ${status.agentId} (version ${status.agentVersion}${serial === 0 ? '' : `, release ${serial}`})`,
    `process     ${processWords(status, told, successor)}`,
    `server      ${status.server}`,
    ...(status.proxy === undefined ? [] : [`proxy       ${status.proxy}`]),
    ...refusedLines(configuration),
    `connection  ${successor === null ? linkWords(status.link, told, nowMs) : 'not known'}`,
  ];
  const problem = successor !== null || wasOvercome(status) ? null : status.lastProblem;
  if (problem) lines.push(`last error  ${problem.detail} [${problem.code}], ${toIso(problem.atMs)}`);
  if (running) lines.push(...adviceLines(problem));
  // It would not stay with a configuration that it refuses.
  else if (configuration.outcome !== 'failed') lines.push(`what to do  ${START}`);
  const { depth, usedBytes, dropped, fault } = status.spool;
  lines.push(`spool       ${depth} entries, ${usedBytes} bytes waiting; ${dropped} dropped so far`);
  if (fault !== null) lines.push(`            the disk takes nothing: ${fault}`);
  if (status.lastTickAtMs !== null)
    lines.push(`last tick   ${toIso(status.lastTickAtMs)}${rhythmWords(status)}`);
  if (status.configuration !== undefined) lines.push(...configurationLines(status.configuration));
  if (status.checks) lines.push(...checkLines(status.checks));
  if (status.clockSkewMs !== null) lines.push(`clock       ${clockWords(status.clockSkewMs)}`);
  if (selfRestart !== null)
    lines.push(`watchdog    began anew at ${toIso(selfRestart.atMs)}: ${selfRestart.why}`);
  return {
    text: lines.join('\n'),
    startedAtMs: told ? status.startedAtMs : null,
    outcome: outcomeOf(running, online, status.link.pendingApproval === true),
  };
}

function processWords(
  { pid, atMs, startedAtMs }: z.infer<typeof StatusFile>,
  told: boolean,
  successor: number | null,
): string {
  if (told) return `runs as ${pid} since ${toIso(startedAtMs)}`;
  if (successor === null) return 'does not run';
  return `runs as ${successor}, and has not written its state: the rest is of the one before, of ${toIso(atMs)}`;
}

/** The agent was connected after its last problem: it says nothing any more. */
export function wasOvercome({
  link,
  lastProblem,
  ackedAtMs,
}: {
  readonly link: { readonly state: string };
  readonly lastProblem: { readonly atMs: Millis } | null;
  readonly ackedAtMs?: Millis | null | undefined;
}): boolean {
  return link.state === 'online' || (lastProblem?.atMs ?? 0) < (ackedAtMs ?? 0);
}

function adviceLines(problem: { readonly hint: string; readonly code: string } | null): string[] {
  if (problem === null) return [];
  return [
    ...(problem.hint === '' ? [] : [`what to do  ${problem.hint}`]),
    ...(LIES_IN_CONFIGURATION.has(problem.code) ? [`            ${RESTART}`] : []),
  ];
}

function refusedLines({ outcome, seen, fix }: Judgement): string[] {
  return outcome === 'failed' ? [`settings    refused: ${seen}`, `what to do  ${fix}`] : [];
}

/** What the file itself cannot say, because it has no room either; '' where there is room. */
export function fullDiskText(file: unknown, disk: Judgement): string {
  if (disk.outcome !== 'failed') return '';
  const { atMs } = StatusFile.parse(file);
  return `\ndisk        ${disk.seen}; the above is of ${toIso(atMs)}\nwhat to do  ${disk.fix}`;
}

/** @param skewMs the server's clock minus this one */
function clockWords(skewMs: number): string {
  const off = Math.round(skewMs);
  if (off === 0) return 'that of the server';
  return `${Math.abs(off)} ms ${off > 0 ? 'behind' : 'ahead of'} the server's`;
}

function outcomeOf(running: boolean, online: boolean, pendingApproval: boolean): Outcome {
  if (!running) return 'not-running';
  if (!online) return 'not-connected';
  return pendingApproval ? 'waits-for-approval' : 'connected';
}

function rhythmWords({ intervalMs, economy }: z.infer<typeof StatusFile>): string {
  if (intervalMs === undefined) return '';
  const held = economy && economy.holdMs > 0 ? `, sent together for up to ${economy.holdMs / 1_000} s` : '';
  const saves = economy && economy.why !== null ? `; saves: ${economy.why}` : '';
  return `, one every ${intervalMs / 1_000} s${held}${saves}`;
}

function configurationLines({
  version,
  takenAtMs,
  groups,
  off,
  refused,
}: NonNullable<z.infer<typeof StatusFile>['configuration']>): string[] {
  const taken = takenAtMs === null ? '' : `, taken ${toIso(takenAtMs)}`;
  const of = groups === null ? '' : groups.length === 0 ? '; of no group' : `; groups ${groups.join(', ')}`;
  const names = Object.entries(off).flatMap(([kind, list]) =>
    list.length === 0 ? [] : [`${kind} ${list.join(', ')}`],
  );
  return [
    `config      ${version === null ? 'none that is signed' : `version ${version}${taken}${of}`}`,
    `off         ${names.length === 0 ? 'nothing is switched off' : names.join('; ')}`,
    ...(refused === null ? [] : [`refused     since ${toIso(refused.sinceMs)}: ${refused.why}`]),
  ];
}

function checkLines({
  reach,
  count,
  failing,
  refused,
  untried,
}: NonNullable<z.infer<typeof StatusFile>['checks']>): string[] {
  if (reach === 'off') return ['checks      none: forbidden on this machine ("checks": "off")'];
  if (count === 0) return ['checks      none configured'];
  const parts: readonly (readonly [number, string])[] = [
    [count - failing.length - refused.length - untried, 'as expected'],
    [failing.length, 'not as expected'],
    [refused.length, 'not run'],
    [untried, 'not tried yet'],
  ];
  const words = parts.filter(([many]) => many > 0).map(([many, how]) => `${many} ${how}`);
  const own = reach === 'loopback' ? ' and this one' : ', not this one';
  return [
    `checks      ${count} configured: ${words.join(', ')}; they may reach other machines${own}`,
    ...refused.map(({ name, why }) => `            ${name}: not run: ${why}`),
    ...failing.map(({ name, why }) => `            ${name}: ${why}`),
  ];
}

function linkWords(link: z.infer<typeof StatusFile>['link'], running: boolean, nowMs: Millis): string {
  if (!running) return 'none';
  if (link.state === 'online') {
    const since = link.sinceMs === undefined ? '' : ` since ${toIso(link.sinceMs)}`;
    return link.pendingApproval ? `waits for an administrator's approval${since}` : `connected${since}`;
  }
  if (link.state === 'waiting' && link.untilMs !== undefined)
    return `none; next attempt in ${Math.max(0, Math.ceil((link.untilMs - nowMs) / 1000))} s`;
  return link.state;
}

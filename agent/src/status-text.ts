/** The status file in words. */
import type { Millis } from '@muster/shared/time.ts';
import { toIso } from '@muster/shared/time.ts';
import * as z from 'zod';

/** What is read back from the file; an older or newer agent may have written it. */
const StatusFile = z.object({
  agentId: z.string(),
  agentVersion: z.string(),
  pid: z.int(),
  server: z.string(),
  atMs: z.int(),
  startedAtMs: z.int(),
  link: z.object({
    state: z.string(),
    sinceMs: z.int().optional(),
    untilMs: z.int().optional(),
    pendingApproval: z.boolean().optional(),
  }),
  lastProblem: z.object({ code: z.string(), detail: z.string(), hint: z.string(), atMs: z.int() }).nullable(),
  clockSkewMs: z.number().nullable(),
  lastTickAtMs: z.int().nullable(),
  spool: z.object({ depth: z.int(), usedBytes: z.int(), dropped: z.int(), fault: z.string().nullable() }),
});

/** `healthy`: it runs and is connected. */
export function statusText(
  file: unknown,
  nowMs: Millis,
  isRunning: (pid: number) => boolean,
): { text: string; healthy: boolean } {
  const status = StatusFile.parse(file);
  const running = status.link.state !== 'stopped' && isRunning(status.pid);
  const online = running && status.link.state === 'online';
  const lines = [
    `agent       ${status.agentId} (version ${status.agentVersion})`,
    `process     ${running ? `runs as ${status.pid} since ${toIso(status.startedAtMs)}` : 'does not run'}`,
    `server      ${status.server}`,
    `connection  ${linkWords(status.link, running, nowMs)}`,
  ];
  if (status.lastProblem && !online) {
    lines.push(
      `last error  ${status.lastProblem.detail} [${status.lastProblem.code}], ${toIso(status.lastProblem.atMs)}`,
    );
    if (status.lastProblem.hint !== '') lines.push(`what to do  ${status.lastProblem.hint}`);
  }
  const { depth, usedBytes, dropped, fault } = status.spool;
  lines.push(`spool       ${depth} entries, ${usedBytes} bytes waiting; ${dropped} dropped so far`);
  if (fault !== null) lines.push(`            the disk takes nothing: ${fault}`);
  if (status.lastTickAtMs !== null) lines.push(`last tick   ${toIso(status.lastTickAtMs)}`);
  if (status.clockSkewMs !== null)
    lines.push(`clock       ${Math.round(status.clockSkewMs)} ms behind the server's`);
  return { text: lines.join('\n'), healthy: online && status.link.pendingApproval !== true };
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

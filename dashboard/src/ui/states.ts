/** The one place where a state gets its word, shape and colour. */
import type { Agent } from '@muster/shared/api/fleet.ts';
import type { Cause, Presence } from '@muster/shared/api/cmdb.ts';
import type { IncidentState } from '@muster/shared/api/incidents.ts';
import type { Severity } from '@muster/shared/api/rules.ts';
import type { Key } from '../i18n/catalogue.ts';

export type Tone = 'up' | 'warn' | 'crit' | 'planned' | 'unknown' | 'idle' | 'quiet';
export type GlyphName =
  | 'disc'
  | 'crescent'
  | 'ring'
  | 'pill'
  | 'square-up'
  | 'question'
  | 'triangle'
  | 'square-x'
  | 'half'
  | 'tick'
  | 'dash';

export interface StateLook {
  readonly word: Key;
  readonly glyph: GlyphName;
  readonly tone: Tone;
}

/** The six words for presence, in the order of the fleet bar. */
export const SHOWN_PRESENCES = ['up', 'asleep', 'off', 'planned', 'silent', 'unknown'] as const;
export type ShownPresence = (typeof SHOWN_PRESENCES)[number];

export const PRESENCE_LOOKS = {
  up: { word: 'states.presence.up', glyph: 'disc', tone: 'up' },
  asleep: { word: 'states.presence.asleep', glyph: 'crescent', tone: 'idle' },
  off: { word: 'states.presence.off', glyph: 'ring', tone: 'idle' },
  planned: { word: 'states.presence.planned', glyph: 'pill', tone: 'planned' },
  silent: { word: 'states.presence.silent', glyph: 'square-up', tone: 'crit' },
  unknown: { word: 'states.presence.unknown', glyph: 'question', tone: 'unknown' },
} as const satisfies Record<ShownPresence, StateLook>;

export const PRESENCE_FILLS = {
  up: 'fill-up',
  asleep: 'fill-idle',
  off: 'fill-idle',
  planned: 'fill-planned',
  silent: 'fill-silent',
  unknown: 'fill-unknown',
} as const satisfies Record<ShownPresence, string>;

/** Causes that say why an expected machine is not heard; the others explain an absence that may be right. */
const SILENT_CAUSES: readonly Cause[] = ['host-down', 'agent-stopped', 'unreachable', 'network'];

/**
 * What a person is told about a machine's presence. Silent = expected and not heard, with a cause named;
 * unknown = no evidence either way. `presence` null: nothing was ever heard.
 */
export function shownPresence(input: {
  readonly presence: Presence | null;
  readonly cause: Cause | null;
  readonly expected: boolean | null;
  readonly planned?: boolean;
}): ShownPresence {
  const { presence, cause, expected } = input;
  if (input.planned && presence !== 'up') return 'planned';
  switch (presence) {
    case 'up':
      return 'up';
    case 'down':
      return 'silent';
    case 'asleep':
    case 'off':
      return expected === false ? 'silent' : presence;
    case 'unknown':
      return cause !== null && SILENT_CAUSES.includes(cause) ? 'silent' : 'unknown';
    case null:
      return 'unknown';
  }
}

export const CAUSE_WORDS = {
  'host-down': 'states.cause.hostDown',
  asleep: 'states.cause.asleep',
  'shut-down': 'states.cause.shutDown',
  'agent-stopped': 'states.cause.agentStopped',
  unreachable: 'states.cause.unreachable',
  network: 'states.cause.network',
  'server-self': 'states.cause.serverSelf',
} as const satisfies Record<Cause, Key>;

export const INCIDENT_LOOKS = {
  new: { word: 'states.incident.new', glyph: 'square-x', tone: 'crit' },
  assigned: { word: 'states.incident.assigned', glyph: 'half', tone: 'quiet' },
  in_progress: { word: 'states.incident.inProgress', glyph: 'half', tone: 'quiet' },
  on_hold: { word: 'states.incident.onHold', glyph: 'pill', tone: 'quiet' },
  resolved: { word: 'states.incident.resolved', glyph: 'tick', tone: 'up' },
  restored: { word: 'states.incident.restored', glyph: 'tick', tone: 'up' },
  closed: { word: 'states.incident.closed', glyph: 'tick', tone: 'idle' },
  cancelled: { word: 'states.incident.cancelled', glyph: 'dash', tone: 'idle' },
} as const satisfies Record<IncidentState, StateLook>;

export const SEVERITY_LOOKS = {
  warning: { word: 'states.severity.warning', glyph: 'triangle', tone: 'warn' },
  critical: { word: 'states.severity.critical', glyph: 'square-x', tone: 'crit' },
} as const satisfies Record<Severity, StateLook>;

/** An agent by its registration and its socket. */
export function agentLook(agent: Pick<Agent, 'state' | 'connected'>): StateLook {
  if (agent.state === 'pending') return { word: 'states.agent.pending', glyph: 'triangle', tone: 'warn' };
  if (agent.state === 'revoked') return { word: 'states.agent.revoked', glyph: 'dash', tone: 'idle' };
  return agent.connected
    ? { word: 'states.agent.connected', glyph: 'disc', tone: 'up' }
    : { word: 'states.agent.away', glyph: 'ring', tone: 'idle' };
}

export const TONE_TEXT = {
  up: 'text-up-fg',
  warn: 'text-warn-fg',
  crit: 'text-crit-fg',
  planned: 'text-planned-fg',
  unknown: 'text-unknown-fg',
  idle: 'text-idle-fg',
  quiet: 'text-text-2',
} as const satisfies Record<Tone, string>;

export const TONE_TINT = {
  up: 'bg-up-weak',
  warn: 'bg-warn-weak',
  crit: 'bg-crit-weak',
  planned: 'bg-planned-weak',
  unknown: 'bg-unknown-weak',
  idle: 'bg-idle-weak',
  quiet: 'bg-sunken',
} as const satisfies Record<Tone, string>;

/** The one place where a state gets its word, shape and colour. */
import type { Agent } from '@muster/shared/api/fleet.ts';
import type { Cause } from '@muster/shared/api/cmdb.ts';
import type { IncidentState } from '@muster/shared/api/incidents.ts';
import type { Alert, Severity } from '@muster/shared/api/rules.ts';
import { PRESENCE_STATES, type PresenceState } from '@muster/shared/presence/state.ts';
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

/** The six words for presence, in the order of the fleet bar; which of them a machine has is for the server to say. */
export const SHOWN_PRESENCES = PRESENCE_STATES;
export type ShownPresence = PresenceState;

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

export const CAUSE_WORDS = {
  'host-down': 'states.cause.hostDown',
  asleep: 'states.cause.asleep',
  'shut-down': 'states.cause.shutDown',
  'agent-stopped': 'states.cause.agentStopped',
  'agent-uninstalled': 'states.cause.agentUninstalled',
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

export const ALERT_WORDS = {
  open: 'states.alert.open',
  acknowledged: 'states.alert.acknowledged',
  suppressed: 'states.alert.suppressed',
  resolved: 'states.alert.resolved',
} as const satisfies Record<Alert['state'], Key>;

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

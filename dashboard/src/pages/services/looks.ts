/** Words and shapes for the state of a service. */
import type { ServiceState } from '@muster/shared/api/relations.ts';
import type { StateLook } from '../../ui/states.ts';

export const SERVICE_LOOKS = {
  up: { word: 'map.serviceState.up', glyph: 'disc', tone: 'up' },
  degraded: { word: 'map.serviceState.degraded', glyph: 'triangle', tone: 'warn' },
  down: { word: 'map.serviceState.down', glyph: 'square-x', tone: 'crit' },
  unknown: { word: 'map.serviceState.unknown', glyph: 'question', tone: 'unknown' },
  empty: { word: 'map.serviceState.empty', glyph: 'dash', tone: 'idle' },
} as const satisfies Record<ServiceState, StateLook>;

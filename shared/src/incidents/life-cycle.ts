/** The life cycle of an incident as data: its states, the eight sub-processes, and who may take which step when. */

export const INCIDENT_STATES = [
  'new',
  'assigned',
  'in_progress',
  'on_hold',
  'resolved',
  'restored',
  'closed',
  'cancelled',
] as const;
export type IncidentState = (typeof INCIDENT_STATES)[number];

export const OPEN_INCIDENT_STATES = [
  'new',
  'assigned',
  'in_progress',
  'on_hold',
] as const satisfies readonly IncidentState[];

/** The eight sub-processes of handling an incident, in their order. */
export const INCIDENT_STEPS = [
  { id: 'report', title: { en: 'Report', zh: '报告' } },
  { id: 'identify', title: { en: 'Identify', zh: '识别' } },
  { id: 'impact', title: { en: 'Impact', zh: '影响' } },
  { id: 'handler', title: { en: 'Handler', zh: '处理人' } },
  { id: 'strategy', title: { en: 'Strategy', zh: '策略' } },
  { id: 'service-level', title: { en: 'Service level', zh: '服务水平' } },
  { id: 'eliminate', title: { en: 'Eliminate', zh: '消除' } },
  { id: 'recover', title: { en: 'Recover', zh: '恢复' } },
] as const;
export type IncidentStep = (typeof INCIDENT_STEPS)[number]['id'];

/** What must be there before a transition is taken. */
export const TRANSITION_NEEDS = {
  holder: { en: 'somebody who has it', zh: '有人认领' },
  'hold-reason': { en: 'for whom it waits', zh: '说明在等待谁' },
  note: { en: 'a note that says why', zh: '说明原因的备注' },
  quiet: { en: 'no alert of it open for 5 min', zh: '其告警均已恢复满 5 分钟' },
  'cause-of-outage': {
    en: 'cause and action, if it was an unplanned outage',
    zh: '若为计划外中断，须填写原因和措施',
  },
} as const;
export type TransitionNeed = keyof typeof TRANSITION_NEEDS;

export interface IncidentTransition {
  readonly from: IncidentState;
  readonly to: IncidentState;
  /** The sub-process that this ends or takes up again. */
  readonly step: IncidentStep;
  /** 'person': with the right `incidents.write`. */
  readonly by: readonly ('person' | 'machine')[];
  readonly needs: readonly TransitionNeed[];
}

const PERSON = ['person'] as const;
const MACHINE = ['machine'] as const;
const EITHER = ['person', 'machine'] as const;

/** Every step from one state to another. A merge ends an incident as `cancelled` wherever it stands. */
export const INCIDENT_LIFE_CYCLE: readonly IncidentTransition[] = [
  { from: 'new', to: 'assigned', step: 'handler', by: EITHER, needs: ['holder'] },
  { from: 'new', to: 'in_progress', step: 'strategy', by: PERSON, needs: ['holder'] },
  { from: 'new', to: 'on_hold', step: 'strategy', by: PERSON, needs: ['hold-reason'] },
  { from: 'new', to: 'resolved', step: 'eliminate', by: EITHER, needs: [] },
  { from: 'new', to: 'cancelled', step: 'identify', by: PERSON, needs: ['note'] },
  { from: 'assigned', to: 'new', step: 'handler', by: PERSON, needs: [] },
  { from: 'assigned', to: 'in_progress', step: 'strategy', by: PERSON, needs: ['holder'] },
  { from: 'assigned', to: 'on_hold', step: 'strategy', by: PERSON, needs: ['hold-reason'] },
  { from: 'assigned', to: 'resolved', step: 'eliminate', by: EITHER, needs: [] },
  { from: 'assigned', to: 'cancelled', step: 'identify', by: PERSON, needs: ['note'] },
  { from: 'in_progress', to: 'assigned', step: 'handler', by: PERSON, needs: ['holder'] },
  { from: 'in_progress', to: 'on_hold', step: 'strategy', by: PERSON, needs: ['hold-reason'] },
  { from: 'in_progress', to: 'resolved', step: 'eliminate', by: EITHER, needs: [] },
  { from: 'on_hold', to: 'assigned', step: 'handler', by: PERSON, needs: ['holder'] },
  { from: 'on_hold', to: 'in_progress', step: 'strategy', by: PERSON, needs: ['holder'] },
  { from: 'on_hold', to: 'resolved', step: 'eliminate', by: EITHER, needs: [] },
  { from: 'resolved', to: 'in_progress', step: 'eliminate', by: EITHER, needs: ['holder'] },
  { from: 'resolved', to: 'new', step: 'eliminate', by: MACHINE, needs: [] },
  { from: 'resolved', to: 'restored', step: 'recover', by: EITHER, needs: ['quiet'] },
  // Only where its recovery cannot be verified: nothing looks at the machine any more.
  { from: 'resolved', to: 'closed', step: 'recover', by: MACHINE, needs: ['cause-of-outage'] },
  { from: 'restored', to: 'in_progress', step: 'eliminate', by: EITHER, needs: ['holder'] },
  { from: 'restored', to: 'new', step: 'eliminate', by: MACHINE, needs: [] },
  { from: 'restored', to: 'closed', step: 'recover', by: EITHER, needs: ['cause-of-outage'] },
];

/** From → next states that a person may choose. */
export const INCIDENT_TRANSITIONS: Readonly<Record<IncidentState, readonly IncidentState[]>> = {
  new: nextByPerson('new'),
  assigned: nextByPerson('assigned'),
  in_progress: nextByPerson('in_progress'),
  on_hold: nextByPerson('on_hold'),
  resolved: nextByPerson('resolved'),
  restored: nextByPerson('restored'),
  closed: nextByPerson('closed'),
  cancelled: nextByPerson('cancelled'),
};

function nextByPerson(state: IncidentState): IncidentState[] {
  return INCIDENT_LIFE_CYCLE.filter(({ from, by }) => from === state && by.includes('person')).map(
    ({ to }) => to,
  );
}

/** What a transition needs; undefined: there is no such transition. */
export function transitionOf(from: IncidentState, to: IncidentState): IncidentTransition | undefined {
  return INCIDENT_LIFE_CYCLE.find((transition) => transition.from === from && transition.to === to);
}

/** How one of the eight stands. 'late': it is now, and its time has passed. */
export type StepStanding = 'done' | 'now' | 'late' | 'open';

export interface StepFacts {
  readonly state: IncidentState;
  /** It is known what kind of fault it is. */
  readonly identified: boolean;
  /** Past the target to restore, and not restored. */
  readonly late: boolean;
}

/**
 * Where an incident is in the eight: what is behind it, the one that is next to be done, and what is ahead. The service
 * level is checked when the work begins and stands late as soon as its target has passed.
 */
export function stepsOf({
  state,
  identified,
  late,
}: StepFacts): { step: IncidentStep; standing: StepStanding }[] {
  const at = atStep(state, identified);
  return INCIDENT_STEPS.map(({ id }, i) => {
    if (id === 'service-level' && late && state !== 'cancelled') return { step: id, standing: 'late' };
    if (at === null || i < at)
      return { step: id, standing: state === 'cancelled' && i > 1 ? 'open' : 'done' };
    return { step: id, standing: i === at ? 'now' : 'open' };
  });
}

/** Index of the step that is to be done; null: none is left. */
function atStep(state: IncidentState, identified: boolean): number | null {
  const index = (step: IncidentStep) => INCIDENT_STEPS.findIndex(({ id }) => id === step);
  if (state === 'new') return index(identified ? 'handler' : 'identify');
  if (state === 'assigned' || state === 'on_hold') return index('strategy');
  if (state === 'in_progress') return index('eliminate');
  return state === 'resolved' ? index('recover') : null;
}

/** A rollout while it is being planned: fields as they are typed, and what the API takes of them. Pure. */
import type { CallInput } from '../../api/client.ts';
import type { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { NewRollout, type RolloutPreview } from '@muster/shared/api/rollouts.ts';

export interface RolloutDraft {
  readonly serial: number;
  /** Separated by commas; empty: all machines. */
  readonly tags: string;
  readonly pilotsBy: 'count' | 'tag';
  readonly pilotTag: string;
  readonly pilotCount: string;
  readonly earlyPercent: string;
  readonly failedPercentMax: string;
  readonly watchMinutes: string;
  readonly rollBack: boolean;
  readonly atOnceMax: string;
  readonly perSiteMax: string;
  readonly trialMinutes: string;
}

export type NumberField =
  | 'pilotCount'
  | 'earlyPercent'
  | 'failedPercentMax'
  | 'watchMinutes'
  | 'atOnceMax'
  | 'perSiteMax'
  | 'trialMinutes';

export interface Range {
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
}

/** What `NewRollout` takes, for the sentence beneath a field. */
export const RANGES = {
  pilotCount: { min: 1, max: 1_000, whole: true },
  earlyPercent: { min: 1, max: 100, whole: false },
  failedPercentMax: { min: 0, max: 100, whole: false },
  watchMinutes: { min: 1, max: 7 * 24 * 60, whole: true },
  atOnceMax: { min: 1, max: 1_000, whole: true },
  perSiteMax: { min: 1, max: 1_000, whole: true },
  trialMinutes: { min: 1, max: 1_440, whole: true },
} as const satisfies Record<NumberField, Range>;

export type RolloutBody = CallInput<typeof ENDPOINTS.createRollout>['body'];

/** As the API itself would fill it in. */
export function blankDraft(serial: number): RolloutDraft {
  const plan = NewRollout.parse({ serial });
  return {
    serial,
    tags: '',
    pilotsBy: 'count',
    pilotTag: '',
    pilotCount: String(plan.pilotCount),
    earlyPercent: String(plan.earlyPercent),
    failedPercentMax: String(plan.gate.failedPercentMax),
    watchMinutes: String(plan.gate.watchMinutes),
    rollBack: plan.gate.rollBack,
    atOnceMax: String(plan.pace.atOnceMax),
    perSiteMax: String(plan.pace.perSiteMax),
    trialMinutes: String(plan.trialMinutes),
  };
}

export function isInRange(field: NumberField, typed: string): boolean {
  const { min, max, whole }: Range = RANGES[field];
  const value = Number(typed);
  return typed.trim() !== '' && value >= min && value <= max && (!whole || Number.isInteger(value));
}

export const TAG_LENGTH_MAX = 64;
const TAGS_MAX = 32;

export function tagsOf(text: string): string[] {
  return [
    ...new Set(
      text
        .split(/[,，]/)
        .map((tag) => tag.trim())
        .filter((tag) => tag !== ''),
    ),
  ];
}

export function tagsFit(text: string): boolean {
  const tags = tagsOf(text);
  return tags.length <= TAGS_MAX && tags.every((tag) => tag.length <= TAG_LENGTH_MAX);
}

/** Fields whose number is not taken; `pilotCount` only where it is asked for. */
export function wrongNumbers(draft: RolloutDraft): NumberField[] {
  return (Object.keys(RANGES) as NumberField[]).filter(
    (field) => !(field === 'pilotCount' && draft.pilotsBy === 'tag') && !isInRange(field, draft[field]),
  );
}

/** null: something is not filled in yet, or not taken. */
export function bodyOf(draft: RolloutDraft): RolloutBody | null {
  const pilotTag = draft.pilotTag.trim();
  if (wrongNumbers(draft).length > 0 || !tagsFit(draft.tags)) return null;
  if (draft.pilotsBy === 'tag' && (pilotTag === '' || pilotTag.length > TAG_LENGTH_MAX)) return null;
  return {
    serial: draft.serial,
    tags: tagsOf(draft.tags),
    ...(draft.pilotsBy === 'tag' ? { pilotTag } : { pilotTag: null, pilotCount: Number(draft.pilotCount) }),
    earlyPercent: Number(draft.earlyPercent),
    gate: {
      failedPercentMax: Number(draft.failedPercentMax),
      watchMinutes: Number(draft.watchMinutes),
      rollBack: draft.rollBack,
    },
    pace: { atOnceMax: Number(draft.atOnceMax), perSiteMax: Number(draft.perSiteMax) },
    trialMinutes: Number(draft.trialMinutes),
  };
}

export type PreviewProblem = 'nobody' | 'noPilots';

/** Why nothing is started on this preview, if so. */
export function previewProblem(
  { rings }: Pick<RolloutPreview, 'rings'>,
  { pilotsBy }: Pick<RolloutDraft, 'pilotsBy'>,
): PreviewProblem | undefined {
  if (rings.every(({ agents }) => agents === 0)) return 'nobody';
  const pilots = rings.find(({ name }) => name === 'pilot')?.agents ?? 0;
  return pilotsBy === 'tag' && pilots === 0 ? 'noPilots' : undefined;
}

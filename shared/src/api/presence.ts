/** Settings of presence: who may be asked about silent machines; and what was learned of the hours in which machines are up. */
import { z } from 'zod';
import { endpoint, IdParams, IsoTime } from './endpoint.ts';
import { Words } from './incidents.ts';

export const WITNESS_SUBNETS_MAX = 200;
export const WITNESS_LOCATIONS_MAX = 200;
export const NOT_SEEN_DAYS_MIN = 7;
export const NOT_SEEN_DAYS_MAX = 365;

/** IPv4 network, as in 10.20.3.0/24. */
export const Subnet4 = z
  .string()
  .trim()
  .regex(/^(\d{1,3}\.){3}\d{1,3}\/([89]|[12]\d|30)$/, 'an IPv4 network with 8 to 30 bits, as in 10.20.3.0/24')
  .refine((text) => text.split(/[./]/).every((part, at) => at > 3 || Number(part) < 256), 'no IPv4 network');

export const PresenceSettings = z.object({
  witnesses: z.object({
    /** Machines may be asked whether a silent neighbour is still there, on the networks and at the locations below. */
    enabled: z.boolean(),
    subnets: z.array(Subnet4).max(WITNESS_SUBNETS_MAX),
    /** CI ids; what lies within them is included. */
    locations: z.array(z.string().min(1).max(64)).max(WITNESS_LOCATIONS_MAX),
  }),
  /** A machine that its user takes along raises a finding when it was not seen for so long. */
  notSeenDays: z.int().min(NOT_SEEN_DAYS_MIN).max(NOT_SEEN_DAYS_MAX),
});
export type PresenceSettings = z.infer<typeof PresenceSettings>;

export const PRESENCE_SETTINGS_DEFAULT: PresenceSettings = {
  witnesses: { enabled: false, subnets: [], locations: [] },
  notSeenDays: 28,
};

/** A network in which at least two machines stand, as their inventory says. */
export const WitnessNetwork = z.object({
  subnet: z.string(),
  gateway: z.string().nullable(),
  machines: z.number(),
  /** Connected now, and switched on as witnesses where they run. */
  witnesses: z.number(),
  /** Covered by the settings. */
  allowed: z.boolean(),
});
export type WitnessNetwork = z.infer<typeof WitnessNetwork>;

/** hours: expected at other hours than now. always: around the clock. roaming: its user takes it along. */
export const SUGGESTION_KINDS = ['hours', 'always', 'roaming'] as const;
export const SUGGESTION_STATES = ['proposed', 'confirmed', 'dismissed', 'superseded'] as const;
export const SuggestionState = z.enum(SUGGESTION_STATES);
export type SuggestionState = z.infer<typeof SuggestionState>;

/** Local minutes of the day, half-open. */
export const DayRange = z.object({
  fromMinute: z.int().min(0).max(1_439),
  toMinute: z.int().min(1).max(1_440),
});
export type DayRange = z.infer<typeof DayRange>;

/** Seven days, Monday first; a day without hours is null. */
export const WeekHours = z.array(DayRange.nullable()).length(7);
export type WeekHours = z.infer<typeof WeekHours>;

export const PresenceSuggestion = z.object({
  id: z.string(),
  kind: z.enum(SUGGESTION_KINDS),
  state: SuggestionState,
  /** Whose habits these are: all of a class at a place, or single machines that differ from the others. */
  group: z.object({
    title: Words,
    class: z.string(),
    locationId: z.string().nullable(),
    /** false: only `machines` are meant, not the whole group. */
    whole: z.boolean(),
  }),
  machines: z.array(z.object({ id: z.string(), name: z.string() })),
  /** Only of kind hours. */
  hours: WeekHours.nullable(),
  /** Hours a week that are expected now, and would be. */
  weekMinutesNow: z.number(),
  weekMinutesThen: z.number(),
  /** Wanted more, but one confirmation may move the hours only so far. */
  capped: z.boolean(),
  /** Share of the days on which these hours were seen, 0 to 1. */
  daysShare: z.number(),
  /** Share of the machines at work that were up in each quarter of an hour of the week, Monday 00:00 first: 672 values, 0 to 1. */
  profile: z.array(z.number()),
  weeks: z.number(),
  words: Words,
  proposedAt: IsoTime,
  decidedBy: z.string().nullable(),
  decidedAt: IsoTime.nullable(),
  reason: z.string().nullable(),
  /** The decision can be taken back. */
  undoable: z.boolean(),
});
export type PresenceSuggestion = z.infer<typeof PresenceSuggestion>;

const SettingsAnswer = z.object({
  /** Who decided this last, and when; null: nobody yet. */
  changed: z.object({ by: z.string(), at: IsoTime }).nullable(),
  settings: PresenceSettings,
  /** Names of the locations in the settings. */
  locations: z.array(z.object({ id: z.string(), name: z.string() })),
  networks: z.array(WitnessNetwork),
});

export const presenceEndpoints = {
  getPresenceSettings: endpoint({
    id: 'getPresenceSettings',
    method: 'GET',
    path: '/settings/presence',
    right: 'read',
    tag: 'availability',
    summary: 'Who may be asked about silent machines, and the networks that machines stand in',
    response: SettingsAnswer,
  }),
  setPresenceSettings: endpoint({
    id: 'setPresenceSettings',
    method: 'PUT',
    path: '/settings/presence',
    right: 'presence.write',
    tag: 'availability',
    summary:
      'Says where machines may be asked about silent neighbours, and when a machine counts as not seen',
    body: PresenceSettings,
    response: SettingsAnswer,
  }),
  listPresenceSuggestions: endpoint({
    id: 'listPresenceSuggestions',
    method: 'GET',
    path: '/presence-suggestions',
    right: 'read',
    tag: 'availability',
    summary: 'What was learned of the hours in which machines are up, for an administrator to confirm',
    query: z.object({ state: SuggestionState.optional() }),
    response: z.object({ items: z.array(PresenceSuggestion), lookedAt: IsoTime.nullable() }),
  }),
  confirmPresenceSuggestion: endpoint({
    id: 'confirmPresenceSuggestion',
    method: 'POST',
    path: '/presence-suggestions/:id/confirm',
    right: 'presence.write',
    tag: 'availability',
    summary: 'Takes the suggestion: it becomes what is expected of these machines',
    params: IdParams,
    body: z.object({}),
    response: PresenceSuggestion,
  }),
  dismissPresenceSuggestion: endpoint({
    id: 'dismissPresenceSuggestion',
    method: 'POST',
    path: '/presence-suggestions/:id/dismiss',
    right: 'presence.write',
    tag: 'availability',
    summary: 'Refuses the suggestion; it is not made again unless the habit changes',
    params: IdParams,
    body: z.object({ reason: z.string().trim().min(3).max(500) }),
    response: PresenceSuggestion,
  }),
  undoPresenceSuggestion: endpoint({
    id: 'undoPresenceSuggestion',
    method: 'POST',
    path: '/presence-suggestions/:id/undo',
    right: 'presence.write',
    tag: 'availability',
    summary:
      'Takes a decision back: from today on what was before is expected again, and the suggestion is open',
    params: IdParams,
    body: z.object({}),
    response: PresenceSuggestion,
  }),
};

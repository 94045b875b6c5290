/** The port of suggestions about presence: what was learned, and what an administrator made of it. */
import type { PresenceSuggestion, SuggestionState, WeekHours } from '@muster/shared/api/presence.ts';
import type { Millis } from '@muster/shared/time.ts';

export interface SuggestionRecord {
  readonly id: string;
  /** Kind and group: of one key there is at most one that is proposed. */
  readonly key: string;
  readonly kind: PresenceSuggestion['kind'];
  readonly state: SuggestionState;
  readonly class: string;
  readonly locationId: string | null;
  readonly whole: boolean;
  readonly ciIds: readonly string[];
  /** IANA zone of the machines; null: unknown. */
  readonly zone: string | null;
  readonly hours: WeekHours | null;
  readonly weekMinutesNow: number;
  readonly weekMinutesThen: number;
  readonly capped: boolean;
  readonly daysShare: number;
  readonly profile: readonly number[];
  readonly weeks: number;
  readonly proposedAtMs: Millis;
  readonly decidedBy: string | null;
  readonly decidedAtMs: Millis | null;
  readonly reason: string | null;
  /** What was before it was confirmed; null or absent: it was not, or that is not known. */
  readonly before?: BeforeSuggestion | null;
}

/** What a confirmed suggestion replaced. */
export interface BeforeSuggestion {
  /** Calendar of each assignment; null: none. */
  readonly assigned: readonly {
    readonly level: 'class' | 'ci';
    readonly key: string;
    readonly calendarId: string | null;
  }[];
  /** Machines that got a tag, and the tag that they lost by it. */
  readonly tagged: readonly { readonly ciId: string; readonly lost: string | null }[];
}

/** Contract. Newest first; `put` is by id and whole; `drop` forgets, unknown ids too. */
export interface SuggestionStore {
  all(): Promise<SuggestionRecord[]>;
  put(record: SuggestionRecord): Promise<void>;
  drop(ids: readonly string[]): Promise<void>;
}

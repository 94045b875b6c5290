/** What a step of the doctor comes to. */
export interface Judgement {
  readonly outcome: 'ok' | 'warning' | 'failed' | 'skipped';
  /** What was seen, or for a skipped step why. */
  readonly seen: string;
  /** What to do, in a sentence; null where nothing is to be done. */
  readonly fix: string | null;
}

export function ok(seen: string): Judgement {
  return { outcome: 'ok', seen, fix: null };
}

export function failed(seen: string, fix: string): Judgement {
  return { outcome: 'failed', seen, fix };
}

export function warning(seen: string, fix: string): Judgement {
  return { outcome: 'warning', seen, fix };
}

export function skipped(why: string): Judgement {
  return { outcome: 'skipped', seen: why, fix: null };
}

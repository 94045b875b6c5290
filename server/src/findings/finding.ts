/** What the CMDB found that a person should look at: a queue, not an alarm. */
import type { FindingKind } from '@muster/shared/api/findings.ts';
import type { Millis } from '@muster/shared/time.ts';

export type { FindingKind };

export interface FindingNews {
  readonly kind: FindingKind;
  /** Names the matter: while a finding of the kind and key is open, news of it are counted there and open no second. */
  readonly key: string;
  readonly ciId: string | null;
  readonly title: { readonly en: string; readonly zh: string };
  /** Before and after, candidates, sources: what a person needs to decide; plain JSON. */
  readonly evidence: Readonly<Record<string, unknown>>;
}

export interface Findings {
  /** Opens or counts; answers the finding's id. */
  raise(news: FindingNews, nowMs: Millis): Promise<string>;
  /** The cause is gone: an open finding of the kind and key is resolved by `actor`; none is no error. */
  settle(kind: FindingKind, key: string, actor: string, nowMs: Millis): Promise<void>;
  /** Keys of the open findings of the kind. */
  openKeys(kind: FindingKind): Promise<Set<string>>;
}

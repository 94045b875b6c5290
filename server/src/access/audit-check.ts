/** One check of the audit log's chain at a time, with its progress: many may watch, nobody starts a second. */
import type { Millis } from '@muster/shared/time.ts';
import { type AuditVerdict, verifyAudit } from './audit-log.ts';
import type { AccessStore } from './store.ts';

export interface AuditCheckState {
  /** null: none is running. `total` is the number of entries when it began. */
  readonly running: { readonly checked: number; readonly total: number } | null;
  /** The last that came to its end since the server started. */
  readonly last: { readonly atMs: Millis; readonly verdict: AuditVerdict } | null;
}

export class AuditCheck {
  readonly #store: AccessStore;
  #running: { checked: number; total: number } | null = null;
  #verdict: Promise<AuditVerdict> | null = null;
  #last: AuditCheckState['last'] = null;

  constructor(store: AccessStore) {
    this.#store = store;
  }

  /** Joins the check that is running. `nowMs` is when it was asked for. */
  run(nowMs: Millis): Promise<AuditVerdict> {
    this.#verdict ??= this.#check(nowMs).finally(() => {
      this.#verdict = null;
      this.#running = null;
    });
    return this.#verdict;
  }

  state(): AuditCheckState {
    return { running: this.#running, last: this.#last };
  }

  async #check(nowMs: Millis): Promise<AuditVerdict> {
    const [newest] = await this.#store.listAudit({ limit: 1, beforeSeq: null });
    const total = newest?.seq ?? 0;
    this.#running = { checked: 0, total };
    const verdict = await verifyAudit(this.#store, undefined, (checked) => {
      this.#running = { checked, total };
    });
    this.#last = { atMs: nowMs, verdict };
    return verdict;
  }
}

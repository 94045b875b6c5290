/** What is known about identity, in memory and always current: reporters, pins, open questions, merges, junk. */
import type { Millis } from '@muster/shared/time.ts';
import type { ExtraJunk } from '../inventory/junk.ts';
import type {
  IdentityEdits,
  IdentityPin,
  IdentityReads,
  IdentityReview,
  JunkValue,
  ReporterRow,
  ReportingSource,
} from './identity-record.ts';
import type { Ci } from './store.ts';

/** Questions that are open at once; more than a person answers in a month. */
const OPEN_REVIEWS_MAX = 10_000;

export class IdentityBook {
  /** By source, by id: asked for with each frame of an agent. */
  readonly #reporters = new Map<ReportingSource, Map<string, ReporterRow>>();
  readonly #pins = new Map<string, IdentityPin>();
  /** By the CI that the report was given. */
  readonly #open = new Map<string, IdentityReview>();
  readonly #mergedInto = new Map<string, string>();
  readonly #junk = new Map<string, JunkValue>();
  #junkChangedAtMs: Millis = 0;

  static async read(
    store: IdentityReads,
    cis: Iterable<Pick<Ci, 'id' | 'mergedInto'>>,
  ): Promise<IdentityBook> {
    const book = new IdentityBook();
    const [reporters, pins, reviews, junk] = await Promise.all([
      store.reporters(),
      store.pins(),
      store.reviews({ state: 'open', limit: OPEN_REVIEWS_MAX }),
      store.junkValues(),
    ]);
    book.put({ reporters, pins, reviews });
    for (const value of junk) book.putJunk(value, value.atMs);
    for (const ci of cis) book.putCi(ci);
    return book;
  }

  /** After they are stored. */
  put({ reporters, pins, removedPins, reviews }: IdentityEdits): void {
    for (const row of reporters ?? []) this.#putReporter(row);
    for (const pin of pins ?? []) this.#pins.set(pin.id, pin);
    for (const id of removedPins ?? []) this.#pins.delete(id);
    for (const review of reviews ?? []) {
      if (review.state === 'open') this.#open.set(review.ciId, review);
      else if (this.#open.get(review.ciId)?.id === review.id) this.#open.delete(review.ciId);
    }
  }

  putCi({ id, mergedInto }: Pick<Ci, 'id' | 'mergedInto'>): void {
    if (mergedInto === null) this.#mergedInto.delete(id);
    else this.#mergedInto.set(id, mergedInto);
  }

  /** The CI that this one turned out to be; itself where it is still one. */
  survivorOf(ciId: string): string {
    let id = ciId;
    for (let next = this.#mergedInto.get(id); next !== undefined; next = this.#mergedInto.get(id)) id = next;
    return id;
  }

  /** CIs that turned out to be this one. */
  mergedIn(ciId: string): string[] {
    if (this.#mergedInto.size === 0) return [];
    return [...this.#mergedInto.keys()].filter((id) => this.survivorOf(id) === ciId);
  }

  reporter(source: ReportingSource, id: string): ReporterRow | undefined {
    return this.#reporters.get(source)?.get(id);
  }

  reportersOf(ciId: string): ReporterRow[] {
    const rows = [...this.#reporters.values()].flatMap((ofSource) => [...ofSource.values()]);
    return rows.filter((row) => row.ciId === ciId);
  }

  pinOf(source: ReportingSource, reporterId: string): string | null {
    for (const pin of this.#pins.values())
      if (pin.kind === 'reporter-is' && pin.source === source && pin.reporterId === reporterId)
        return pin.ciId;
    return null;
  }

  pin(id: string): IdentityPin | undefined {
    return this.#pins.get(id);
  }

  pinsOf(ciId: string): IdentityPin[] {
    return [...this.#pins.values()].filter(
      (pin) => pin.ciId === ciId || (pin.kind === 'never-same' && pin.otherId === ciId),
    );
  }

  /** CIs that a person has said are not this one. */
  apartFrom(ciId: string): Set<string> {
    const apart = new Set<string>();
    for (const pin of this.#pins.values()) {
      if (pin.kind !== 'never-same') continue;
      const [one, other] = [this.survivorOf(pin.ciId), this.survivorOf(pin.otherId)];
      if (one === ciId) apart.add(other);
      if (other === ciId) apart.add(one);
    }
    apart.delete(ciId);
    return apart;
  }

  openReviewOf(ciId: string): IdentityReview | undefined {
    return this.#open.get(ciId);
  }

  get openReviews(): number {
    return this.#open.size;
  }

  get junk(): ExtraJunk {
    const of = (kind: JunkValue['kind']) =>
      [...this.#junk.values()].filter((value) => value.kind === kind).map(({ value }) => value);
    return {
      serial: of('serial'),
      uuid: of('uuid'),
      mac: of('mac'),
      'machine-id': of('machine-id'),
      hostname: of('hostname'),
    };
  }

  /** What reporters told before is looked at once more. */
  get junkChangedAtMs(): Millis {
    return this.#junkChangedAtMs;
  }

  junkValues(): JunkValue[] {
    return [...this.#junk.values()];
  }

  putJunk(value: JunkValue, nowMs: Millis): void {
    this.#junk.set(value.id, value);
    this.#junkChangedAtMs = Math.max(this.#junkChangedAtMs, nowMs);
  }

  removeJunk(id: string, nowMs: Millis): void {
    if (this.#junk.delete(id)) this.#junkChangedAtMs = Math.max(this.#junkChangedAtMs, nowMs);
  }

  #putReporter(row: ReporterRow): void {
    const known = this.#reporters.get(row.source);
    if (known) known.set(row.id, row);
    else this.#reporters.set(row.source, new Map([[row.id, row]]));
  }
}

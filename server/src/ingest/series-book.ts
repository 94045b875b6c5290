/** What the series numbers of one connection stand for. */
import { invariant } from '@muster/shared/invariant.ts';
import { isMetricName, METRICS, type MetricName } from '@muster/shared/metrics/catalogue.ts';
import { PRESENCE_LISTS_MAX } from '@muster/shared/wire/presence.ts';
import type { SeriesDeclaration } from '@muster/shared/wire/samples.ts';
import type { MetricStore, SeriesId } from '../metrics/store.ts';

export interface NamedSeries {
  readonly metric: MetricName;
  readonly instance: string;
}

/** What a list of series numbers stands for in the metric store. */
export interface StoredList {
  /** Ids of the series that are kept: the same array object each time. */
  readonly ids: readonly SeriesId[];
  /** Places in the list of those that are kept; null: all of them are. */
  readonly places: readonly number[] | null;
  /** Place of the fill level of the agent's spool; −1: it is not among them. */
  readonly spoolPlace: number;
}

/** As many as the decoder keeps, and the one of all series. */
const LISTS_KEPT_MAX = PRESENCE_LISTS_MAX + 1;

export class SeriesBook {
  readonly #resolve: MetricStore['resolve'];
  /** null: the catalogue does not know it; its values are left out. */
  readonly #named: (NamedSeries | null)[] = [];
  #ids: (SeriesId | undefined)[] = [];
  /** Few: the decoder gives the same list object for the same series until something is declared. */
  #lists: { readonly numbers: readonly number[]; readonly stored: StoredList }[] = [];
  #ciId: string | null = null;

  constructor(resolve: MetricStore['resolve']) {
    this.#resolve = resolve;
  }

  /** Takes the next declarations and says which of them are left out, by name. */
  declare(declared: readonly SeriesDeclaration[]): string[] {
    const unknown: string[] = [];
    if (declared.length > 0) this.#lists = [];
    for (const series of declared) {
      const named = namedSeries(series);
      this.#named.push(named);
      if (!named)
        unknown.push(series.instance === '' ? series.metric : `${series.metric} ${series.instance}`);
    }
    return unknown;
  }

  name(number: number): NamedSeries | null {
    return this.#named[number] ?? null;
  }

  /** Worked out once for each list object. Ids are asked for when first needed: a live series may never be stored. */
  stored(numbers: readonly number[], ciId: string): StoredList {
    if (ciId !== this.#ciId) {
      this.#ciId = ciId;
      this.#ids = [];
      this.#lists = [];
    }
    for (const known of this.#lists) if (known.numbers === numbers) return known.stored;
    const places = [...numbers.keys()].filter((place) => this.name(numbers[place] as number) !== null);
    const stored = {
      ids: places.map((place) => this.#id(numbers[place] as number, ciId)),
      places: places.length === numbers.length ? null : places,
      spoolPlace: numbers.findIndex((number) => this.name(number)?.metric === SPOOL_METRIC),
    };
    if (this.#lists.length >= LISTS_KEPT_MAX) this.#lists.shift();
    this.#lists.push({ numbers, stored });
    return stored;
  }

  #id(number: number, ciId: string): SeriesId {
    const known = this.#ids[number];
    if (known !== undefined) return known;
    const named = this.name(number);
    invariant(named !== null, `series ${number} is kept`);
    const id = this.#resolve({ ciId, metric: named.metric, instance: named.instance });
    this.#ids[number] = id;
    return id;
  }
}

const SPOOL_METRIC: MetricName = 'agent.spool.used';

/** A name or kind beside the catalogue would become a series that nothing can show or judge. */
function namedSeries({ metric, instance, kind }: SeriesDeclaration): NamedSeries | null {
  if (!isMetricName(metric) || METRICS[metric].kind !== kind) return null;
  if (METRICS[metric].instance === 'none' && instance !== '') return null;
  return hasControlCharacter(instance) ? null : { metric, instance };
}

function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

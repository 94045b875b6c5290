/** What the series numbers of one connection stand for. */
import { isMetricName, METRICS, type MetricName } from '@muster/shared/metrics/catalogue.ts';
import { PRESENCE_LISTS_MAX } from '@muster/shared/wire/presence.ts';
import type { SeriesDeclaration } from '@muster/shared/wire/samples.ts';
import type { MetricStore, SeriesId } from '../metrics/store.ts';
import type { NamedSeries, SeriesNames } from './series-names.ts';

/** What a list of series numbers stands for in the metric store. */
export interface StoredList {
  /** Ids of the series that are kept: the same array object each time. */
  readonly ids: readonly SeriesId[];
  /** Places in the list of those that are kept; null: all of them are. */
  readonly places: readonly number[] | null;
  /** Place of the fill level of the agent's spool; −1: it is not among them. */
  readonly spoolPlace: number;
}

/** Instances come and go with containers and cables; beyond this a machine makes up names. Some 100 MB of the server's memory. */
export const SERIES_PER_MACHINE_MAX = 100_000;
/** As many as the decoder keeps, and the one of all series. */
const LISTS_KEPT_MAX = PRESENCE_LISTS_MAX + 1;

/** The catalogue does not know it, or its id was not asked for yet. */
const NONE = -1;

export class SeriesBook {
  readonly #resolve: MetricStore['resolveWithin'];
  readonly #names: SeriesNames;
  /** By series number. Typed, for there is one book for each connection. */
  #nameNos = new Int32Array(0);
  #ids = new Int32Array(0);
  /** Few: the decoder gives the same list object for the same series until something is declared. */
  #lists: { readonly numbers: readonly number[]; readonly stored: StoredList }[] = [];
  #ciId: string | null = null;
  readonly #overLimit: (left: NamedSeries) => void;

  /** `overLimit` is told of each series that is left out because its machine has too many. */
  constructor(
    resolve: MetricStore['resolveWithin'],
    names: SeriesNames,
    overLimit: (left: NamedSeries) => void,
  ) {
    this.#resolve = resolve;
    this.#names = names;
    this.#overLimit = overLimit;
  }

  /** Takes the next declarations and says which of them are left out, by name. */
  declare(declared: readonly SeriesDeclaration[]): string[] {
    const unknown: string[] = [];
    if (declared.length === 0) return unknown;
    const before = this.#nameNos.length;
    const nameNos = new Int32Array(before + declared.length).fill(NONE);
    const ids = new Int32Array(before + declared.length).fill(NONE);
    nameNos.set(this.#nameNos);
    ids.set(this.#ids);
    for (const [i, series] of declared.entries()) {
      const named = namedSeries(series);
      if (named) nameNos[before + i] = this.#names.hold(named);
      else unknown.push(series.instance === '' ? series.metric : `${series.metric} ${series.instance}`);
    }
    this.#nameNos = nameNos;
    this.#ids = ids;
    this.#lists = [];
    return unknown;
  }

  /** null: the catalogue does not know it; its values are left out. */
  name(number: number): NamedSeries | null {
    const nameNo = this.#nameNos[number] ?? NONE;
    return nameNo === NONE ? null : this.#names.at(nameNo);
  }

  /** Nothing is asked of it any more. */
  close(): void {
    for (const nameNo of this.#nameNos) if (nameNo !== NONE) this.#names.release(nameNo);
    this.#nameNos = new Int32Array(0);
    this.#ids = new Int32Array(0);
    this.#lists = [];
  }

  /** Worked out once for each list object. Ids are asked for when first needed: a live series may never be stored. */
  stored(numbers: readonly number[], ciId: string): StoredList {
    if (ciId !== this.#ciId) {
      this.#ciId = ciId;
      this.#ids.fill(NONE);
      this.#lists = [];
    }
    for (const known of this.#lists) if (known.numbers === numbers) return known.stored;
    const ids: SeriesId[] = [];
    const places: number[] = [];
    for (const [place, number] of numbers.entries()) {
      const id = this.#id(number, ciId);
      if (id === null) continue;
      ids.push(id);
      places.push(place);
    }
    const stored = {
      ids,
      places: places.length === numbers.length ? null : places,
      spoolPlace: numbers.findIndex((number) => this.name(number)?.metric === SPOOL_METRIC),
    };
    if (this.#lists.length >= LISTS_KEPT_MAX) this.#lists.shift();
    this.#lists.push({ numbers, stored });
    return stored;
  }

  /** null: its values are left out. */
  #id(number: number, ciId: string): SeriesId | null {
    const known = this.#ids[number] ?? NONE;
    if (known !== NONE) return known;
    const named = this.name(number);
    if (named === null) return null;
    const id = this.#resolve(
      { ciId, metric: named.metric, instance: named.instance },
      SERIES_PER_MACHINE_MAX,
    );
    if (id === null) this.#overLimit(named);
    else this.#ids[number] = id;
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

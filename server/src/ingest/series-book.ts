/** What the series numbers of one connection stand for. */
import { isMetricName, METRICS, type MetricName } from '@muster/shared/metrics/catalogue.ts';
import type { SeriesDeclaration } from '@muster/shared/wire/samples.ts';
import type { MetricStore, SeriesId } from '../metrics/store.ts';

export interface NamedSeries {
  readonly metric: MetricName;
  readonly instance: string;
}

export class SeriesBook {
  readonly #resolve: MetricStore['resolve'];
  /** null: the catalogue does not know it; its values are left out. */
  readonly #named: (NamedSeries | null)[] = [];
  #ids: (SeriesId | undefined)[] = [];
  #ciId: string | null = null;

  constructor(resolve: MetricStore['resolve']) {
    this.#resolve = resolve;
  }

  /** Takes the next declarations and says which of them are left out, by name. */
  declare(declared: readonly SeriesDeclaration[]): string[] {
    const unknown: string[] = [];
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

  /** Id in the metric store; null for what is left out. Ids are asked for when first needed: a live series may never be stored. */
  id(number: number, ciId: string): SeriesId | null {
    if (ciId !== this.#ciId) {
      this.#ciId = ciId;
      this.#ids = [];
    }
    const known = this.#ids[number];
    if (known !== undefined) return known;
    const named = this.name(number);
    if (!named) return null;
    const id = this.#resolve({ ciId, metric: named.metric, instance: named.instance });
    this.#ids[number] = id;
    return id;
  }
}

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

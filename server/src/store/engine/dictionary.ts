/** Dictionary of series: identity ↔ dense id, and for each machine its list of series. */
import { invariant } from '@muster/shared/invariant.ts';
import { isMetricName, type MetricName, metricDefinition } from '@muster/shared/metrics/catalogue.ts';
import type { SeriesId, SeriesIdentity } from '../../metrics/store.ts';
import { DECIMALS_MAX } from './numbers.ts';

/** Dense number of a machine, in the order in which their first series came. */
export type MachineNo = number;

export interface SeriesDefinition {
  readonly id: SeriesId;
  readonly ciId: string;
  readonly metric: string;
  readonly instance: string;
  readonly decimals: number;
}

/** Ids grow without holes, except where a definition was lost with a damaged journal record. */
export class SeriesDictionary {
  readonly #definitions: (SeriesDefinition | undefined)[] = [];
  readonly #machines = new Map<string, MachineNo>();
  /** Per machine: id by metric and instance. */
  readonly #ids: Map<string, SeriesId>[] = [];
  readonly #series: SeriesId[][] = [];
  readonly #byMetric = new Map<string, SeriesId[]>();
  /** By series id; read in the hot path. */
  readonly machineOf: MachineNo[] = [];
  readonly slotOf: number[] = [];
  readonly isCounter: boolean[] = [];
  readonly decimals: (number | undefined)[] = [];

  /** One more than the highest id. */
  get size(): number {
    return this.#definitions.length;
  }
  get machineCount(): number {
    return this.#series.length;
  }

  find({ ciId, metric, instance }: SeriesIdentity): SeriesId | undefined {
    const machine = this.#machines.get(ciId);
    return machine === undefined ? undefined : this.#ids[machine]?.get(nameOf(metric, instance));
  }

  /** A new definition with the next id; it is not in the dictionary until `add`. */
  define({ ciId, metric, instance }: SeriesIdentity): SeriesDefinition {
    const decimals = Math.min(metricDefinition(metric).decimals, DECIMALS_MAX);
    return { id: this.size, ciId, metric, instance, decimals };
  }

  /** False if a later one came before: a machine's slots follow from the order of ids. */
  add(definition: SeriesDefinition): boolean {
    const { id, ciId, metric, instance, decimals } = definition;
    if (id < this.size) return false;
    for (let lost = this.size; lost < id; lost++) this.#skip(lost);
    const machine = this.#machines.get(ciId) ?? this.#addMachine(ciId);
    const series = this.#series[machine] as SeriesId[];
    this.#definitions[id] = definition;
    this.machineOf[id] = machine;
    this.slotOf[id] = series.length;
    this.isCounter[id] = isMetricName(metric) && metricDefinition(metric).kind === 'counter';
    this.decimals[id] = decimals;
    this.#ids[machine]?.set(nameOf(metric, instance), id);
    series.push(id);
    const sameMetric = this.#byMetric.get(metric);
    if (sameMetric === undefined) this.#byMetric.set(metric, [id]);
    else sameMetric.push(id);
    return true;
  }

  has(id: SeriesId): boolean {
    return this.#definitions[id] !== undefined;
  }

  identity(id: SeriesId): SeriesIdentity {
    const definition = this.#definitions[id];
    invariant(definition !== undefined, `series ${id} was resolved`);
    const { ciId, metric, instance } = definition;
    return { ciId, metric: metric as MetricName, instance };
  }

  machine(ciId: string): MachineNo | undefined {
    return this.#machines.get(ciId);
  }

  /** Series of a machine by slot. */
  seriesOf(machine: MachineNo): readonly SeriesId[] {
    return this.#series[machine] ?? [];
  }

  seriesOfMetric(metric: MetricName): readonly SeriesId[] {
    return this.#byMetric.get(metric) ?? [];
  }

  /** Series of a machine whose metric is still in the catalogue. */
  known(machine: MachineNo): readonly SeriesId[] {
    return this.seriesOf(machine).filter((id) => isMetricName(this.#definitions[id]?.metric ?? ''));
  }

  #addMachine(ciId: string): MachineNo {
    const machine = this.#series.length;
    this.#machines.set(ciId, machine);
    this.#series.push([]);
    this.#ids.push(new Map());
    return machine;
  }

  #skip(id: SeriesId): void {
    this.#definitions[id] = undefined;
    this.machineOf[id] = -1;
    this.slotOf[id] = -1;
    this.isCounter[id] = false;
    this.decimals[id] = undefined;
  }
}

function nameOf(metric: string, instance: string): string {
  return `${metric}\0${instance}`;
}

/** Dictionary of series: identity ↔ dense id, and for each machine its list of series. */
import { invariant } from '@muster/shared/invariant.ts';
import { isMetricName, type MetricName, metricDefinition } from '@muster/shared/metrics/catalogue.ts';
import type { SeriesId, SeriesIdentity } from '../../metrics/store.ts';
import { grown } from './grown.ts';
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

/** Metric and instance: thousands of machines share a few hundred of them. */
interface SeriesName {
  readonly metric: string;
  readonly instance: string;
  readonly isCounter: boolean;
  readonly isKnown: boolean;
}

const NOTHING = -1;
const CAPACITY_FIRST = 1024;
/** Knuth's multiplicative hashing: 2^32 divided by the golden ratio. */
const HASH_FACTOR = 0x9e37_79b1;

/** Ids grow without holes, except where a definition was lost with a damaged journal record. */
export class SeriesDictionary {
  readonly #names: SeriesName[] = [];
  readonly #nameNos = new Map<string, number>();
  readonly #ciIds: string[] = [];
  readonly #machines = new Map<string, MachineNo>();
  readonly #series: SeriesId[][] = [];
  readonly #byMetric = new Map<string, SeriesId[]>();
  /** By series id; NOTHING where the definition was lost. */
  #nameOf = new Int32Array(CAPACITY_FIRST);
  /** By series id; read in the hot path. */
  machineOf = new Int32Array(CAPACITY_FIRST);
  slotOf = new Int32Array(CAPACITY_FIRST);
  isCounter = new Uint8Array(CAPACITY_FIRST);
  decimals = new Uint8Array(CAPACITY_FIRST);
  /** Open addressing over (machine, name): id + 1, or 0 where there is none; at most half full. */
  #found = new Int32Array(2 * CAPACITY_FIRST);
  #size = 0;

  /** One more than the highest id. */
  get size(): number {
    return this.#size;
  }
  get machineCount(): number {
    return this.#series.length;
  }

  find({ ciId, metric, instance }: SeriesIdentity): SeriesId | undefined {
    const machine = this.#machines.get(ciId);
    const nameNo = this.#nameNos.get(nameOf(metric, instance));
    if (machine === undefined || nameNo === undefined) return undefined;
    const found = this.#found[this.#place(machine, nameNo)] as number;
    return found === 0 ? undefined : found - 1;
  }

  /** A new definition with the next id; it is not in the dictionary until `add`. */
  define({ ciId, metric, instance }: SeriesIdentity): SeriesDefinition {
    const decimals = Math.min(metricDefinition(metric).decimals, DECIMALS_MAX);
    return { id: this.size, ciId, metric, instance, decimals };
  }

  /** False if a later one came before: a machine's slots follow from the order of ids. */
  add({ id, ciId, metric, instance, decimals }: SeriesDefinition): boolean {
    if (id < this.#size) return false;
    this.#reserve(id + 1);
    this.#nameOf.fill(NOTHING, this.#size, id);
    this.machineOf.fill(NOTHING, this.#size, id);
    const machine = this.#machines.get(ciId) ?? this.#addMachine(ciId);
    const nameNo = this.#nameNos.get(nameOf(metric, instance)) ?? this.#addName(metric, instance);
    const series = this.#series[machine] as SeriesId[];
    this.#nameOf[id] = nameNo;
    this.machineOf[id] = machine;
    this.slotOf[id] = series.length;
    this.isCounter[id] = this.#names[nameNo]?.isCounter ? 1 : 0;
    this.decimals[id] = decimals;
    this.#found[this.#place(machine, nameNo)] = id + 1;
    this.#size = id + 1;
    series.push(id);
    const sameMetric = this.#byMetric.get(metric);
    if (sameMetric === undefined) this.#byMetric.set(metric, [id]);
    else sameMetric.push(id);
    return true;
  }

  has(id: SeriesId): boolean {
    return id < this.#size && this.#nameOf[id] !== NOTHING;
  }

  identity(id: SeriesId): SeriesIdentity {
    invariant(this.has(id), `series ${id} was resolved`);
    const { metric, instance } = this.#names[this.#nameOf[id] as number] as SeriesName;
    return {
      ciId: this.#ciIds[this.machineOf[id] as number] as string,
      metric: metric as MetricName,
      instance,
    };
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
    return this.seriesOf(machine).filter((id) => this.#names[this.#nameOf[id] as number]?.isKnown);
  }

  #addMachine(ciId: string): MachineNo {
    const machine = this.#series.length;
    this.#machines.set(ciId, machine);
    this.#ciIds.push(ciId);
    this.#series.push([]);
    return machine;
  }

  #addName(metric: string, instance: string): number {
    const nameNo = this.#names.length;
    const isKnown = isMetricName(metric);
    const isCounter = isKnown && metricDefinition(metric).kind === 'counter';
    this.#names.push({ metric, instance, isCounter, isKnown });
    this.#nameNos.set(nameOf(metric, instance), nameNo);
    return nameNo;
  }

  /** Where the series of this machine and name is found, or would be put. */
  #place(machine: MachineNo, nameNo: number): number {
    const mask = this.#found.length - 1;
    let place = (Math.imul(Math.imul(machine, HASH_FACTOR) ^ nameNo, HASH_FACTOR) >>> 7) & mask;
    for (;;) {
      const id = (this.#found[place] as number) - 1;
      if (id < 0 || (this.machineOf[id] === machine && this.#nameOf[id] === nameNo)) return place;
      place = (place + 1) & mask;
    }
  }

  #reserve(count: number): void {
    if (count <= this.machineOf.length) return;
    const capacity = 2 ** Math.ceil(Math.log2(count));
    this.#nameOf = grown(this.#nameOf, new Int32Array(capacity));
    this.machineOf = grown(this.machineOf, new Int32Array(capacity));
    this.slotOf = grown(this.slotOf, new Int32Array(capacity));
    this.isCounter = grown(this.isCounter, new Uint8Array(capacity));
    this.decimals = grown(this.decimals, new Uint8Array(capacity));
    this.#found = new Int32Array(2 * capacity);
    for (let id = 0; id < this.#size; id++) {
      const nameNo = this.#nameOf[id] as number;
      if (nameNo !== NOTHING) this.#found[this.#place(this.machineOf[id] as number, nameNo)] = id + 1;
    }
  }
}

function nameOf(metric: string, instance: string): string {
  return `${metric}\0${instance}`;
}

/** What is worked out once for a list of series and not for each sample: the same list comes with every tick. */
import type { SeriesId } from '../../metrics/store.ts';
import type { MachineNo, SeriesDictionary } from './dictionary.ts';
import type { Latest } from './latest.ts';
import type { RecordTick } from './record.ts';

export class ListPlan {
  readonly machine: MachineNo;
  readonly slots: Int32Array;
  /** One more than the highest slot. */
  readonly slotsEnd: number;
  /** The first slot where the others follow one by one; −1 where they do not. */
  readonly firstSlot: number;
  /** Places in the list that hold counters, and those that do not. */
  readonly #counters: Int32Array;
  readonly #gauges: Int32Array;
  readonly #slotSet: Uint8Array;

  /** null: the series are not all of one machine. */
  static of(series: readonly SeriesId[], dictionary: SeriesDictionary): ListPlan | null {
    const machine = dictionary.machineOf[series[0] ?? -1];
    if (machine === undefined || series.some((id) => dictionary.machineOf[id] !== machine)) return null;
    return new ListPlan(machine, series, dictionary);
  }

  private constructor(machine: MachineNo, series: readonly SeriesId[], dictionary: SeriesDictionary) {
    this.machine = machine;
    this.slots = Int32Array.from(series, (id) => dictionary.slotOf[id] as number);
    const first = this.slots[0] as number;
    this.slotsEnd = this.slots.reduce((max, slot) => Math.max(max, slot), -1) + 1;
    this.firstSlot = this.slots.every((slot, i) => slot === first + i) ? first : -1;
    this.#counters = placesWhere(series, (id) => dictionary.isCounter[id] === 1);
    this.#gauges = placesWhere(series, (id) => dictionary.isCounter[id] === 0);
    this.#slotSet = new Uint8Array(this.slotsEnd);
    for (const slot of this.slots) this.#slotSet[slot] = 1;
  }

  has(slot: number): boolean {
    return this.#slotSet[slot] === 1;
  }

  /** Makes a tick that is newer than the newest of each of its series the latest. */
  showLatest(latest: Latest, { atMs, series, values }: RecordTick): void {
    const gauges = this.#gauges;
    for (let i = 0; i < gauges.length; i++) {
      const place = gauges[i] as number;
      latest.updateGauge(series[place] as SeriesId, atMs, values[place] as number);
    }
    const counters = this.#counters;
    for (let i = 0; i < counters.length; i++) {
      const place = counters[i] as number;
      latest.updateCounter(series[place] as SeriesId, atMs, values[place] as number);
    }
  }
}

function placesWhere(series: readonly SeriesId[], holds: (id: SeriesId) => boolean): Int32Array {
  return Int32Array.from(series.flatMap((id, place) => (holds(id) ? place : [])));
}

/** Gathers what comes in one turn of the loop, and while an earlier lot is under way, into one call. */
import { setImmediate as othersTurn } from 'node:timers/promises';

interface Waiting<In, Out> {
  readonly item: In;
  readonly resolve: (value: Out) => void;
  readonly reject: (error: unknown) => void;
}

export class Batch<In, Out> {
  readonly #run: (items: readonly In[]) => Promise<readonly Out[]>;
  readonly #itemsMax: number;
  #waiting: Waiting<In, Out>[] = [];
  #running = false;

  /** `run` answers in the order of its items; when it fails all of them fail. */
  constructor(run: (items: readonly In[]) => Promise<readonly Out[]>, itemsMax: number) {
    this.#run = run;
    this.#itemsMax = itemsMax;
  }

  add(item: In): Promise<Out> {
    const answer = new Promise<Out>((resolve, reject) => this.#waiting.push({ item, resolve, reject }));
    if (!this.#running) void this.#drain();
    return answer;
  }

  async #drain(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      await othersTurn();
      await this.#lot(this.#waiting.splice(0, this.#itemsMax));
    }
    this.#running = false;
  }

  async #lot(lot: readonly Waiting<In, Out>[]): Promise<void> {
    try {
      const answers = await this.#run(lot.map(({ item }) => item));
      for (const [i, { resolve }] of lot.entries()) resolve(answers[i] as Out);
    } catch (error) {
      for (const { reject } of lot) reject(error);
    }
  }
}

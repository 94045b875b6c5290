/** Highest sequence number per agent, of its newest epoch only. */
import type { Delivery } from './store.ts';

export class DeliveryMarks {
  readonly #marks = new Map<string, { epoch: string; seq: number }>();

  /** A delivery of another epoch than the last begins anew: epochs come in the order of the calls. */
  record({ agentId, epoch, seq }: Delivery): void {
    const mark = this.#marks.get(agentId);
    if (mark?.epoch === epoch) mark.seq = Math.max(mark.seq, seq);
    else this.#marks.set(agentId, { epoch, seq });
  }

  /** 0 if nothing of this epoch is known. */
  delivered(agentId: string, epoch: string): number {
    const mark = this.#marks.get(agentId);
    return mark?.epoch === epoch ? mark.seq : 0;
  }

  get(agentId: string): Delivery | undefined {
    const mark = this.#marks.get(agentId);
    return mark === undefined ? undefined : { agentId, ...mark };
  }
}

/** Up to which number nothing of a collector, section or field leaves the spool any more. Pure. */
import type { LeftOutMark } from './spool-file.ts';
import type { SwitchedOff } from './switched-off.ts';

const KINDS = { collectors: 'collectorsOff', sections: 'sectionsOff', fields: 'fieldsOff' } as const;
type Kind = keyof typeof KINDS;

export class LeftOut {
  #seqMax = new Map<string, number>();

  get marks(): LeftOutMark[] {
    return [...this.#seqMax].map(([what, seqMax]) => ({ what, seqMax }));
  }

  restore(marks: readonly LeftOutMark[]): void {
    this.#seqMax = new Map(marks.map(({ what, seqMax }) => [what, seqMax]));
  }

  /** Of all that is `off`, whatever was written up to `seq`. false: nothing is off. */
  add(off: SwitchedOff, seq: number): boolean {
    const all = Object.entries(KINDS).flatMap(([kind, list]) =>
      (off[list] ?? []).map((name) => `${kind}.${name}`),
    );
    for (const what of all) this.#seqMax.set(what, seq);
    return all.length > 0;
  }

  /** What is off for the entry with this number; null: nothing. */
  of(seq: number): SwitchedOff | null {
    const names: Record<Kind, string[]> = { collectors: [], sections: [], fields: [] };
    let any = false;
    for (const [what, seqMax] of this.#seqMax) {
      if (seqMax < seq) continue;
      any = true;
      const dot = what.indexOf('.');
      names[what.slice(0, dot) as Kind]?.push(what.slice(dot + 1));
    }
    return any
      ? { collectorsOff: names.collectors, sectionsOff: names.sections, fieldsOff: names.fields }
      : null;
  }

  /** Everything up to `seq` has left the spool. false: that changes nothing. */
  forget(seq: number): boolean {
    const before = this.#seqMax.size;
    for (const [what, seqMax] of this.#seqMax) if (seqMax <= seq) this.#seqMax.delete(what);
    return this.#seqMax.size < before;
  }

  /** Entries are numbered anew, `offset` lower. */
  renumber(offset: number): void {
    this.#seqMax = new Map([...this.#seqMax].map(([what, seqMax]) => [what, seqMax - offset]));
    this.forget(0);
  }
}

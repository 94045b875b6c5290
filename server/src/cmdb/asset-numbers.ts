/** Who has which asset number, in memory and always current: no two CIs have the same. */
import { assetNumberKey } from '@muster/shared/cmdb/asset-number.ts';
import { AppError } from '../errors.ts';
import type { Ci } from './store.ts';

export interface NumberHolder {
  readonly id: string;
  readonly name: string;
  readonly class: Ci['class'];
  readonly assetNumber: string;
}

type Numbered = Pick<Ci, 'id' | 'name' | 'class' | 'assetNumber'>;

export class AssetNumbers {
  readonly #holders = new Map<string, NumberHolder>();
  readonly #keys = new Map<string, string>();

  holderOf(number: string): NumberHolder | undefined {
    return this.#holders.get(assetNumberKey(number));
  }

  put({ id, name, class: ciClass, assetNumber }: Numbered): void {
    const before = this.#keys.get(id);
    if (before !== undefined && this.#holders.get(before)?.id === id) this.#holders.delete(before);
    if (assetNumber === null) {
      this.#keys.delete(id);
      return;
    }
    const key = assetNumberKey(assetNumber);
    this.#keys.set(id, key);
    this.#holders.set(key, { id, name, class: ciClass, assetNumber });
  }

  /** Of CIs that are stored together: one may take over what another gives up. @throws AppError asset-number-taken */
  requireUnique(cis: readonly Numbered[]): void {
    const changed = new Map(cis.map((ci) => [ci.id, ci]));
    const wanted = new Map<string, Numbered>();
    for (const ci of cis) {
      if (ci.assetNumber === null) continue;
      const key = assetNumberKey(ci.assetNumber);
      const holder = this.#holders.get(key);
      const keeper = holder && !changed.has(holder.id) ? holder : wanted.get(key);
      if (keeper && keeper.id !== ci.id)
        throw new AppError(
          'asset-number-taken',
          `The asset number ${ci.assetNumber} belongs to ${keeper.name} (${keeper.id}).`,
        );
      wanted.set(key, ci);
    }
  }
}

/**
 * The register of software: every product with its versions and how many machines have them, in memory. What reports change is
 * marked and counted anew behind them, package by package, so that no request reads all installations.
 */
import { createHash } from 'node:crypto';
import type { SoftwareDetail, SoftwareProduct } from '@muster/shared/api/software.ts';
import { toIso } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import { productOf } from './product.ts';
import type { CountRow, KnownPackage, ProductWord, SoftwareStore } from './store.ts';
import { compareVersions, familyOf, type VersionFamily } from './version.ts';

/** Packages that are counted anew in one go; others are served between two. */
const RECOUNT_PACKAGES = 2;
/** Time of one turn; what is left waits for the next second. */
const TURN_MS = 60;

export interface ProductRow extends CountRow {
  readonly package: KnownPackage;
  readonly family: VersionFamily;
}

interface Product {
  readonly id: string;
  readonly name: string;
  readonly publisher: string | null;
  readonly rows: Map<string, ProductRow>;
  summary: SoftwareProduct | null;
}

export interface RegisterQuery {
  readonly q?: string | undefined;
  readonly source?: string | undefined;
  readonly outdated?: boolean;
  readonly sort: 'name' | 'installs' | 'outdated' | 'versions';
}

interface RegisterDeps {
  readonly store: SoftwareStore;
  readonly monotonicMs: () => number;
  readonly breathe: () => Promise<void>;
}

export class SoftwareRegister {
  readonly #deps: RegisterDeps;
  readonly #packages = new Map<number, KnownPackage>();
  readonly #idOfKey = new Map<string, number>();
  readonly #products = new Map<string, Product>();
  /** Products that hold rows of a package. */
  readonly #homes = new Map<number, Set<string>>();
  readonly #words = new Map<string, ProductWord>();
  /** Packages whose counts may be old. */
  readonly #marked = new Set<number>();
  #total = 0;
  #turning = false;
  #sorted: { key: string; items: readonly SoftwareProduct[] } | null = null;

  private constructor(deps: RegisterDeps) {
    this.#deps = deps;
  }

  static async open(deps: RegisterDeps): Promise<SoftwareRegister> {
    const register = new SoftwareRegister(deps);
    for (const word of await deps.store.words()) register.#words.set(word.id, word);
    await register.#readPackages();
    for (const row of await deps.store.counts()) register.#put(row);
    // A server that died between a report and its count makes it good.
    register.#mark(register.#packages.keys());
    return register;
  }

  /** After a report changed these packages of a machine. */
  async changed(keys: readonly string[]): Promise<void> {
    if (keys.some((key) => !this.#idOfKey.has(key))) await this.#readPackages();
    this.#mark(keys.flatMap((key) => this.#idOfKey.get(key) ?? []));
  }

  /** After machines were merged or split. */
  async changedAll(machineId: string): Promise<void> {
    this.#mark(await this.#deps.store.packageIdsOf(machineId));
  }

  /** Counts what is marked, for a part of a second. */
  async tick(): Promise<void> {
    if (this.#turning || this.#marked.size === 0) return;
    this.#turning = true;
    try {
      const startMs = this.#deps.monotonicMs();
      while (this.#marked.size > 0 && this.#deps.monotonicMs() - startMs < TURN_MS) {
        const ids = [...this.#marked.values().take(RECOUNT_PACKAGES)];
        for (const id of ids) this.#marked.delete(id);
        const rows = await this.#deps.store.recount(ids);
        for (const id of ids) this.#forget(id);
        for (const row of rows) this.#put(row);
        await this.#deps.breathe();
      }
      if (this.#marked.size === 0) this.#total = 0;
    } finally {
      this.#turning = false;
    }
  }

  /** null: everything is counted. */
  counting(): { done: number; total: number } | null {
    return this.#marked.size === 0 ? null : { done: this.#total - this.#marked.size, total: this.#total };
  }

  list({ q = '', source, outdated = false, sort }: RegisterQuery): readonly SoftwareProduct[] {
    const key = JSON.stringify([q, source, outdated, sort]);
    if (this.#sorted?.key === key) return this.#sorted.items;
    const needle = q.toLowerCase();
    const items = [...this.#products.values()]
      .map((product) => this.#summary(product))
      .filter(
        (one) =>
          (needle === '' ||
            one.name.toLowerCase().includes(needle) ||
            one.publisher?.toLowerCase().includes(needle)) &&
          (source === undefined || one.sources.includes(source)) &&
          (!outdated || one.outdated > 0),
      )
      .toSorted(
        (a, b) =>
          (sort === 'name' ? 0 : b[sort] - a[sort]) || compareText(a.name, b.name) || compareText(a.id, b.id),
      );
    this.#sorted = { key, items };
    return items;
  }

  detail(id: string): SoftwareDetail {
    const product = this.#require(id);
    const summary = this.#summary(product);
    const newest = newestByFamily(product.rows.values());
    const byVersion = new Map<string, ProductRow[]>();
    for (const row of product.rows.values()) {
      const key = `${row.family} ${row.version}`;
      const same = byVersion.get(key);
      if (same) same.push(row);
      else byVersion.set(key, [row]);
    }
    return {
      ...summary,
      byVersion: [...byVersion.values()]
        .map((rows) => {
          const { version, family } = rows[0] as ProductRow;
          return {
            version,
            family,
            installs: rows.reduce((sum, { count }) => sum + count, 0),
            packages: [...new Set(rows.map((row) => row.package.name))].toSorted(),
            newest: compareVersions(version, newest.get(family) ?? version, family) === 0,
          };
        })
        .toSorted(
          (a, b) => compareText(a.family, b.family) || compareVersions(b.version, a.version, a.family),
        ),
    };
  }

  /** Name of a product, also of one that is installed nowhere any more; null: never seen. */
  nameOf(id: string): string | null {
    return this.#products.get(this.#target(id))?.name ?? null;
  }

  /** The product that it was merged into, or itself. */
  resolve(id: string): string {
    return this.#target(id);
  }

  /** Packages of a product; a package may be of two where publishers differ. */
  packageIds(id: string): number[] {
    const product = this.#products.get(this.#target(id));
    return product ? [...new Set([...product.rows.values()].map(({ packageId }) => packageId))] : [];
  }

  package(id: number): KnownPackage | undefined {
    return this.#packages.get(id);
  }

  /** Every version of every package with the product it is of. */
  *rows(): Generator<ProductRow & { readonly productName: string }> {
    for (const { name, rows } of this.#products.values())
      for (const row of rows.values()) yield { ...row, productName: name };
  }

  productIdOf(item: Parameters<typeof productOf>[0]): string {
    return this.#target(productId(productOf(item).key));
  }

  async rename(id: string, name: string | null): Promise<void> {
    this.#require(id);
    await this.#say({ ...this.#word(id), name });
  }

  /** @throws AppError not-found, input-invalid */
  async merge(id: string, into: string | null): Promise<void> {
    if (into === null) {
      if (!this.#words.get(id)?.into)
        throw new AppError('not-found', 'This product is not merged into another.');
    } else {
      this.#require(id);
      this.#require(into);
      if (this.#target(into) === id)
        throw new AppError('input-invalid', 'A product cannot be merged into itself.');
    }
    await this.#say({ ...this.#word(id), into: into === null ? null : this.#target(into) });
  }

  #word(id: string): ProductWord {
    return this.#words.get(id) ?? { id, name: null, into: null };
  }

  async #say(word: ProductWord): Promise<void> {
    await this.#deps.store.putWord(word);
    this.#words.set(word.id, word);
    const rows = [...this.#products.values()].flatMap((product) => [...product.rows.values()]);
    this.#products.clear();
    this.#homes.clear();
    for (const row of rows) this.#put(row);
  }

  async #readPackages(): Promise<void> {
    const last = [...this.#packages.keys()].at(-1) ?? 0;
    for (const one of await this.#deps.store.packagesAfter(last)) {
      this.#packages.set(one.id, one);
      this.#idOfKey.set(one.key, one.id);
    }
  }

  #mark(ids: Iterable<number>): void {
    const before = this.#marked.size;
    for (const id of ids) this.#marked.add(id);
    this.#total += this.#marked.size - before;
  }

  #target(id: string): string {
    // A chain is followed, never in a circle.
    for (let step = 0; step < this.#words.size; step++) {
      const into = this.#words.get(id)?.into;
      if (!into) return id;
      id = into;
    }
    return id;
  }

  #put(row: CountRow): void {
    const known = this.#packages.get(row.packageId);
    if (!known) return;
    const of = productOf({
      name: known.name,
      source: known.source,
      version: row.version,
      publisher: row.publisher || null,
    });
    const own = productId(of.key);
    const id = this.#target(own);
    let product = this.#products.get(id);
    // The name is that of the product itself, not of what was merged into it.
    if (!product || (own === id && product.name !== (this.#words.get(id)?.name ?? of.name))) {
      const rows = product?.rows ?? new Map<string, ProductRow>();
      product = {
        id,
        name: this.#words.get(id)?.name ?? of.name,
        publisher: of.publisher,
        rows,
        summary: null,
      };
      this.#products.set(id, product);
    }
    product.rows.set(`${row.packageId} ${row.version} ${row.publisher}`, {
      ...row,
      package: known,
      family: familyOf(known.source),
    });
    product.summary = null;
    this.#sorted = null;
    const homes = this.#homes.get(row.packageId);
    if (homes) homes.add(id);
    else this.#homes.set(row.packageId, new Set([id]));
  }

  #forget(packageId: number): void {
    for (const id of this.#homes.get(packageId) ?? []) {
      const product = this.#products.get(id);
      if (!product) continue;
      for (const [key, row] of product.rows) if (row.packageId === packageId) product.rows.delete(key);
      product.summary = null;
      if (product.rows.size === 0) this.#products.delete(id);
    }
    this.#homes.delete(packageId);
    this.#sorted = null;
  }

  #require(id: string): Product {
    const product = this.#products.get(this.#target(id));
    if (!product) throw new AppError('not-found', `There is no product ${id}.`);
    return product;
  }

  #summary(product: Product): SoftwareProduct {
    product.summary ??= summaryOf(product, this.#words);
    return product.summary;
  }
}

function summaryOf(
  { id, name, publisher, rows }: Product,
  words: ReadonlyMap<string, ProductWord>,
): SoftwareProduct {
  const newest = newestByFamily(rows.values());
  const installsOf = new Map<VersionFamily, number>();
  let installs = 0;
  let outdated = 0;
  let firstSeenAtMs = Number.MAX_SAFE_INTEGER;
  for (const row of rows.values()) {
    installs += row.count;
    installsOf.set(row.family, (installsOf.get(row.family) ?? 0) + row.count);
    firstSeenAtMs = Math.min(firstSeenAtMs, row.firstSeenAtMs);
    if (compareVersions(row.version, newest.get(row.family) ?? row.version, row.family) < 0)
      outdated += row.count;
  }
  const [most] = [...installsOf].toSorted((a, b) => b[1] - a[1]);
  return {
    id,
    name,
    publisher,
    sources: [...new Set([...rows.values()].map((row) => row.package.source))].toSorted(),
    installs,
    versions: new Set([...rows.values()].map(({ version }) => version)).size,
    newest: (most && newest.get(most[0])) ?? '',
    outdated,
    firstSeenAt: toIso(firstSeenAtMs),
    renamed: words.get(id)?.name != null,
    merged: [...words.values()]
      .filter(({ into }) => into === id)
      .map((word) => ({ id: word.id, name: word.name ?? word.id })),
  };
}

function newestByFamily(rows: Iterable<ProductRow>): Map<VersionFamily, string> {
  const newest = new Map<VersionFamily, string>();
  for (const { version, family } of rows) {
    const best = newest.get(family);
    if (best === undefined || compareVersions(version, best, family) > 0) newest.set(family, version);
  }
  return newest;
}

const ID_DIGITS = 20;

function productId(key: string): string {
  return `sw_${createHash('sha256').update(key).digest('hex').slice(0, ID_DIGITS)}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

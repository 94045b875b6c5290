/** Port of the register of software, of what people said of products, of the rules and of the licences. */
import type { LicenceFields, SoftwareRuleFields } from '@muster/shared/api/software.ts';
import type { SoftwarePackage } from '@muster/shared/inventory/sections.ts';
import type { Millis } from '@muster/shared/time.ts';

/** A package as machines report it, whatever its version. */
export interface KnownPackage extends Pick<SoftwarePackage, 'name' | 'architecture' | 'source'> {
  readonly id: number;
  readonly key: string;
}

export interface CountRow {
  readonly packageId: number;
  readonly version: string;
  /** '': not told. */
  readonly publisher: string;
  readonly count: number;
  readonly firstSeenAtMs: Millis;
}

export interface HolderRow {
  readonly machineId: string;
  readonly machineName: string;
  readonly machineClass: string;
  readonly packageId: number;
  readonly version: string;
  readonly publisher: string | null;
  readonly firstSeenAtMs: Millis;
}

export interface ProductWord {
  readonly id: string;
  readonly name: string | null;
  readonly into: string | null;
}

export interface StoredRule extends SoftwareRuleFields {
  readonly id: string;
}
export interface StoredLicence extends LicenceFields {
  readonly id: string;
}

/** Contract. Ids of packages rise. CIs that are retired or disposed of, or turned out to be another one, hold nothing. */
export interface SoftwareStore {
  /** With a higher id, by id. */
  packagesAfter(id: number): Promise<KnownPackage[]>;
  counts(): Promise<CountRow[]>;
  /** Counts the installations of these packages anew and keeps the result. */
  recount(packageIds: readonly number[]): Promise<CountRow[]>;
  packageIdsOf(machineId: string): Promise<number[]>;
  /** By name and id of the machine, then package. */
  holders(
    packageIds: readonly number[],
    page: { readonly limit: number; readonly cursor?: string; readonly version?: string },
  ): Promise<{ items: HolderRow[]; nextCursor: string | null }>;
  /** Without order. */
  machinesWith(packageId: number): Promise<Pick<HolderRow, 'machineId' | 'version' | 'publisher'>[]>;
  words(): Promise<ProductWord[]>;
  putWord(word: ProductWord): Promise<void>;
  rules(): Promise<StoredRule[]>;
  putRule(rule: StoredRule): Promise<void>;
  deleteRule(id: string): Promise<void>;
  licences(): Promise<StoredLicence[]>;
  putLicence(licence: StoredLicence): Promise<void>;
}

/** Port of the intake: sites with their tokens, who reports there, and the latest deliveries. */
import type { IntakeDelivery, IntakeRefusalCode } from '@muster/shared/api/intake.ts';
import type { MachineClass } from '@muster/shared/cmdb/classes.ts';
import type { Millis } from '@muster/shared/time.ts';

/** What a site says about machines that are new. */
export interface IntakeScope {
  readonly site: string | null;
  readonly class: Extract<MachineClass, 'Server' | 'Workstation'> | null;
  readonly tags: readonly string[];
}

export interface IntakeSiteRecord {
  readonly id: string;
  readonly name: string;
  /** Hex of SHA-256. */
  readonly tokenHash: string;
  readonly scope: IntakeScope;
  readonly createdAtMs: Millis;
  /** null: does not expire. */
  readonly expiresAtMs: Millis | null;
  readonly revokedAtMs: Millis | null;
  readonly deliveries: number;
  readonly refused: number;
  readonly lastDeliveryAtMs: Millis | null;
  readonly lastErrorAtMs: Millis | null;
  readonly lastErrorCode: IntakeRefusalCode | null;
  readonly lastErrorDetail: string;
}

export interface DeliveryRecord {
  readonly id: string;
  readonly siteId: string;
  readonly atMs: Millis;
  readonly address: string;
  readonly clientName: string;
  readonly clientVersion: string;
  readonly deviceName: string;
  readonly itemType: string;
  readonly partial: boolean;
  readonly result: IntakeDelivery['result'];
  readonly code: IntakeRefusalCode | null;
  readonly detail: string;
  readonly ciId: string | null;
  readonly sections: readonly string[];
  readonly bodyBytes: number;
  readonly inflatedBytes: number;
}

/** One program that reports one CI at one site. */
export interface ReporterRecord {
  readonly id: string;
  /** `glpi <uuid>` where the program has an identity of its own, else program and CI; unique within its site. */
  readonly key: string;
  readonly siteId: string;
  readonly clientName: string;
  readonly clientVersion: string;
  readonly ciId: string;
  readonly firstSeenAtMs: Millis;
  readonly lastSeenAtMs: Millis;
  readonly deliveries: number;
}

export interface IntakePage {
  readonly limit: number;
  /** As `nextCursor` of the page before; undefined: from the start. */
  readonly cursor: string | undefined;
}
export interface IntakeListed<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/**
 * Contract. Each verb is one transaction; when its promise resolves, the effect is durable.
 * - Lists are newest first. `revokeSite` says false where there is none or it is revoked already.
 * - `record` adds the delivery, counts it at its site (one that was refused as refused, with its error as the last one, every
 *   other as a delivery), keeps at most `DELIVERIES_KEPT_MAX` of the site, and puts the reporter: one that is known by site
 *   and key keeps id and first date, counts on, and takes the new program, version, CI and date.
 * - `reportersOf` is of one CI, the latest first.
 */
export interface IntakeStore {
  addSite(site: IntakeSiteRecord): Promise<void>;
  site(id: string): Promise<IntakeSiteRecord | null>;
  sites(page: IntakePage): Promise<IntakeListed<IntakeSiteRecord>>;
  /** All of them, for the register in memory. */
  allSites(): Promise<readonly IntakeSiteRecord[]>;
  revokeSite(id: string, nowMs: Millis): Promise<boolean>;
  record(
    delivery: DeliveryRecord,
    reporter: Omit<ReporterRecord, 'deliveries' | 'firstSeenAtMs' | 'siteId'> | null,
  ): Promise<void>;
  deliveries(
    page: IntakePage & { siteId?: string | undefined; refused?: boolean | undefined },
  ): Promise<IntakeListed<DeliveryRecord>>;
  reporter(siteId: string, key: string): Promise<ReporterRecord | null>;
  reportersOf(ciId: string): Promise<readonly ReporterRecord[]>;
}

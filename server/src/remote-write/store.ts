/** Port of the exchange with Prometheus: what people set, and which series came from senders. */
import type { MappingFields, TargetFields } from '@muster/shared/api/remote-write.ts';
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';
import type { Millis } from '@muster/shared/time.ts';

export interface MappingRecord extends MappingFields {
  readonly id: string;
  readonly createdAtMs: Millis;
}

export interface TargetRecord extends TargetFields {
  readonly id: string;
  readonly createdAtMs: Millis;
}

/** A series that a sender made or took over from an agent that had fallen silent. */
export interface ForeignSeriesRecord {
  readonly ciId: string;
  readonly metric: MetricName;
  /** '' where there is none. */
  readonly instance: string;
  readonly mappingId: string;
  /** As in the audit log. */
  readonly sender: string;
  readonly sinceMs: Millis;
  /** When a sender reported it last, to the day. */
  readonly seenMs: Millis;
  /** The agent on the machine reports it now. */
  readonly agentReports: boolean;
}

export type ForeignSeriesKey = Pick<ForeignSeriesRecord, 'ciId' | 'metric' | 'instance'>;

/** Contract. Puts are by key and whole: of a mapping and a target the id, of a series CI, metric and instance. Lists come in the order in which their members were made. */
export interface RemoteWriteStore {
  mappings(): Promise<MappingRecord[]>;
  putMapping(mapping: MappingRecord): Promise<void>;
  /** false: there is none. */
  deleteMapping(id: string): Promise<boolean>;
  targets(): Promise<TargetRecord[]>;
  putTarget(target: TargetRecord): Promise<void>;
  deleteTarget(id: string): Promise<boolean>;
  foreignSeries(): Promise<ForeignSeriesRecord[]>;
  /** All or none. */
  putForeignSeries(series: readonly ForeignSeriesRecord[]): Promise<void>;
  /** Those that there are of them. All or none. */
  deleteForeignSeries(series: readonly ForeignSeriesKey[]): Promise<void>;
}

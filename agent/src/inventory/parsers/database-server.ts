/** What the parsers of database servers' answers give. */

export interface DatabaseServer {
  readonly product: 'db2' | 'mongodb' | 'oracle';
  /** Instance; the product where it has none. */
  readonly name: string;
  readonly version: string | null;
  readonly port: number;
  readonly active: boolean;
  readonly startedAtMs: number | null;
  /** Those that the asking account may see. */
  readonly databases: readonly Database[];
}

export interface Database {
  readonly name: string;
  readonly active: boolean;
  readonly sizeBytes: number | null;
  readonly createdAtMs: number | null;
  readonly updatedAtMs: number | null;
}

/** 'yyyy-mm-dd hh:mm:ss' of the server's clock, read as UTC; null for anything else. */
export function clockTimeMs(text: string): number | null {
  const [, day, time] = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})$/.exec(text.trim()) ?? [];
  const atMs = Date.parse(`${day}T${time}Z`);
  return Number.isNaN(atMs) ? null : atMs;
}

/** Parser of what IBM DB2's commands print. */
import { clockTimeMs, type DatabaseServer } from './database-server.ts';
import { linesOf, trimmed } from './lines.ts';

const DB2_PORT = 50_000;

/** Output of the commands; empty where one could not be run. */
export interface Db2Output {
  /** `db2ilist`: an instance a line. */
  readonly instances: string;
  /** `db2ls -c`: installed copies, fields between colons. */
  readonly installed: string;
  /** `db2 get snapshot for dbm`. */
  readonly snapshot: string;
}

/** A server for each instance; its databases are only known to an account that may connect. */
export function parseDb2({ instances, installed, snapshot }: Db2Output): DatabaseServer[] {
  const version = installedVersion(installed);
  const startedAtMs = startTimeMs(snapshot);
  return linesOf(instances)
    .map(trimmed)
    .filter((name) => name !== null)
    .filter((name) => /^[A-Za-z][\w$#@]{0,127}$/.test(name))
    .map((name) => ({
      product: 'db2',
      name,
      version,
      port: DB2_PORT,
      active: true,
      startedAtMs,
      databases: [],
    }));
}

/** '#PATH:VRMF:FIXPACK:…' heads the list; the first copy counts. */
function installedVersion(text: string): string | null {
  const copy = linesOf(text).find((line) => line.startsWith('/'));
  return trimmed(copy?.split(':')[1]);
}

/** 'Start Database Manager timestamp = 07/30/2021 05:21:15.123456'. */
function startTimeMs(text: string): number | null {
  const [, month, day, year, time] =
    /Start Database Manager timestamp\s{0,40}=\s{0,40}(\d{2})\/(\d{2})\/(\d{4}) (\d{2}:\d{2}:\d{2})/.exec(
      text,
    ) ?? [];
  return year === undefined ? null : clockTimeMs(`${year}-${month}-${day} ${time}`);
}

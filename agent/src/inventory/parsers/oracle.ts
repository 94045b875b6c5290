/** Parser of what Oracle's sqlplus answers. */
import { clockTimeMs, type DatabaseServer } from './database-server.ts';
import { linesOf, trimmed, wholeNumber } from './lines.ts';

const ORACLE_PORT = 1_521;

/** Answers of sqlplus; empty where one was refused. */
export interface OracleOutput {
  /** A line 'NAME,STATUS,VERSION,STARTED' for each instance. */
  readonly instances: string;
  /** A line 'NAME,CREATED' for each database. */
  readonly databases: string;
  /** MiB of all data files. */
  readonly mebibytes: string;
  /** When a table was last changed. */
  readonly updated: string;
}

/** Instances of one home. They share the database that answered: its size is told once, with the first. */
export function parseOracle({ instances, databases, mebibytes, updated }: OracleOutput): DatabaseServer[] {
  const size = wholeNumber(mebibytes);
  const known = rows(databases).map(([name = '', created = ''], index) => ({
    name,
    active: true,
    sizeBytes: size === null || index > 0 ? null : size * 1024 ** 2,
    createdAtMs: clockTimeMs(created),
    updatedAtMs: index > 0 ? null : clockTimeMs(updated),
  }));
  return rows(instances)
    .filter((row) => row.length === 4)
    .map(([name = '', status, version = '', started = ''], index) => ({
      product: 'oracle',
      name,
      version: trimmed(version),
      port: ORACLE_PORT,
      active: status === 'ACTIVE',
      startedAtMs: clockTimeMs(started),
      databases: index === 0 ? known : [],
    }));
}

/** Lines with commas; an error message has other words at its start. */
function rows(text: string): string[][] {
  return linesOf(text)
    .filter((line) => /^[A-Za-z][\w$#]{0,127},/.test(line))
    .map((line) => line.split(',').map((cell) => cell.trim()));
}

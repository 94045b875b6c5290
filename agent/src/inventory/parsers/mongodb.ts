/** Parser of what the MongoDB shell answers. */
import * as z from 'zod';
import type { DatabaseServer } from './database-server.ts';
import { jsonOf, trimmed, wholeNumber } from './lines.ts';

const MONGODB_PORT = 27_017;

/** Answers of the shell; empty where one was refused. */
export interface MongodbOutput {
  /** `db.version()` */
  readonly version: string;
  /** `db.adminCommand({ listDatabases: 1 }).databases`, as JSON. */
  readonly databases: string;
  /** Milliseconds since 1970 at which the server started. */
  readonly startedAt: string;
  /** Names of the databases that answered a ping. */
  readonly answering: ReadonlySet<string>;
}

const Databases = z.array(z.object({ name: z.string(), sizeOnDisk: z.number().nullish() }));

/** null where the server does not tell its version. */
export function parseMongodb({
  version,
  databases,
  startedAt,
  answering,
}: MongodbOutput): DatabaseServer | null {
  const number = /^\d[\w.+-]{0,63}$/.exec(trimmed(version) ?? '')?.[0];
  if (number === undefined) return null;
  const list = Databases.safeParse(jsonOf(databases)).data ?? [];
  return {
    product: 'mongodb',
    name: 'MongoDB',
    version: number,
    port: MONGODB_PORT,
    active: true,
    startedAtMs: wholeNumber(startedAt),
    databases: list.map(({ name, sizeOnDisk }) => ({
      name,
      active: answering.has(name),
      sizeBytes: sizeOnDisk ?? null,
      createdAtMs: null,
      updatedAtMs: null,
    })),
  };
}

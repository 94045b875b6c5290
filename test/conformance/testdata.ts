/** Where the recorded sets are. */
import { resolve } from 'node:path';

/** MUSTER_TESTDATA, else `../shared/testdata`, both relative to the repository's root. */
export function testdataFolder(): string {
  return resolve(import.meta.dirname, '../..', process.env['MUSTER_TESTDATA'] ?? '../shared/testdata');
}

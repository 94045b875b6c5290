/** Port of the search over what is too much to hold in memory: incidents and software. */
import type { Incident } from '../incidents/store.ts';
import type { MergedName, SerialPart } from './ci-index.ts';

export type FoundIncident = Pick<
  Incident,
  'id' | 'ref' | 'title' | 'state' | 'priority' | 'ciName' | 'openedAtMs'
>;

/** Words are in lower case; each must be there, letter by letter. Nothing is ranked here. */
export interface SearchStore {
  /** By reference, title in either language or name of the CI; newest first. May hold some that only seem to match. */
  incidents(words: readonly string[], limit: number): Promise<FoundIncident[]>;
  /** Names of packages, each once. */
  softwareNames(words: readonly string[], limit: number): Promise<string[]>;
  /** On how many machines packages of these names are installed; names without any are left out. */
  installationCounts(names: readonly string[]): Promise<Map<string, number>>;
  /** CIs that turned out to be another one. */
  mergedNames(): Promise<MergedName[]>;
  /** Components that are not removed, by id, `after` the last one of the page before. */
  components(after: string | null, limit: number): Promise<SerialPart[]>;
}

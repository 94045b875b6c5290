/** The groups of the configuration of agents, each change a version: made, read, restored. Held in memory, because every connection asks. */
import type { ConfigGroups, ConfigSettings } from '@muster/shared/api/agent-config.ts';
import { collectedKinds, PROCESS_SWITCHES } from '@muster/shared/privacy/collected.ts';
import { COLLECTOR_PURPOSES } from '@muster/shared/privacy/collectors.ts';
import { isSectionSwitchable } from '@muster/shared/privacy/fields.ts';
import type { Millis } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import type { AgentConfigStore, StoredVersion, VersionHead } from './store.ts';

/**
 * A server that was put back from a backup makes its next version above what its agents say they have taken, but not for one of them
 * that says any number: then no numbers would be left.
 */
export const VERSIONS_SKIPPED_MAX = 1_000;

export interface PresentVersion extends Omit<StoredVersion, 'atMs' | 'by'> {
  /** null: nobody has changed anything yet. */
  readonly atMs: Millis | null;
  readonly by: string | null;
}

export interface MadeVersion extends PresentVersion {
  /** The contents of the version in whose place it came. */
  readonly before: ConfigGroups;
}

export interface ConfigVersions {
  current(): PresentVersion;
  /** @throws AppError `conflict` when `basedOn` is not the present one any more, `input-invalid` */
  save(content: ConfigGroups, basedOn: number, actor: string, nowMs: Millis): Promise<MadeVersion>;
  /** @throws AppError `not-found`, `input-invalid` when it has become more than an agent can be told */
  restore(version: number, actor: string, nowMs: Millis): Promise<MadeVersion>;
  /** @throws AppError `not-found` */
  version(version: number): Promise<PresentVersion>;
  versions(page: { readonly limit: number; readonly below: number | null }): Promise<VersionHead[]>;
  /** Called after each new version. */
  onChange(listener: () => void): void;
}

const NOTHING_SAID: PresentVersion = {
  version: 0,
  atMs: null,
  by: null,
  restoredFrom: null,
  content: { everybody: {}, groups: [] },
};

/**
 * @param highestTaken the highest version that any agent says it works by
 * @param oversized why contents are more than an agent can be told; null: they are not
 */
export async function createConfigVersions(
  store: AgentConfigStore,
  highestTaken: () => number,
  oversized: (content: ConfigGroups) => string | null,
): Promise<ConfigVersions> {
  let current: PresentVersion = (await store.current()) ?? NOTHING_SAID;
  const listeners: (() => void)[] = [];

  async function add(
    made: Pick<StoredVersion, 'content' | 'restoredFrom' | 'by' | 'atMs'>,
  ): Promise<MadeVersion> {
    const tooLarge = oversized(made.content);
    if (tooLarge !== null) throw new AppError('input-invalid', tooLarge);
    const before = current.content;
    const taken = Math.min(highestTaken(), current.version + VERSIONS_SKIPPED_MAX);
    const next: StoredVersion = { ...made, version: Math.max(current.version, taken) + 1 };
    if (!(await store.add(next))) throw conflict();
    current = next;
    for (const listener of listeners) listener();
    return { ...next, before };
  }

  async function version(number: number): Promise<PresentVersion> {
    if (number === 0) return NOTHING_SAID;
    const found = await store.version(number);
    if (!found) throw new AppError('not-found', `There is no version ${number}.`);
    return found;
  }

  return {
    current: () => current,
    async save(content, basedOn, by, atMs) {
      if (basedOn !== current.version) throw conflict();
      const problem = problemOf(content);
      if (problem !== null) throw new AppError('input-invalid', problem);
      return add({ content, by, atMs, restoredFrom: null });
    },
    restore: async (number, by, atMs) =>
      add({ content: (await version(number)).content, by, atMs, restoredFrom: number }),
    version,
    versions: (page) => store.versions(page),
    onChange: (listener) => void listeners.push(listener),
  };
}

function conflict(): AppError {
  return new AppError('conflict', 'Somebody else has made a version meanwhile.');
}

/** What cannot be meant, in words; null: nothing. */
export function problemOf({ everybody, groups }: ConfigGroups): string | null {
  const names = new Set<string>();
  for (const { name, of, settings } of groups) {
    if (names.has(name)) return `Two groups are called "${name}".`;
    names.add(name);
    if (of.tags.length + of.classes.length + of.sites.length === 0)
      return `Group "${name}" does not say whom it is of: name a tag, a class or a site.`;
    // Without its list of software a server may count as a workstation, leave the group, count as a server again …
    if (of.classes.length > 0 && isSoftwareOff(settings))
      return `Group "${name}" is chosen by class, and the class follows from the software: choose by tag or site to switch the software off.`;
    const problem = unknownName(settings);
    if (problem !== null) return `Group "${name}": ${problem}`;
  }
  return unknownName(everybody);
}

function isSoftwareOff({ sections, fields }: ConfigSettings): boolean {
  return sections?.software === false || fields?.['software.packages'] === false;
}

const FIELDS = new Set<string>([
  ...PROCESS_SWITCHES,
  ...collectedKinds().flatMap(({ fields }) =>
    fields.filter(({ switchable }) => switchable).map(({ path }) => path),
  ),
]);

function unknownName({ collectors, sections, fields }: ConfigSettings): string | null {
  const wrong = <T>(names: Readonly<Record<string, T>> | undefined, is: (name: string) => boolean) =>
    Object.keys(names ?? {}).find((name) => !is(name));
  const collector = wrong(collectors, (name) => name in COLLECTOR_PURPOSES);
  if (collector !== undefined) return `there is no collector "${collector}".`;
  const section = wrong(sections, isSectionSwitchable);
  if (section !== undefined) return `there is no section "${section}" that can be switched.`;
  const field = wrong(fields, (name) => FIELDS.has(name));
  return field === undefined ? null : `there is no field "${field}" that can be switched.`;
}

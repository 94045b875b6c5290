/** Answers one question with the best machines, other records, parts, incidents, packages and people. */
import { MACHINE_CLASSES, RECORD_CLASSES } from '@muster/shared/cmdb/classes.ts';
import type { SearchMatch, SearchResult } from '@muster/shared/api/search.ts';
import type { UserRecord } from '../access/store.ts';
import type { Cmdb } from '../cmdb/cmdb.ts';
import type { Ci, CmdbStore } from '../cmdb/store.ts';
import { pause } from '../pause.ts';
import type { RelationGraph } from '../relations/graph.ts';
import {
  CiIndex,
  type IndexedMachine,
  type IndexedPart,
  type IndexedRecord,
  type SerialPart,
} from './ci-index.ts';
import { bestKey, type Found, type Question, questionOf, rankOf, searchKey } from './find-keys.ts';
import type { FoundIncident, SearchStore } from './store.ts';

export interface Search {
  /** Reads the machines into memory; questions before its end find what is there so far. */
  start(): Promise<void>;
  ask(text: string, limit: number): Promise<Answer>;
}

interface Group<T> {
  readonly items: T[];
  readonly more: boolean;
}
export interface Answer {
  readonly machines: Group<Found<IndexedMachine>>;
  readonly records: Group<Found<IndexedRecord>>;
  readonly parts: Group<Found<IndexedPart>>;
  readonly incidents: Group<{ readonly item: FoundIncident; readonly match: SearchMatch }>;
  readonly software: SearchResult['software'];
  readonly users: Group<UserRecord>;
}

export interface SearchDeps {
  readonly cmdb: Pick<Cmdb, 'onApplied'>;
  readonly machines: Pick<CmdbStore, 'findCis'>;
  readonly graph: Pick<RelationGraph, 'from' | 'to' | 'onChange'>;
  readonly store: SearchStore;
  readonly users: () => Promise<UserRecord[]>;
}

/** Rows read at once while the index is filled; others have their turn in between. */
const FILL_ROWS = 500;
/** Incidents and names looked at for one question; the best of the newest. */
const INCIDENTS_LOOKED_AT_MAX = 200;
const NAMES_LOOKED_AT_MAX = 2_000;

export function createSearch({ cmdb, machines, graph, store, users }: SearchDeps): Search {
  const index = new CiIndex(graph);
  cmdb.onApplied((set) => index.apply(set));
  graph.onChange((edges) => index.applyEdges(edges));

  async function incidents(question: Question, limit: number): Promise<Answer['incidents']> {
    const numbered = withFullNumbers(question);
    const found = await store.incidents(wordsOf(question), INCIDENTS_LOOKED_AT_MAX);
    const known = new Set(found.map(({ id }) => id));
    if (numbered !== null)
      for (const item of await store.incidents(wordsOf(numbered), INCIDENTS_LOOKED_AT_MAX))
        if (!known.has(item.id)) found.push(item);
    const ranked = found.flatMap((item) => {
      const { ref, title, ciName } = item;
      const keys = [searchKey('ref', ref), searchKey('title', title.en), searchKey('title', title.zh)];
      if (ciName) keys.push(searchKey('name', ciName));
      const best = (numbered && bestKey(keys, numbered)) ?? bestKey(keys, question);
      if (!best) return [];
      const { field, value } = best.key;
      // How well it matches counts by steps only: of two titles the newer one is first.
      return [{ item, match: { field, value }, step: Math.floor(best.score / 1_000) }];
    });
    const best = ranked.toSorted((a, b) => a.step - b.step || b.item.openedAtMs - a.item.openedAtMs);
    return { items: best.slice(0, limit), more: best.length > limit };
  }

  async function software(question: Question, limit: number): Promise<Answer['software']> {
    const names = await store.softwareNames(wordsOf(question), NAMES_LOOKED_AT_MAX);
    const rank = (name: string) => rankOf(name.toLowerCase(), question.whole) ?? Number.MAX_SAFE_INTEGER;
    const ranked = names
      .map((name) => ({ name, rank: rank(name) }))
      .toSorted((a, b) => a.rank - b.rank || a.name.length - b.name.length || (a.name < b.name ? -1 : 1));
    // A name may be left over from a package that nobody has any more.
    const some = ranked.slice(0, 2 * limit).map(({ name }) => name);
    const counts = await store.installationCounts(some);
    const items = some.flatMap((name) => {
      const count = counts.get(name);
      return count ? [{ name, machines: count }] : [];
    });
    return { items: items.slice(0, limit), more: items.length > limit || ranked.length > some.length };
  }

  async function people(question: Question, limit: number): Promise<Answer['users']> {
    const ranked = (await users()).flatMap((user) => {
      const best = bestKey([searchKey('name', user.name), searchKey('name', user.displayName)], question);
      return best ? [{ user, score: best.score }] : [];
    });
    const best = ranked.toSorted((a, b) => a.score - b.score).map(({ user }) => user);
    return { items: best.slice(0, limit), more: best.length > limit };
  }

  return {
    start: async () => index.fill(cisOf(machines), componentsOf(store), await store.mergedNames()),
    async ask(text, limit) {
      const question = questionOf(text);
      const [foundIncidents, foundSoftware, foundUsers] = await Promise.all([
        incidents(question, limit),
        software(question, limit),
        people(question, limit),
      ]);
      return {
        machines: index.findMachines(question, limit),
        records: index.findRecords(question, limit),
        parts: index.findParts(question, limit),
        incidents: foundIncidents,
        software: foundSoftware,
        users: foundUsers,
      };
    },
  };
}

const INCIDENT_DIGITS_MIN = 4;

/** `inc-7` means INC-0007; null where no word is a short number of an incident. */
function withFullNumbers(question: Question): Question | null {
  const words = question.words.map(({ text }) =>
    text.replace(
      /^inc-?(\d+)$/,
      (_all, digits: string) => `inc-${digits.padStart(INCIDENT_DIGITS_MIN, '0')}`,
    ),
  );
  const whole = words.join(' ');
  return whole === question.whole ? null : questionOf(whole);
}

function wordsOf(question: Question): string[] {
  return question.words.map(({ text }) => text);
}

const ALL_CLASSES: ReadonlySet<string> = new Set([...MACHINE_CLASSES, ...RECORD_CLASSES]);

async function* cisOf(store: Pick<CmdbStore, 'findCis'>): AsyncIterable<readonly Ci[]> {
  let cursor: string | null = null;
  do {
    const page: { items: Ci[]; nextCursor: string | null } = await store.findCis({
      classes: ALL_CLASSES,
      limit: FILL_ROWS,
      ...(cursor === null ? {} : { cursor }),
    });
    yield page.items;
    cursor = page.nextCursor;
    await pause();
  } while (cursor !== null);
}

async function* componentsOf(store: SearchStore): AsyncIterable<readonly SerialPart[]> {
  let after: string | null = null;
  for (;;) {
    const page: SerialPart[] = await store.components(after, FILL_ROWS);
    yield page;
    after = page.at(-1)?.id ?? null;
    if (page.length < FILL_ROWS) return;
    await pause();
  }
}

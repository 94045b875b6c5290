/** A row of a CI's history in words. */
import type { Language } from '@muster/shared/api/access.ts';
import type { HistoryEntry } from '@muster/shared/api/cmdb.ts';
import type { Key, Translate } from '../i18n/catalogue.ts';
import { CI_CLASSES, isAssetClass, isMachineClass } from '@muster/shared/cmdb/classes.ts';
import { RELATION_TYPES, type RelationType } from '@muster/shared/cmdb/relation-types.ts';
import { SECTION_TITLES } from '@muster/shared/inventory/section-titles.ts';
import { COLLECTOR_PURPOSES } from '@muster/shared/privacy/collectors.ts';
import { FIELD_WORDS, type Words } from '@muster/shared/privacy/words.ts';
import type { IconName } from '../ui/Icon.tsx';
import { isCiClass } from './attributes.ts';
import { valueText, valueTitle } from './valueWords.ts';

/** Things of a machine that are no items of their own: rows of them carry what they are before their name, as in `user:root`. */
const THINGS = {
  user: { one: 'machines.thing.user', many: 'machines.things.user' },
  group: { one: 'machines.thing.group', many: 'machines.things.group' },
  file: { one: 'machines.thing.file', many: 'machines.things.file' },
  service: { one: 'machines.thing.service', many: 'machines.things.service' },
  driver: { one: 'machines.thing.driver', many: 'machines.things.driver' },
  patch: { one: 'machines.thing.patch', many: 'machines.things.patch' },
  guest: { one: 'machines.thing.guest', many: 'machines.things.guest' },
  security: { one: 'machines.thing.security', many: 'machines.things.security' },
  software: { one: 'machines.thing.software', many: 'machines.things.software' },
} as const satisfies Record<string, { one: Key; many: Key }>;
type ThingKind = keyof typeof THINGS;

interface Thing {
  readonly kind: ThingKind;
  readonly name: string;
}

function thingOf({ attribute }: Pick<HistoryEntry, 'attribute'>): Thing | null {
  const at = attribute?.indexOf(':') ?? -1;
  if (attribute === null || at < 0) return null;
  const kind = attribute.slice(0, at);
  return kind in THINGS ? { kind: kind as ThingKind, name: attribute.slice(at + 1) } : null;
}

/** Fewer of a kind are named one by one. */
const RUN_MIN = 4;

/** What one report changed of many things of one kind is one line; everything else is a line by itself. Order is kept. */
export function changeRuns<Entry extends HistoryEntry>(entries: readonly Entry[]): [Entry, ...Entry[]][] {
  const runs = new Map<string, [Entry, ...Entry[]]>();
  for (const entry of entries) {
    const thing = thingOf(entry);
    const { at, ciId, kind, actor, id } = entry;
    const key = thing === null ? id : [at, ciId, kind, actor, thing.kind].join('\n');
    const run = runs.get(key);
    if (run) run.push(entry);
    else runs.set(key, [entry]);
  }
  return [...runs.values()].flatMap((run) =>
    run.length < RUN_MIN ? run.map((entry): [Entry] => [entry]) : [run],
  );
}

const NAMES_SHOWN = 3;

/** `58 accounts`, and `root, daemon, bin and 55 more`; null of one change. */
export function runWords(
  run: readonly HistoryEntry[],
  t: Translate,
): { things: string; names: string } | null {
  const [first] = run;
  const thing = first && thingOf(first);
  if (!thing || run.length < RUN_MIN) return null;
  const names = run.flatMap((entry) => thingOf(entry)?.name ?? []);
  return {
    things: t(THINGS[thing.kind].many, { count: run.length }),
    names: t('machines.change.namesMore', {
      names: names.slice(0, NAMES_SHOWN).join(t('ui.listSeparator')),
      more: names.length - NAMES_SHOWN,
    }),
  };
}

/** `58 accounts gone: root, daemon, bin and 55 more`; of one change its title. */
export function runTitle(
  run: readonly [HistoryEntry, ...HistoryEntry[]],
  t: Translate,
  language: Language,
): string {
  const [first] = run;
  const words = runWords(run, t);
  if (words === null) return changeTitle(first, t, language);
  if (first.kind === 'created') return t('machines.change.manyCreated', words);
  return t(first.kind === 'removed' ? 'machines.change.manyRemoved' : 'machines.change.manyChanged', words);
}

/** `account root`; null of what is an item of its own. */
export function thingTitle(entry: HistoryEntry, t: Translate): string | null {
  const thing = thingOf(entry);
  return thing && t(THINGS[thing.kind].one, { name: thing.name });
}

const COLLECTION = 'collection:';
/** In the place of a section: names are those of collectors. */
const METRICS = 'collectors';
const COLLECTORS: Readonly<Record<string, { readonly title: Words }>> = COLLECTOR_PURPOSES;

/** Section that the configuration leaves something out of, and what of it; null of other changes. */
function collectionOf({ attribute, before, after, actor }: HistoryEntry) {
  if (attribute?.startsWith(COLLECTION) !== true) return null;
  const section = attribute.slice(COLLECTION.length);
  const names = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
  const [was, is] = [names(before), names(after)];
  return {
    section,
    version: actor.slice(actor.indexOf(':') + 1),
    off: is.filter((name) => !was.includes(name)),
    on: was.filter((name) => !is.includes(name)),
  };
}

/** What the configuration stopped or began to collect; null of other changes. */
export function collectionTitle(entry: HistoryEntry, t: Translate, language: Language): string | null {
  const found = collectionOf(entry);
  if (found === null) return null;
  const titles: Readonly<Record<string, Words>> = SECTION_TITLES;
  const ofMetrics = found.section === METRICS;
  const section = ofMetrics
    ? t('machines.change.metrics')
    : (titles[found.section]?.[language] ?? found.section);
  const { version, off, on } = found;
  if (off.includes(found.section)) return t('machines.change.collectionOff', { section, version });
  if (on.includes(found.section)) return t('machines.change.collectionOn', { section, version });
  const fields = (paths: readonly string[]) =>
    paths
      .map((path) => {
        const words = ofMetrics
          ? COLLECTORS[path]?.title
          : FIELD_WORDS[path.slice(path.lastIndexOf('.') + 1)];
        return words?.[language] ?? path;
      })
      .join(t('ui.listSeparator'));
  return [
    ...(off.length > 0 ? [t('machines.change.fieldsOff', { section, fields: fields(off), version })] : []),
    ...(on.length > 0 ? [t('machines.change.fieldsOn', { section, fields: fields(on), version })] : []),
  ].join(t('ui.listSeparator'));
}

/** `mysql-server 8.0.43 → 8.0.44`, `eno2: MTU 1500 → 9000`, `New: sda`, `Gone: account root`. */
export function changeTitle(entry: HistoryEntry, t: Translate, language: Language): string {
  const collection = collectionTitle(entry, t, language);
  if (collection !== null) return collection;
  const thing = thingOf(entry);
  const name = thingTitle(entry, t) ?? entry.ciName;
  const value = (of: unknown) => valueText(entry.ciClass, entry.attribute ?? '', of, t, language);
  switch (entry.kind) {
    case 'created':
      return t('machines.change.created', {
        name,
        version: entry.attribute === 'version' || thing?.kind === 'software' ? String(entry.after) : '',
      }).trim();
    case 'removed':
      return t('machines.change.removed', { name });
    case 'returned':
      return t('machines.change.returned', { name });
    case 'merged':
      return t('machines.change.merged', { name });
    case 'split':
      return t('machines.change.split', { name });
    case 'relation-added':
      return t('machines.change.relationAdded', { name, tie: tieWords(entry, entry.after, language) });
    case 'relation-ended':
      return t('machines.change.relationEnded', { name, tie: tieWords(entry, entry.before, language) });
    case 'changed': {
      const values = { name, before: value(entry.before), after: value(entry.after) };
      if (
        thing ||
        entry.attribute === null ||
        (entry.ciClass === 'Software' && entry.attribute === 'version')
      )
        return t('machines.change.version', values);
      return t('machines.change.attribute', {
        ...values,
        attribute: valueTitle(entry.ciClass, entry.attribute, t, language),
      });
    }
  }
}

/** `is used by Chen Jie`, read from the end whose history it is. */
function tieWords({ attribute, ciClass }: HistoryEntry, other: unknown, language: Language): string {
  const name = typeof other === 'string' ? other : '';
  const types: Readonly<Record<string, RelationType>> = RELATION_TYPES;
  const [, word = '', side] = attribute?.split(':') ?? [];
  const type = types[word];
  if (!type) return name;
  const isFrom =
    side !== 'inverse' &&
    type.from.some(
      (end) =>
        end === ciClass ||
        end === 'any' ||
        (end === 'machine' && isMachineClass(ciClass)) ||
        (end === 'asset' && isCiClass(ciClass) && isAssetClass(ciClass)),
    );
  return `${(isFrom ? type.title : type.inverse)[language]} ${name}`.trim();
}

/** Class of the changed thing in words. */
export function changedClass(entry: HistoryEntry, t: Translate, language: Language): string {
  const thing = thingOf(entry);
  if (thing) return t(THINGS[thing.kind].one, { name: '' }).trim();
  if (isCiClass(entry.ciClass)) return CI_CLASSES[entry.ciClass].title[language];
  return entry.ciClass === 'Software' ? t('machines.tab.software') : entry.ciClass;
}

export function changeIcon(entry: HistoryEntry): IconName {
  const thing = thingOf(entry)?.kind;
  if (thing === 'software') return 'box';
  if (thing === 'user' || thing === 'group') return 'user';
  switch (entry.ciClass) {
    case 'Software':
      return 'box';
    case 'NetworkInterface':
      return 'network';
    case 'FileSystem':
      return 'disk';
    case 'OperatingSystem':
      return 'gear';
    case 'Component':
      return 'disk';
    default:
      return 'change';
  }
}

/** `user:anna` → `anna`; the agent and the system by their words. */
export function actorWord(actor: string, t: Translate): string {
  if (actor.startsWith('user:')) return actor.slice('user:'.length);
  if (actor.startsWith('token:')) return t('machines.actor.token', { name: actor.slice('token:'.length) });
  if (actor.startsWith('configuration:')) return t('machines.actor.configuration');
  if (actor.startsWith('agent')) return t('machines.actor.agent');
  return t('machines.actor.system');
}

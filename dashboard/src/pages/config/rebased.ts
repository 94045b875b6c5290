/** One's own changes on top of what somebody else has saved meanwhile, value by value: where both changed one, one's own stands. Pure. */
import type { ConfigGroup, ConfigGroups, ConfigSettings } from '@muster/shared/api/agent-config.ts';

const INTERVALS = ['intervalMs', 'inventoryIntervalMs'] as const;
const RECORDS = ['collectors', 'sections', 'fields', 'labels', 'checks'] as const;
const MEMBERS = ['tags', 'classes', 'sites'] as const;

export function rebased(base: ConfigGroups, mine: ConfigGroups, theirs: ConfigGroups): ConfigGroups {
  const [own, other] = [renamed(base, mine), renamed(base, theirs)];
  const names = namesInOrder(base, own.content, other.content);
  return {
    everybody: settingsOn(base.everybody, mine.everybody, theirs.everybody),
    groups: names.flatMap((name) => {
      const [was, is, become] = [base, own.content, other.content].map((content) => groupOf(content, name));
      const group = groupOn(was, is, become);
      return group ? [{ ...group, name: own.names.get(name) ?? other.names.get(name) ?? name }] : [];
    }),
  };
}

/** Under the names of before: a group that came for the same machines as one that went, or in its place with the same settings, is that one. `names`: the new ones. */
function renamed(
  base: ConfigGroups,
  side: ConfigGroups,
): { content: ConfigGroups; names: Map<string, string> } {
  const gone = base.groups.filter(({ name }) => !groupOf(side, name));
  const names = new Map<string, string>();
  const groups = side.groups.map((group, index) => {
    if (groupOf(base, group.name)) return group;
    const left = gone.filter(({ name }) => !names.has(name));
    const old =
      left.find(({ of }) => same(of, group.of)) ??
      left.find((one) => base.groups.indexOf(one) === index && same(one.settings, group.settings));
    if (!old) return group;
    names.set(old.name, group.name);
    return { ...group, name: old.name };
  });
  return { content: { ...side, groups }, names };
}

/** Of one side, and what only the other one has behind what it stands behind there. */
function namesInOrder(base: ConfigGroups, mine: ConfigGroups, theirs: ConfigGroups): string[] {
  const [old, own, other] = [namesOf(base), namesOf(mine), namesOf(theirs)];
  const moved = !same(
    own.filter((name) => old.includes(name)),
    old.filter((name) => own.includes(name)),
  );
  const [first, second] = same(old, other) || moved ? [own, other] : [other, own];
  const order = [...first];
  second.forEach((name, index) => {
    if (order.includes(name)) return;
    const before = second[index - 1];
    order.splice(before === undefined ? 0 : order.indexOf(before) + 1, 0, name);
  });
  return order;
}

function groupOn(
  base: ConfigGroup | undefined,
  mine: ConfigGroup | undefined,
  theirs: ConfigGroup | undefined,
): ConfigGroup | undefined {
  if (same(base, mine)) return theirs;
  if (!mine || !theirs) return mine;
  const { of, settings } = base ?? { of: { tags: [], classes: [], sites: [] }, settings: {} };
  const members = MEMBERS.map((kind) => [
    kind,
    same(of[kind], mine.of[kind]) ? theirs.of[kind] : mine.of[kind],
  ]);
  return {
    name: mine.name,
    of: Object.fromEntries(members) as ConfigGroup['of'],
    settings: settingsOn(settings, mine.settings, theirs.settings),
  };
}

function settingsOn(base: ConfigSettings, mine: ConfigSettings, theirs: ConfigSettings): ConfigSettings {
  const intervals = INTERVALS.map((key) => [key, same(base[key], mine[key]) ? theirs[key] : mine[key]]);
  const records = RECORDS.map((kind) => {
    const valuesOf = (settings: ConfigSettings): Readonly<Record<string, unknown>> => settings[kind] ?? {};
    const [old, own, other] = [valuesOf(base), valuesOf(mine), valuesOf(theirs)];
    const names = [...new Set([...Object.keys(other), ...Object.keys(own)])];
    const values = names.flatMap((name) => {
      const value = same(old[name], own[name]) ? other[name] : own[name];
      return value === undefined ? [] : [[name, value]];
    });
    return [kind, values.length === 0 ? undefined : Object.fromEntries(values)];
  });
  // A kind of setting that stands in neither list would be lost, and is an error of types here.
  const all: Record<keyof ConfigSettings, unknown> = Object.fromEntries([...intervals, ...records]) as Record<
    (typeof INTERVALS)[number] | (typeof RECORDS)[number],
    unknown
  >;
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

const namesOf = ({ groups }: ConfigGroups) => groups.map(({ name }) => name);

function groupOf({ groups }: ConfigGroups, name: string): ConfigGroup | undefined {
  return groups.find((group) => group.name === name);
}

/** Plain data; undefined: it is not there. */
function same(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

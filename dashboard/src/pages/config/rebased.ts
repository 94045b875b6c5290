/** One's own changes on top of what somebody else has saved meanwhile, value by value: where both changed one, one's own stands. Pure. */
import type { ConfigGroup, ConfigGroups, ConfigSettings } from '@muster/shared/api/agent-config.ts';

const INTERVALS = ['intervalMs', 'inventoryIntervalMs'] as const;
const RECORDS = ['collectors', 'sections', 'fields', 'labels', 'checks'] as const;

export function rebased(base: ConfigGroups, mine: ConfigGroups, theirs: ConfigGroups): ConfigGroups {
  const merged = new Map<string, ConfigGroup>();
  for (const name of namesInOrder(base, mine, theirs)) {
    const group = groupOn(groupOf(base, name), groupOf(mine, name), groupOf(theirs, name));
    if (group) merged.set(name, group);
  }
  return {
    everybody: settingsOn(base.everybody, mine.everybody, theirs.everybody),
    groups: [...merged.values()],
  };
}

/** Theirs, unless it is only one's own that changed. */
function namesInOrder(base: ConfigGroups, mine: ConfigGroups, theirs: ConfigGroups): string[] {
  const [old, own, other] = [namesOf(base), namesOf(mine), namesOf(theirs)];
  const moved = (names: readonly string[]) =>
    !same(
      names.filter((name) => old.includes(name)),
      old.filter((name) => names.includes(name)),
    );
  const first = same(old, other) || moved(own) ? own : other;
  return [...new Set([...first, ...other, ...own])];
}

function groupOn(
  base: ConfigGroup | undefined,
  mine: ConfigGroup | undefined,
  theirs: ConfigGroup | undefined,
): ConfigGroup | undefined {
  if (same(base, mine)) return theirs;
  if (!mine || !theirs) return mine;
  const { of, settings } = base ?? { of: null, settings: {} };
  return {
    name: mine.name,
    of: same(of, mine.of) ? theirs.of : mine.of,
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
  return Object.fromEntries(
    [...intervals, ...records].filter(([, value]) => value !== undefined),
  ) as ConfigSettings;
}

const namesOf = ({ groups }: ConfigGroups) => groups.map(({ name }) => name);

function groupOf({ groups }: ConfigGroups, name: string): ConfigGroup | undefined {
  return groups.find((group) => group.name === name);
}

/** Plain data; undefined: it is not there. */
function same(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

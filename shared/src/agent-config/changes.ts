/** What differs between two versions of the configuration of agents, value by value. Pure. */
import {
  CHANGED_GROUPS_MAX,
  type ChangedGroups,
  type ConfigGroup,
  type ConfigGroups,
  type ConfigSettings,
} from '../api/agent-config.ts';
import { checkLine } from '../checks/check.ts';

export type SettingValue = number | boolean | string;

export interface ConfigChange {
  /** null: everybody. */
  readonly group: string | null;
  /** 'intervalMs', 'sections.users', 'labels.env', 'checks.intranet', 'of.tags'; 'group': it came or went; 'order': groups changed places. */
  readonly setting: string;
  readonly before: SettingValue | null;
  readonly after: SettingValue | null;
}

const SWITCHES = ['collectors', 'sections', 'fields', 'labels'] as const;

export function settingsOf(settings: ConfigSettings): [setting: string, value: SettingValue][] {
  const { intervalMs, inventoryIntervalMs } = settings;
  return [
    ...(intervalMs === undefined ? [] : [['intervalMs', intervalMs] as [string, SettingValue]]),
    ...(inventoryIntervalMs === undefined
      ? []
      : [['inventoryIntervalMs', inventoryIntervalMs] as [string, SettingValue]]),
    ...SWITCHES.flatMap((kind) =>
      Object.entries(settings[kind] ?? {}).map(([name, value]): [string, SettingValue] => [
        `${kind}.${name}`,
        value,
      ]),
    ),
    ...Object.entries(settings.checks ?? {}).map(([name, check]): [string, SettingValue] => [
      `checks.${name}`,
      check === null ? false : checkLine(check),
    ]),
  ];
}

export function configChanges(before: ConfigGroups, after: ConfigGroups): ConfigChange[] {
  const names = (content: ConfigGroups) => content.groups.map(({ name }) => name);
  const [old, now] = [names(before), names(after)];
  const both = now.filter((name) => old.includes(name));
  const oldOrder = old.filter((name) => now.includes(name));
  return [
    ...differences(null, settingsOf(before.everybody), settingsOf(after.everybody)),
    ...(both.join('\n') === oldOrder.join('\n')
      ? []
      : [{ group: null, setting: 'order', before: oldOrder.join(' → '), after: both.join(' → ') }]),
    ...[...new Set([...now, ...old])].flatMap((name): ConfigChange[] => {
      const [was, is] = [groupOf(before, name), groupOf(after, name)];
      return [
        ...(was && is
          ? []
          : [{ group: name, setting: 'group', before: was !== undefined, after: is !== undefined }]),
        ...differences(name, was ? valuesOf(was) : [], is ? valuesOf(is) : []),
      ];
    }),
  ];
}

/** The same in short, for the audit log. */
export function changedGroups(before: ConfigGroups, after: ConfigGroups): ChangedGroups {
  const changes = configChanges(before, after);
  const names = [...new Set(changes.flatMap(({ group }) => group ?? []))];
  return {
    everybody: changes.some(({ group, setting }) => group === null && setting !== 'order'),
    order: changes.some(({ setting }) => setting === 'order'),
    groups: names.slice(0, CHANGED_GROUPS_MAX),
    moreGroups: Math.max(0, names.length - CHANGED_GROUPS_MAX),
  };
}

function groupOf({ groups }: ConfigGroups, name: string): ConfigGroup | undefined {
  return groups.find((group) => group.name === name);
}

function valuesOf({ of, settings }: ConfigGroup): [string, SettingValue][] {
  const members = (['tags', 'classes', 'sites'] as const).flatMap((kind): [string, SettingValue][] =>
    of[kind].length === 0 ? [] : [[`of.${kind}`, of[kind].join(', ')]],
  );
  return [...members, ...settingsOf(settings)];
}

function differences(
  group: string | null,
  before: readonly [string, SettingValue][],
  after: readonly [string, SettingValue][],
): ConfigChange[] {
  const [old, now] = [new Map(before), new Map(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((setting) => {
    const [was, is] = [old.get(setting) ?? null, now.get(setting) ?? null];
    return was === is ? [] : [{ group, setting, before: was, after: is }];
  });
}

/** What an agent works by, of all groups that its machine is of: the last that says something wins, for each value by itself. Pure. */
import type { Check, NamedCheck } from '@muster/shared/checks/check.ts';
import { CHECKS_MAX } from '@muster/shared/wire/limits.ts';
import type { ConfigGroup, ConfigGroups, ConfigSettings } from '@muster/shared/api/agent-config.ts';

/** What groups choose by; nothing of it follows from a configuration, so no group can move a machine into another. */
export interface Member<Class = string> {
  readonly class: Class;
  readonly tags: readonly string[];
  readonly site: string | null;
}

/** Where a value is from: the name of a group, or null for everybody. */
export interface EffectiveValue<T> {
  readonly value: T;
  readonly group: string | null;
}

type Values<T> = ReadonlyMap<string, EffectiveValue<T>>;

export interface EffectiveConfig {
  /** Names, in order. */
  readonly groups: readonly string[];
  readonly intervalMs: EffectiveValue<number> | null;
  readonly inventoryIntervalMs: EffectiveValue<number> | null;
  /** true: on. */
  readonly collectors: Values<boolean>;
  readonly sections: Values<boolean>;
  readonly fields: Values<boolean>;
  readonly labels: Values<string>;
  /** null: not here. */
  readonly checks: Values<Check | null>;
}

export function isMember({ of }: Pick<ConfigGroup, 'of'>, machine: Member<string | null>): boolean {
  const some = (names: readonly string[], has: (name: string) => boolean) =>
    names.length === 0 || names.some(has);
  return (
    some(of.tags, (tag) => machine.tags.includes(tag)) &&
    some(of.classes, (one) => one === machine.class) &&
    some(of.sites, (site) => site === machine.site)
  );
}

/** `machine` null: not known yet which it is, so that only what is for everybody counts. */
export function effectiveConfig(
  machine: Member<string | null> | null,
  { everybody, groups }: ConfigGroups,
): EffectiveConfig {
  const own = machine === null ? [] : groups.filter((group) => isMember(group, machine));
  const layers: { group: string | null; settings: ConfigSettings }[] = [
    { group: null, settings: everybody },
    ...own.map(({ name, settings }) => ({ group: name, settings })),
  ];
  const last = (key: 'intervalMs' | 'inventoryIntervalMs'): EffectiveValue<number> | null => {
    const layer = layers.findLast(({ settings }) => settings[key] !== undefined);
    const value = layer?.settings[key];
    return layer === undefined || value === undefined ? null : { value, group: layer.group };
  };
  const merged = <T>(
    of: (settings: ConfigSettings) => Readonly<Record<string, T>> | undefined,
  ): Values<T> => {
    const all = new Map<string, EffectiveValue<T>>();
    for (const { group, settings } of layers)
      for (const [name, value] of Object.entries(of(settings) ?? {})) all.set(name, { value, group });
    return all;
  };
  return {
    groups: own.map(({ name }) => name),
    intervalMs: last('intervalMs'),
    inventoryIntervalMs: last('inventoryIntervalMs'),
    collectors: merged(({ collectors }) => collectors),
    sections: merged(({ sections }) => sections),
    fields: merged(({ fields }) => fields),
    labels: merged(({ labels }) => labels),
    checks: merged(({ checks }) => checks),
  };
}

/** Value of one label; null: the machine has none of that name. For lists of all machines: no more than this is worked out. */
export function labelOf(machine: Member, { everybody, groups }: ConfigGroups, name: string): string | null {
  const group = groups.findLast((one) => one.settings.labels?.[name] !== undefined && isMember(one, machine));
  return (group?.settings ?? everybody).labels?.[name] ?? null;
}

/** What one agent runs: of more than it may, those that its groups named first. */
export function checksOf({ checks }: Pick<EffectiveConfig, 'checks'>): NamedCheck[] {
  return [...checks]
    .flatMap(([name, { value: check }]) => (check === null ? [] : [{ name, check }]))
    .slice(0, CHECKS_MAX);
}

/** Names that are switched off, in the order of the alphabet. */
export function switchedOff(values: Values<boolean>): string[] {
  return [...values].flatMap(([name, { value }]) => (value ? [] : [name])).sort();
}

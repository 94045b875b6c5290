/** What an agent works by, of all groups that its machine is of: the last that says something wins, for each value by itself. Pure. */
import { isMember, type Member } from '@muster/shared/agent-config/membership.ts';
import type { Check, NamedCheck } from '@muster/shared/checks/check.ts';
import { CHECKS_MAX } from '@muster/shared/wire/limits.ts';
import type { ConfigGroups, ConfigSettings } from '@muster/shared/api/agent-config.ts';

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

/** How many machines the groups of a configuration are of, and for how many it says something else than another. Pure. */
import { isMember, type Member } from '@muster/shared/agent-config/membership.ts';
import type { ConfigGroups, ConfigReach } from '@muster/shared/api/agent-config.ts';
import type { AgentConfig } from '@muster/shared/wire/server-messages.ts';
import { checksOf, effectiveConfig, switchedOff } from './effective.ts';

export function reachOf(
  machines: Iterable<Member>,
  present: ConfigGroups,
  next: ConfigGroups,
  defaults: Pick<AgentConfig, 'intervalMs' | 'inventoryIntervalMs'>,
): ConfigReach {
  // Thousands of machines are of a few kinds.
  const kinds = new Map<string, { machine: Member; count: number }>();
  for (const machine of machines) {
    const { class: machineClass, tags, site } = machine;
    const key = JSON.stringify([machineClass, tags, site]);
    const kind = kinds.get(key);
    if (kind) kind.count++;
    else kinds.set(key, { machine, count: 1 });
  }
  const counted = (of: (machine: Member) => boolean) =>
    [...kinds.values()].reduce((sum, { machine, count }) => sum + (of(machine) ? count : 0), 0);
  const told = (machine: Member, groups: ConfigGroups) => toldText(machine, groups, defaults);
  return {
    machines: counted(() => true),
    groups: next.groups.map((group) => ({
      name: group.name,
      machines: counted((machine) => isMember(group, machine)),
    })),
    changed: counted((machine) => told(machine, present) !== told(machine, next)),
  };
}

/** What an agent is told, and what stands beside its machine, whatever group says so. */
function toldText(
  machine: Member,
  groups: ConfigGroups,
  defaults: Pick<AgentConfig, 'intervalMs' | 'inventoryIntervalMs'>,
): string {
  const effective = effectiveConfig(machine, groups);
  const { collectors, sections, fields, labels } = effective;
  return JSON.stringify([
    effective.intervalMs?.value ?? defaults.intervalMs,
    effective.inventoryIntervalMs?.value ?? defaults.inventoryIntervalMs,
    ...[collectors, sections, fields].map(switchedOff),
    [...labels].map(([name, { value }]) => `${name}=${value}`).sort(),
    checksOf(effective),
  ]);
}

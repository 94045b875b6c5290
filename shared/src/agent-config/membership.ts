/** Which machines the groups of the agent configuration are of, and what they label them with. Pure. */
import type { ConfigGroup, ConfigGroups } from '../api/agent-config.ts';

/** What groups choose by; nothing of it follows from a configuration, so no group can move a machine into another. */
export interface Member<Class = string> {
  readonly class: Class;
  readonly tags: readonly string[];
  readonly site: string | null;
}

/** A machine whose class is not known yet is in no group that asks for one. */
export function isMember({ of }: Pick<ConfigGroup, 'of'>, machine: Member<string | null>): boolean {
  const some = (names: readonly string[], has: (name: string) => boolean) =>
    names.length === 0 || names.some(has);
  return (
    some(of.tags, (tag) => machine.tags.includes(tag)) &&
    some(of.classes, (one) => one === machine.class) &&
    some(of.sites, (site) => site === machine.site)
  );
}

/**
 * `label`: `name=value`, or a name for any value. The last group that says something of that name wins. For lists of all
 * machines: no more than this is worked out.
 */
export function isLabelled(machine: Member, { everybody, groups }: ConfigGroups, label: string): boolean {
  const at = label.indexOf('=');
  const name = at === -1 ? label : label.slice(0, at);
  const says = ({ labels = {} }: ConfigGroups['everybody']) => Object.hasOwn(labels, name);
  const group = groups.findLast((one) => says(one.settings) && isMember(one, machine));
  const settings = group?.settings ?? everybody;
  return says(settings) && (at === -1 || settings.labels?.[name] === label.slice(at + 1));
}

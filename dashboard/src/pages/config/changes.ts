/** Changes of what is being written. Pure. */
import type { ConfigGroups, ConfigSettings } from '@muster/shared/api/agent-config.ts';

export type SwitchKind = 'collectors' | 'sections' | 'fields';

/** The settings of one group, or of everybody, in place of what they were. */
export function withSettings(
  content: ConfigGroups,
  group: string | null,
  settings: ConfigSettings,
): ConfigGroups {
  if (group === null) return { ...content, everybody: settings };
  return {
    ...content,
    groups: content.groups.map((one) => (one.name === group ? { ...one, settings } : one)),
  };
}

/** One switch; null: as the group before says. */
export function withSwitch(
  settings: ConfigSettings,
  kind: SwitchKind,
  name: string,
  value: boolean | null,
): ConfigSettings {
  const { [name]: _, ...others } = settings[kind] ?? {};
  const switches = value === null ? others : { ...others, [name]: value };
  const { [kind]: __, ...rest } = settings;
  return Object.keys(switches).length === 0 ? rest : { ...rest, [kind]: switches };
}

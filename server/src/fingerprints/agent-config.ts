/** What each agent is told to do: the defaults, and the directories of its machine's class. */
import type { AgentConfig } from '@muster/shared/wire/control.ts';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import type { Fingerprints } from './fingerprints.ts';

export interface AgentConfigDeps {
  readonly defaults: AgentConfig;
  readonly directory: CiDirectory;
  readonly fingerprints: Fingerprints;
  /** The configuration of a connected agent has changed. */
  readonly reconfigure: (agentId: string) => void;
}

/** Asked with every connection, so the class of each agent's machine is kept. */
export function createAgentConfig(deps: AgentConfigDeps): (agentId: string) => AgentConfig {
  const { defaults, directory, fingerprints, reconfigure } = deps;
  const classes = new Map<string, string>();
  const note = ({ agentId, class: ciClass }: CiEntry) => {
    if (agentId === null || classes.get(agentId) === ciClass) return false;
    classes.set(agentId, ciClass);
    return true;
  };
  for (const entry of directory.all()) note(entry);
  directory.onChange((entry) => {
    if (note(entry) && entry.agentId !== null) reconfigure(entry.agentId);
  });
  fingerprints.onChange(() => {
    for (const agentId of classes.keys()) reconfigure(agentId);
  });
  return (agentId) => ({
    ...defaults,
    fingerprints: { directories: [...fingerprints.directoriesOf(classes.get(agentId))] },
  });
}

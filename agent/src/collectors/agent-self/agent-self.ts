/** What the agent itself costs this machine. */
import type { Collector } from '../collector.ts';

export const agentSelf: Collector<null> = {
  name: 'agent-self',
  platforms: ['linux', 'win32', 'darwin'],
  collect(host) {
    const { cpuSeconds, residentBytes } = host.self();
    return {
      samples: [
        { metric: 'agent.cpu', instance: '', value: cpuSeconds },
        { metric: 'agent.memory', instance: '', value: residentBytes },
      ],
      state: null,
    };
  },
};

/** The collectors of Windows and macOS, by the names that those of Linux have, so that one configuration fits all. */
import { agentSelf } from '../../collectors/agent-self/agent-self.ts';
import { register, type RegisteredCollector } from '../../collectors/collector.ts';
import { cpu } from './cpu.ts';
import { disk } from './disk.ts';
import { filesystem, load, processCount, uptime } from './at-once.ts';
import { memory } from './memory.ts';
import { network } from './network.ts';
import { processes } from './processes.ts';
import { services } from './services.ts';

export const NATIVE_COLLECTORS: readonly RegisteredCollector[] = [
  register(cpu, 'flight'),
  register(load, 'flight'),
  register(memory, 'flight'),
  register(disk, 'flight'),
  register(network, 'flight'),
  register(processes, 'flight'),
  register(processCount),
  register(filesystem),
  register(uptime),
  register(services),
  register(agentSelf),
];

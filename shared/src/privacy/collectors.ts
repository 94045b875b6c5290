/** The collectors of agents, which metrics each gives, and what it is called. Apart from the schemas of sections: a running agent has no use for those. */
import type { Words } from './words.ts';

const w = (en: string, zh: string): Words => ({ en, zh });

/** What stands behind the switch of each collector; a metric is of the one whose prefix it begins with. */
export const COLLECTOR_PURPOSES = {
  cpu: { prefixes: ['cpu.'], title: w('Processor', '处理器') },
  load: { prefixes: ['load.'], title: w('Load', '负载') },
  pressure: { prefixes: ['pressure.'], title: w('Pressure', '资源压力') },
  memory: { prefixes: ['memory.', 'swap.'], title: w('Memory', '内存') },
  disk: { prefixes: ['disk.'], title: w('Disk throughput', '磁盘读写') },
  network: { prefixes: ['network.'], title: w('Network throughput', '网络流量') },
  processes: {
    prefixes: ['system.processes.running', 'system.processes.blocked', 'system.contextswitches'],
    title: w('Running processes', '运行中的进程'),
  },
  'process-count': { prefixes: ['system.processes'], title: w('Number of processes', '进程数量') },
  filesystem: { prefixes: ['filesystem.'], title: w('File systems', '文件系统') },
  uptime: { prefixes: ['system.uptime'], title: w('Uptime', '运行时间') },
  temperature: { prefixes: ['temperature'], title: w('Temperature', '温度') },
  services: { prefixes: ['service.'], title: w('State of services', '服务状态') },
  checks: { prefixes: ['check.'], title: w('Checks', '检查') },
  'agent-self': { prefixes: ['agent.'], title: w('The agent itself', '代理自身') },
} as const satisfies Record<string, { prefixes: readonly string[]; title: Words }>;
export type CollectorName = keyof typeof COLLECTOR_PURPOSES;

/** null: the server's own, of no machine. The longest prefix counts. */
export function collectorOf(metric: string): CollectorName | null {
  let found: CollectorName | null = null;
  let length = 0;
  for (const [name, { prefixes }] of Object.entries(COLLECTOR_PURPOSES))
    for (const prefix of prefixes)
      if (
        prefix.length > length &&
        (metric === prefix || (metric.startsWith(prefix) && prefix.endsWith('.')))
      ) {
        found = name as CollectorName;
        length = prefix.length;
      }
  return found;
}

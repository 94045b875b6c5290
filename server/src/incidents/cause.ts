/** Which alerts have one cause: the families by which alerts of a machine share an incident. */

/** Families of metrics that rise and fall together. What is not named here is a family of its own. */
const FAMILIES: Readonly<Record<string, string>> = {
  cpu: 'cpu',
  load: 'cpu',
  memory: 'memory',
  swap: 'memory',
};

/** Who starts again and again is silent in between. */
const SILENT_TOO = 'system.uptime';

/** `metric` null: the machine is silent. Each file system, disk and interface is a cause of its own. */
export function causeKeyOf(ciId: string, metric: string | null, instance: string): string {
  if (metric === null || metric === SILENT_TOO) return `${ciId} silent`;
  const family = causeFamily(metric);
  return instance === '' ? `${ciId} ${family}` : `${ciId} ${family} ${instance}`;
}

/** 'memory.utilisation' and 'pressure.memory.some' are of 'memory'. */
export function causeFamily(metric: string): string {
  const [first = '', second = ''] = metric.split('.');
  return first === 'pressure' ? (FAMILIES[second] ?? second) : (FAMILIES[first] ?? first);
}

/** Figures that Node has at once on Windows and macOS, without a helper. */
import { cpus, freemem, loadavg, totalmem, uptime } from 'node:os';
import type { CoreTimes, NativeSystem } from './system.ts';

/**
 * Time in interrupts is left out: Windows counts it in the system time as well, macOS not at all. On a Windows
 * machine of more than 64 processors these are the ones of the agent's processor group.
 */
export function coreTimes(): CoreTimes[] {
  return cpus().map(({ times }) => ({
    user: times.user,
    nice: times.nice,
    system: times.sys,
    idle: times.idle,
  }));
}

type NodeFigures = Pick<
  NativeSystem,
  'uptimeSeconds' | 'cores' | 'loadAverages' | 'memoryTotalBytes' | 'memoryAvailableBytes'
>;

export const WINDOWS_FIGURES: NodeFigures = {
  uptimeSeconds: uptime,
  cores: coreTimes,
  loadAverages: () => null,
  memoryTotalBytes: totalmem,
  // GlobalMemoryStatusEx: free and standby pages, which a program gets without swapping.
  memoryAvailableBytes: freemem,
};

export const MACOS_FIGURES: NodeFigures = {
  uptimeSeconds: uptime,
  cores: coreTimes,
  loadAverages: () => {
    const [one = 0, five = 0, fifteen = 0] = loadavg();
    return [one, five, fifteen];
  },
  memoryTotalBytes: totalmem,
  // Only free pages, of which a Mac keeps few: everything that is a cache would count as used.
  memoryAvailableBytes: () => null,
};

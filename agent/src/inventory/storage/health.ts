/** What a drive says about its own state, from `smartctl -j` (smartmontools 7 and later). */
import { parseSmartctlHealth } from '../parsers/smartctl.ts';

export interface DriveHealth {
  readonly health: 'passed' | 'failed' | 'unknown';
  readonly reallocatedSectors: number | null;
  readonly wearPercent: number | null;
}

export const HEALTH_UNKNOWN: DriveHealth = { health: 'unknown', reallocatedSectors: null, wearPercent: null };
export const smartctlArguments = (disk: string) =>
  ['-j', '-H', '-A', '-n', 'standby', `/dev/${disk}`] as const;

/** Steps of the wear, so that it is a change a few times a year. */
const WEAR_STEP_PERCENT = 5;

/** @param json output, also of a run that failed: its exit code is a set of findings. Unknown for a drive that sleeps or does not answer */
export function driveHealth(json: string): DriveHealth {
  const told = parseSmartctlHealth(json);
  if (told === null) return HEALTH_UNKNOWN;
  const { passed, reallocatedSectors, wearPercent } = told;
  return {
    health: passed === null ? 'unknown' : passed ? 'passed' : 'failed',
    reallocatedSectors,
    wearPercent: wearPercent === null ? null : inSteps(Math.min(100, Math.max(0, wearPercent))),
  };
}

function inSteps(percent: number): number {
  return Math.floor(percent / WEAR_STEP_PERCENT) * WEAR_STEP_PERCENT;
}

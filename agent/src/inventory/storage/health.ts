/** What a drive says about its own state, from `smartctl -j` (smartmontools 7 and later). */
import * as z from 'zod';

export interface DriveHealth {
  readonly health: 'passed' | 'failed' | 'unknown';
  readonly reallocatedSectors: number | null;
  readonly wearPercent: number | null;
}

export const HEALTH_UNKNOWN: DriveHealth = { health: 'unknown', reallocatedSectors: null, wearPercent: null };
export const smartctlArguments = (disk: string) =>
  ['-j', '-H', '-A', '-n', 'standby', `/dev/${disk}`] as const;

const Answer = z.object({
  smart_status: z.object({ passed: z.boolean().optional() }).optional(),
  ata_smart_attributes: z
    .object({
      table: z.array(z.object({ id: z.number(), value: z.number(), raw: z.object({ value: z.number() }) })),
    })
    .optional(),
  nvme_smart_health_information_log: z
    .object({ critical_warning: z.number().optional(), percentage_used: z.number().optional() })
    .optional(),
  scsi_grown_defect_list: z.number().optional(),
  scsi_percentage_used_endurance_indicator: z.number().optional(),
});

const REALLOCATED = 5;
/** Attributes that count down from 100 with the wear of flash: media wear-out, wear levelling, remaining life. */
const WEAR = [231, 233, 177, 173, 202];
/** Steps of the wear, so that it is a change a few times a year. */
const WEAR_STEP_PERCENT = 5;

/** @param json output, also of a run that failed: its exit code is a set of findings. Unknown for a drive that sleeps or does not answer */
export function parseSmartctl(json: string): DriveHealth {
  const parsed = Answer.safeParse(parse(json));
  if (!parsed.success) return HEALTH_UNKNOWN;
  const {
    smart_status,
    ata_smart_attributes,
    nvme_smart_health_information_log: nvme,
    ...scsi
  } = parsed.data;
  const table = ata_smart_attributes?.table ?? [];
  const wear = WEAR.flatMap((id) => table.find((one) => one.id === id) ?? [])[0];
  const used =
    nvme?.percentage_used ??
    scsi.scsi_percentage_used_endurance_indicator ??
    (wear ? 100 - wear.value : null);
  return {
    health: smart_status?.passed === undefined ? 'unknown' : smart_status.passed ? 'passed' : 'failed',
    reallocatedSectors:
      table.find(({ id }) => id === REALLOCATED)?.raw.value ?? scsi.scsi_grown_defect_list ?? null,
    wearPercent:
      used === null
        ? null
        : Math.min(100, Math.max(0, Math.floor(used / WEAR_STEP_PERCENT) * WEAR_STEP_PERCENT)),
  };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    // Before version 7 there is no JSON.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

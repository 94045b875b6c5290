import { expect, test } from 'vitest';
import { HEALTH_UNKNOWN, driveHealth } from './health.ts';
import { NO_VOLUMES, parseLvm } from './lvm.ts';

test.each([
  [
    'an NVMe drive with wear, in steps of 5',
    {
      smart_status: { passed: true },
      nvme_smart_health_information_log: { critical_warning: 0, percentage_used: 13 },
    },
    { health: 'passed', reallocatedSectors: null, wearPercent: 10 },
  ],
  [
    'a SAS drive with grown defects',
    { smart_status: { passed: true }, scsi_grown_defect_list: 7 },
    { health: 'passed', reallocatedSectors: 7, wearPercent: null },
  ],
  ['a drive that sleeps', { smartctl: { exit_status: 2 } }, HEALTH_UNKNOWN],
])('[IN50] %s', (_, answer, health) => {
  expect(driveHealth(JSON.stringify(answer))).toEqual(health);
});

test('[IN50] an old smartctl without JSON, or none, tells nothing', () => {
  expect(driveHealth('smartctl 6.6 2017-11-05')).toEqual(HEALTH_UNKNOWN);
  expect(driveHealth('')).toEqual(HEALTH_UNKNOWN);
});

test('[IN51] a report of LVM in another form is an error, an empty one is no volume', () => {
  expect(parseLvm('  No such command')).toBeNull();
  expect(parseLvm('{"report":[]}')).toEqual(NO_VOLUMES);
});

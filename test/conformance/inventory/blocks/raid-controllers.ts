/** Blocks that are read from tools of RAID controllers. */
import { diskMaker } from '@muster/agent/inventory/parsers/disk-maker.ts';
import {
  parseSmartArrayDisk,
  parseSmartArrayDrives,
  parseSmartArraySlots,
} from '@muster/agent/inventory/parsers/hpacucli.ts';
import {
  parseMegacliDisks,
  parseMegacliEnclosures,
  parseMegacliSummary,
  parseMptStatus,
  parseProcScsi,
} from '@muster/agent/inventory/parsers/raid.ts';
import { glpiMebibytes } from '@muster/shared/inventory/glpi.ts';
import { type Adapters, type CaseFiles, onlyText } from '../case.ts';

export const raidControllers: Adapters = {
  agent__tools__storages__hp: {
    slots_tests: (files) => parseSmartArraySlots(onlyText(files)),
    drives_tests: (files) => parseSmartArrayDrives(onlyText(files)),
    storage_tests: smartArrayDisk,
  },
  tasks__inventory__linux__storages__adaptec: { tests: adaptec },
  tasks__inventory__linux__storages__lsilogic: { tests: lsiLogic },
  tasks__inventory__linux__storages__megacli: {
    pdlist_tests: (files) =>
      Object.fromEntries(parseMegacliDisks(onlyText(files)).map(({ fields }, index) => [index + 1, fields])),
    summary_tests: (files) =>
      Object.fromEntries(
        parseMegacliSummary(onlyText(files)).map((one, index) => [
          index,
          { ...one.fields, encl_id: one.enclosure, encl_pos: one.position, slot: one.slot },
        ]),
      ),
    enclosure_tests: (files) => Object.fromEntries(parseMegacliEnclosures(onlyText(files))),
  },
};

/** What the cases call the volume whose disks are asked for. */
const NAME = 'foo';

function smartArrayDisk(files: CaseFiles): unknown {
  const disk = parseSmartArrayDisk(onlyText(files));
  if (disk === null) return null;
  return {
    NAME: disk.name,
    MANUFACTURER: disk.maker ?? disk.vendor ?? disk.name,
    MODEL: disk.model,
    SERIALNUMBER: disk.serial,
    FIRMWARE: disk.firmware,
    DISKSIZE: disk.sizeBytes === null ? null : Math.floor(disk.sizeBytes / 1e6),
    DESCRIPTION: disk.bus,
    TYPE: disk.role === 'Data Drive' ? 'disk' : disk.role,
  };
}

function adaptec(files: CaseFiles): unknown {
  const devices = parseProcScsi(onlyText(files));
  return {
    name: NAME,
    controller: devices[0]?.host,
    disks: devices
      .filter(({ host, volume }) => host === devices[0]?.host && !volume)
      .map((disk) => ({
        NAME,
        MANUFACTURER: diskMaker(disk.vendor) ?? diskMaker(disk.model) ?? disk.vendor,
        MODEL: disk.model,
        FIRMWARE: disk.revision,
        device: `/dev/sg${disk.index}`,
      })),
  };
}

function lsiLogic(files: CaseFiles): unknown {
  return {
    name: NAME,
    disks: parseMptStatus(onlyText(files)).map((disk) => ({
      NAME,
      MANUFACTURER: diskMaker(disk.model) ?? disk.model,
      MODEL: disk.model,
      FIRMWARE: disk.firmware,
      DISKSIZE: glpiMebibytes(disk.sizeBytes),
      device: `/dev/sg${disk.physicalId}`,
    })),
  };
}

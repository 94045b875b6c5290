/** Blocks of drives, batteries, management controllers and database servers. */
import type { DatabaseServer } from '@muster/agent/inventory/parsers/database-server.ts';
import { parseDb2 } from '@muster/agent/inventory/parsers/db2.ts';
import { dmiMemory } from '@muster/agent/inventory/parsers/dmidecode-memory.ts';
import { parseDmidecode } from '@muster/agent/inventory/parsers/dmidecode.ts';
import { parseHdparm } from '@muster/agent/inventory/parsers/hdparm.ts';
import { parseHponcfg } from '@muster/agent/inventory/parsers/hponcfg.ts';
import {
  fruControllers,
  fruMemory,
  parseIpmitoolFru,
  withFruMemory,
} from '@muster/agent/inventory/parsers/ipmitool-fru.ts';
import { parseMongodb } from '@muster/agent/inventory/parsers/mongodb.ts';
import { parseOracle } from '@muster/agent/inventory/parsers/oracle.ts';
import { parseUpower } from '@muster/agent/inventory/parsers/upower.ts';
import { glpiMaker, glpiTime } from '@muster/shared/inventory/glpi.ts';
import { type Adapters, type CaseFiles, fileLike, onlyText } from '../case.ts';
import { glpiMemory } from './dmidecode.ts';

export const serverParts: Adapters = {
  agent__tools__generic: { hdparm_tests: drive },
  tasks__inventory__generic__batteries__upower: { testUpowerInfos: battery },
  tasks__inventory__generic__databases__db2: { db_tests: db2 },
  tasks__inventory__generic__databases__mongodb: { db_tests: mongodb },
  tasks__inventory__generic__databases__oracle: { db_tests: oracle },
  tasks__inventory__generic__ipmi__fru_controllers: { tests: controllers },
  tasks__inventory__generic__ipmi__fru_memories: { tests: memories },
  tasks__inventory__generic__networks__ilo: { tests: ilo },
};

function drive(files: CaseFiles): unknown {
  const found = parseHdparm(onlyText(files));
  if (found === null) return {};
  const transport = found.transport?.toUpperCase() ?? null;
  return {
    MODEL: found.model,
    SERIALNUMBER: found.serial,
    FIRMWARE: found.firmware,
    DISKSIZE: found.sizeBytes === null ? null : Math.floor(found.sizeBytes / 1e6),
    INTERFACE: transport,
    DESCRIPTION: transport,
    WWN: found.wwn,
  };
}

function battery(files: CaseFiles): unknown {
  const found = parseUpower(onlyText(files));
  if (found === null) return null;
  const thousandfold = (value: number | null) => (value === null ? null : Math.round(value * 1_000));
  return {
    NAME: found.model,
    MANUFACTURER: found.manufacturer,
    SERIAL: found.serial,
    CHEMISTRY: found.chemistry,
    CAPACITY: thousandfold(found.designWattHours),
    REAL_CAPACITY: thousandfold(found.fullWattHours),
    VOLTAGE: thousandfold(found.volts),
  };
}

function text(files: CaseFiles, pattern: RegExp): string {
  return fileLike(files, pattern)?.text ?? '';
}

function db2(files: CaseFiles): unknown {
  return parseDb2({
    instances: text(files, /-db2ilist$/),
    installed: text(files, /-db2ls-c$/),
    snapshot: text(files, /-get-snapshot-for-dbm$/),
  }).map((server) => database(server, 'IBM'));
}

function mongodb(files: CaseFiles): unknown {
  const answering = files.flatMap((file) => {
    const [, name] = /-db-getsiblingdb(.+)-runcommandping/.exec(file.path) ?? [];
    return name !== undefined && file.text.trim() === '1' ? [name] : [];
  });
  const found = parseMongodb({
    version: text(files, /-db-version$/),
    databases: text(files, /-listdatabases-/),
    startedAt: text(files, /-uptimemillis$/),
    answering: new Set(answering),
  });
  return found === null ? [] : [database(found, 'MongoDB')];
}

function oracle(files: CaseFiles): unknown {
  return parseOracle({
    instances: text(files, /-select-instance_name-from-/),
    databases: text(files, /-select-name-from-database$/),
    mebibytes: text(files, /-select-bytes-from-/),
    updated: text(files, /-select-timestamp-from-/),
  }).map((server) => database(server, 'Oracle'));
}

function database(server: DatabaseServer, manufacturer: string): unknown {
  const mebibytes = (bytes: number) => Math.floor(bytes / 1024 ** 2);
  const total = server.databases.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
  return {
    NAME: server.name,
    TYPE: server.product,
    MANUFACTURER: manufacturer,
    VERSION: server.version,
    PORT: server.port,
    IS_ACTIVE: server.active,
    SIZE: mebibytes(total),
    LAST_BOOT_DATE: glpiTime(server.startedAtMs),
    DATABASES:
      server.databases.length === 0
        ? null
        : server.databases.map((one) => ({
            NAME: one.name,
            IS_ACTIVE: one.active,
            SIZE: mebibytes(one.sizeBytes ?? 0),
            CREATION_DATE: glpiTime(one.createdAtMs),
            UPDATE_DATE: glpiTime(one.updatedAtMs),
          })),
  };
}

function controllers(files: CaseFiles): unknown {
  return fruControllers(parseIpmitoolFru(onlyText(files))).map((one) => ({
    NAME: one.product ?? one.name,
    MANUFACTURER: glpiMaker(one.manufacturer),
    MODEL: one.partNumber,
    SERIAL: one.serial,
    TYPE: one.name,
  }));
}

function memories(files: CaseFiles): unknown {
  const sockets = dmiMemory(parseDmidecode(text(files, /dmidecode/)));
  const modules = fruMemory(parseIpmitoolFru(text(files, /fru/)));
  return glpiMemory(withFruMemory(sockets, modules), true);
}

function ilo(files: CaseFiles): unknown {
  const found = parseHponcfg(onlyText(files));
  if (found === null) return null;
  return {
    DESCRIPTION: 'Management Interface - HP iLO',
    TYPE: 'ethernet',
    MANAGEMENT: 'iLO',
    STATUS: found.enabled ? 'Up' : 'Down',
    SPEED: found.speedBitsPerSecond === null ? null : found.speedBitsPerSecond / 1e6,
    IPADDRESS: found.address,
    IPMASK: found.netmask,
    IPGATEWAY: found.gateway,
    IPSUBNET: subnet(found.address, found.netmask),
  };
}

function subnet(address: string | null, netmask: string | null): string | null {
  if (address === null || netmask === null) return null;
  const mask = netmask.split('.').map(Number);
  return address
    .split('.')
    .map((part, index) => Number(part) & (mask[index] ?? 0))
    .join('.');
}

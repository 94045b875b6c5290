/** Blocks that are read from ifconfig, ip, networksetup and the tables of Unix tools. */
import {
  type IfconfigInterface,
  parseHardwarePorts,
  parseIfconfig,
} from '@muster/agent/inventory/parsers/ifconfig.ts';
import {
  parseDefaultGateway,
  parseIpAddressShow,
  type IpInterface,
} from '@muster/agent/inventory/parsers/ip-command.ts';
import {
  parseDf,
  parseMount,
  parseNetstatRoutes,
  parsePs,
} from '@muster/agent/inventory/parsers/unix-tables.ts';
import { glpiMebibytes } from '@muster/shared/inventory/glpi.ts';
import { type Adapters, type CaseFiles, onlyText } from '../case.ts';
import { ipv4Mask, ipv4Network, ipv6Mask, ipv6Network } from './addresses.ts';

export const networkTools: Adapters = {
  agent__tools__bsd: { ifconfig_tests: (files) => parseIfconfig(onlyText(files)).flatMap(bsdInterface) },
  agent__tools__linux: {
    ifconfig_tests: (files) => parseIfconfig(onlyText(files)).map(linuxInterface),
    ipaddrshow_tests: (files) => parseIpAddressShow(onlyText(files)).flatMap(ipInterface),
    gateway_tests: (files) => parseDefaultGateway(onlyText(files)),
  },
  agent__tools__unix: {
    df_tests: fileSystems,
    netstat_tests: routes,
    mount_tests: mountTypes,
    other_ps_tests: processes,
  },
  tasks__inventory__macos__networks: { tests: macInterfaces },
};

/** One entry per address; one without where there is none. */
function bsdInterface(one: IfconfigInterface): unknown[] {
  const common = {
    DESCRIPTION: one.name,
    MACADDR: one.mac,
    MTU: one.mtu,
    STATUS: one.flags.includes('UP') ? 'Up' : 'Down',
    TYPE: mediumType(one.link),
  };
  if (one.addresses.length === 0) return [common];
  return one.addresses.map((address) => ({
    ...common,
    ...addressFields(address.family, address.address, address.prefix),
  }));
}

function mediumType(link: string | null): string | null {
  if (link === 'Ethernet') return 'ethernet';
  return link === 'IEEE 802.11' ? 'wifi' : null;
}

function addressFields(
  family: 'ipv4' | 'ipv6',
  address: string,
  prefix: number | null,
): Record<string, string | null> {
  if (family === 'ipv4')
    return { IPADDRESS: address, IPMASK: ipv4Mask(prefix), IPSUBNET: ipv4Network(address, prefix) };
  return { IPADDRESS6: address, IPMASK6: ipv6Mask(prefix), IPSUBNET6: ipv6Network(address, prefix) };
}

/** One entry per interface; the last address of each family. */
function linuxInterface(one: IfconfigInterface): unknown {
  const ipv4 = one.addresses.findLast(({ family }) => family === 'ipv4');
  const ipv6 = one.addresses.findLast(({ family }) => family === 'ipv6');
  return {
    DESCRIPTION: one.name,
    MACADDR: one.mac?.toUpperCase(),
    STATUS: one.flags.includes('UP') ? 'Up' : 'Down',
    TYPE: mediumType(one.link),
    IPADDRESS: ipv4?.address,
    IPMASK: ipv4Mask(ipv4?.prefix ?? null),
    IPADDRESS6: ipv6 === undefined ? null : `${ipv6.address}/${ipv6.prefix}`,
  };
}

/** Aliases count as interfaces; all but labelled addresses carry the interface's whole name. */
function ipInterface(one: IpInterface): unknown[] {
  const common = { MACADDR: one.mac, STATUS: one.flags.includes('UP') ? 'Up' : 'Down' };
  const whole = one.parent === null ? one.name : `${one.name}@${one.parent}`;
  const entries = one.addresses.map(({ family, address, prefix, label }) => ({
    ...common,
    DESCRIPTION: label ?? whole,
    ...addressFields(family, address, prefix),
  }));
  const own = one.addresses.some(({ label }) => label === null || !label.includes(':'));
  return own ? entries : [{ ...common, DESCRIPTION: whole }, ...entries];
}

/** File systems without free space are left out there. */
function fileSystems(files: CaseFiles): unknown {
  return parseDf(onlyText(files))
    .filter(({ sizeBytes, freeBytes }) => sizeBytes > 0 && freeBytes > 0)
    .map((one) => ({
      VOLUMN: one.device,
      FILESYSTEM: one.type,
      TOTAL: glpiMebibytes(one.sizeBytes),
      FREE: glpiMebibytes(one.freeBytes),
      TYPE: one.mount,
    }));
}

const DESTINATION = /^(?:default|\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?|\d{1,3}(?:\.\d{1,3}){0,2}\/\d{1,2})$/;
const GATEWAY = /^(?:\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9a-f]{1,2}:){5}[0-9a-f]{1,2}|link#\d+)$/i;

/** Destination → gateway of whole addresses and networks with a length. */
function routes(files: CaseFiles): unknown {
  return Object.fromEntries(
    parseNetstatRoutes(onlyText(files))
      .filter(({ destination, gateway }) => DESTINATION.test(destination) && GATEWAY.test(gateway))
      .map(({ destination, gateway }) => [destination, gateway]),
  );
}

/** Types in use; where the system prints none, what stands in their place. */
function mountTypes(files: CaseFiles): unknown {
  const types = parseMount(onlyText(files))
    .filter(({ device }) => !device.includes(' '))
    .flatMap(({ type, options }) => type ?? options[0] ?? []);
  return [...new Set(types)];
}

function processes(files: CaseFiles): unknown {
  return parsePs(onlyText(files)).map((one) => ({
    USER: one.user,
    PID: one.pid,
    CPUUSAGE: one.cpuPercent?.toFixed(1),
    MEM: one.memoryPercent?.toFixed(1),
    VIRTUALMEMORY: one.virtualBytes === null ? null : one.virtualBytes / 1024,
    TTY: one.tty,
    // The time of the recording is not recorded: any start will do.
    STARTED: one.elapsedMs === null ? null : new Date(-one.elapsedMs).toISOString(),
    CMD: one.command,
  }));
}

function macInterfaces(files: CaseFiles): unknown {
  const ports = parseHardwarePorts(files.find(({ path }) => path.endsWith('networksetup'))?.text ?? '');
  const ifconfig = files.find(({ path }) => !path.endsWith('networksetup'))?.text ?? '';
  return parseIfconfig(ifconfig).map((one) => {
    const port = ports.find(({ device }) => device === one.name)?.port;
    const ipv4 = one.addresses.findLast(({ family }) => family === 'ipv4');
    const ipv6 = one.addresses.findLast(({ family }) => family === 'ipv6');
    return {
      DESCRIPTION: port ?? one.name,
      MACADDR: one.mac,
      MTU: one.mtu,
      STATUS: one.carrier === 'active' ? 'Up' : 'Down',
      TYPE: macType(one, port),
      VIRTUALDEV: port === undefined ? 1 : 0,
      IPADDRESS: ipv4?.address,
      IPMASK: ipv4Mask(ipv4?.prefix ?? null),
      IPSUBNET: ipv4 === undefined ? null : ipv4Network(ipv4.address, ipv4.prefix),
      IPADDRESS6: ipv6?.address,
    };
  });
}

function macType(one: IfconfigInterface, port: string | undefined): string | null {
  if (one.flags.includes('LOOPBACK')) return 'loopback';
  if (port === undefined) return null;
  if (/wi-?fi|airport/i.test(port)) return 'wifi';
  if (/bluetooth/i.test(port)) return 'bluetooth';
  return one.name.startsWith('bridge') ? 'bridge' : 'ethernet';
}

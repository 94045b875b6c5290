/**
 * Further machines on this one, for real agents: a host name, an operating system id and a time zone of their own by
 * namespaces, and where wanted a network of their own that can be cut. Needs root, unshare(1) and ip(8).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './harness.ts';

/** Why there can be none here; null: there can. */
export function noOtherMachines(): string | null {
  if (process.platform !== 'linux') return 'only Linux has the namespaces for it';
  if (process.getuid?.() !== 0) return 'it needs root';
  if (spawnSync('unshare', ['--mount', '--uts', 'true']).status !== 0)
    return 'unshare(1) is missing or not allowed';
  return null;
}

/** Why no network can be made here; null: one can. */
export function noNetworks(): string | null {
  const reason = noOtherMachines();
  if (reason !== null) return reason;
  const name = nameOf('probe');
  if (spawnSync('ip', ['netns', 'add', name]).status !== 0) return 'ip(8) is missing or not allowed';
  execFileSync('ip', ['netns', 'delete', name]);
  return null;
}

/** What stands before a command that shall run on the machine `hostname`. The process keeps its id: it is exec'd. */
export function onMachine(
  hostname: string,
  timeZone: string,
  network?: Network,
  /** What the kernel tells of the firmware, file by file of /sys/class/dmi/id. */
  firmware: Readonly<Record<string, string>> = {},
): string[] {
  const told = temporaryFolder('firmware');
  for (const [file, text] of Object.entries(firmware)) writeFileSync(join(told, file), `${text}\n`);
  const etc = temporaryFolder('etc');
  cpSync('/etc', etc, { recursive: true, verbatimSymlinks: true });
  const replace = (file: string) => rmSync(join(etc, file), { force: true });
  replace('machine-id');
  writeFileSync(join(etc, 'machine-id'), `${randomBytes(16).toString('hex')}\n`);
  replace('localtime');
  symlinkSync(`/usr/share/zoneinfo/${timeZone}`, join(etc, 'localtime'));
  replace('timezone');
  writeFileSync(join(etc, 'timezone'), `${timeZone}\n`);
  // The firmware of this machine would give all of them one serial number.
  const script = [
    'set -e',
    'mount --bind "$1" /etc',
    'hostname "$2"',
    'for firmware in /sys/class/dmi /sys/devices/virtual/dmi /sys/firmware/dmi; do',
    '  if [ -d "$firmware" ]; then mount -t tmpfs tmpfs "$firmware"; fi',
    'done',
    // The classes of devices as they are, and the firmware beside them.
    'if [ -n "$(ls -A "$3")" ]; then',
    '  mkdir -p "$3.class" && mount --rbind /sys/class "$3.class" && mount -t tmpfs tmpfs /sys/class',
    '  for kind in "$3.class"/*; do',
    '    to="/sys/class/$(basename "$kind")"; mkdir -p "$to"; mount --bind "$kind" "$to"',
    '  done',
    '  mkdir -p /sys/class/dmi/id && cp "$3"/* /sys/class/dmi/id/',
    'fi',
    'shift 3',
    'exec "$@"',
  ].join('\n');
  const inside = ['unshare', '--mount', '--uts', 'sh', '-c', script, 'sh', etc, hostname, told];
  return network ? ['ip', 'netns', 'exec', network.name, ...inside] : inside;
}

export interface Network {
  readonly name: string;
  /** Of this machine, as the network sees it. */
  readonly hostAddress: string;
  /** Of whatever runs in it. */
  readonly address: string;
  cut(): void;
  mend(): void;
  remove(): void;
}

interface CableNetwork extends Network {
  /** What runs in it has another address and another way out, as after a change of the network: what was connected hears nothing of it. */
  move(): void;
}

/** A network with one address, joined to this machine by one cable. Reaches nothing else. */
export function createNetwork(label: string): CableNetwork {
  const name = nameOf(label);
  const near = `${name}-h`.slice(-15);
  const [hostAddress, address] = addressPair();
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const inside = (...args: string[]) => ip('-n', name, ...args);
  let gateway = hostAddress;
  const connect = () => {
    inside('link', 'set', 'eth0', 'up');
    inside('route', 'replace', 'default', 'via', gateway);
  };
  ip('netns', 'add', name);
  ip('link', 'add', near, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  ip('address', 'add', `${hostAddress}/30`, 'dev', near);
  ip('link', 'set', near, 'up');
  inside('link', 'set', 'lo', 'up');
  inside('address', 'add', `${address}/30`, 'dev', 'eth0');
  connect();
  return {
    name,
    hostAddress,
    address,
    cut: () => inside('link', 'set', 'eth0', 'down'),
    mend: connect,
    move: () => {
      const [nextHostAddress, nextAddress] = addressPair();
      gateway = nextHostAddress;
      ip('address', 'add', `${nextHostAddress}/30`, 'dev', near);
      inside('address', 'flush', 'dev', 'eth0', 'scope', 'global');
      inside('address', 'add', `${nextAddress}/30`, 'dev', 'eth0');
      connect();
    },
    remove: () => {
      ip('netns', 'delete', name);
      // It goes with its peer, but a moment later.
      spawnSync('ip', ['link', 'delete', near]);
    },
  };
}

/** A network of one machine, which has no cable: what runs in it reaches itself alone. */
export function createLoneNetwork(label: string): { name: string; prefix: string[]; remove(): void } {
  const name = nameOf(label);
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  ip('netns', 'add', name);
  ip('-n', name, 'link', 'set', 'lo', 'up');
  return { name, prefix: ['ip', 'netns', 'exec', name], remove: () => ip('netns', 'delete', name) };
}

function nameOf(label: string): string {
  return `mu${process.pid}-${label}`;
}

let pairs = 0;

/** Two addresses of a /30 in 198.18.0.0/15, which is set aside for tests between networks (RFC 2544). */
function addressPair(): [string, string] {
  const block = pairs++ * 4;
  const prefix = `198.${18 + (process.pid & 1)}.${(process.pid >> 1) & 255}`;
  return [`${prefix}.${block + 1}`, `${prefix}.${block + 2}`];
}

/** A small office on this machine: namespaces joined by a bridge, which is also their gateway and where the server listens. */
import { execFileSync, spawnSync } from 'node:child_process';
import type { Network } from './other-machine.ts';

export interface Lan {
  readonly subnet: string;
  /** Of this machine: gateway and server. */
  readonly hostAddress: string;
  /** A machine of its own on the network. */
  join(label: string): LanMachine;
  remove(): void;
}

export interface LanMachine extends Omit<Network, 'move'> {
  /** It runs on, but what it would send to the server goes nowhere. */
  loseServer(): void;
}

let lans = 0;

/** Addresses of 198.18.0.0/15, set aside for tests between networks (RFC 2544). */
export function createLan(): Lan {
  const bridge = `mu${process.pid}br${lans}`.slice(-15);
  const prefix = `198.19.${(process.pid + lans++) & 255}`;
  const hostAddress = `${prefix}.1`;
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  ip('link', 'add', bridge, 'type', 'bridge');
  ip('address', 'add', `${hostAddress}/24`, 'dev', bridge);
  ip('link', 'set', bridge, 'up');
  const machines: LanMachine[] = [];
  return {
    subnet: `${prefix}.0/24`,
    hostAddress,
    join: (label) => {
      const name = `mu${process.pid}-${label}`;
      const near = `mu${process.pid}p${machines.length}`.slice(-15);
      const address = `${prefix}.${10 + machines.length}`;
      const inside = (...args: string[]) => ip('-n', name, ...args);
      const connect = () => {
        inside('link', 'set', 'eth0', 'up');
        inside('route', 'replace', 'default', 'via', hostAddress);
      };
      ip('netns', 'add', name);
      ip('link', 'add', near, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
      ip('link', 'set', near, 'master', bridge, 'up');
      inside('link', 'set', 'lo', 'up');
      inside('address', 'add', `${address}/24`, 'dev', 'eth0');
      connect();
      const machine: LanMachine = {
        name,
        hostAddress,
        address,
        cut: () => inside('link', 'set', 'eth0', 'down'),
        mend: connect,
        loseServer: () => inside('route', 'add', 'blackhole', `${hostAddress}/32`),
        remove: () => {
          ip('netns', 'delete', name);
          spawnSync('ip', ['link', 'delete', near]);
        },
      };
      machines.push(machine);
      return machine;
    },
    remove: () => {
      for (const machine of machines) machine.remove();
      ip('link', 'delete', bridge);
    },
  };
}

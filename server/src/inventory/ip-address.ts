/** IP addresses that lead to a machine. */
import type { Snapshot } from '@muster/shared/inventory/sections.ts';

type Interface = NonNullable<Snapshot['network']>['interfaces'][number];

/** Bridges that every container or guest host has, with the same address on each. */
const HOST_ONLY_BRIDGES =
  /^(docker|br-[0-9a-f]{12}|virbr|lxdbr|lxcbr|cni|podman|cbr|flannel|vmnet|vboxnet|kube-|dummy|nodelocaldns)/;

/** Lower case, sorted, each once; without loopback, link-local, multicast and the bridges of container engines. */
export function usableAddresses(interfaces: readonly Interface[]): string[] {
  const addresses = usableInterfaces(interfaces)
    .flatMap((entry) => entry.addresses.map(({ address }) => address.toLowerCase()))
    .filter(isUsableAddress);
  return [...new Set(addresses)].sort();
}

/** Without loopback and the bridges of container engines. */
export function usableInterfaces(interfaces: readonly Interface[]): Interface[] {
  return interfaces.filter((entry) => entry.kind !== 'loopback' && !HOST_ONLY_BRIDGES.test(entry.name));
}

/** Neither loopback nor link-local nor multicast. */
export function isUsableAddress(spelled: string): boolean {
  const address = spelled.toLowerCase();
  if (address.includes(':')) return !/^(::1?$|fe[89ab]|ff)/.test(address);
  const first = Number(address.split('.')[0]);
  return first !== 0 && first !== 127 && first < 224 && !address.startsWith('169.254.');
}

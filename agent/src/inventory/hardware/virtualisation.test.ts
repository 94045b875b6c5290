import { expect, test } from 'vitest';
import { acpiOemId, detectVirtualisation } from './virtualisation.ts';
import type { ContainerHints, VirtualisationHints } from './virtualisation.ts';

const NO_CONTAINER: ContainerHints = {
  systemdContainer: null,
  dockerenv: false,
  containerenv: false,
  cgroup: '0::/init.scope',
  rootMount: null,
  openvz: false,
};
const BARE: VirtualisationHints = {
  container: NO_CONTAINER,
  systemVendor: 'Dell Inc.',
  productName: 'PowerEdge R740',
  biosVendor: 'Dell Inc.',
  boardVendor: 'Dell Inc.',
  smbiosVirtualMachine: false,
  cpuHypervisor: false,
  hypervisorType: null,
  xenCapabilities: null,
  acpiOemId: 'DELL',
  deviceTreeHypervisor: null,
  kernelRelease: '6.1.0-37-amd64',
};

test('[IN15] a real machine is not virtual', () => {
  expect(detectVirtualisation(BARE)).toBeNull();
});

test.each<[string | null, Partial<VirtualisationHints>]>([
  ['vmware', { systemVendor: 'VMware, Inc.', productName: 'VMware Virtual Platform', cpuHypervisor: true }],
  ['virtualbox', { systemVendor: 'innotek GmbH', productName: 'VirtualBox' }],
  ['hyperv', { systemVendor: 'Microsoft Corporation', productName: 'Virtual Machine', cpuHypervisor: true }],
  [null, { systemVendor: 'Microsoft Corporation', productName: 'Surface Pro 7' }],
  [
    'kvm',
    {
      systemVendor: 'QEMU',
      productName: 'Standard PC (Q35 + ICH9, 2009)',
      biosVendor: 'SeaBIOS',
      cpuHypervisor: true,
    },
  ],
  ['qemu', { systemVendor: 'QEMU', productName: 'Standard PC (i440FX + PIIX, 1996)', biosVendor: 'SeaBIOS' }],
  ['kvm', { systemVendor: 'Red Hat', productName: 'KVM' }],
  ['kvm', { systemVendor: 'OpenStack Foundation', productName: 'OpenStack Nova' }],
  ['kvm', { systemVendor: 'Alibaba Cloud', productName: 'Alibaba Cloud ECS' }],
  ['amazon', { systemVendor: 'Amazon EC2', productName: 'm5.large' }],
  [null, { systemVendor: 'Amazon EC2', productName: 'm5.metal' }],
  ['google', { systemVendor: 'Google', productName: 'Google Compute Engine' }],
  ['xen', { systemVendor: 'Xen', productName: 'HVM domU' }],
  [
    'xen',
    { systemVendor: null, productName: null, biosVendor: null, boardVendor: null, hypervisorType: 'xen' },
  ],
  [null, { hypervisorType: 'xen', xenCapabilities: 'control_d' }],
  [
    'firecracker',
    {
      systemVendor: null,
      productName: null,
      biosVendor: null,
      boardVendor: null,
      acpiOemId: 'FIRECK',
      cpuHypervisor: true,
    },
  ],
  ['kvm', { systemVendor: null, productName: null, deviceTreeHypervisor: 'linux,kvm' }],
  ['vm', { cpuHypervisor: true }],
  ['vm', { smbiosVirtualMachine: true }],
  ['wsl', { systemVendor: null, kernelRelease: '5.15.153.1-microsoft-standard-WSL2', cpuHypervisor: true }],
])('[IN15] %s', (expected, hints) => {
  expect(detectVirtualisation({ ...BARE, ...hints })).toBe(expected);
});

const OVERLAY =
  '731 520 0:62 / / rw,relatime - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/A,upperdir=/var/lib/docker/overlay2/b/diff';
const OWN_DISK = '27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard';

test.each<[string | null, Partial<ContainerHints>]>([
  ['systemd-nspawn', { systemdContainer: 'systemd-nspawn' }],
  ['docker', { dockerenv: true, rootMount: OVERLAY }],
  ['docker', { cgroup: '12:pids:/docker/3f4e\n', rootMount: OVERLAY }],
  ['docker', { rootMount: OVERLAY }],
  ['kubernetes', { cgroup: '1:name=systemd:/kubepods/besteffort/pod1/abc', dockerenv: true }],
  ['podman', { containerenv: true }],
  ['lxc', { cgroup: '9:memory:/lxc/web01' }],
  ['openvz', { openvz: true }],
  [
    'containerd',
    {
      rootMount:
        '1 0 0:5 / / rw - overlay overlay rw,upperdir=/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/9/fs',
    },
  ],
  [null, { dockerenv: true, rootMount: OWN_DISK }],
  [null, { rootMount: OWN_DISK }],
])('[IN15] container: %s', (expected, hints) => {
  expect(detectVirtualisation({ ...BARE, container: { ...NO_CONTAINER, ...hints } })).toBe(expected);
});

test('[IN15] a container in a virtual machine is the container', () => {
  const container = { ...NO_CONTAINER, dockerenv: true, rootMount: OVERLAY };
  expect(detectVirtualisation({ ...BARE, systemVendor: 'QEMU', cpuHypervisor: true, container })).toBe(
    'docker',
  );
});

test('the OEM id is cut from the header of an ACPI table', () => {
  const table = new Uint8Array(36);
  table.set(Buffer.from('DSDT'), 0);
  table.set(Buffer.from('VBOX  '), 10);
  expect(acpiOemId(table)).toBe('VBOX');
  expect(acpiOemId(table.subarray(0, 12))).toBeNull();
});

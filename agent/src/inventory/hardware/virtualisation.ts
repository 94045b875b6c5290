/** Which hypervisor or container the machine runs in, from what firmware and kernel show. */

/** What the decision rests on; null or false where nothing was found. */
export interface VirtualisationHints {
  readonly container: ContainerHints;
  readonly systemVendor: string | null;
  readonly productName: string | null;
  readonly biosVendor: string | null;
  readonly boardVendor: string | null;
  /** SMBIOS type 0 says that the table describes a virtual machine. */
  readonly smbiosVirtualMachine: boolean;
  /** The CPU shows the hypervisor feature bit. */
  readonly cpuHypervisor: boolean;
  /** /sys/hypervisor/type */
  readonly hypervisorType: string | null;
  /** /proc/xen/capabilities */
  readonly xenCapabilities: string | null;
  /** OEM id in the header of the ACPI table DSDT. */
  readonly acpiOemId: string | null;
  /** /proc/device-tree/hypervisor/compatible */
  readonly deviceTreeHypervisor: string | null;
  /** /proc/sys/kernel/osrelease */
  readonly kernelRelease: string | null;
}

export interface ContainerHints {
  /** /run/systemd/container */
  readonly systemdContainer: string | null;
  /** /.dockerenv is there. */
  readonly dockerenv: boolean;
  /** /run/.containerenv is there. */
  readonly containerenv: boolean;
  /** /proc/1/cgroup */
  readonly cgroup: string | null;
  /** The line of `/` in /proc/self/mountinfo. */
  readonly rootMount: string | null;
  /** /proc/vz is there and /proc/bc is not. */
  readonly openvz: boolean;
}

/** A container counts before the hypervisor under it. */
export function detectVirtualisation(hints: VirtualisationHints): string | null {
  return containerName(hints.container) ?? hypervisorName(hints);
}

function containerName(hints: ContainerHints): string | null {
  if (hints.systemdContainer !== null) return hints.systemdContainer;
  const cgroup = hints.cgroup ?? '';
  if (/kubepods/.test(cgroup)) return 'kubernetes';
  if (/[/-]docker[/-]/.test(cgroup)) return 'docker';
  if (/libpod/.test(cgroup)) return 'podman';
  if (/[/.]lxc[/.]/.test(cgroup)) return 'lxc';
  if (hints.openvz) return 'openvz';
  return containerOfMarker(hints) ?? containerOfRootMount(hints.rootMount ?? '');
}

/** A marker file proves nothing on a root of its own: virtual machines are made from container images too. */
function containerOfMarker(hints: ContainerHints): string | null {
  if (hints.rootMount !== null && isWholeBlockDevice(hints.rootMount)) return null;
  if (hints.dockerenv) return 'docker';
  return hints.containerenv ? 'podman' : null;
}

/** mountinfo: the fourth field is the folder that is mounted, the source stands after ' - type'. */
function isWholeBlockDevice(rootMount: string): boolean {
  const [place, what] = rootMount.split(' - ');
  const source = what?.split(' ')[1] ?? '';
  return place?.split(' ')[3] === '/' && source.startsWith('/dev/') && !source.includes('docker');
}

/** With cgroup v2 the cgroup file says nothing; the layers of the root overlay still lie in the engine's folder. */
function containerOfRootMount(rootMount: string): string | null {
  if (rootMount.includes('/var/lib/docker/')) return 'docker';
  if (rootMount.includes('/var/lib/containers/') || rootMount.includes('/.local/share/containers/'))
    return 'podman';
  if (rootMount.includes('/io.containerd.')) return 'containerd';
  return null;
}

function hypervisorName(hints: VirtualisationHints): string | null {
  if (hints.kernelRelease !== null && /microsoft/i.test(hints.kernelRelease)) return 'wsl';
  // A privileged Xen domain sees the real machine.
  if (hints.xenCapabilities?.includes('control_d')) return null;
  return (
    hypervisorOfFirmware(hints) ??
    hypervisorOfAcpi(hints.acpiOemId) ??
    (hints.hypervisorType === 'xen' ? 'xen' : null) ??
    hypervisorOfDeviceTree(hints.deviceTreeHypervisor) ??
    (hints.smbiosVirtualMachine || hints.cpuHypervisor ? 'vm' : null)
  );
}

type Pattern = readonly [RegExp, string];

/** Words that hypervisors and clouds write into system vendor, product, board vendor or BIOS vendor. */
const FIRMWARE_PATTERNS: readonly Pattern[] = [
  [/\bVMware\b|\bVMW\b/, 'vmware'],
  [/\bVirtualBox\b|innotek/i, 'virtualbox'],
  [/\bHVM domU\b|^Xen\b/, 'xen'],
  [/Amazon EC2/, 'amazon'],
  [/Google Compute Engine/, 'google'],
  [/\bParallels\b/, 'parallels'],
  [/\bBHYVE\b/i, 'bhyve'],
  [/Apple Virtualization/, 'apple'],
  [/\bNutanix\b.*\bAHV\b|^AHV$/, 'nutanix'],
  [
    /\boVirt\b|\bRHEV\b|\bKVM\b|OpenStack|Alibaba Cloud|Tencent Cloud|CVM|HUAWEICLOUD|\bDroplet\b|DigitalOcean|Hetzner.*vServer|^vServer$/,
    'kvm',
  ],
  [/\bQEMU\b|\bBochs\b|SeaBIOS|Standard PC \((i440FX|Q35)/, 'qemu'],
];

function hypervisorOfFirmware(hints: VirtualisationHints): string | null {
  if (hints.systemVendor === 'Microsoft Corporation' && hints.productName === 'Virtual Machine')
    return 'hyperv';
  // A whole machine of a cloud carries the cloud's name and no hypervisor.
  if (/\.metal\b|bare ?metal/i.test(hints.productName ?? '')) return null;
  const words = [hints.systemVendor, hints.productName, hints.boardVendor, hints.biosVendor].filter(
    (word) => word !== null,
  );
  const found = FIRMWARE_PATTERNS.find(([pattern]) => words.some((word) => pattern.test(word)));
  if (!found) return null;
  // QEMU emulates, or runs on KVM: the feature bit is set either way, and x86 guests without KVM are rare.
  return found[1] === 'qemu' && hints.cpuHypervisor ? 'kvm' : found[1];
}

const ACPI_OEM_IDS: Readonly<Record<string, string>> = {
  FIRECK: 'firecracker',
  BOCHS: 'qemu',
  VBOX: 'virtualbox',
  CLOUDH: 'cloud-hypervisor',
  BHYVE: 'bhyve',
  CROSVM: 'crosvm',
};

/** The OEM id stands at bytes 10 to 15 of every ACPI table header (ACPI 5.2.6). */
export function acpiOemId(table: Uint8Array): string | null {
  if (table.length < 16) return null;
  const id = new TextDecoder('latin1').decode(table.subarray(10, 16)).replaceAll('\0', ' ').trim();
  return id === '' ? null : id;
}

function hypervisorOfAcpi(oemId: string | null): string | null {
  return oemId === null ? null : (ACPI_OEM_IDS[oemId] ?? null);
}

function hypervisorOfDeviceTree(compatible: string | null): string | null {
  if (compatible === null) return null;
  if (compatible.includes('linux,kvm')) return 'kvm';
  if (compatible.includes('xen')) return 'xen';
  if (compatible.includes('vmware')) return 'vmware';
  return 'vm';
}

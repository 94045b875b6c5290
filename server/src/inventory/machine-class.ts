/** Which class a computer most likely belongs to, from chassis, hypervisor, operating system and software. */
import type { Snapshot } from '@muster/shared/inventory/sections.ts';
import type { ProposedClass } from './facts.ts';

/** Names of systemd-detect-virt and of our agent for what shares its kernel with a host. */
const CONTAINERS = new Set(
  'docker podman lxc lxc-libvirt systemd-nspawn kubernetes containerd openvz rkt container container-other pouch crio'.split(
    ' ',
  ),
);

export function isContainer(virtualisation: string | null): boolean {
  return virtualisation !== null && CONTAINERS.has(virtualisation.toLowerCase());
}

/** A virtual machine stays one whatever runs in it; of the rest the strongest sign decides. */
export function proposeClass(snapshot: Snapshot): ProposedClass {
  if ((snapshot.hardware?.virtualisation ?? null) !== null) return 'VirtualMachine';
  return byEdition(snapshot) ?? byChassis(snapshot) ?? byModel(snapshot) ?? bySoftware(snapshot);
}

function byEdition(snapshot: Snapshot): ProposedClass | null {
  const os = snapshot.os;
  if (os?.family === 'windows') return /\bserver\b/i.test(os.name ?? '') ? 'Server' : 'Workstation';
  return os?.family === 'macos' ? 'Workstation' : null;
}

const SERVER_CHASSIS = new Set([
  'Main Server Chassis',
  'Rack Mount Chassis',
  'Blade',
  'Blade Enclosure',
  'Multi-system Chassis',
  'Expansion Chassis',
  'SubChassis',
  'RAID Chassis',
  'Compact PCI',
  'Advanced TCA',
]);
const PORTABLE_CHASSIS = new Set([
  'Portable',
  'Laptop',
  'Notebook',
  'Hand Held',
  'Sub Notebook',
  'All in One',
  'Tablet',
  'Convertible',
  'Detachable',
]);

function byChassis(snapshot: Snapshot): ProposedClass | null {
  const type = snapshot.hardware?.chassis.type ?? '';
  if (SERVER_CHASSIS.has(type)) return 'Server';
  return PORTABLE_CHASSIS.has(type) ? 'Workstation' : null;
}

const SERVER_MODELS =
  /\b(PowerEdge|ProLiant|ThinkSystem|ThinkServer|System x|PRIMERGY|PRIMEQUEST|FusionServer|TaiShan|Synergy|UCS|SuperServer|Atlas)\b/i;
const WORKSTATION_MODELS =
  /\b(OptiPlex|Latitude|XPS|Precision|Vostro|Inspiron|ThinkCentre|ThinkPad|ThinkStation|EliteBook|EliteDesk|ProBook|ProDesk|ESPRIMO|LIFEBOOK|CELSIUS|MacBook|iMac)\b/i;

function byModel(snapshot: Snapshot): ProposedClass | null {
  const system = snapshot.hardware?.system;
  const words = `${system?.model ?? ''} ${system?.version ?? ''}`;
  if (SERVER_MODELS.test(words)) return 'Server';
  return WORKSTATION_MODELS.test(words) ? 'Workstation' : null;
}

/** What draws a desktop or a login screen. */
const DESKTOP_PACKAGES =
  /^(gnome-shell|plasma-desktop|plasma-workspace|xfce4-session|xfce4-panel|cinnamon|mate-session-manager|lxqt-session|lxsession|budgie-desktop|ukui-session-manager|dde-session|deepin-desktop-base|gdm3?|sddm|lightdm)$/;

/** A tower without a desktop serves; without a list of software nobody knows, and most towers stand under desks. */
function bySoftware(snapshot: Snapshot): ProposedClass {
  const packages = snapshot.software?.packages;
  if (packages?.some((entry) => DESKTOP_PACKAGES.test(entry.name))) return 'Workstation';
  if (packages !== undefined && packages.length > 0) return 'Server';
  return snapshot.hardware?.chassis.type ? 'Workstation' : 'Server';
}

/** Protection of a Linux machine: virus scanners, firewalls, encryption, secure boot, access control, remote control. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import { DAY_MS } from '@muster/shared/time.ts';
import type { Host } from '../../host.ts';
import { installedProgram } from '../programs.ts';
import { listProcesses } from '../processes.ts';
import type { CollectedSection } from '../section.ts';
import { byText, cleanText, readValue } from '../text.ts';
import { hasInputChain, iptablesFilters } from './firewall.ts';

type Security = SectionData['security'];
type Antivirus = Security['antivirus'][number];
type Firewall = Security['firewalls'][number];

export async function collectLinuxSecurity(host: Host): Promise<CollectedSection<'security'>> {
  const running = new Set(listProcesses(host).map(({ name }) => name));
  const firewalls = await readFirewalls(host, running);
  return {
    data: {
      antivirus: readAntivirus(host, running),
      firewalls: firewalls.found,
      diskEncryption: readEncryption(host),
      secureBoot: readSecureBoot(host),
      accessControl: readAccessControl(host),
      remoteControls: readRemoteControls(host),
    },
    complete: firewalls.notes.length === 0,
    notes: firewalls.notes,
  };
}

/** Scanners by the place they install to and the process that protects (names cut at 15 characters, as the kernel does). */
const SCANNERS: readonly { name: string; place: string; process: string }[] = [
  { name: 'ClamAV', place: '/usr/sbin/clamd', process: 'clamd' },
  { name: 'Microsoft Defender', place: '/opt/microsoft/mdatp', process: 'wdavdaemon' },
  { name: 'CrowdStrike Falcon', place: '/opt/CrowdStrike', process: 'falcon-sensor' },
  { name: 'SentinelOne', place: '/opt/sentinelone', process: 's1-agent' },
  { name: 'Sophos', place: '/opt/sophos-spl', process: 'sophos_watchdog' },
  { name: 'ESET', place: '/opt/eset/eea', process: 'oaeventd' },
  { name: 'Kaspersky Endpoint Security', place: '/opt/kaspersky/kesl', process: 'kesl' },
  { name: 'Bitdefender', place: '/opt/bitdefender-security-tools', process: 'bdsecd' },
  { name: 'Trend Micro Deep Security', place: '/opt/ds_agent', process: 'ds_agent' },
];
/** Signatures of ClamAV appear every day; a week without says that they do not arrive. */
const SIGNATURES_MS_MAX = 7 * DAY_MS;

function readAntivirus(host: Host, running: ReadonlySet<string>): Antivirus[] {
  return SCANNERS.filter(({ place }) => host.modifiedMs(place) !== null).map(({ name, process }) => ({
    name,
    version: null,
    enabled: running.has(process.slice(0, 15)),
    upToDate: name === 'ClamAV' ? clamavUpToDate(host) : null,
  }));
}

function clamavUpToDate(host: Host): boolean | null {
  const times = ['daily.cld', 'daily.cvd', 'daily.inc'].flatMap(
    (file) => host.modifiedMs(`/var/lib/clamav/${file}`) ?? [],
  );
  return times.length === 0 ? null : host.now() - Math.max(...times) < SIGNATURES_MS_MAX;
}

const FIREWALL_MS_MAX = 5_000;

async function readFirewalls(
  host: Host,
  running: ReadonlySet<string>,
): Promise<{ found: Firewall[]; notes: string[] }> {
  const found: Firewall[] = [];
  const notes: string[] = [];
  const add = (product: string, enabled: boolean | null) => found.push({ product, profile: null, enabled });
  const ufw = host.readText('/etc/ufw/ufw.conf');
  if (ufw !== null) add('ufw', /^\s*ENABLED\s*=\s*["']?yes/im.test(ufw));
  if (host.modifiedMs('/usr/sbin/firewalld') !== null) add('firewalld', running.has('firewalld'));
  if (installedProgram(host, 'nft') !== null) {
    const chains = await host.run('nft', ['-j', 'list', 'chains'], FIREWALL_MS_MAX);
    add('nftables', chains.ok ? hasInputChain(chains.stdout) : null);
    if (!chains.ok) notes.push('nft list chains failed');
  }
  // Only a kernel that has tables of the old kind is asked: the question itself would load them.
  if (
    /^filter$/m.test(host.readText('/proc/net/ip_tables_names') ?? '') &&
    installedProgram(host, 'iptables')
  ) {
    const rules = await host.run('iptables', ['-S', 'INPUT'], FIREWALL_MS_MAX);
    add('iptables', rules.ok ? iptablesFilters(rules.stdout) : null);
    if (!rules.ok) notes.push('iptables -S INPUT failed');
  }
  return { found: found.sort((a, b) => byText(a.product ?? '', b.product ?? '')), notes };
}

/** The device mapper names what made a device: 'CRYPT-LUKS2-<uuid>-<name>'. */
function readEncryption(host: Host): Security['diskEncryption'] {
  return host.list('/sys/block').flatMap((name) => {
    const method = /^CRYPT-([A-Z0-9]+)-/.exec(readValue(host, `/sys/block/${name}/dm/uuid`) ?? '')?.[1];
    if (method === undefined || method === 'TEMP') return [];
    return [{ volume: readValue(host, `/sys/block/${name}/dm/name`) ?? name, method, enabled: true }];
  });
}

const SECURE_BOOT = '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c';

/** UEFI 3.3: four bytes of attributes, then one byte; null without UEFI. */
function readSecureBoot(host: Host): boolean | null {
  const bytes = host.readBytes(SECURE_BOOT, 16);
  return bytes === null || bytes.length === 0 ? null : bytes.at(-1) === 1;
}

function readAccessControl(host: Host): string | null {
  const enforce = readValue(host, '/sys/fs/selinux/enforce');
  if (enforce !== null) return enforce === '1' ? 'SELinux enforcing' : 'SELinux permissive';
  return readValue(host, '/sys/module/apparmor/parameters/enabled') === 'Y' ? 'AppArmor' : null;
}

/** The id is what somebody types to reach the machine; it opens nothing by itself. */
const REMOTE_CONTROLS: readonly { product: string; file: string; id: RegExp }[] = [
  { product: 'TeamViewer', file: '/etc/teamviewer/global.conf', id: /^\[int32\] ClientID = (\d+)/m },
  { product: 'AnyDesk', file: '/etc/anydesk/system.conf', id: /^ad\.anynet\.id=(\d+)/m },
];

function readRemoteControls(host: Host): Security['remoteControls'] {
  return REMOTE_CONTROLS.flatMap(({ product, file, id }) => {
    const text = host.readText(file);
    return text === null ? [] : [{ product, version: null, id: cleanText(id.exec(text)?.[1]) }];
  });
}

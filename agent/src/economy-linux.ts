/** Battery and metered line as Linux shows them in files. What cannot be known counts as mains and as free. */
import type { Line, Power } from './economy.ts';
import type { Host } from './host.ts';

const SUPPLIES = '/sys/class/power_supply';
const INTERFACES = '/sys/class/net';
const LEASES = '/run/systemd/netif/leases';
/** Telephones that share their line over USB. cdc_ether and cdc_ncm are also those of docks, so they prove nothing. */
const TETHERING_DRIVERS: ReadonlySet<string> = new Set(['rndis_host', 'ipheth']);
/** DHCP option 43 of an Android telephone that shares its line, as hex. */
const ANDROID_METERED = Buffer.from('ANDROID_METERED').toString('hex');

/** Documentation/ABI/testing/sysfs-class-power. Batteries of mice and headsets have the scope Device. */
export function powerOf(host: Host): Power {
  let discharges = false;
  for (const name of host.list(SUPPLIES)) {
    const of = (file: string) => host.readText(`${SUPPLIES}/${name}/${file}`)?.trim();
    if (of('scope') === 'Device') continue;
    const type = of('type');
    if (type !== 'Battery' && of('online') === '1') return 'mains';
    if (type === 'Battery' && of('status') === 'Discharging') discharges = true;
  }
  return discharges ? 'battery' : 'mains';
}

/** `told`: what the configuration says; null: look. Without asking NetworkManager, which would take a process of its own. */
export function lineOf(host: Host, told: boolean | null): Line {
  if (told !== null) return told ? 'metered' : 'free';
  const name = defaultInterface(host);
  return name !== null && (isModem(host, name) || isTethered(host, name)) ? 'metered' : 'free';
}

/** proc(5), /proc/net/route: the default route with the lowest metric; where there is none of IPv4, that of IPv6. */
function defaultInterface(host: Host): string | null {
  const routes = (host.readText('/proc/net/route') ?? '')
    .split('\n')
    .slice(1)
    .map((line) => line.split(/\s+/))
    .filter(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000')
    .map(([name = '', , , , , , metric]) => ({ name, metric: Number(metric) }));
  const six = (host.readText('/proc/net/ipv6_route') ?? '')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([to, prefix, , , , , , , , name]) => /^0+$/.test(to ?? '') && prefix === '00' && name !== 'lo')
    .map(([, , , , , metric = '', , , , name = '']) => ({ name, metric: Number.parseInt(metric, 16) }));
  const [first] = (routes.length > 0 ? routes : six).toSorted((a, b) => a.metric - b.metric);
  return first?.name ?? null;
}

function isModem(host: Host, name: string): boolean {
  return (
    /^(wwan|ppp|rmnet)/.test(name) ||
    /^DEVTYPE=wwan$/m.test(host.readText(`${INTERFACES}/${name}/uevent`) ?? '')
  );
}

function isTethered(host: Host, name: string): boolean {
  const driver = host.readLink(`${INTERFACES}/${name}/device/driver`)?.split('/').at(-1) ?? '';
  if (TETHERING_DRIVERS.has(driver)) return true;
  const index = host.readText(`${INTERFACES}/${name}/ifindex`)?.trim() ?? '';
  const lease = host.readText(`${LEASES}/${index}`) ?? '';
  return lease.toLowerCase().includes(ANDROID_METERED.toLowerCase());
}

/** Host name and domain of a machine. */

export interface MachineNames {
  /** First label. */
  readonly hostname: string;
  readonly domain: string | null;
}

/**
 * The domain from a host name with dots, else from the line of /etc/hosts that names the host, else from the
 * `domain` line of resolv.conf. Not from `search`: it changes with every network a laptop joins.
 */
export function splitHostname(name: string, hosts: string, resolvConf: string): MachineNames {
  const dot = name.indexOf('.');
  if (dot > 0) return { hostname: name.slice(0, dot), domain: cleanDomain(name.slice(dot + 1)) };
  return { hostname: name, domain: domainInHosts(name, hosts) ?? domainInResolvConf(resolvConf) };
}

function domainInHosts(name: string, hosts: string): string | null {
  if (name === '') return null;
  const prefix = `${name.toLowerCase()}.`;
  for (const line of hosts.split('\n')) {
    const words = (line.split('#')[0] ?? '').trim().toLowerCase().split(/\s+/).slice(1);
    const full = words.find((word) => word.startsWith(prefix));
    const domain = full === undefined ? null : cleanDomain(full.slice(prefix.length));
    if (domain !== null) return domain;
  }
  return null;
}

function domainInResolvConf(resolvConf: string): string | null {
  return cleanDomain(/^domain\s+(\S+)/m.exec(resolvConf)?.[1] ?? '');
}

/** 'localdomain' says that nobody set one. */
function cleanDomain(domain: string): string | null {
  const clean = domain.replace(/^\.+|\.+$/g, '').toLowerCase();
  return clean === '' || clean === 'localdomain' || clean === '(none)' ? null : clean;
}

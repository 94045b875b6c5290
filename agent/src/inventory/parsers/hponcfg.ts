/** Parser of `hponcfg -w`: the network settings of an HP iLO. No account, no password is read. */

export interface IloNetwork {
  readonly enabled: boolean;
  readonly address: string | null;
  readonly netmask: string | null;
  readonly gateway: string | null;
  readonly name: string | null;
  readonly speedBitsPerSecond: number | null;
}

const READ = new Set([
  'ENABLE_NIC',
  'IP_ADDRESS',
  'SUBNET_MASK',
  'GATEWAY_IP_ADDRESS',
  'DNS_NAME',
  'NIC_SPEED',
]);
const NO_ADDRESS = '0.0.0.0';

/** null where the text holds no network settings. */
export function parseHponcfg(text: string): IloNetwork | null {
  const values = new Map<string, string>();
  for (const [, name = '', value = ''] of text.matchAll(/<([A-Z_]{1,40}) VALUE="([^"]{0,256})"\/>/g)) {
    if (READ.has(name) && !values.has(name)) values.set(name, value);
  }
  if (values.size === 0) return null;
  const set = (name: string) => {
    const value = values.get(name) ?? '';
    return value === '' || value === NO_ADDRESS ? null : value;
  };
  const megabits = set('NIC_SPEED');
  return {
    enabled: values.get('ENABLE_NIC') === 'Y',
    address: set('IP_ADDRESS'),
    netmask: set('SUBNET_MASK'),
    gateway: set('GATEWAY_IP_ADDRESS'),
    name: set('DNS_NAME'),
    speedBitsPerSecond: megabits !== null && /^\d{1,6}$/.test(megabits) ? Number(megabits) * 1_000_000 : null,
  };
}

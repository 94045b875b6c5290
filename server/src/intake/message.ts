/** What another agent says, in one form whether it came as XML (FusionInventory, OCS, older GLPI) or as JSON (GLPI). */
import { DEVICES_PER_MESSAGE_MAX, SECTION_ITEMS_MAX } from './limits.ts';
import { parseJson } from './json.ts';
import { IntakeRefusal } from './refusal.ts';
import { entryOf, firstText, type Item, items, text, type Value } from './values.ts';
import { parseXml, type XmlElement } from './xml.ts';

/** Sections by the names of the GLPI inventory format, lower case; a section that is not there was not carried. */
export type Content = Readonly<Record<string, readonly Item[]>>;

export interface DeviceReport {
  /** `hostname-date-time`, made anew when the agent loses its state: never identity. */
  readonly deviceId: string;
  /** 'Computer', 'NetworkEquipment', 'Printer', 'Phone', 'Unmanaged'. */
  readonly itemType: string;
  /** Only what has changed; what is left out is unchanged. */
  readonly partial: boolean;
  readonly tag: string | null;
  /** As the agent calls itself, e.g. 'FusionInventory-Agent_v2.6-3'. */
  readonly versionClient: string | null;
  readonly content: Content;
}

export type Message = { readonly form: 'xml' | 'json' } & (
  | { readonly kind: 'prolog' }
  | { readonly kind: 'contact' }
  | { readonly kind: 'inventory'; readonly reports: readonly DeviceReport[] }
);

/** Never looked at: values of environment variables, arguments of processes, licence keys, registry values. */
const DROPPED_SECTIONS: ReadonlySet<string> = new Set([
  'envs',
  'processes',
  'licenseinfos',
  'registry',
  'ssh_key',
]);

/** @throws IntakeRefusal */
export async function readMessage(bytes: Uint8Array, breathe: () => Promise<void>): Promise<Message> {
  const body = decoded(bytes).trimStart();
  if (body === '') throw new IntakeRefusal('body-empty', 'there is nothing in it');
  if (body.startsWith('{')) return jsonMessage(parseJson(body));
  if (body.startsWith('<')) return xmlMessage(await parseXml(body, breathe));
  throw new IntakeRefusal('message-unknown', 'it is neither XML nor JSON');
}

/** UTF-8 but for agents that say otherwise; a byte that is wrong costs one character, not the report. */
function decoded(bytes: Uint8Array): string {
  return new TextDecoder(wideEncoding(bytes) ?? namedEncoding(bytes)).decode(bytes);
}

/** UTF-16 is known by its mark or by the zero beside the first character: its declaration cannot be read before. */
function wideEncoding([first = 0, second = 0]: Uint8Array): string | null {
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return 'utf-16le';
  return (first === 0xfe && second === 0xff) || (first === 0 && second !== 0) ? 'utf-16be' : null;
}

/** By the XML declaration, in the labels of the Encoding Standard, which has none that hides markup (UTF-7). */
function namedEncoding(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.subarray(0, 128)).toString('latin1');
  const [, named = 'utf-8'] = /^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*encoding=["']([\w-]+)["']/i.exec(head) ?? [];
  // One byte a character, so the text of the declaration could not have been read.
  if (/^utf-?16/i.test(named)) return 'utf-8';
  try {
    return new TextDecoder(named).encoding;
  } catch (error) {
    if (error instanceof RangeError) return 'utf-8';
    throw error;
  }
}

function jsonMessage(value: unknown): Message {
  const [message] = items(value as Value);
  const action = text(message, 'action')?.toLowerCase() ?? 'inventory';
  if (!message) throw new IntakeRefusal('message-unknown', 'it is not a JSON object');
  if (action === 'contact') return { form: 'json', kind: 'contact' };
  const [body] = items(message.content);
  if (!body) throw new IntakeRefusal('message-unknown', `it has no content (action ${short(action)})`);
  const sections = Object.entries(body).filter(([name]) => name !== 'versionclient');
  return {
    form: 'json',
    kind: 'inventory',
    reports: [
      {
        deviceId: text(message, 'deviceid') ?? '',
        itemType: text(message, 'itemtype') ?? itemTypeOf(body),
        partial: message.partial === true,
        tag: text(message, 'tag'),
        versionClient: text(body, 'versionclient'),
        content: contentOf(sections.map(([name, section]) => [name.toLowerCase(), items(section)] as const)),
      },
    ],
  };
}

function itemTypeOf(content: Item): string {
  return entryOf(ITEM_TYPES, text(items(content.network_device)[0], 'type')?.toLowerCase()) ?? 'Computer';
}

/** By the type that an SNMP report gives its device. */
const ITEM_TYPES: Readonly<Record<string, string>> = {
  networking: 'NetworkEquipment',
  printer: 'Printer',
  phone: 'Phone',
  computer: 'Computer',
  storage: 'NetworkEquipment',
  power: 'Unmanaged',
  video: 'Unmanaged',
  kvm: 'Unmanaged',
  unmanaged: 'Unmanaged',
};

function xmlMessage(root: XmlElement): Message {
  if (root.name !== 'REQUEST')
    throw new IntakeRefusal('message-unknown', `its first element is ${short(root.name)}, not REQUEST`);
  const leaf = (name: string) => root.children.find((child) => child.name === name)?.text ?? '';
  const query = leaf('QUERY').toUpperCase();
  const content = root.children.find(({ name }) => name === 'CONTENT');
  const deviceId = leaf('DEVICEID').slice(0, 256);
  if (query === 'PROLOG') return { form: 'xml', kind: 'prolog' };
  if (!content) throw new IntakeRefusal('message-unknown', `it has no CONTENT (query ${short(query)})`);
  const devices = content.children.filter(({ name }) => name === 'DEVICE');
  const isDevices = devices.length > 0 || /^(SNMP|SNMPQUERY|NETDISCOVERY|NETINVENTORY)$/.test(query);
  if (!isDevices && query !== 'INVENTORY')
    throw new IntakeRefusal('message-unknown', `it asks for ${short(query)}, which is not offered here`);
  if (devices.length > DEVICES_PER_MESSAGE_MAX)
    throw new IntakeRefusal('section-too-long', `it tells of more than ${DEVICES_PER_MESSAGE_MAX} devices`);
  const reports = isDevices
    ? devices.map((device) => snmpReport(device, deviceId))
    : [computerReport(content, deviceId)];
  return { form: 'xml', kind: 'inventory', reports };
}

function computerReport(content: XmlElement, deviceId: string): DeviceReport {
  const sections = Map.groupBy(content.children, ({ name }) => name.toLowerCase());
  const list = [...sections].map(([name, elements]) => {
    const section = entryOf(SECTION_NAMES, name) ?? name;
    return [section, elements.map((element) => renamed(itemOf(element), section))] as const;
  });
  const accounts = (sections.get('accountinfo') ?? []).map(itemOf);
  return {
    deviceId,
    itemType: 'Computer',
    partial: false,
    tag: text(
      accounts.find((entry) => text(entry, 'keyname')?.toUpperCase() === 'TAG'),
      'keyvalue',
    ),
    versionClient: sections.get('versionclient')?.[0]?.text.slice(0, 128) ?? null,
    content: contentOf(list),
  };
}

/** A device that an agent asked over SNMP: the report of one, or what a discovery found. */
function snmpReport(device: XmlElement, deviceId: string): DeviceReport {
  const all = itemOf(device);
  const [info] = items(all.info);
  const itself = info ?? all;
  const inner = (list: string, entry: string) => items(items(all[list])[0]?.[entry]);
  const facts: Item = {
    name: firstText(itself, 'name', 'snmphostname', 'netbiosname', 'dnshostname'),
    description: firstText(itself, 'comments', 'description'),
    type: text(itself, 'type'),
    manufacturer: text(itself, 'manufacturer'),
    model: text(itself, 'model'),
    serial: text(itself, 'serial'),
    firmware: text(itself, 'firmware'),
    location: text(itself, 'location'),
    contact: text(itself, 'contact'),
    mac: text(itself, 'mac'),
    ips: items(itself.ips)[0]?.ip ?? itself.ip ?? null,
    memory: itself.memory ?? null,
    ram: itself.ram ?? null,
  };
  const sections: [string, readonly Item[]][] = [
    ['network_device', [facts]],
    ['network_ports', inner('ports', 'port')],
    ['network_components', inner('components', 'component')],
    ['firmwares', items(all.firmwares)],
    ['modems', items(all.modems)],
    ['simcards', items(all.simcards)],
    ['cartridges', items(all.cartridges)],
    ['pagecounters', items(all.pagecounters)],
  ];
  return {
    deviceId,
    itemType: entryOf(ITEM_TYPES, text(itself, 'type')?.toLowerCase()) ?? 'Unmanaged',
    partial: false,
    tag: null,
    versionClient: null,
    content: contentOf(sections.filter(([, list]) => list.length > 0)),
  };
}

/** Element with children → object; the same child again → list; without children → text. */
function itemOf(element: XmlElement): Item {
  const item: Record<string, Value> = Object.create(null) as Record<string, Value>;
  for (const child of element.children) {
    const key = child.name.toLowerCase();
    const value: Value = child.children.length > 0 ? itemOf(child) : child.text;
    const before = item[key];
    item[key] =
      before === undefined ? value : Array.isArray(before) ? (before.push(value), before) : [before, value];
  }
  return item;
}

/** XML names that the JSON format calls otherwise, and those of OCS. */
const SECTION_NAMES: Readonly<Record<string, string>> = {
  firewall: 'firewalls',
  storage: 'storages',
  sound: 'sounds',
};
const KEY_NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  networks: { macaddr: 'mac' },
  local_groups: { member: 'members', id_group: 'id' },
  local_users: { id_user: 'id' },
  softwares: { installdate: 'install_date', architecture: 'arch' },
  storages: { serialnumber: 'serial' },
  cpus: { cores: 'core', threads: 'thread', cpuarch: 'arch', type: 'name' },
  monitors: { type: 'kind' },
};

/** A value under the name of the JSON format stands before one under another name. */
function renamed(item: Item, section: string): Item {
  const names = entryOf(KEY_NAMES, section);
  if (!names) return item;
  const result: Record<string, Value> = Object.create(null) as Record<string, Value>;
  for (const [key, value] of Object.entries(item)) {
    const to = entryOf(names, key);
    if (to === undefined) result[key] = value;
    else if (!item[to]) result[to] = value;
  }
  return result;
}

function contentOf(sections: readonly (readonly [string, readonly Item[]])[]): Content {
  const content: Record<string, readonly Item[]> = Object.create(null) as Record<string, readonly Item[]>;
  for (const [name, list] of sections) {
    if (DROPPED_SECTIONS.has(name)) continue;
    if (list.length > SECTION_ITEMS_MAX)
      throw new IntakeRefusal(
        'section-too-long',
        `section ${short(name)} has more than ${SECTION_ITEMS_MAX} items`,
      );
    content[name] = list;
  }
  return content;
}

/** Names come from outside and go into a sentence. */
function short(name: string): string {
  return name.replace(/[^\w.-]/g, '?').slice(0, 32) || '(none)';
}

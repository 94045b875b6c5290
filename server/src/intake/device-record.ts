/** Reports of devices without an agent (SNMP, phones) → a record: class, name and what is told of it. Pure. */
import type { AttributeValue } from '../cmdb/picture.ts';
import { canonicalMac } from '../inventory/mac.ts';
import { isJunkSerial } from '../inventory/junk.ts';
import { canonicalManufacturer } from '../inventory/manufacturer.ts';
import type { DeviceReport } from './message.ts';
import { firstText, type Item, named, text, texts } from './values.ts';

export interface DeviceRecord {
  readonly class: 'NetworkDevice' | 'Printer' | 'Peripheral';
  /** null where the report does not tell. */
  readonly name: string | null;
  /** By the attributes of the class; only what is told. */
  readonly values: Readonly<Record<string, AttributeValue>>;
  readonly serial: string | null;
  readonly mac: string | null;
}

/** null: no class of ours is meant. */
export function deviceRecord(report: DeviceReport): DeviceRecord | null {
  const { content, itemType } = report;
  if (itemType === 'NetworkEquipment') return snmpRecord('NetworkDevice', report);
  if (itemType === 'Printer') return snmpRecord('Printer', report);
  if (itemType !== 'Phone') return null;
  const [bios, hardware, device] = [content.bios?.[0], content.hardware?.[0], content.network_device?.[0]];
  const serial = serialOf(bios, 'ssn') ?? serialOf(device, 'serial');
  return {
    class: 'Peripheral',
    name: text(hardware, 'name', 255) ?? text(device, 'name', 255),
    values: told({
      kind: 'phone',
      manufacturer: canonicalManufacturer(named(bios, 'smanufacturer') ?? named(device, 'manufacturer')),
      model: named(bios, 'smodel') ?? named(device, 'model'),
      serial,
    }),
    serial,
    mac: null,
  };
}

function snmpRecord(of: 'NetworkDevice' | 'Printer', { content }: DeviceReport): DeviceRecord {
  const device = content.network_device?.[0];
  const [chassis] = (content.network_components ?? []).filter((part) => text(part, 'type') === 'chassis');
  const [firmware] = content.firmwares ?? [];
  const serial = serialOf(device, 'serial') ?? serialOf(chassis, 'serial');
  const mac = canonicalMac(text(device, 'mac') ?? '');
  const ports = content.network_ports?.length ?? 0;
  return {
    class: of,
    name: text(device, 'name', 255),
    values: told({
      manufacturer: canonicalManufacturer(named(device, 'manufacturer') ?? named(chassis, 'manufacturer')),
      model: named(device, 'model') ?? named(chassis, 'model'),
      serial,
      firmware: firstText(device, 'firmware') ?? firstText(firmware, 'version'),
      managementAddress: managementAddress(device),
      macAddress: mac,
      ...(of === 'NetworkDevice' && ports > 0 ? { ports } : {}),
    }),
    serial,
    mac,
  };
}

/** The first address that others can reach. */
function managementAddress(device: Item | undefined): string | null {
  const all = texts(device?.ips).filter((address) => !/^(127\.|0\.0\.0\.0|::1$|fe80:)/i.test(address));
  return all[0]?.toLowerCase() ?? null;
}

function serialOf(item: Item | undefined, key: string): string | null {
  const serial = text(item, key);
  return serial === null || isJunkSerial(serial) ? null : serial;
}

function told(values: Readonly<Record<string, AttributeValue>>): Readonly<Record<string, AttributeValue>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}

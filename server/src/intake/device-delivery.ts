/** A record of a device in the CMDB: found by its keys, told what the report says, with one history row per change. */
import type { Cmdb } from '../cmdb/cmdb.ts';
import { equal, withSeen } from '../cmdb/held-values.ts';
import { recordKeys } from '../cmdb/identity-keys.ts';
import { actorOf, type Reporter } from '../cmdb/reports.ts';
import type { Attributes, Ci, CmdbStore, HistoryRow, IdentityKey } from '../cmdb/store.ts';
import { canonicalMac } from '../inventory/mac.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { DeviceRecord } from './device-record.ts';
import type { IntakeScope } from './store.ts';

export interface DeviceDelivery {
  readonly record: DeviceRecord;
  readonly reporter: string;
  readonly scope: IntakeScope;
  /** false: a device that is not known is not made. */
  readonly mayCreate: boolean;
  readonly nowMs: Millis;
}

export type NewId = (prefix: string, nowMs: Millis) => string;

/** null: it is not known, and was not to be made. */
export async function deliverDevice(
  { record, reporter: id, scope, mayCreate, nowMs }: DeviceDelivery,
  deps: { cmdb: Pick<Cmdb, 'change'>; store: Pick<CmdbStore, 'cisByKeys'>; newId: NewId },
): Promise<{ ciId: string; created: boolean } | null> {
  const { cmdb, store, newId } = deps;
  const by: Reporter = { source: 'third-party', id };
  return cmdb.change(async () => {
    const known = knownAs(record, await store.cisByKeys(keysOf(record)));
    const nothing = { cis: [], keys: new Map(), relations: [], history: [] };
    if (!known && !mayCreate) return { edits: nothing, result: null };
    const before = known ?? newRecord(record, scope, newId, nowMs);
    const row = (change: Pick<HistoryRow, 'kind' | 'attribute' | 'before' | 'after'>): HistoryRow => ({
      id: newId('hist', nowMs),
      atMs: nowMs,
      ciId: before.id,
      machineId: before.id,
      ciName: before.name,
      ciClass: before.class,
      source: 'third-party',
      actor: actorOf(by),
      ...change,
    });
    const { attributes, history } = toldBy(record, before.attributes, nowMs, row);
    const after = { ...before, attributes };
    if (known && after.attributes === before.attributes)
      return { edits: nothing, result: { ciId: before.id, created: false } };
    const created = row({ kind: 'created', attribute: null, before: null, after: before.name });
    return {
      edits: {
        cis: [after],
        keys: new Map([[after.id, recordKeys(after)]]),
        relations: [],
        // What it is made with is its first state and no change.
        history: known ? history : [created],
      },
      result: { ciId: after.id, created: !known },
    };
  });
}

function keysOf({ serial, mac, values }: DeviceRecord): IdentityKey[] {
  const address = values.managementAddress;
  return [
    ...(typeof address === 'string' ? [{ kind: 'address' as const, value: address }] : []),
    ...(serial ? [{ kind: 'serial' as const, value: spelled(serial) }] : []),
    ...(mac ? [{ kind: 'mac' as const, value: mac }] : []),
  ];
}

function spelled(serial: string): string {
  return serial.toUpperCase().replaceAll(/\s+/g, '');
}

/** Serial number, then MAC, which may be of a card that moved, then name and address; several answers are none. */
function knownAs(record: DeviceRecord, found: readonly Ci[]): Ci | null {
  const same = found.filter((ci) => ci.class === record.class);
  const value = (ci: Ci, name: string) => {
    const held = ci.attributes[name]?.value;
    return typeof held === 'string' ? held : null;
  };
  const isSerial = (ci: Ci) =>
    record.serial !== null && spelled(value(ci, 'serial') ?? '') === spelled(record.serial);
  const bySerial = same.filter(
    (ci) => isSerial(ci) && agree(value(ci, 'manufacturer'), record.values.manufacturer),
  );
  if (bySerial.length > 0) return bySerial.length === 1 ? (bySerial[0] ?? null) : null;
  const byMac = same.filter(
    (ci) =>
      record.mac !== null &&
      canonicalMac(value(ci, 'macAddress') ?? '') === record.mac &&
      (record.serial === null || value(ci, 'serial') === null),
  );
  if (byMac.length > 0) return byMac.length === 1 ? (byMac[0] ?? null) : null;
  const byName = same.filter(
    (ci) =>
      record.name !== null &&
      ci.name === record.name &&
      value(ci, 'managementAddress') === record.values.managementAddress &&
      agree(value(ci, 'serial'), record.serial) &&
      agree(value(ci, 'macAddress'), record.mac),
  );
  return byName.length === 1 ? (byName[0] ?? null) : null;
}

function agree(held: string | null, told: unknown): boolean {
  return held === null || typeof told !== 'string' || held.toLowerCase() === told.toLowerCase();
}

/** The very attributes where nothing new was said. */
function toldBy(
  record: DeviceRecord,
  before: Attributes,
  nowMs: Millis,
  row: (change: Pick<HistoryRow, 'kind' | 'attribute' | 'before' | 'after'>) => HistoryRow,
): { attributes: Attributes; history: HistoryRow[] } {
  const history: HistoryRow[] = [];
  let attributes = before;
  for (const [name, value] of Object.entries(record.values)) {
    const held = before[name];
    const seen = withSeen(held, { value, source: 'third-party', observedAtMs: nowMs, section: null });
    if (seen === held) continue;
    attributes = { ...attributes, [name]: seen };
    if (equal(held?.value ?? null, seen.value)) continue;
    history.push(row({ kind: 'changed', attribute: name, before: held?.value ?? null, after: seen.value }));
  }
  return { attributes, history };
}

function newRecord(record: DeviceRecord, scope: IntakeScope, newId: NewId, nowMs: Millis): Ci {
  const { manufacturer, model } = record.values;
  const words = [manufacturer, model, record.serial].filter((word) => typeof word === 'string');
  return {
    id: newId('ci', nowMs),
    class: record.class,
    subclass: null,
    classLocked: true,
    name: record.name ?? (words.join(' ') || 'unnamed device'),
    nameLocked: false,
    lifecycle: 'in_use',
    criticality: 3,
    assetNumber: null,
    owner: null,
    supportGroup: null,
    serviceHours: null,
    site: scope.site,
    tags: scope.tags,
    agentId: null,
    placeholder: false,
    mergedInto: null,
    createdAtMs: nowMs,
    attributes: {},
  };
}

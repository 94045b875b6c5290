/** Held state and a report's picture → what changes, with one history row per real change. Pure. */
import { attributeDefinition, type CiClass, type PartClass } from '@muster/shared/cmdb/classes.ts';
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import { DAY_MS, type Millis } from '@muster/shared/time.ts';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import { type Hidden, NOTHING_HIDDEN, partAttribute } from './hidden.ts';
import { equal, sourceValues, withSeen } from './held-values.ts';
import type { SectionHead } from './identity-record.ts';
import { softwareKey, type AttributeValue, type PartPicture, type SectionPicture } from './picture.ts';
import {
  SOURCES,
  type Attributes,
  type HeldAttribute,
  type HistoryKind,
  type HistoryRow,
  type Installation,
  type Machine,
  type Part,
  type Source,
} from './store.ts';

/** A part or package is removed after so many complete reports in a row without it: one bad scan is no change. */
export const ABSENT_REPORTS_MAX = 2;

/** Who says it, when, and how rows get their ids. */
export interface Report {
  readonly source: Source;
  readonly actor: string;
  readonly atMs: Millis;
  readonly newId: (prefix: 'ci' | 'hist') => string;
}

/** A section that nobody has confirmed for so long may be told by a weaker source. */
export const SECTION_FRESH_MS = 7 * DAY_MS;

/**
 * What a report is to a section. 'first': nobody told it before. 'again': its owner tells it. 'takeover': of a stronger
 * source than the owner. 'outdated': the owner is stronger, but silent for long. 'rescoped': its owner tells it, but the
 * configuration leaves other things out of it than before. 'aside': a stronger one owns it; what it says of
 * the machine's attributes is heard, its parts and packages are not. 'beside': another of the same source owns it.
 */
export type Turn = 'first' | 'again' | 'takeover' | 'outdated' | 'rescoped' | 'aside' | 'beside';

/** The report becomes what is known of the section. */
export function isOwner(turn: Turn): boolean {
  return turn !== 'aside' && turn !== 'beside';
}

/**
 * `hasTold`: this reporter told the section of this machine before. Of one source the newest counts; but two that report one
 * machine side by side would take turns for ever, so that of them the one with the lower id keeps the section.
 */
export function turnOf(
  head: Pick<SectionHead, 'source' | 'reporter' | 'confirmedAtMs'> | undefined,
  by: { readonly source: Source; readonly id: string },
  hasTold: boolean,
  nowMs: Millis,
): Turn {
  if (!head) return 'first';
  // A machine has one agent of ours: a new one is the machine's from now on.
  if (head.source === by.source && (head.reporter === by.id || by.source === 'agent')) return 'again';
  const rank = SOURCES.indexOf(by.source) - SOURCES.indexOf(head.source);
  if (rank < 0) return 'takeover';
  if (nowMs - head.confirmedAtMs > SECTION_FRESH_MS) return 'outdated';
  if (rank > 0) return 'aside';
  return hasTold && by.id > head.reporter ? 'beside' : 'takeover';
}

/** A new owner, or one that is asked for something else, tells what is, not what has changed. */
function isQuiet(turn: Turn): boolean {
  return turn !== 'again';
}

interface Subject {
  readonly ciId: string;
  readonly machineId: string;
  readonly ciName: string;
  readonly ciClass: CiClass;
  /** Of a part: its machine is carried about. */
  readonly roams?: boolean;
}

/** By the words of SMBIOS (7.4.1). */
const CARRIED = /notebook|laptop|portable|convertible|detachable|tablet|hand ?held/i;

/** A machine that people carry about: where it is changes by the hour, and is no change of the machine. */
function isRoaming(machine: Attributes): boolean {
  const type = machine.chassisType?.value;
  return typeof type === 'string' && CARRIED.test(type);
}

/** What the place gives a machine, and not its owner: addresses, the servers of the network, the ports of a dock. */
const OF_PLACE: ReadonlySet<string> = new Set([
  'addresses',
  'dnsServers',
  'gateways',
  'ipAddresses',
  'macAddresses',
  'speedBitsPerSecond',
]);

function isOfPlace(attribute: string, roams: boolean): boolean {
  return roams && OF_PLACE.has(attribute);
}

/** The order in which a kernel found its disks, which is another after some starts: sda and sdb have changed places, not the disks. */
function isOrder(before: AttributeValue, after: AttributeValue): boolean {
  return isKernelName(before) && isKernelName(after);
}

function isKernelName(value: AttributeValue): boolean {
  return (
    typeof value === 'string' &&
    /^(\/dev\/)?((sd|vd|xvd)[a-z]{1,3}\d*|(nvme\d+n\d+|mmcblk\d+)(p\d+)?)$/.test(value)
  );
}

/**
 * `held` with the reported attributes taken over by precedence, and the history of what became different, but for those that
 * are hidden.
 */
export function reconcileAttributes(
  held: Attributes,
  reported: Readonly<Record<string, AttributeValue>>,
  section: InventorySection | null,
  subject: Subject,
  report: Report,
  turn: Turn = 'again',
  isHidden: (name: string) => boolean = () => false,
): { attributes: Attributes; history: HistoryRow[] } {
  const attributes: Record<string, HeldAttribute> = { ...held };
  const history: HistoryRow[] = [];
  const { source, atMs } = report;
  const roams = subject.roams ?? isRoaming(held);
  for (const [name, value] of Object.entries(reported)) {
    const before = held[name];
    // Two of one source would take turns for ever: who does not own the section fills gaps only.
    if (turn === 'beside' && sourceValues(before).some((one) => one.source === source)) continue;
    const next = withSeen(before, { value, source, observedAtMs: atMs, section }, turn === 'outdated');
    if (next === before) continue;
    attributes[name] = next;
    const changed = !equal(before?.value ?? null, next.value);
    const news = changed && before !== undefined && !(isQuiet(turn) && before.section !== null);
    if (
      news &&
      !isHidden(name) &&
      attributeDefinition(subject.ciClass, name)?.tracked &&
      !isOfPlace(name, roams) &&
      !isOrder(before.value, next.value)
    )
      history.push(row(subject, report, 'changed', name, before.value, next.value));
  }
  return { attributes, history };
}

/**
 * New, changed, absent and returned parts of the classes that this section tells. What its first report or a new owner tells is
 * the machine's state and no change; what the owner before told and this one does not is gone without a word.
 */
export function diffParts(
  held: readonly Part[],
  picture: SectionPicture,
  complete: boolean,
  turn: Turn,
  machine: Machine,
  report: Report,
  hidden: Hidden = NOTHING_HIDDEN,
): { parts: Part[]; history: HistoryRow[] } {
  const parts: Part[] = [];
  const history: HistoryRow[] = [];
  const roams = isRoaming(machine.attributes);
  const turnFor = (ciClass: PartClass): Turn => (hidden.classes.has(ciClass) ? 'rescoped' : turn);
  const inSection = held.filter((part) => part.section === picture.section);
  const taken = new Set<string>();
  const pairs = picture.parts.map((reported) => ({ reported, known: undefined as Part | undefined }));
  // Strong keys are matched for all parts before weak ones, so that a swapped name does not steal another part's identity.
  const keyDepth = Math.max(0, ...picture.parts.map((part) => part.keys.length));
  const byKey = Map.groupBy(
    inSection.flatMap((part) => part.keys.map((key) => ({ part, key: `${part.class} ${key}` }))),
    ({ key }) => key,
  );
  for (let depth = 0; depth < keyDepth; depth++) {
    for (const pair of pairs) {
      const key = pair.reported.keys[depth];
      if (pair.known || key === undefined) continue;
      const holders = byKey.get(`${pair.reported.class} ${key}`) ?? [];
      pair.known = holders.find(({ part }) => !taken.has(part.id))?.part;
      if (pair.known) taken.add(pair.known.id);
    }
  }

  for (const { reported, known } of pairs) {
    const change = known
      ? changePart(known, reported, report, turnFor(known.class), roams, hidden)
      : createPart(reported, picture.section, isQuiet(turnFor(reported.class)), machine, report);
    if (change) {
      parts.push(change.part);
      history.push(...change.history);
    }
  }
  if (complete) {
    for (const part of inSection) {
      if (taken.has(part.id) || part.removedAtMs !== null) continue;
      const absentReports = part.absentReports + 1;
      const quiet = isQuiet(turnFor(part.class));
      const removed = absentReports >= ABSENT_REPORTS_MAX || quiet;
      parts.push({ ...part, absentReports, removedAtMs: removed ? report.atMs : null });
      if (removed && !quiet && !isPortable(part, roams) && !isToldByMachine(part))
        history.push(row(subjectOf(part), report, 'removed', null, part.name, null));
    }
  }
  return { parts, history };
}

/** What people plug in and out all day: its first sight is a fact, its absence over night is not. */
function isPortable(part: Pick<Part, 'class' | 'section' | 'attributes'>, roams: boolean): boolean {
  const told = (name: string) => part.attributes[name]?.value;
  const [kind, type] = [told('kind'), String(told('type') ?? '')];
  if (part.class === 'NetworkInterface') return told('removable') === true || (roams && kind === 'tunnel');
  if (part.class === 'FileSystem')
    return MEDIA_PLACE.test(String(told('mount') ?? '')) || (roams && REMOTE_TYPE.test(type));
  if (kind === 'disk-removable') return true;
  return part.section === 'devices' && (kind === 'usb' || kind === 'monitor');
}

/** Where desktops mount what is plugged in. */
const MEDIA_PLACE = /^\/(run\/media|media|Volumes)\//;
const REMOTE_TYPE = /^(nfs|cifs|smb|fuse\.|afpfs|webdav|9p)/;

/** Addresses are an attribute of the machine and services an item of it: their coming and going is told there, once. */
function isToldByMachine({ class: ciClass }: Pick<Part, 'class'>): boolean {
  return ciClass === 'IPAddress' || ciClass === 'RunningService';
}

function createPart(
  reported: PartPicture,
  section: InventorySection,
  quiet: boolean,
  machine: Machine,
  report: Report,
): { part: Part; history: HistoryRow[] } {
  const part: Part = {
    id: report.newId('ci'),
    machineId: machine.id,
    class: reported.class,
    section,
    name: reported.name,
    keys: reported.keys,
    attributes: {},
    absentReports: 0,
    createdAtMs: report.atMs,
    removedAtMs: null,
  };
  const { attributes } = reconcileAttributes({}, reported.attributes, section, subjectOf(part), report);
  const history =
    quiet || isToldByMachine(part) ? [] : [row(subjectOf(part), report, 'created', null, null, part.name)];
  return { part: { ...part, attributes }, history };
}

function changePart(
  known: Part,
  reported: PartPicture,
  report: Report,
  turn: Turn,
  roams: boolean,
  hidden: Hidden,
): { part: Part; history: HistoryRow[] } | null {
  const { attributes, history } = reconcileAttributes(
    known.attributes,
    reported.attributes,
    known.section,
    { ...subjectOf(known), roams },
    report,
    turn,
    (name) => hidden.partAttributes.has(partAttribute(known.class, name)),
  );
  const returned = known.removedAtMs !== null;
  if (returned && !isQuiet(turn) && !isPortable(known, roams) && !isToldByMachine(known))
    history.unshift(row(subjectOf(known), report, 'returned', null, null, reported.name));
  const same =
    history.length === 0 &&
    !returned &&
    known.absentReports === 0 &&
    known.name === reported.name &&
    equal(known.keys, reported.keys);
  const untouched =
    same && Object.keys(attributes).every((name) => attributes[name] === known.attributes[name]);
  if (untouched) return null;
  return {
    part: {
      ...known,
      name: reported.name,
      keys: reported.keys,
      attributes,
      absentReports: 0,
      removedAtMs: null,
    },
    history,
  };
}

/** Packages: the first report is the first state; then one row for an installation, an update (also a downgrade) or a removal; never remove and add. */
export function diffSoftware(
  held: readonly Installation[],
  reported: SectionData['software'],
  complete: boolean,
  turn: Turn,
  machine: Machine,
  report: Report,
  isVersionHidden = false,
): { put: Installation[]; removed: string[]; history: HistoryRow[] } {
  const put: Installation[] = [];
  const removed: string[] = [];
  const history: HistoryRow[] = [];
  const subject = { ciId: machine.id, machineId: machine.id, ciName: machine.name, ciClass: machine.class };
  const byKey = new Map(held.map((item) => [item.key, item]));
  const seen = new Set<string>();
  for (const item of reported.packages) {
    const key = softwareKey(item);
    // A source can name one package twice (multi-arch, leftovers); the first is the one in force.
    if (seen.has(key)) continue;
    seen.add(key);
    const known = byKey.get(key);
    if (!known) {
      put.push({ ...item, key, firstSeenAtMs: report.atMs, absentReports: 0 });
      if (!isQuiet(turn))
        history.push(row(subject, report, 'created', softwareAttribute(item.name), null, item.version));
    } else if (
      known.version !== item.version ||
      known.publisher !== item.publisher ||
      known.absentReports > 0
    ) {
      put.push({ ...item, key, firstSeenAtMs: known.firstSeenAtMs, absentReports: 0 });
      if (known.version !== item.version && !isQuiet(turn) && !isVersionHidden)
        history.push(
          row(subject, report, 'changed', softwareAttribute(item.name), known.version, item.version),
        );
    }
  }
  if (complete) {
    for (const item of held) {
      if (seen.has(item.key)) continue;
      if (item.absentReports + 1 < ABSENT_REPORTS_MAX && !isQuiet(turn)) {
        put.push({ ...item, absentReports: item.absentReports + 1 });
      } else {
        removed.push(item.key);
        if (!isQuiet(turn))
          history.push(row(subject, report, 'removed', softwareAttribute(item.name), item.version, null));
      }
    }
  }
  return { put, removed, history };
}

/** History rows of packages carry their name behind this prefix, as in `software:openssl`. */
export function softwareAttribute(name: string): string {
  return `${SOFTWARE_PREFIX}${name}`;
}

/** The package's name; null for an attribute of another kind. */
export function softwareName(attribute: string | null): string | null {
  return attribute?.startsWith(SOFTWARE_PREFIX) ? attribute.slice(SOFTWARE_PREFIX.length) : null;
}

const SOFTWARE_PREFIX = 'software:';

function subjectOf(part: Part): Subject {
  return { ciId: part.id, machineId: part.machineId, ciName: part.name, ciClass: part.class };
}

function row(
  subject: Subject,
  report: Report,
  kind: HistoryKind,
  attribute: string | null,
  before: AttributeValue,
  after: AttributeValue,
): HistoryRow {
  return {
    id: report.newId('hist'),
    atMs: report.atMs,
    ciId: subject.ciId,
    machineId: subject.machineId,
    ciName: subject.ciName,
    ciClass: subject.ciClass,
    kind,
    attribute,
    before,
    after,
    source: report.source,
    actor: report.actor,
  };
}

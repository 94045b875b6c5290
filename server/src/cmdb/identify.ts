/** Which CI a report is of: ordered rules over normalised facts; several answers are never merged. */
import type { IdentityTrace } from '@muster/shared/api/cmdb.ts';
import { MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import type { z } from 'zod';
import type { MachineFacts } from '../inventory/facts.ts';
import { canonicalManufacturer, canonicalModel } from '../inventory/manufacturer.ts';
import type { ReviewCandidate } from './identity-record.ts';

/** What the CMDB holds of a machine that could be meant. */
export interface Candidate {
  readonly ciId: string;
  readonly ciName: string;
  readonly serial: string | null;
  readonly uuid: string | null;
  readonly boardSerial: string | null;
  readonly machineId: string | null;
  readonly hostname: string | null;
  readonly domain: string | null;
  readonly manufacturer: string | null;
  readonly model: string | null;
  /** Of built-in ports that do not move. */
  readonly macs: readonly string[];
  /** When it was started last, and its addresses, as far as reports told. */
  readonly bootedAtMs?: Millis | null;
  readonly addresses?: readonly string[];
  /** Of all its ports: those that are set by somebody or move, too. */
  readonly allMacs?: readonly string[];
  /** Made before any inventory came; it holds no keys of its own. */
  readonly placeholder: boolean;
  /** Where its hypervisor is: two zones may hold virtual machines of one UUID. */
  readonly zone?: string | null;
  /** Of a record that no machine has reported yet. */
  readonly awaitedAssetNumber?: string | null;
  /** Whether it is another CI is a question that a person has not answered yet. */
  readonly questioned?: boolean;
}

export type KeyComparison = z.infer<typeof IdentityTrace>['keys'][number];

export interface Decision {
  readonly decision: 'matched' | 'created' | 'ambiguous' | 'contradicted';
  readonly rule: RuleName | 'new' | 'person';
  /** The CI the report belongs to, or is given until a person decides; null = a new one. */
  readonly ciId: string | null;
  readonly reason: string;
  readonly keys: readonly KeyComparison[];
  readonly rejected: readonly { readonly ciId: string; readonly ciName: string; readonly reason: string }[];
  /** Of an ambiguous one: everything that was compared with each CI that it could be. */
  readonly candidates?: readonly ReviewCandidate[];
}

/** What is known beside the facts of the report. */
export interface IdentityContext {
  /** UUIDs known to be on several machines (one batch of boards with one UUID). */
  readonly sharedUuids?: ReadonlySet<string>;
  /** Where the reporting machine was let in. */
  readonly zone?: string | null;
  /** CIs that a person has said this is not. */
  readonly excluded?: ReadonlySet<string>;
}

interface Comparison {
  readonly serial: Verdict;
  /** Neither side tells a serial number of the system, or only one that identifies nothing. */
  readonly noSerials: boolean;
  readonly uuid: Verdict;
  readonly boardSerial: Verdict;
  readonly machineId: Verdict;
  readonly hostname: Verdict;
  readonly domain: Verdict;
  readonly manufacturer: Verdict;
  readonly product: Verdict;
  readonly zone: Verdict;
  readonly macs: Verdict;
  readonly macsShared: number;
  /** The moment of the last start. */
  readonly boot: Verdict;
  readonly addressesEqual: number;
  /** Of them without those that every hypervisor gives its guests. */
  readonly addressesShared: number;
  /** Of any port, without those that follow from an address. */
  readonly anyMac: Verdict;
  readonly assetNumber: Verdict;
}
type Verdict = KeyComparison['verdict'];
interface Compared {
  readonly candidate: Candidate;
  readonly comparison: Comparison;
}

/** The rules after the agent's own identity, strongest first. */
const RULES = [
  {
    name: 'serial+uuid',
    holds: (c: Comparison, f: MachineFacts) =>
      c.serial === 'equal' && c.uuid === 'equal' && !isLikeAClone(c, f),
  },
  {
    name: 'serial',
    holds: (c: Comparison, f: MachineFacts) =>
      c.serial === 'equal' && isSilent(c.uuid) && c.manufacturer !== 'differs' && !isLikeAClone(c, f),
  },
  {
    name: 'mainboard-swap',
    holds: (c: Comparison, f: MachineFacts) =>
      c.serial === 'equal' && c.uuid === 'differs' && c.product === 'equal' && !f.isVirtual && supported(c),
  },
  {
    name: 'uuid',
    holds: (c: Comparison, f: MachineFacts) =>
      !f.isVirtual && c.uuid === 'equal' && isSilent(c.serial) && !isLikeAnother(c),
  },
  {
    name: 'vm-uuid',
    holds: (c: Comparison, f: MachineFacts) =>
      f.isVirtual &&
      c.uuid === 'equal' &&
      c.serial !== 'differs' &&
      c.zone !== 'differs' &&
      !isLikeAClone(c, f),
  },
  {
    name: 'board-serial',
    holds: (c: Comparison, f: MachineFacts) => isOneBoard(c, f) && !isLikeAnother(c),
  },
  {
    name: 'macs',
    holds: (c: Comparison) =>
      noContradiction(c) &&
      (c.macsShared >= 2 || (c.macsShared === 1 && c.machineId === 'equal' && c.hostname === 'equal')),
  },
  {
    name: 'machine-id+hostname',
    holds: (c: Comparison) => isSameInstallation(c) && c.macs !== 'differs',
  },
  {
    // Agents of others know no id of the system: on a machine without SMBIOS this is all that both sides tell.
    name: 'same-boot',
    holds: (c: Comparison) =>
      isOneBoot(c) &&
      c.zone !== 'differs' &&
      c.addressesShared >= 1 &&
      (c.anyMac === 'equal' || c.zone === 'equal'),
  },
  {
    name: 'asset-number',
    holds: (c: Comparison) => c.assetNumber === 'equal' && noContradiction(c) && c.manufacturer !== 'differs',
  },
] as const;
type RuleName = (typeof RULES)[number]['name'] | 'agent';

/**
 * Guests that are started together from one image have name, private address and start in common: no proof by themselves. It
 * takes a port or a place in common, and an address that not every host gives its guests; else a person is asked.
 */
function isOneBoot(c: Comparison): boolean {
  return (
    noContradiction(c) &&
    c.machineId !== 'differs' &&
    c.macs !== 'differs' &&
    c.anyMac !== 'differs' &&
    c.hostname === 'equal' &&
    c.domain !== 'differs' &&
    c.product !== 'differs' &&
    c.boot === 'equal' &&
    c.addressesEqual >= 1
  );
}

/** Makers of boards that leave the system's serial number empty often number the board: it stands in for both sides only. */
function isOneBoard(c: Comparison, facts: MachineFacts): boolean {
  return (
    !facts.isVirtual &&
    c.noSerials &&
    c.boardSerial === 'equal' &&
    c.uuid !== 'differs' &&
    c.manufacturer !== 'differs' &&
    c.product !== 'differs'
  );
}

/** Half of it agrees: too much to pass by, too little to act on alone. */
const DOUBTS = [
  {
    name: 'mainboard-swap',
    holds: (c: Comparison) => c.serial === 'equal' && c.uuid === 'differs' && c.product !== 'differs',
    reason: 'same serial and model but another UUID, and nothing else agrees; a person decides',
  },
  {
    name: 'serial',
    holds: (c: Comparison, f: MachineFacts) =>
      c.serial === 'equal' && isSilent(c.uuid) && c.manufacturer !== 'differs' && isLikeAClone(c, f),
    reason:
      'the serial number is equal, but no network port is, nor the name or the installation; a person decides',
  },
  {
    name: 'serial',
    holds: (c: Comparison) => c.serial === 'equal' && c.uuid !== 'differs' && c.manufacturer === 'differs',
    reason: 'the same serial number of another manufacturer; a person decides',
  },
  {
    name: 'vm-uuid',
    holds: (c: Comparison, f: MachineFacts) =>
      c.uuid === 'equal' && c.serial !== 'differs' && c.zone !== 'differs' && isLikeAClone(c, f),
    reason: 'the UUID is equal, but no network port is, nor the name or the installation; a person decides',
  },
  {
    name: 'uuid',
    holds: (c: Comparison, f: MachineFacts) =>
      !f.isVirtual && c.uuid === 'equal' && isSilent(c.serial) && isLikeAnother(c),
    reason: 'the UUID is equal, but no network port is, nor the name or the installation; a person decides',
  },
  {
    name: 'board-serial',
    holds: (c: Comparison, f: MachineFacts) => isOneBoard(c, f) && isLikeAnother(c),
    reason:
      'the serial number of the mainboard is equal, but no network port is, nor the name or the installation; a person decides',
  },
  {
    name: 'machine-id+hostname',
    holds: (c: Comparison) => isSameInstallation(c) && c.macs === 'differs',
    reason:
      'operating system id and host name are equal, but no network port is (a copied disk?); a person decides',
  },
  {
    name: 'same-boot',
    holds: isOneBoot,
    reason:
      'host name, an address and the moment of the last start are equal, but the same may stand behind two networks; a person decides',
  },
] as const satisfies readonly {
  name: RuleName;
  holds: (c: Comparison, f: MachineFacts) => boolean;
  reason: string;
}[];

/**
 * `agentCiId` is the CI that this agent's earlier reports were of: evidence, refused when the machine is plainly another
 * one (a copied disk).
 */
export function identify(
  facts: MachineFacts,
  agentCiId: string | null,
  candidates: readonly Candidate[],
  context: IdentityContext = {},
): Decision {
  const excluded = context.excluded ?? new Set();
  const compared = candidates.map((candidate) => ({
    candidate,
    comparison: compare(facts, candidate, context),
  }));
  const own = compared.find(({ candidate }) => candidate.ciId === agentCiId);
  const contradicted = own !== undefined && isAnotherMachine(own.comparison, facts);
  const turnedDown = (but: string | null) =>
    compared
      .filter(({ candidate }) => candidate.ciId !== but)
      .map(({ candidate, comparison }) => ({
        ciId: candidate.ciId,
        ciName: candidate.ciName,
        reason: excluded.has(candidate.ciId) ? 'kept apart by a person' : whyNot(comparison),
      }));
  const matched = (rule: RuleName, reason: string, hit: Compared): Decision => ({
    decision: 'matched',
    rule,
    ciId: hit.candidate.ciId,
    reason,
    keys: keyComparisons(facts, hit.candidate, hit.comparison),
    rejected: turnedDown(hit.candidate.ciId),
  });
  /** The stand-in of this agent is the CI that the report is given meanwhile. */
  const standInId = own?.candidate.placeholder && !contradicted ? own.candidate.ciId : null;
  const ambiguous = (rule: RuleName, reason: string, hits: readonly Compared[], why?: string): Decision => ({
    decision: 'ambiguous',
    rule,
    ciId: standInId,
    reason,
    keys: hits[0] ? keyComparisons(facts, hits[0].candidate, hits[0].comparison) : [],
    rejected:
      why === undefined
        ? turnedDown(standInId)
        : hits.map(({ candidate: { ciId, ciName } }) => ({ ciId, ciName, reason: why })),
    candidates: hits.map(({ candidate, comparison }) => ({
      ciId: candidate.ciId,
      ciName: candidate.ciName,
      reason: why ?? whyNot(comparison),
      keys: keyComparisons(facts, candidate, comparison),
    })),
  });

  if (own && !contradicted && !own.candidate.placeholder)
    return matched('agent', 'the same agent reports, and neither serial nor UUID speaks against it', own);

  const possible = compared.filter(({ candidate }) => !excluded.has(candidate.ciId));
  for (const rule of RULES) {
    const hits = possible.filter(({ comparison }) => rule.holds(comparison, facts));
    const [only] = hits;
    if (hits.length === 1 && only) return matched(rule.name, REASONS[rule.name], only);
    if (hits.length > 1) {
      const asked = stillAsked(hits);
      if (asked) return matched(rule.name, REASONS[rule.name], asked);
      return ambiguous(
        rule.name,
        `${hits.length} configuration items match by ${rule.name}; none is taken, a person decides`,
        hits,
        `one of several by ${rule.name}`,
      );
    }
  }
  for (const doubt of DOUBTS) {
    const hits = possible.filter(({ comparison }) => doubt.holds(comparison, facts));
    const asked = stillAsked(hits);
    if (hits.length > 1 && asked)
      return matched(doubt.name, 'an earlier report asked the same; its answer is awaited', asked);
    if (hits.length > 0 && !contradicted) return ambiguous(doubt.name, doubt.reason, hits);
  }
  if (own && !contradicted)
    return matched('agent', 'the same agent reports; nothing was known of the machine before', own);
  if (own) {
    return {
      decision: 'contradicted',
      rule: 'agent',
      ciId: null,
      reason: CONTRADICTIONS[facts.isVirtual && own.comparison.serial !== 'differs' ? 'virtual' : 'physical'],
      keys: keyComparisons(facts, own.candidate, own.comparison),
      rejected: turnedDown(null),
    };
  }
  return {
    decision: 'created',
    rule: 'new',
    ciId: null,
    reason:
      candidates.length === 0
        ? 'no configuration item shares a key'
        : 'no configuration item shares enough keys',
    keys: [],
    rejected: turnedDown(null),
  };
}

/** The question was asked at an earlier report and is still open: its CI goes on. */
function stillAsked(hits: readonly Compared[]): Compared | null {
  const asked = hits.filter(({ candidate, comparison }) => candidate.questioned && !differs(comparison));
  return asked.length === 1 ? (asked[0] ?? null) : null;
}

const CONTRADICTIONS = {
  physical: 'the agent identity is of another machine: serial and UUID both differ (a copied disk)',
  virtual: 'the agent identity is of another virtual machine: UUID and network ports all differ (a clone)',
};

const REASONS: Record<(typeof RULES)[number]['name'], string> = {
  'serial+uuid': 'serial number and UUID are equal',
  serial: 'the serial number is equal and one side knows no UUID',
  'mainboard-swap':
    'serial number and model are equal; the UUID differs, but board, a network port or the operating system is the same',
  uuid: 'the UUID is equal and one side knows no serial number',
  'vm-uuid': 'the UUID of the virtual machine is equal and it is not in another zone',
  'board-serial':
    'neither side knows a serial number of the system, and that of the mainboard is equal; nothing speaks against it',
  macs: 'built-in network ports are equal',
  'machine-id+hostname': 'operating system id and host name are equal',
  'same-boot': 'host name, an address and the moment of the last start are equal',
  'asset-number':
    'the asset tag in the firmware is the asset number of a record that no machine had reported',
};

/**
 * Stronger than the word of an agent, which is copied with its disk: serial and UUID both differ; or the serial differs and
 * the UUID says nothing, or (a virtual machine, which often has no serial) the UUID differs, and no port is the same either.
 */
function isAnotherMachine(c: Comparison, facts: MachineFacts): boolean {
  if (c.serial === 'differs') return c.uuid === 'differs' || (isSilent(c.uuid) && c.macs === 'differs');
  return facts.isVirtual && c.uuid === 'differs' && c.serial !== 'equal' && c.macs === 'differs';
}

/** A hypervisor copies the UUID with a virtual machine, but gives its ports new addresses. */
function isLikeAClone(c: Comparison, facts: MachineFacts): boolean {
  return facts.isVirtual && isLikeAnother(c);
}

/** Cheap boards come with one UUID for all and no serial number: then ports, name and installation tell them apart. */
function isLikeAnother(c: Comparison): boolean {
  return c.macs === 'differs' && (c.hostname === 'differs' || c.machineId === 'differs');
}

function isSameInstallation(c: Comparison): boolean {
  return noContradiction(c) && c.machineId === 'equal' && c.hostname === 'equal' && c.domain !== 'differs';
}

function compare(facts: MachineFacts, held: Candidate, context: IdentityContext): Comparison {
  const macsShared = facts.permanentMacs.filter((mac) => held.macs.includes(mac)).length;
  const addresses = facts.ipAddresses.filter((address) => held.addresses?.includes(address));
  return {
    serial: verdict(facts.serial, held.serial),
    noSerials: facts.serial === null && held.serial === null,
    uuid: compareUuids(facts, held.uuid, context.sharedUuids ?? new Set()),
    boardSerial: verdict(facts.boardSerial, held.boardSerial),
    machineId: verdict(facts.machineId, held.machineId),
    hostname: verdict(facts.hostname, held.hostname),
    domain: verdict(facts.domain, held.domain),
    manufacturer: verdict(facts.manufacturer, canonicalManufacturer(held.manufacturer)),
    product:
      facts.manufacturer && facts.model && held.manufacturer && held.model
        ? verdict(
            `${facts.manufacturer}\0${facts.model}`,
            `${canonicalManufacturer(held.manufacturer)}\0${canonicalModel(held.model)}`,
          )
        : 'absent',
    zone: verdict(context.zone ?? null, held.zone ?? null),
    macs: shareOf(facts.permanentMacs, held.macs),
    macsShared,
    boot: sameBoot(facts.bootedAtMs, held.bootedAtMs ?? null),
    addressesEqual: addresses.length,
    addressesShared: addresses.filter((address) => !GUEST_NETWORKS.test(address)).length,
    anyMac: shareOf(tellingMacs(allMacs(facts)), tellingMacs(held.allMacs ?? held.macs)),
    assetNumber: verdict(facts.assetTag, normalTag(held.awaitedAssetNumber ?? null)),
  };
}

/** The defaults of Docker, Podman, libvirt and VirtualBox: on each host the first guest has the same address. */
const GUEST_NETWORKS =
  /^(172\.(1[7-9]|2\d|3[01])\.|10\.88\.|10\.0\.2\.|10\.0\.3\.|192\.168\.122\.|192\.168\.56\.)/;

function shareOf(reported: readonly string[], held: readonly string[]): Verdict {
  if (reported.length === 0 || held.length === 0) return 'absent';
  return reported.some((mac) => held.includes(mac)) ? 'equal' : 'differs';
}

function allMacs(facts: MachineFacts): string[] {
  const others = facts.rejected.filter(({ field, reason }) => field === 'mac' && reason !== 'malformed');
  return [...facts.permanentMacs, ...others.map(({ value }) => value)];
}

/** Docker makes a port's address of its IP address (02:42:…), so that it proves no more than that one. */
function tellingMacs(macs: readonly string[]): readonly string[] {
  return macs.filter((mac) => !mac.startsWith('02:42:'));
}

/** Some reckon it from the uptime, to the second at best, and clocks are set meanwhile. */
const SAME_BOOT_MS = 2 * MINUTE_MS;

function sameBoot(reportedMs: Millis | null, heldMs: Millis | null): Verdict {
  if (reportedMs === null || heldMs === null) return 'absent';
  return Math.abs(reportedMs - heldMs) < SAME_BOOT_MS ? 'equal' : 'differs';
}

/** As the facts spell an asset tag. */
function normalTag(assetNumber: string | null): string | null {
  return assetNumber === null ? null : assetNumber.replace(/\s+/g, '').toUpperCase();
}

function compareUuids(facts: MachineFacts, held: string | null, sharedUuids: ReadonlySet<string>): Verdict {
  if (facts.uuid === null || held === null) return 'absent';
  if (sharedUuids.has(facts.uuid)) return 'ignored';
  return facts.uuid === held || facts.uuidSwapped === held ? 'equal' : 'differs';
}

function verdict(reported: string | null, held: string | null): Verdict {
  if (reported === null || held === null) return 'absent';
  return reported === held ? 'equal' : 'differs';
}

/** Nothing can be read from it: a side does not know it, or many machines share it. */
function isSilent(verdict: Verdict): boolean {
  return verdict === 'absent' || verdict === 'ignored';
}

function supported(c: Comparison): boolean {
  return c.boardSerial === 'equal' || c.macsShared >= 1 || c.machineId === 'equal';
}

function noContradiction(c: Comparison): boolean {
  return c.serial !== 'differs' && c.uuid !== 'differs';
}

function differs(c: Comparison): boolean {
  return [c.serial, c.uuid, c.boardSerial, c.machineId, c.hostname, c.macs].includes('differs');
}

function whyNot(c: Comparison): string {
  const differing = (['serial', 'uuid', 'machineId', 'hostname'] as const).filter(
    (key) => c[key] === 'differs',
  );
  if (differing.length > 0) return `differs in ${differing.join(', ')}`;
  return c.hostname === 'equal' ? 'only the host name is equal' : 'too few keys are equal';
}

function keyComparisons(facts: MachineFacts, held: Candidate, c: Comparison): KeyComparison[] {
  const row = (
    key: string,
    reported: string | null,
    heldValue: string | null,
    result: Verdict,
  ): KeyComparison => ({ key, reported, held: heldValue, verdict: result });
  return [
    row('serial', facts.serial, held.serial, c.serial),
    row('uuid', facts.uuid, held.uuid, c.uuid),
    row('boardSerial', facts.boardSerial, held.boardSerial, c.boardSerial),
    row('machineId', facts.machineId, held.machineId, c.machineId),
    row('hostname', facts.hostname, held.hostname, c.hostname),
    row('domain', facts.domain, held.domain, c.domain),
    row('manufacturer', facts.manufacturer, held.manufacturer, c.manufacturer),
    row('model', facts.model, held.model, verdict(facts.model, canonicalModel(held.model))),
    row('macs', facts.permanentMacs.join(' ') || null, held.macs.join(' ') || null, c.macs),
    ...(c.assetNumber === 'absent'
      ? []
      : [row('assetNumber', facts.assetTag, held.awaitedAssetNumber ?? null, c.assetNumber)]),
  ];
}

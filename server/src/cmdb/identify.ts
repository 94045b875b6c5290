/** Which CI a report is of: ordered rules over normalised facts; several answers are never merged. */
import type { IdentityTrace } from '@muster/shared/api/cmdb.ts';
import type { z } from 'zod';
import type { MachineFacts } from '../inventory/facts.ts';

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
  readonly macs: readonly string[];
  /** Made before any inventory came; it holds no keys of its own. */
  readonly placeholder: boolean;
}

export type KeyComparison = z.infer<typeof IdentityTrace>['keys'][number];

export interface Decision {
  readonly decision: 'matched' | 'created' | 'ambiguous' | 'contradicted';
  readonly rule: RuleName | 'new';
  /** The CI the report belongs to; null = a new one. */
  readonly ciId: string | null;
  readonly reason: string;
  readonly keys: readonly KeyComparison[];
  readonly rejected: readonly { readonly ciId: string; readonly ciName: string; readonly reason: string }[];
}

interface Comparison {
  readonly serial: Verdict;
  readonly uuid: Verdict;
  readonly boardSerial: Verdict;
  readonly machineId: Verdict;
  readonly hostname: Verdict;
  readonly domain: Verdict;
  readonly product: Verdict;
  readonly macsShared: number;
}
type Verdict = 'equal' | 'differs' | 'absent';

/**
 * The rules after the agent's own identity, strongest first. `review` marks a match too weak to act on alone:
 * it keeps the report apart and asks a person.
 */
const RULES = [
  { name: 'serial+uuid', holds: (c: Comparison) => c.serial === 'equal' && c.uuid === 'equal' },
  { name: 'serial', holds: (c: Comparison) => c.serial === 'equal' && c.uuid === 'absent' },
  {
    name: 'mainboard-swap',
    holds: (c: Comparison, f: MachineFacts) => isSwapCandidate(c) && !f.isVirtual && supported(c),
  },
  { name: 'uuid', holds: (c: Comparison) => c.uuid === 'equal' && c.serial === 'absent' },
  {
    name: 'macs',
    holds: (c: Comparison) =>
      noContradiction(c) &&
      (c.macsShared >= 2 || (c.macsShared === 1 && c.machineId === 'equal' && c.hostname === 'equal')),
  },
  {
    name: 'machine-id+hostname',
    holds: (c: Comparison) =>
      noContradiction(c) && c.machineId === 'equal' && c.hostname === 'equal' && c.domain !== 'differs',
  },
] as const;
type RuleName = (typeof RULES)[number]['name'] | 'agent';

/**
 * `agentCiId` is the CI that this agent's earlier reports were of: evidence, refused when serial and UUID both differ
 * (a copied disk). `sharedUuids` are UUIDs known to be on several machines (one batch of boards with one UUID).
 */
export function identify(
  facts: MachineFacts,
  agentCiId: string | null,
  candidates: readonly Candidate[],
  sharedUuids: ReadonlySet<string>,
): Decision {
  const compared = candidates.map((candidate) => ({
    candidate,
    comparison: compare(facts, candidate, sharedUuids),
  }));
  const own = compared.find(({ candidate }) => candidate.ciId === agentCiId);
  const contradicted =
    own !== undefined && own.comparison.serial === 'differs' && own.comparison.uuid === 'differs';
  if (own && !contradicted && !own.candidate.placeholder) {
    return matched(
      'agent',
      'the same agent reports, and neither serial nor UUID speaks against it',
      own,
      compared,
      facts,
    );
  }

  for (const rule of RULES) {
    const hits = compared.filter(({ comparison }) => rule.holds(comparison, facts));
    const [only] = hits;
    if (hits.length === 1 && only) return matched(rule.name, REASONS[rule.name], only, compared, facts);
    if (hits.length > 1) {
      return {
        decision: 'ambiguous',
        rule: rule.name,
        ciId: null,
        reason: `${hits.length} configuration items match by ${rule.name}; none is taken, a person decides`,
        keys: only ? keyComparisons(facts, only.candidate, only.comparison) : [],
        rejected: hits.map(({ candidate }) => ({
          ciId: candidate.ciId,
          ciName: candidate.ciName,
          reason: `one of several by ${rule.name}`,
        })),
      };
    }
  }
  if (own && !contradicted) {
    return matched(
      'agent',
      'the same agent reports; nothing was known of the machine before',
      own,
      compared,
      facts,
    );
  }

  const doubtful = compared.filter(({ comparison }) => isSwapCandidate(comparison));
  const rejected = compared.map(({ candidate, comparison }) => ({
    ciId: candidate.ciId,
    ciName: candidate.ciName,
    reason: whyNot(comparison),
  }));
  if (contradicted && own) {
    return {
      decision: 'contradicted',
      rule: 'agent',
      ciId: null,
      reason: 'the agent identity is of another machine: serial and UUID both differ (a copied disk)',
      keys: keyComparisons(facts, own.candidate, own.comparison),
      rejected,
    };
  }
  if (doubtful[0]) {
    return {
      decision: 'ambiguous',
      rule: 'mainboard-swap',
      ciId: null,
      reason: 'same serial and model but another UUID, and nothing else agrees; a person decides',
      keys: keyComparisons(facts, doubtful[0].candidate, doubtful[0].comparison),
      rejected,
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
    rejected,
  };
}

const REASONS: Record<(typeof RULES)[number]['name'], string> = {
  'serial+uuid': 'serial number and UUID are equal',
  serial: 'the serial number is equal and one side knows no UUID',
  'mainboard-swap':
    'serial number and model are equal; the UUID differs, but board, a network port or the operating system is the same',
  uuid: 'the UUID is equal and one side knows no serial number',
  macs: 'built-in network ports are equal',
  'machine-id+hostname': 'operating system id and host name are equal',
};

function matched(
  rule: RuleName,
  reason: string,
  hit: { candidate: Candidate; comparison: Comparison },
  all: readonly { candidate: Candidate; comparison: Comparison }[],
  facts: MachineFacts,
): Decision {
  return {
    decision: 'matched',
    rule,
    ciId: hit.candidate.ciId,
    reason,
    keys: keyComparisons(facts, hit.candidate, hit.comparison),
    rejected: all
      .filter(({ candidate }) => candidate.ciId !== hit.candidate.ciId)
      .map(({ candidate, comparison }) => ({
        ciId: candidate.ciId,
        ciName: candidate.ciName,
        reason: whyNot(comparison),
      })),
  };
}

function compare(facts: MachineFacts, held: Candidate, sharedUuids: ReadonlySet<string>): Comparison {
  return {
    serial: verdict(facts.serial, held.serial),
    uuid: compareUuids(facts, held.uuid, sharedUuids),
    boardSerial: verdict(facts.boardSerial, held.boardSerial),
    machineId: verdict(facts.machineId, held.machineId),
    hostname: verdict(facts.hostname, held.hostname),
    domain: verdict(facts.domain, held.domain),
    product:
      facts.manufacturer && facts.model && held.manufacturer && held.model
        ? verdict(`${facts.manufacturer}\0${facts.model}`, `${held.manufacturer}\0${held.model}`)
        : 'absent',
    macsShared: facts.permanentMacs.filter((mac) => held.macs.includes(mac)).length,
  };
}

function compareUuids(facts: MachineFacts, held: string | null, sharedUuids: ReadonlySet<string>): Verdict {
  if (facts.uuid === null || held === null || sharedUuids.has(facts.uuid)) return 'absent';
  return facts.uuid === held || facts.uuidSwapped === held ? 'equal' : 'differs';
}

function verdict(reported: string | null, held: string | null): Verdict {
  if (reported === null || held === null) return 'absent';
  return reported === held ? 'equal' : 'differs';
}

function isSwapCandidate(c: Comparison): boolean {
  return c.serial === 'equal' && c.product === 'equal' && c.uuid === 'differs';
}

function supported(c: Comparison): boolean {
  return c.boardSerial === 'equal' || c.macsShared >= 1 || c.machineId === 'equal';
}

function noContradiction(c: Comparison): boolean {
  return c.serial !== 'differs' && c.uuid !== 'differs';
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
    row(
      'macs',
      facts.permanentMacs.join(' ') || null,
      held.macs.join(' ') || null,
      macVerdict(facts, held, c),
    ),
  ];
}

function macVerdict(facts: MachineFacts, held: Candidate, c: Comparison): Verdict {
  if (facts.permanentMacs.length === 0 || held.macs.length === 0) return 'absent';
  return c.macsShared > 0 ? 'equal' : 'differs';
}

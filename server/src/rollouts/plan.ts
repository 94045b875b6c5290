/** Who is in which ring of a rollout, and who takes no part. Pure: the same candidates and seed give the same plan. */
import { createHash } from 'node:crypto';
import type { NewRollout, RingName, SkipReason } from '@muster/shared/api/rollouts.ts';
import type { Platform } from '@muster/shared/release/manifest.ts';
import type { InstalledRelease } from '@muster/shared/wire/agent-messages.ts';

/** An agent that is enrolled. */
export interface Candidate {
  readonly agentId: string;
  readonly name: string;
  readonly site: string | null;
  readonly tags: readonly string[];
  /** Operating system, as it tells; what is installed says it more exactly. */
  readonly platform: string;
  /** It came from there last. */
  readonly address: string | null;
  readonly revoked: boolean;
  readonly pinned: boolean;
  readonly connected: boolean;
  readonly release: InstalledRelease | null;
}

/** The release, as far as it decides who may take it. */
export interface Target {
  readonly serial: number;
  /** By which it is signed: raw Ed25519, base64url. */
  readonly key: string;
  readonly development: boolean;
  readonly platforms: ReadonlySet<Platform>;
}

export interface Planned {
  readonly candidate: Candidate;
  /** null: it takes no part. */
  readonly ring: RingName | null;
  readonly skip: SkipReason | null;
  /** Whose line it shares. */
  readonly place: string;
  /** It has returned from this very release. */
  readonly tookBackBefore: boolean;
}

export type RingWish = Pick<NewRollout, 'tags' | 'pilotTag' | 'pilotCount' | 'earlyPercent'>;

/** Also as IPv6 sockets show it; the network is the first three numbers. */
const IPV4 = /^(?:::ffff:)?(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/i;

/** In the order in which they are told: ring by ring, and within one by the seed. */
export function planRollout(
  candidates: readonly Candidate[],
  target: Target,
  wish: RingWish,
  seed: string,
): Planned[] {
  const wanted = candidates.filter(
    ({ tags }) => wish.tags.length === 0 || wish.tags.some((tag) => tags.includes(tag)),
  );
  const ordered = inSeedOrder(wanted, seed);
  const planned = (candidate: Candidate, ring: RingName | null, skip: SkipReason | null): Planned => ({
    candidate,
    ring,
    skip,
    place: placeOf(candidate),
    tookBackBefore: candidate.release?.takenBack?.serial === target.serial,
  });
  const eligible: Candidate[] = [];
  const skipped: Planned[] = [];
  for (const candidate of ordered) {
    const skip = skipReason(candidate, target);
    if (skip === null) eligible.push(candidate);
    else skipped.push(planned(candidate, null, skip));
  }
  const { pilotTag } = wish;
  const pilot = new Set(
    pilotTag === null
      ? spread(eligible, wish.pilotCount)
      : eligible.filter(({ tags }) => tags.includes(pilotTag)),
  );
  const rest = eligible.filter((candidate) => !pilot.has(candidate));
  const earlyCount = Math.min(rest.length, Math.ceil((eligible.length * wish.earlyPercent) / 100));
  return [
    ...[...pilot].map((candidate) => planned(candidate, 'pilot', null)),
    ...rest.map((candidate, i) => planned(candidate, i < earlyCount ? 'early' : 'all', null)),
    ...skipped,
  ];
}

/** null: it may take the release. */
export function skipReason(
  { revoked, pinned, release }: Pick<Candidate, 'revoked' | 'pinned' | 'release'>,
  { serial, key, development, platforms }: Target,
): SkipReason | null {
  if (revoked) return 'revoked';
  if (pinned) return 'pinned';
  if (release === null) return 'no-ability';
  if (release.serial >= serial) return 'already';
  if (release.key !== key || release.development !== development) return 'key';
  return platforms.has(release.platform) ? null : 'platform';
}

/** A site has one line; where none is known, a network of the usual size stands for it. */
export function placeOf({ site, address }: Pick<Candidate, 'site' | 'address'>): string {
  if (site !== null) return `site ${site}`;
  if (address === null) return 'nowhere';
  const [, network] = IPV4.exec(address) ?? [];
  return `net ${network ?? firstGroups(address, 4).join(':')}`;
}

/** Of an IPv6 address as it may be shortened. */
function firstGroups(address: string, count: number): string[] {
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array.from({ length: gap }, () => '0'), ...after];
  return groups.slice(0, count).map((group) => Number.parseInt(group, 16).toString(16));
}

function inSeedOrder(candidates: readonly Candidate[], seed: string): Candidate[] {
  const keyed = candidates.map((candidate) => ({
    candidate,
    key: createHash('sha256').update(`${seed} ${candidate.agentId}`).digest('hex'),
  }));
  return keyed.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ candidate }) => candidate);
}

/** One of each site and platform after the other, connected ones first: a pilot that sleeps shows nothing. */
function spread(ordered: readonly Candidate[], count: number): Candidate[] {
  const byConnection = [...ordered.filter(isConnected), ...ordered.filter((one) => !isConnected(one))];
  const kinds = Map.groupBy(byConnection, (one) => `${placeOf(one)} ${one.release?.platform ?? ''}`);
  const picked: Candidate[] = [];
  for (let turn = 0; picked.length < count; turn++) {
    const ofTurn = [...kinds.values()].flatMap((members) => members[turn] ?? []);
    if (ofTurn.length === 0) break;
    picked.push(...ofTurn.slice(0, count - picked.length));
  }
  return picked;
}

function isConnected({ connected }: Candidate): boolean {
  return connected;
}

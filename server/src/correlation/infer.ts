/** Finds the common cause of machines that fell silent together: the one thing behind which (nearly) all are silent. Pure. */
import { MASS_MACHINES_MIN, MASS_SHARE_MIN } from '../availability/keeper.ts';
import {
  DEVICE_SILENT_MIN,
  HEARD_WEIGHT,
  PLACE_SILENT_MIN,
  SILENT_SHARE_MIN,
  STORM_MACHINES_MIN,
  STORM_MISSED_MIN,
} from './limits.ts';
import type { Reach } from './reach.ts';

/** up: heard. gone: not heard, nobody knows why. mute: its agent is gone, the host answers. away: asleep, off or planned. */
export type SightState = 'up' | 'gone' | 'mute' | 'away';

export interface InferPorts {
  readonly reach: Reach;
  readonly sightOf: (ciId: string) => SightState | undefined;
  /** Of the machines, those that are heard. */
  readonly upCount: () => number;
  readonly kindOf: (ciId: string) => 'device' | 'subnet' | 'place' | 'other';
}

export interface Pick {
  /** null: so many at once that nothing but the network itself explains it. */
  readonly ciId: string | null;
  readonly silent: readonly string[];
  /** Lost with them, though nobody was told of these. */
  readonly beside: readonly string[];
}

interface Candidate {
  readonly ciId: string;
  readonly silent: readonly string[];
  readonly beside: readonly string[];
  readonly score: number;
  readonly rank: number;
  readonly reachedBy: number;
}

interface Weighing {
  readonly left: ReadonlySet<string>;
  readonly all: ReadonlySet<string>;
  readonly isGone: (ciId: string) => boolean;
}

/**
 * Causes of a group of machines that fell silent together; what none of them explains is left out. `gone`: also lost at
 * about that time, though nobody was told of them. `beside`: those of them that went in the very same moment.
 */
export function inferCauses(
  together: readonly string[],
  { isGone, beside }: { readonly isGone: (ciId: string) => boolean; readonly beside: readonly string[] },
  ports: InferPorts,
): Pick[] {
  const left = new Set(together);
  const all = new Set(together);
  const look = (ciId: string) => weigh(ciId, { left, all, isGone }, ports);
  // Best last. What is taken from one makes it weaker, never stronger: only the best is ever weighed again.
  const candidates = [...ports.reach.above(together)]
    .filter((ciId) => mayBeDead(ciId, all, ports))
    .flatMap((ciId) => look(ciId) ?? [])
    .toSorted((a, b) => (isBetter(a, b) ? 1 : -1));
  const first = candidates.at(-1);
  const lost = left.size + beside.length;
  const covered = first ? first.silent.length + first.beside.length : 0;
  if (left.size > 1 && isMass(lost, ports) && covered < lost * SILENT_SHARE_MIN)
    return [{ ciId: null, silent: together, beside }];
  const picks: Pick[] = [];
  for (let best = candidates.pop(); best !== undefined; best = candidates.pop()) {
    const now = look(best.ciId);
    if (now === null) continue;
    if (now.score < best.score) {
      insert(candidates, now);
      continue;
    }
    picks.push({ ciId: now.ciId, silent: now.silent, beside: now.beside });
    for (const ciId of now.silent) left.delete(ciId);
  }
  const explained = new Set(picks.flatMap((pick) => pick.beside));
  const rest = beside.filter((ciId) => !explained.has(ciId));
  if (isStorm(left.size, rest.length, ports)) picks.push({ ciId: null, silent: [...left], beside: rest });
  return picks;
}

/** `beside` are evidence only where several are missed. */
function isStorm(missed: number, beside: number, ports: InferPorts): boolean {
  if (missed < 2) return false;
  const lost = missed + beside;
  if (lost >= STORM_MACHINES_MIN && missed >= STORM_MISSED_MIN) return true;
  return lost >= MASS_MACHINES_MIN && isShare(lost, ports);
}

function insert(sorted: Candidate[], candidate: Candidate): void {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBetter(candidate, sorted[middle] as Candidate)) low = middle + 1;
    else high = middle;
  }
  sorted.splice(low, 0, candidate);
}

function isMass(silent: number, ports: InferPorts): boolean {
  return silent >= STORM_MACHINES_MIN && isShare(silent, ports);
}

function isShare(silent: number, ports: InferPorts): boolean {
  return silent >= (silent + ports.upCount()) * MASS_SHARE_MIN;
}

function mayBeDead(ciId: string, silent: ReadonlySet<string>, { sightOf, kindOf }: InferPorts): boolean {
  const sight = sightOf(ciId);
  return !silent.has(ciId) && sight !== 'up' && sight !== 'mute' && kindOf(ciId) !== 'other';
}

function weigh(
  ciId: string,
  { left, all, isGone }: Weighing,
  { reach, sightOf, kindOf }: InferPorts,
): Candidate | null {
  const lost = reach.lostWith(ciId);
  const silent: string[] = [];
  const beside: string[] = [];
  let heard = 0;
  for (const each of lost) {
    if (left.has(each)) silent.push(each);
    // Explained by something else already: neither for nor against.
    else if (all.has(each)) continue;
    else if (sightOf(each) === 'up') heard += 1;
    else if (isGone(each)) beside.push(each);
  }
  const kind = kindOf(ciId);
  const hits = silent.length + beside.length;
  if (silent.length === 0 || hits < (kind === 'device' ? DEVICE_SILENT_MIN : PLACE_SILENT_MIN)) return null;
  if (hits < (hits + heard) * SILENT_SHARE_MIN) return null;
  const rank = kind === 'device' ? 0 : kind === 'subnet' ? 1 : 2;
  return { ciId, silent, beside, score: hits - HEARD_WEIGHT * heard, rank, reachedBy: lost.size };
}

/** What explains most; of equals a thing before a place, and the one nearest to the machines. */
function isBetter(a: Candidate, b: Candidate): boolean {
  if (a.score !== b.score) return a.score > b.score;
  if (a.rank !== b.rank) return a.rank < b.rank;
  if (a.reachedBy !== b.reachedBy) return a.reachedBy < b.reachedBy;
  return a.ciId < b.ciId;
}

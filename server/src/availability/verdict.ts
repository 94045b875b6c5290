/** Why a machine is silent, by what others saw: the rules as data, first match wins. */
import type { Cause, Presence } from '@muster/shared/api/cmdb.ts';
import type { Words } from '@muster/shared/api/incidents.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import { evidence } from './evidence.ts';
import type { Testimony } from './neighbours.ts';

/** One neighbour that sees nothing, or says nothing, may have a trouble of its own. */
export const UNSEEN_MIN = 2;
/** So many neighbours that fell silent with it, and none left, are their network. */
export const LOST_MIN = 2;
/** What a neighbour table says on its own is worth nothing before this age: a kernel believes for 45 s what it heard. */
export const TABLE_TRUSTED_AFTER_MS = 60 * SECOND_MS;

/** The others on its network when it fell silent. */
export interface Around {
  readonly standing: number;
  /** Silent at about the same time, without a word. */
  readonly lost: number;
}

/** All that a rule may look at. */
export interface SilenceFacts {
  /** Neighbours that saw it answer; that saw nothing while their own gateway answered; that see their gateway no more; that did not reply. */
  readonly seen: number;
  readonly unseen: number;
  readonly cutOff: number;
  readonly mute: number;
  readonly around: Around;
  /** Its own side ended the connection. */
  readonly closed: boolean;
  /** Its user takes it along. */
  readonly roaming: boolean;
}

export interface Verdict {
  readonly id: 'agent-stopped' | 'hang' | 'gone' | 'host-down' | 'network' | 'unreachable';
  readonly presence: Presence;
  readonly cause: Cause;
}

interface VerdictRule extends Verdict {
  readonly when: (facts: SilenceFacts) => boolean;
}

export const VERDICTS: readonly VerdictRule[] = [
  {
    id: 'agent-stopped',
    presence: 'unknown',
    cause: 'agent-stopped',
    when: ({ seen, closed }) => seen > 0 && closed,
  },
  { id: 'hang', presence: 'unknown', cause: 'agent-stopped', when: ({ seen }) => seen > 0 },
  {
    id: 'gone',
    presence: 'unknown',
    cause: 'unreachable',
    when: ({ unseen, roaming }) => unseen >= UNSEEN_MIN && roaming,
  },
  { id: 'host-down', presence: 'down', cause: 'host-down', when: ({ unseen }) => unseen >= UNSEEN_MIN },
  {
    id: 'network',
    presence: 'unknown',
    cause: 'network',
    when: ({ unseen, mute, cutOff }) => unseen === 0 && mute + cutOff >= UNSEEN_MIN,
  },
  {
    id: 'network',
    presence: 'unknown',
    cause: 'network',
    when: ({ around }) => around.standing === 0 && around.lost >= LOST_MIN,
  },
  { id: 'unreachable', presence: 'unknown', cause: 'unreachable', when: () => true },
];

export function verdictOf(facts: SilenceFacts): Verdict {
  const { id, presence, cause } = VERDICTS.find(({ when }) => when(facts)) ?? NO_VERDICT;
  return { id, presence, cause };
}

const NO_VERDICT: Verdict = { id: 'unreachable', presence: 'unknown', cause: 'unreachable' };
const NOBODY: Around = { standing: 0, lost: 0 };

export function silenceFacts(input: {
  readonly testimony: Testimony | null;
  readonly around: Around | null;
  readonly lastHeardMs: Millis;
  readonly closed: boolean;
  readonly roaming: boolean;
}): SilenceFacts {
  const { testimony, around, lastHeardMs, closed, roaming } = input;
  const all = testimony?.sightings ?? [];
  const old = (testimony?.atMs ?? 0) - lastHeardMs < TABLE_TRUSTED_AFTER_MS;
  const silent = all.filter(({ saw }) => saw === 'silent');
  return {
    seen: all.filter(({ saw, by }) => saw === 'answers' && !(by === 'table' && old)).length,
    unseen: silent.filter(({ gateway }) => gateway !== 'silent').length,
    cutOff: silent.filter(({ gateway }) => gateway === 'silent').length,
    mute: all.filter(({ saw }) => saw === 'mute').length,
    around: around ?? NOBODY,
    closed,
    roaming,
  };
}

/** The sentences of a verdict: who saw what and when, and what follows. */
export function verdictWords(
  { id }: Verdict,
  testimony: Testimony | null,
  facts: SilenceFacts,
  zone: string | null,
): Words[] {
  const words: Words[] = [];
  if (testimony) words.push(...sightingWords(testimony, facts, zone));
  if (id === 'network' && facts.mute + facts.cutOff < UNSEEN_MIN)
    words.push(evidence.subnetLost(facts.around.lost));
  words.push(...FOLLOWS[id]);
  return words;
}

function sightingWords(
  { atMs, address, sightings }: Testimony,
  facts: SilenceFacts,
  zone: string | null,
): Words[] {
  const names = (some: Testimony['sightings']) => some.map(({ name }) => name);
  const saw = (what: string) => sightings.filter((one) => one.saw === what);
  const words: Words[] = [];
  const seen = saw('answers');
  const silent = saw('silent');
  if (seen.length > 0)
    words.push(
      facts.seen > 0
        ? evidence.neighboursSaw(names(seen), address, atMs, zone)
        : evidence.neighboursKnew(names(seen), address, atMs, zone),
    );
  const fine = silent.filter(({ gateway }) => gateway !== 'silent');
  const cutOff = silent.filter(({ gateway }) => gateway === 'silent');
  if (fine.length > 0) words.push(evidence.neighboursSawNothing(names(fine), address, atMs, zone));
  if (cutOff.length > 0) words.push(evidence.neighboursCutOff(names(cutOff), atMs, zone));
  if (saw('mute').length > 0) words.push(evidence.neighboursMute(names(saw('mute')), atMs, zone));
  return words;
}

const FOLLOWS: Readonly<Record<Verdict['id'], readonly Words[]>> = {
  'agent-stopped': [evidence.thenAgentStopped()],
  hang: [evidence.thenHang()],
  gone: [evidence.thenGone()],
  'host-down': [evidence.thenHostDown()],
  network: [evidence.thenNetwork()],
  unreachable: [],
};

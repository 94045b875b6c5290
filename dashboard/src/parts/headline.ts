/** The sentence at the top of the first page. Pure. */
import type { Key, Translate } from '../i18n/catalogue.ts';

export interface Situation {
  readonly openIncidents: number;
  readonly unclaimedIncidents: number;
  /** Agents that nobody has let in yet. */
  readonly waitingAgents: number;
  /** The server has troubles of its own, which the notice above tells. */
  readonly serverInTrouble?: boolean;
}

const NUMBER_WORDS: readonly Key[] = [
  'overview.number.1',
  'overview.number.2',
  'overview.number.3',
  'overview.number.4',
  'overview.number.5',
  'overview.number.6',
  'overview.number.7',
  'overview.number.8',
  'overview.number.9',
];

/** `Two incidents have nobody, three are in hand`; small numbers as words where the language does so. */
export function headline(
  { openIncidents, unclaimedIncidents, waitingAgents, serverInTrouble }: Situation,
  t: Translate,
): string {
  const say = (key: Key, count: number, values: Record<string, string> = {}) =>
    initialCapital(t(key, { count, number: numberWord(count, t), ...values }));
  const inHand = openIncidents - unclaimedIncidents;
  if (openIncidents === 0)
    return waitingAgents === 0
      ? t(serverInTrouble ? 'overview.headline.server' : 'overview.headline.calm')
      : say('overview.headline.waiting', waitingAgents);
  if (unclaimedIncidents === 0) return say('overview.headline.inHand', inHand);
  if (inHand === 0) return say('overview.headline.unclaimed', unclaimedIncidents);
  if (inHand === 1) return say('overview.headline.bothOne', unclaimedIncidents);
  return say('overview.headline.both', unclaimedIncidents, { inHand: numberWord(inHand, t) });
}

function numberWord(count: number, t: Translate): string {
  const word = NUMBER_WORDS[count - 1];
  return word === undefined ? String(count) : t(word);
}

function initialCapital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

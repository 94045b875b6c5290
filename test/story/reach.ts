/** What stories tell of where machines are and what is learned of them: addresses, clocks, witnesses, habits; and what they expect of it. */
import { invariant } from '@muster/shared/invariant.ts';
import type { Millis } from '@muster/shared/time.ts';
import { hoursWords } from '@muster/server/presence-hours/words.ts';
import { namesOf } from './house.ts';
import { durationMs, durationText } from './time.ts';
import type { World } from './world.ts';

type Play = (world: World, match: RegExpExecArray) => unknown;

/** First match wins. */
const EVENTS: readonly (readonly [RegExp, Play])[] = [
  [/^(.+) falls? asleep$/, each((world, name) => world.fallAsleep(name))],
  [/^(\S+) gets the address (\S+)$/, (world, [, name = '', to = '']) => world.readdress(name, to)],
  [/^the clock of (\S+) jumps (\S+) (ahead|back)$/, setClock],
  [/^the server looks at the habits$/, (world) => world.hours.look(world.nowMs)],
  [/^(\w+) confirms what was learned$/, decide((world, id, by) => world.hours.confirm(id, by, world.nowMs))],
  [/^(\w+) takes the decision back$/, takeBack],
  [
    /^(\w+) refuses what was learned: (.*)$/,
    decide((world, id, by, why) => world.hours.dismiss(id, why, by, world.nowMs)),
  ],
];

/** False: the line tells of something else. */
export async function reachEvent(world: World, line: string): Promise<boolean> {
  for (const [pattern, play] of EVENTS) {
    const match = pattern.exec(line);
    if (!match) continue;
    await play(world, match);
    return true;
  }
  return false;
}

function each(play: (world: World, name: string) => unknown): Play {
  return (world, [, names = '']) => {
    for (const name of namesOf(names)) play(world, name);
  };
}

function setClock(world: World, [, name = '', by = '', way = '']: RegExpExecArray): void {
  world.setClock(name, (way === 'back' ? -1 : 1) * durationMs(by));
}

/** All that is suggested. */
function decide(play: (world: World, id: string, by: string, why: string) => Promise<unknown>): Play {
  return async (world, [, who = '', why = '']) => {
    const suggested = world.hours.list('proposed');
    invariant(suggested.length > 0, 'something was learned');
    for (const { id } of suggested) await play(world, id, `user:${who}`, why);
  };
}

async function takeBack(world: World, [, who = '']: RegExpExecArray): Promise<void> {
  for (const { id, state } of world.hours.list(null))
    if (state === 'confirmed' || state === 'dismissed')
      await world.hours.undo(id, `user:${who}`, world.nowMs);
}

/** 'unknown, unreachable, since 5m; missed since 5m; shown as silent; 3 starts within an hour' */
export function statusLine(world: World, name: string, startMs: Millis): string {
  const status = world.monitoring.presence.get(world.house.idOf(name));
  if (!status) return 'never heard';
  const { presence, cause, state, sinceMs, silence, silentSinceMs } = status;
  const what = [presence, cause, `since ${durationText(sinceMs - startMs)}`].filter((part) => part !== null);
  const missed =
    silentSinceMs === null ? MISSED[silence] : `missed since ${durationText(silentSinceMs - startMs)}`;
  const boots = status.bootsMs?.length ?? 0;
  const started = boots > 1 ? `; ${boots} starts within an hour` : '';
  return `${what.join(', ')}; ${missed}; shown as ${state}${started}`;
}

const MISSED = { no: 'not missed', undecided: 'not yet missed', yes: 'missed' } as const;

/** Why, in English. */
export function reasonLines(world: World, name: string): string[] {
  const status = world.monitoring.presence.get(world.house.idOf(name));
  return (status?.evidence ?? []).map(({ en }) => en);
}

/** What the incident says of presence, as it was when it opened; the key may end in 'zh'. */
export async function evidenceLines(world: World, key: string): Promise<string[]> {
  const [ref = '', language = 'en'] = key.split(' ');
  const incident = await world.stores.incidents.get(ref);
  invariant(incident, `there is ${ref}`);
  const evidence = await world.stores.incidents.evidence(incident.id);
  return (evidence?.presence?.reasons ?? []).map((words) => (language === 'zh' ? words.zh : words.en));
}

/** What was found out later, as it stands in the timeline; the key may end in 'zh'. */
export async function laterLines(world: World, key: string, startMs: Millis): Promise<string[]> {
  const [ref = '', language = 'en'] = key.split(' ');
  const incident = await world.stores.incidents.get(ref);
  invariant(incident, `there is ${ref}`);
  const rows = await world.stores.incidents.timeline(incident.id);
  return rows
    .filter(({ kind }) => kind === 'evidence')
    .map(({ atMs, text }) => `${durationText(atMs - startMs)} ${language === 'zh' ? text.zh : text.en}`);
}

/** '28d1h not-seen of WS-1, open' */
export async function findingLines(world: World, startMs: Millis): Promise<string[]> {
  const { items } = await world.stores.findings.find({ limit: FINDINGS_MAX });
  return items.map(
    ({ kind, ciId, state, openedAtMs }) =>
      `${durationText(openedAtMs - startMs)} ${kind} of ${ciId === null ? 'nothing' : world.house.nameOf(ciId)}, ${state}`,
  );
}

const FINDINGS_MAX = 100;

/** 'hours of WS-1 WS-2: Mon–Fri 10:00–20:00; proposed' */
export function learnedLines(world: World): string[] {
  return world.hours.list(null).map(({ kind, ciIds, hours, state }) => {
    const names = ciIds.map((id) => world.house.nameOf(id)).join(' ');
    return `${kind} of ${names}${hours === null ? '' : `: ${hoursWords(hours).en}`}; ${state}`;
  });
}

/** 'SRV-2 about 10.20.3.10' */
export function askedLines(world: World): string[] {
  return world.asked.map(([witness, address]) => `${witness} about ${address}`);
}
